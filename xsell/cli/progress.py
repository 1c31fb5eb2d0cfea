"""A line that moves on standard error while work goes on, when somebody watches."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text


class Watcher:
    """
    A listener for the work: `tell` in the sense of the contract.

    Attributes:
        console: Standard error.
        lines: Whether to print every step as a line of its own.
    """

    def __init__(self, console: Console, *, moving: bool, lines: bool) -> None:
        self.console = console
        self.lines = lines
        self._last = ""
        self._bar = _bar(console) if moving and console.is_terminal and not console.is_dumb_terminal else None
        self._task: TaskID | None = None

    def __call__(self, text: str, done: int = 0, total: int = 0) -> None:
        """Show how far the work is."""
        if self.lines and text != self._last:
            self.console.print(text)
        self._last = text
        if self._bar:
            if self._task is None:
                self._task = self._bar.add_task(text, total=None)
            elif self._bar.tasks[0].description != text:
                self._bar.reset(self._task)
            self._bar.update(self._task, description=text, completed=done, total=total or None)

    def pause(self) -> None:
        """Take the line away, so that something can be printed."""
        if self._bar:
            self._bar.stop()

    def resume(self) -> None:
        """Put the line back."""
        if self._bar:
            self._bar.start()

    def __enter__(self) -> Self:
        self.resume()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.pause()


class Rate(ProgressColumn):
    """How many parts are finished in a second, once that can be told and is more than one."""

    def render(self, task: Task) -> Text:
        """Write the rate."""
        return Text(f"{task.speed:,.0f}/s" if task.speed and task.speed >= 1 and task.total else "")


def _bar(console: Console) -> Progress:
    text = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), text, BarColumn(bar_width=20), TimeElapsedColumn(), Rate(), TimeRemainingColumn(compact=True))
    return Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False)
