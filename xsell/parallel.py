"""The one owner of threads and memory: how much may be used, and a map over shards whose results come back in order."""

import ctypes
import os
import re
import resource
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed, wait
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from threadpoolctl import ThreadpoolController, threadpool_limits

from xsell.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")

MOST_ABREAST = 4
"""Short fits at the same time: each has large matrices of its own, and hardly ever are more to be made at once."""

ALLOCATION = {-8: 1, -3: 16 << 20, -1: 64 << 20}
"""
What glibc is told of memory, by the numbers of its malloc.h: M_ARENA_MAX, M_MMAP_THRESHOLD, M_TRIM_THRESHOLD.

What a thread gave back it would keep for that thread alone, up to two fifths of what `train` takes; and matrices of a few megabytes, made and dropped
thousands of times, it would fetch from the system each time, two fifths of the time of small fits.
"""

AHEAD = 2
"""Pieces of work for each worker that are begun or done before they are asked for."""


class _Crew(ThreadPoolExecutor):
    """Workers, and how many there are."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def budget(text: str) -> int:
    """
    Bytes that may be used.

    Args:
        text: A size such as `4GB` or `500 MB`; empty means half of what is free.

    Raises:
        UsageError: It is no size.
    """
    if not text.strip():
        return _free() // 2
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?\s*", text, re.IGNORECASE)
    size = int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " ")) if found else 0
    if size <= 0:
        raise UsageError(f"--memory {text} is no size.", "Write it like --memory 4GB.")
    return size


def room(text: str) -> int:
    """Bytes that are left of a budget once what this process has taken already is counted; of half of what is free, all."""
    return budget(text) - (_taken() if text.strip() else 0)


def _taken() -> int:
    """Bytes of this process that are in memory; where the system does not tell, the most there ever were."""
    try:
        return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024


def _free() -> int:
    """Bytes that could be had without swapping; a careful guess where the system does not tell."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    except (OSError, StopIteration):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2 if hasattr(os, "sysconf") else 4 << 30


@contextmanager
def limit(threads: int) -> Iterator[None]:
    """
    Hold BLAS, OpenMP and the workers of `each` to a number of threads.

    Args:
        threads: How many; 0 means one a processor.
    """
    _keep_memory()
    before, _STATE.workers = _STATE.workers, threads or cores()
    try:
        with threadpool_limits(_STATE.workers):
            yield
    finally:
        _STATE.workers = before


@cache
def _keep_memory() -> None:
    """Let all threads take memory from one place, which keeps some of what it gets back, where the C library is glibc."""
    with suppress(OSError, AttributeError):
        tell = ctypes.CDLL(None).mallopt
        for what, value in ALLOCATION.items():
            tell(what, value)


def workers() -> int:
    """On how many threads `each` works."""
    return _STATE.workers or cores()


def each(work: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
    """
    Apply `work` to every item on as many worker threads as `limit` allows, and give the results in the order of the items.

    BLAS has one thread in each worker, however many there are, so that their number changes no bit. What is asked for within a worker is worked on
    right there, with the help of workers that have nothing else to do. A single item is worked on right there, too, with all threads of BLAS; but
    jobs of `abreast` leave everything to the workers that they share.

    Args:
        work: A function that releases the interpreter for most of its time.
        items: What to work on.
    """
    listed = list(items)
    if _STATE.within:
        return _helped(_STATE.within, work, listed)
    if _STATE.crew:
        return list(_STATE.crew.map(partial(_inside, _STATE.crew, work), listed))
    if len(listed) < 2:
        return [work(item) for item in listed]
    with _pools().limit(limits=1), _Crew(workers()) as crew:
        return list(crew.map(partial(_inside, crew, work), listed))


def abreast(jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    """
    Do several jobs at the same time, and give their results in the order of the jobs; their calls of `each` share the workers.

    For many short fits, which two threads of BLAS speed up by less than two fits at once: a job decides what to try next, and waits for `each`.

    Args:
        jobs: Functions that do all long work through `each`.
    """
    if _STATE.within:
        return [job() for job in jobs]
    if _STATE.crew:
        return _led(_STATE.crew, jobs)
    with _pools().limit(limits=1), _Crew(min(workers(), MOST_ABREAST)) as crew:
        try:
            return _led(crew, jobs)
        except BaseException:
            crew.shutdown(wait=False, cancel_futures=True)
            raise


def _led(crew: _Crew, jobs: Sequence[Callable[[], Result]]) -> list[Result]:
    def lead(job: Callable[[], Result]) -> Result:
        _STATE.crew = crew
        return job()

    heads = ThreadPoolExecutor(max(len(jobs), 1))
    try:
        led = [heads.submit(lead, job) for job in jobs]
        for ended in as_completed(led):
            ended.result()
        return [one.result() for one in led]
    finally:
        heads.shutdown(wait=False)


@contextmanager
def rounds() -> Iterator[Callable[[Callable[[Item], Result], Iterable[Item]], list[Result]]]:
    """
    Give a map like `each` for many rounds of short work: its workers stay, and BLAS has one thread in the rounds and between them.

    Within a worker the map is `each`.
    """
    if _STATE.within:
        yield each
        return
    with _pools().limit(limits=1), _Crew(workers()) as crew:
        yield lambda work, items: list(crew.map(partial(_inside, crew, work), items))


def flow(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """
    Apply `work` as `each` does, and give the results one by one: while the caller is busy with some, workers go on with the next few.

    The workers stay from first to last, as memory that a thread gave back is kept for it alone. BLAS has one thread in the meantime.
    """
    if _STATE.within:
        yield from map(work, items)
        return
    waiting = deque[Future[Result]]()
    with _pools().limit(limits=1), _Crew(workers()) as crew:
        try:
            for item in items:
                waiting.append(crew.submit(_inside, crew, work, item))
                if len(waiting) > AHEAD * workers():
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()


@cache
def _pools() -> ThreadpoolController:
    """The libraries with threads of their own; looking for them takes longer than many a piece of work."""
    return ThreadpoolController()


def _inside(crew: _Crew, work: Callable[[Item], Result], item: Item) -> Result:
    before, _STATE.within = _STATE.within, crew
    try:
        return work(item)
    finally:
        _STATE.within = before


def _helped(crew: _Crew, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """
    Work on items within a worker; others of its crew take some of them as soon as they have nothing else to do, and are waited for.

    Nothing is left to those who were not needed: they stay in the queue until a worker meets them, and would hold all that was worked on till then.
    """
    results, left = dict[int, Result](), deque((place, work, item) for place, item in enumerate(items))

    def take() -> None:
        try:
            while (one := _popped(left)) is not None:
                results[one[0]] = _inside(crew, *one[1:])
        finally:
            left.clear()

    helpers = [crew.submit(take) for _ in range(min(crew.size, len(items)) - 1)]
    try:
        take()
    finally:
        begun = [helper for helper in helpers if not helper.cancel()]
        wait(begun)
    for helper in begun:
        helper.result()
    return [results.pop(place) for place in range(len(items))]


def _popped(left: deque[Result]) -> Result | None:
    """The next one, None where another thread took the last."""
    try:
        return left.popleft()
    except IndexError:
        return None


class _State(threading.local):
    """Of each thread: how many workers it may have, the workers that it is one of, and those that it shares with other jobs."""

    workers = 0
    within: _Crew | None = None
    crew: _Crew | None = None


_STATE = _State()
