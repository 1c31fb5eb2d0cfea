"""The one owner of threads."""

import ctypes
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from functools import partial

import numpy  # noqa: F401, ICN001  # loads BLAS, which xsell.parallel does not
import pytest
from threadpoolctl import threadpool_info

from xsell import parallel
from xsell.errors import UsageError


def blas_threads() -> set[int]:
    """Threads that the loaded BLAS libraries may use now."""
    return {int(pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas"}


class Watch:
    """Counts how many threads are at work at the same time."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.there = self.most = 0

    def see(self) -> None:
        """Be at work for a while, with one BLAS thread."""
        with self.lock:
            self.there += 1
            self.most = max(self.most, self.there)
        assert blas_threads() == {1}
        time.sleep(0.002)
        with self.lock:
            self.there -= 1


def test_there_is_a_processor() -> None:
    """At least one processor is counted."""
    assert parallel.cores() >= 1


@pytest.mark.parametrize("threads", [1, 2])
def test_blas_is_held_and_let_go(threads: int) -> None:
    """Inside, BLAS has as many threads as were given; outside, as many as before."""
    before = blas_threads()
    with parallel.limit(threads):
        assert blas_threads() == {threads}
    assert blas_threads() == before


def test_nought_means_all_processors() -> None:
    """0 threads are one a processor."""
    with parallel.limit(0):
        assert blas_threads() == {parallel.cores()}


def test_an_error_lets_go_too() -> None:
    """After an error inside, BLAS has as many threads as before."""
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), parallel.limit(1):
        raise ZeroDivisionError
    assert blas_threads() == before


@pytest.mark.parametrize("threads", [0, 1, 2, 5])
def test_results_come_in_the_order_of_the_items(threads: int) -> None:
    """Whichever worker is done first, results have the order of the items, and each item is worked on once, with one BLAS thread."""
    seen: list[int] = []
    allowed: set[int] = set()
    lock = threading.Lock()

    def work(item: int) -> int:
        time.sleep(0.002 * (5 - item % 5))
        with lock:
            seen.append(item)
            allowed.update(blas_threads())
        return item * item

    with parallel.limit(threads):
        assert parallel.each(work, iter(range(12))) == [item * item for item in range(12)]
    assert sorted(seen) == list(range(12))
    assert allowed == {1}


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_jobs_share_the_workers(threads: int) -> None:
    """Jobs and jobs of jobs work at the same time, never more items at once than there are workers, and give results in their order."""
    watch = Watch()

    def work(item: int) -> int:
        watch.see()
        return 2 * item

    def job(first: int) -> list[int]:
        inner = parallel.abreast([lambda: parallel.each(work, [first]), lambda: parallel.each(work, [first + 1])])
        return [*parallel.each(work, [10 * first, 10 * first + 1]), *(one for some in inner for one in some)]

    with parallel.limit(threads):
        found = parallel.abreast([partial(job, first) for first in range(4)])
    assert found == [[20 * n, 20 * n + 2, 2 * n, 2 * n + 2] for n in range(4)]
    assert watch.most <= min(threads, parallel.MOST_ABREAST)
    assert (watch.most > 1) == (threads > 1)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("inner", ["each", "rounds"])
def test_who_has_nothing_to_do_helps(threads: int, inner: str) -> None:
    """What a worker asks for is shared with others that are free, never more at once than there are workers; results keep their order."""
    watch = Watch()

    def work(item: int) -> int:
        watch.see()
        return item * item

    def long(first: int) -> list[int]:
        if inner == "each":
            return parallel.each(work, range(first, first + 12))
        with parallel.rounds() as spread:
            return [*spread(work, range(first, first + 6)), *spread(work, range(first + 6, first + 12))]

    with parallel.limit(threads):
        found = parallel.abreast([lambda: parallel.each(long, [3]), lambda: parallel.each(len, [[]])])
        together = parallel.each(long, [1, 2, 3])
    assert found == [[[n * n for n in range(3, 15)]], [0]]
    assert together == [[n * n for n in range(first, first + 12)] for first in (1, 2, 3)]
    assert watch.most <= threads
    assert (watch.most > 1) == (threads > 1)


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("error", [IndexError, KeyboardInterrupt])
def test_errors_of_helpers_arrive(threads: int, error: type[BaseException]) -> None:
    """An error in what a worker asked for reaches the caller, whoever took it, and not all the rest is begun."""
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        time.sleep(0.001)
        if item == 3:
            raise error

    with parallel.limit(threads), pytest.raises(error):
        parallel.abreast([lambda: parallel.each(lambda _: parallel.each(work, range(500)), [0])])
    assert len(begun) < 500


@pytest.mark.parametrize("place", [0, 1])
def test_a_failing_job_stops_the_others(place: int) -> None:
    """An error in one job reaches the caller as it is, and jobs that would go on for long make no more calls, whichever of them was named first."""
    begun: list[int] = []

    def fails() -> list[int]:
        return parallel.each(lambda n: 1 // n, [0])

    def goes_on() -> list[int]:
        for item in range(1000):
            parallel.each(begun.append, [item])
            time.sleep(0.001)
        return begun

    jobs: list[Callable[[], object]] = [goes_on]
    jobs.insert(place, fails)
    with pytest.raises(ZeroDivisionError):
        parallel.abreast(jobs)
    assert len(begun) < 1000
    with parallel.limit(2):
        assert parallel.abreast([]) == []
        assert parallel.each(lambda n: parallel.abreast([lambda: n, lambda: -n]), [1, 2]) == [[1, -1], [2, -2]]


def test_no_items() -> None:
    """Nothing to do gives nothing."""
    assert parallel.each(str, []) == []


def test_errors_of_workers_arrive() -> None:
    """An error in one item reaches the caller as it is."""
    with pytest.raises(ZeroDivisionError):
        parallel.each(lambda n: 1 // n, [2, 1, 0])


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
def test_after_an_error_little_more_is_begun(threads: int, error: type[BaseException]) -> None:
    """An error or Ctrl-C in one item reaches the caller, and items not yet begun are left."""
    begun: list[int] = []

    def work(item: int) -> None:
        begun.append(item)
        time.sleep(0.001)
        if not item:
            raise error

    with parallel.limit(threads), pytest.raises(error):
        parallel.each(work, range(500))
    assert len(begun) < 500


@pytest.mark.parametrize(
    ("text", "size"),
    [("4GB", 4 << 30), ("500 MB", 500 << 20), ("1.5g", 3 << 29), ("2GiB", 2 << 30), ("800", 800), ("64k", 64 << 10), (" 1 TB ", 1 << 40)],
)
def test_sizes(text: str, size: int) -> None:
    """A size is a number with or without a unit, as people write it."""
    assert parallel.budget(text) == size


@pytest.mark.parametrize("text", ["", "  "])
def test_half_of_what_is_free(text: str) -> None:
    """Without a size the budget is a positive number of bytes that the machine has."""
    assert 1 << 20 < parallel.budget(text) < 1 << 50


@pytest.mark.parametrize("text", ["much", "GB", "-1GB", "0", "4 XB", "1,5GB", "nan"])
def test_no_sizes(text: str) -> None:
    """What is no size is refused with an example."""
    with pytest.raises(UsageError, match="no size") as caught:
        parallel.budget(text)
    assert "4GB" in caught.value.hint


@pytest.mark.parametrize("inner", ["each", "rounds"])
def test_workers_start_no_workers(inner: str) -> None:
    """What is asked for inside a worker is done by the workers that are there, in it or in one that is free, and BLAS keeps its one thread there."""
    busy = threading.Barrier(2)

    def whose(many: int) -> set[int]:
        if inner == "each":
            return set(parallel.each(lambda _: threading.get_ident(), range(many)))
        with parallel.rounds() as spread:
            return set(spread(lambda _: threading.get_ident(), range(many)))

    def outer(_item: int) -> tuple[set[int], set[int]]:
        return {*whose(4), threading.get_ident()}, blas_threads()

    def alone(_item: int) -> set[int]:
        busy.wait(timeout=60)
        found = whose(50)
        busy.wait(timeout=60)
        return found - {threading.get_ident()}

    with parallel.limit(2):
        found = parallel.each(outer, range(6))
        assert len({ident for threads, _ in found for ident in threads}) <= 2
        assert all(allowed == {1} for _, allowed in found)
        assert parallel.each(alone, range(2)) == [set(), set()]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_rounds_of_short_work(threads: int) -> None:
    """Round after round gives results in the order of the items, from at most as many workers as allowed, each with one BLAS thread."""
    seen: set[int] = set()

    def work(item: int) -> tuple[int, frozenset[int]]:
        seen.add(threading.get_ident())
        return -item, frozenset(blas_threads())

    with parallel.limit(threads), parallel.rounds() as spread:
        for size in (0, 1, 7):
            assert spread(work, range(size)) == [(-item, frozenset({1})) for item in range(size)]
    assert len(seen) <= threads


def test_rounds_pass_errors_on() -> None:
    """An error in a round reaches the caller, and BLAS has its threads again."""
    before = blas_threads()
    with pytest.raises(ZeroDivisionError), parallel.rounds() as spread:
        spread(lambda n: 1 // n, [1, 0])
    assert blas_threads() == before


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_a_flow_goes_on_while_results_are_used(threads: int) -> None:
    """Results come in the order of the items, from at most as many workers as allowed with one BLAS thread each, and only some items are begun ahead."""
    seen: set[int] = set()
    begun: list[int] = []

    def work(item: int) -> tuple[int, frozenset[int]]:
        begun.append(item)
        seen.add(threading.get_ident())
        return -item, frozenset(blas_threads())

    with parallel.limit(threads):
        for number, result in enumerate(parallel.flow(work, iter(range(40)))):
            assert result == (-number, frozenset({1}))
            assert len(begun) <= number + 2 + parallel.AHEAD * threads
    assert len(begun) == 40
    assert len(seen) <= threads
    assert not list(parallel.flow(work, []))


def test_a_flow_passes_errors_on() -> None:
    """An error reaches the caller in its place, what was begun ahead is let go, and BLAS has its threads again."""
    before = blas_threads()
    with pytest.raises(ZeroDivisionError):
        list(parallel.flow(lambda n: 1 // n, [1, 1, 0, *range(1, 9)]))
    assert blas_threads() == before


def test_a_flow_within_a_worker() -> None:
    """Within a worker a flow is worked on right there."""

    def outer(_item: int) -> set[int]:
        return {*parallel.flow(lambda _: threading.get_ident(), range(4)), threading.get_ident()}

    with parallel.limit(2):
        assert all(len(threads) == 1 for threads in parallel.each(outer, range(4)))


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_stats"), reason="only glibc keeps memory for single threads")
def test_threads_share_what_they_gave_back() -> None:
    """Memory that one worker gave back is there for the others, too: glibc has one place for all."""
    code = """
import ctypes
import numpy as np
from xsell import parallel
with parallel.limit(2):
    parallel.each(lambda size: len([np.ones(size) for _ in range(5)]), [300_000] * 8)
ctypes.CDLL(None).malloc_stats()
"""
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stderr
    assert said.count("Arena ") == 1


class Large:
    """Something whose end can be seen."""


def test_helpers_that_came_too_late_hold_nothing() -> None:
    """While another worker is busy, neither what was worked with nor what came of it stays in the queue of those who would have helped."""
    begun, ended = threading.Event(), threading.Event()

    def nested() -> list[weakref.ref[Large]]:
        tool = Large()
        made = parallel.each(lambda _: (Large(), tool)[0], range(3))
        return [weakref.ref(one) for one in (tool, *made)]

    def work(busy: bool) -> list[Large | None]:
        if busy:
            begun.set()
            ended.wait(30)
            return []
        begun.wait(30)
        try:
            return [ref() for ref in nested()]
        finally:
            ended.set()

    with parallel.limit(2):
        _, left = parallel.each(work, [True, False])
    assert left == [None] * 4
