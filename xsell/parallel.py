"""The one owner of threads: how many BLAS may use, and a map over shards whose results come back in order."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

Item = TypeVar("Item")
Result = TypeVar("Result")


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def limit(threads: int) -> Iterator[None]:
    """
    Hold BLAS and OpenMP to a number of threads.

    Args:
        threads: How many; 0 means one a processor.
    """
    with threadpool_limits(threads or cores()):
        yield


def each(work: Callable[[Item], Result], items: Iterable[Item], threads: int = 0) -> list[Result]:
    """
    Apply `work` to every item on worker threads, one BLAS thread each, and give the results in the order of the items.

    Args:
        work: A function that releases the interpreter for most of its time.
        items: What to work on.
        threads: Workers; 0 means one a processor.
    """
    with threadpool_limits(1):
        return list(Parallel(n_jobs=threads or cores(), prefer="threads")(delayed(work)(item) for item in items))
