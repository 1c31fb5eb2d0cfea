"""The one door for errors: whatever goes wrong leaves as a sentence, a hint and an exit code, never as a traceback with data in it."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from xsell.contract.options import Common, Settings
from xsell.errors import MemoryLimitError, XsellError

BROKEN_PIPE, INTERRUPTED, TERMINATED = 141, 130, 143
NUMBERS = {"int": "a whole number", "float": "a number"}
AGAIN = "The files of the previous run are whole; type the same command again."


class Door(TyperGroup):
    """The group of all commands; the test runner and the shell come through here alike."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Remember what a run that fails before its options are read must obey."""
        ctx.meta[__name__] = Common(json="--json" in args, no_color="--no-color" in args)
        bare = not args
        try:
            return super().parse_args(ctx, args)
        except (TyperException, SystemExit, OSError) as error:
            code = None if bare and isinstance(error, TyperException) else _ended(ctx, error)
            if code is None:
                raise
            raise typer.Exit(code) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command and turn every error into an exit code."""
        with _terminable():
            try:
                result = super().invoke(ctx)
                sys.stdout.flush()
            except (typer.Exit, typer.Abort):
                raise
            except BaseException as error:
                code = _ended(ctx, error)
                if code is None:
                    raise
                raise typer.Exit(code) from None
        return result


def _ended(ctx: Any, error: BaseException) -> int | None:
    """Say what ended the run; None leaves the error to Typer or to Python."""
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):  # Rich makes it a SystemExit
        return _silenced()
    if isinstance(error, SystemExit) and error.code != TERMINATED:
        return None
    desk, code = _desk(ctx), None
    try:
        message, hint, code = _misread(error, desk.command) if isinstance(error, TyperException) else _said(error)
        desk.failed(message, hint, code)
        if code == 1 and not isinstance(error, XsellError) and desk.settings.common.verbose:
            sys.stderr.write("".join(traceback.format_tb(error.__traceback__)) + type(error).__name__ + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        return _silenced()
    except OSError:
        _silenced()
    return code


def _desk(ctx: Any) -> Any:
    """The desk of the run, or a new one if the run ended before its options were read."""
    from xsell.cli.desk import Desk  # noqa: PLC0415  # help must stay light

    return ctx.obj or Desk(ctx.invoked_subcommand or "", Settings(common=ctx.meta[__name__]))


def _said(error: BaseException) -> tuple[str, str, int]:
    if isinstance(error, XsellError):
        return error.message, error.hint, error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return "Interrupted.", AGAIN, INTERRUPTED
    if isinstance(error, SystemExit):
        return "Terminated.", AGAIN, TERMINATED
    if isinstance(error, MemoryError):
        return (
            "The machine has too little memory for this.",
            "Set a limit with --memory SIZE, or close other programs.",
            MemoryLimitError.exit_code,
        )
    if isinstance(error, OSError) and error.errno:
        return f"{error.filename or 'Standard output'} cannot be read or written: {error.strerror}.", "Look at the disk, then try again.", 1
    return f"This is a fault of xsell: {type(error).__name__} {_place(error)}.", "Add -v to see where it came from, and report that.", 1


def _misread(error: Any, command: str) -> tuple[str, str, int]:
    """Say which option could not be read and what was typed there, rather than what a parser expected."""
    message, name = error.format_message(), next(iter(getattr(getattr(error, "param", None), "opts", ())), "")
    wrong = error.__cause__.errors()[0] if hasattr(error.__cause__, "errors") else {}
    if needed := NUMBERS.get(str(wrong.get("type", "")).partition("_")[0]):
        message = f"{name} needs {needed}, and {wrong['input']} is none"
    elif name:
        message = f"{name}: {error.message.removeprefix('Value error, ')}"
    return f"{message.rstrip('.')}.", f"See `xsell{f' {command}' if command else ''} --help`.", error.exit_code


def _place(error: BaseException) -> str:
    """Where in xsell an error arose; its own words may hold a customer's data and are not repeated."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if f"{os.sep}xsell{os.sep}" in frame.filename]
    return f"in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else "outside its own code"


def _silenced() -> int:
    """Let nothing be written to a pipe that nobody reads, not even when Python ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM unwind the run, so that locks and temporary files are cleared."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(TERMINATED)
