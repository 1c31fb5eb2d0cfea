"""The line that moves while work goes on."""

import io
from itertools import count

from rich.console import Console

from xsell.cli import progress
from xsell.cli.progress import Watcher


def shown(*steps: tuple[str, int, int]) -> str:
    """Give the line that a terminal shows after some steps, each a second after the other."""
    paper, clock = io.StringIO(), count()
    console = Console(file=paper, force_terminal=True, width=80, color_system=None, _environ={"TERM": "xterm"})
    tell = Watcher(console, moving=True, lines=False)
    assert tell._bar
    tell._bar.get_time = lambda: float(next(clock))
    for step in steps:
        tell(*step)
    console.print(tell._bar.get_renderable())
    return paper.getvalue().strip("\n")


def test_rate_and_time_left() -> None:
    """Where it is known how much there is to do, the line tells the parts in a second and the time left, in 80 columns."""
    line = shown(*(("recommend: making lists", done, 1_000_000) for done in (0, 100_000, 200_000, 300_000)))
    assert "/s" in line
    assert len(line.splitlines()) == 1
    assert progress.Rate in {type(column) for column in progress._bar(Console()).columns}


def test_no_rate_where_nothing_is_known() -> None:
    """Where it is not known, no rate is made up, and a new step does not inherit the rate of the one before."""
    assert "/s" not in shown(("train: fitting ease", 0, 0), ("train: fitting als", 0, 0))
    assert "/s" not in shown(("one", 0, 9000), ("one", 3000, 9000), ("one", 6000, 9000), ("other", 0, 9000))
