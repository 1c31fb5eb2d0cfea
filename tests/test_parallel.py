"""The one owner of threads."""

import threading
import time

import pytest
from threadpoolctl import threadpool_info

from xsell import parallel


def blas_threads() -> set[int]:
    """Threads that the loaded BLAS libraries may use now."""
    return {int(pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas"}


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

    assert parallel.each(work, iter(range(12)), threads) == [item * item for item in range(12)]
    assert sorted(seen) == list(range(12))
    assert allowed == {1}


def test_no_items() -> None:
    """Nothing to do gives nothing."""
    assert parallel.each(str, []) == []


def test_errors_of_workers_arrive() -> None:
    """An error in one item reaches the caller as it is."""
    with pytest.raises(ZeroDivisionError):
        parallel.each(lambda n: 1 // n, [2, 1, 0], 2)
