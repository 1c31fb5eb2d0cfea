"""One run at a time in a working directory."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from xsell.contract.progress import Tell
from xsell.errors import LockedError
from xsell.files.atomic import explained

NAME = ".lock"
PAUSE = 0.1


@contextmanager
def locked(root: Path, timeout: float, tell: Tell) -> Iterator[None]:
    """
    Hold the working directory; the system lets go of it when the process ends in any way.

    Args:
        root: The directory; it is made if it is missing.
        timeout: Seconds to wait for another run.
        tell: Hears that the run waits.

    Raises:
        LockedError: Another run still holds the directory when the time is over.
        InputError: The directory cannot be made or written.
    """
    try:
        root.mkdir(parents=True, exist_ok=True)
        file = (root / NAME).open("a+")
    except OSError as error:
        raise explained(error, root) from error
    with file:
        _wait(file, root, time.monotonic() + timeout, tell)
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        yield


def _wait(file: TextIO, root: Path, deadline: float, tell: Tell) -> None:
    while not _taken(file, root):
        if time.monotonic() >= deadline:
            raise LockedError(
                f"Another run{_holder(file)} is using {root}.", "Wait for it, or allow more time with --lock-timeout SECONDS."
            )
        tell("waiting for another run in the same directory")
        time.sleep(PAUSE)


def _taken(file: TextIO, root: Path) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise explained(error, root / NAME) from error
    return True


def _holder(file: TextIO) -> str:
    file.seek(0)
    number = file.read(32).strip()
    return f" (process {number})" if number.isdigit() else ""
