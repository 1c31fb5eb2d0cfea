"""
Every write is whole or not at all.

A file is written beside its target under another name, brought to the disk, and renamed over the target. A reader sees the old file or the
new one, and a killed run leaves at most a temporary file, which the next write of the same target removes.
"""

import errno
import fcntl
import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

import polars as pl

from xsell.errors import InputError, XsellError

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
NO_PLACE = {errno.ENAMETOOLONG, errno.ENOENT, errno.EINVAL, errno.ELOOP}


def digest(path: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """
    Open a temporary file that takes the place of `path` when the block ends well.

    Args:
        path: The target; missing directories are made, a symbolic link keeps pointing where it points, and a device or a named pipe is
            written straight.

    Raises:
        InputError: The place cannot be written.
        XsellError: The disk is full or fails. The previous file is whole in both cases.
    """
    try:
        target = _resolved(path)
        if target.exists() and not target.is_file() and not target.is_dir():
            with target.open("wb") as stream:
                yield stream
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            with _temporary(target) as file:
                yield file
    except BrokenPipeError:
        raise
    except OSError as error:
        raise explained(error, path) from error


def refused(path: Path) -> str:
    """
    Say why `replacing` could not begin at a place, found out before there is anything to write; empty if it could.

    A file that is write-protected is refused too, though it could be replaced. Nothing is left behind, and missing directories are not made.
    """
    try:
        target = _resolved(path)
        if target.is_dir():
            return _lowered(errno.EISDIR)
        if target.is_file() and not os.access(target, os.W_OK):
            return _lowered(errno.EACCES)
        if not target.exists() or target.is_file():
            above = next(folder for folder in target.parents if folder.exists())
            temporary = _beside(above / target.name)
            temporary.open("xb").close()
            temporary.unlink()
    except OSError as error:
        return _lowered(error.errno or errno.EIO)
    return ""


def _resolved(path: Path) -> Path:
    """Follow symbolic links; Python before 3.13 has an error of its own for those that never end."""
    try:
        return path.resolve()
    except RuntimeError:
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path)) from None


def _lowered(number: int) -> str:
    said = os.strerror(number)
    return said[0].lower() + said[1:]


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")


@contextmanager
def _temporary(target: Path) -> Iterator[BinaryIO]:
    _sweep(target)
    temporary = _beside(target)
    try:
        with temporary.open("xb") as file:
            _hold(file)
            yield file
            file.flush()
            if target.exists():
                temporary.chmod(target.stat().st_mode & 0o777)
            os.fsync(file.fileno())
            temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(target.parent)


def _hold(file: BinaryIO) -> None:
    """Lock the file for as long as its writer lives; some network disks have no locks."""
    with suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _sweep(target: Path) -> None:
    """Remove what killed writers of the target left: a living one holds its lock."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.[0-9a-f]{{8}}\.tmp")
    for left in sorted(p for p in target.parent.iterdir() if pattern.fullmatch(p.name)):
        with suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink(missing_ok=True)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def system_errors() -> Iterator[None]:
    """Polars puts what the operating system says into the words of its own errors; take the number out."""
    try:
        yield
    except (pl.exceptions.PolarsError, OSError) as error:
        found = re.search(r"\(os error (\d+)\)", str(error))
        if not found:
            raise
        raise OSError(int(found[1]), "") from error


def explained(error: OSError, path: Path) -> XsellError:
    """Say what an operating system's error means for the user."""
    if error.errno in FULL:
        return XsellError(
            f"There is no room on the disk to write {path}.", "Free some space or use another directory; the previous file is whole."
        )
    if isinstance(error, PermissionError) or error.errno == errno.EROFS:
        return InputError(f"{path} may not be read or written.", "Change its permissions, or use another directory with -w DIR.")
    if isinstance(error, IsADirectoryError | NotADirectoryError | FileExistsError):
        return InputError(f"{path} cannot be written: a file and a directory are in each other's way.", "Name another file or directory.")
    reason = os.strerror(error.errno) if error.errno else "the disk did not answer"
    if error.errno in NO_PLACE:
        return InputError(f"{path} cannot be a file here: {reason}.", "Name another file or directory.")
    return XsellError(f"{path} cannot be read or written: {reason}.", "Look at the disk, then run the same command again.")
