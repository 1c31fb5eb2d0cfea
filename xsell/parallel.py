"""The one owner of threads and memory: how much may be used, and a map over shards whose results come back in order."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from xsell.errors import UsageError

Item = TypeVar("Item")
Result = TypeVar("Result")


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
