"""Rolling windows beside each other: whether what holds over all of them holds in each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from xsell.contract.judging import BASELINE
from xsell.contract.reports import Cell, Grid
from xsell.contract.wording import many
from xsell.metrics.intervals import FEWEST
from xsell.metrics.scoreboard import LEADING, Score
from xsell.report.figures import Boards, model_facts
from xsell.report.verdicts import best

MOST_MODELS = 4
"""As many as fit beside dates into 80 columns."""


@dataclass(frozen=True, slots=True)
class Window:
    """
    One window judged by itself.

    Attributes:
        begin: Seconds since 1970.
        length: Seconds.
        pairs: Products to find.
        boards: The scores by length of the lists and model.
        facts: How it was cut, for scripts.
    """

    begin: float
    length: float
    pairs: int
    boards: Boards
    facts: Mapping[str, Any]

    @property
    def board(self) -> Mapping[str, Score]:
        """The scores by model for the length that leads."""
        return next(iter(self.boards.values()))

    @property
    def customers(self) -> int:
        """How many were judged."""
        return len(next(iter(self.board.values())).values[LEADING])


def sentences(windows: Sequence[Window], board: Mapping[str, Score]) -> Iterator[str]:
    """Say in how many windows the best model is ahead of the baseline."""
    model = best({name: score for name, score in board.items() if score.versus} or board)
    gaps = [window.board[model].difference.get(LEADING) for window in windows]
    known = [gap for gap in gaps if gap]
    if len(known) > 1:
        ahead = sum(gap.mean > 0 for gap in known)
        enough = [gap for gap, window in zip(known, windows, strict=True) if window.customers >= FEWEST]
        yield (
            f"{model} is ahead of {BASELINE} in {ahead} of {many(len(known), 'window')}, in {sum(gap.low > 0 for gap in enough)} with an interval "
            f"above 0; the difference in NDCG goes from {min(gap.mean for gap in known):+.4f} to {max(gap.mean for gap in known):+.4f}."
        )


def grids(windows: Sequence[Window], board: Mapping[str, Score], k: int) -> Iterator[Grid]:
    """Draw the leading metric window by window, at most 80 columns wide."""
    if len(windows) < 2:
        return
    lead = best(board)
    shown = [*dict.fromkeys((next(iter(board)), lead, BASELINE, *board))][:MOST_MODELS]
    rival = next((name for name in (lead, *board) if board[name].versus), None)
    yield Grid(
        f"Window by window: NDCG@{k}",
        ("from", "days", "customers", *(name for name in board if name in shown), *((f"{rival} - {BASELINE}",) if rival else ())),
        tuple(_row(window, [name for name in board if name in shown], rival) for window in windows),
        note="Dates are when each window begins; ±: half the 95% interval over its customers." if rival else "",
    )


def _row(window: Window, shown: Sequence[str], rival: str | None) -> tuple[Cell, ...]:
    means = (f"{window.board[name].means[LEADING].mean:.4f}" for name in shown)
    gap = window.board[rival].difference[LEADING] if rival else None
    half = f" ±{(gap.high - gap.low) / 2:.4f}" if gap and window.customers >= FEWEST else ""
    return day(window.begin), f"{window.length / 86400:.3g}", window.customers, *means, *((f"{gap.mean:+.4f}{half}",) if gap else ())


def day(moment: float) -> str:
    """Write seconds since 1970 as a date (UTC)."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d}"


def facts(windows: Sequence[Window]) -> dict[str, Any]:
    """Every metric of every window, for scripts; nothing where there is one."""
    return {"windows": [_facts(window) for window in windows]} if len(windows) > 1 else {}


def _facts(window: Window) -> dict[str, Any]:
    ends = {"from": _moment(window.begin), "to": _moment(window.begin + window.length)}
    models = {name: model_facts(window.boards, name) for name in window.board}
    told = {name: {part: found[part] for part in ("metrics", f"minus_{BASELINE}")} for name, found in models.items()}
    return {**ends, "customers": window.customers, "pairs": window.pairs, **window.facts, "models": told}


def _moment(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="seconds")
