"""An evaluation in words: what was hidden, who was judged, who was left out and why, and which model is better."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import numpy as np

from xsell.contract.judging import BASELINE
from xsell.contract.reports import Cell, Grid
from xsell.contract.wording import many
from xsell.data.cuts import Cut, Heldout
from xsell.metrics.intervals import FEWEST, Interval
from xsell.metrics.scoreboard import Score

DAY = 86400.0
LEADING = "ndcg"
"""The metric of the verdict: it uses every place of the list and the order, so it tells models apart with fewer customers than precision."""

HIDDEN = {
    "temporal": "the events after the first 80 % in time",
    "new-category": "all events in a random 30 % of each customer's categories",
    "random": "a random 20 % of each customer's products",
    "leave-last": "the product that each customer took up last",
}

WANT = {"new-category": ", for want of times", "random": ", for want of times and categories"}
"""What a split that was chosen for want of a better one misses."""

OFFERED = {
    "new": "Scope new: only products of categories that the customer owned nothing of are offered and asked for.",
    "any": "Scope any: every product that the customer did not own is offered and asked for.",
}


def split(cut: Cut, automatic: bool) -> str:
    """Say how events were held out."""
    learnt, total = int(cut.keep.sum()), len(cut.keep)
    verb = "is" if cut.rule == "leave-last" else "are"
    said = f"Split {cut.rule}{WANT.get(cut.rule, '') if automatic else ''}: {HIDDEN[cut.rule]} {verb} hidden, {total - learnt:,} of {many(total, 'event')}"
    if np.isfinite(cut.moment):
        said += f"; the cut is at {date(cut.moment)}, {many(round(cut.window / DAY), 'day')} before the last event"
    return f"{said}."


def heldout_file(path: str, rows: int, pairs: int, rejected: Mapping[str, int]) -> str:
    """Say what a held-out file holds."""
    refused = f", and {many(sum(rejected.values()), 'row')} refused ({', '.join(rejected)})" if rejected else ""
    found = many(pairs, "pair")
    return f"Held-out file {path}: {many(rows, 'row')} with {found} of a customer and a product bought or liked{refused}."


def date(moment: float) -> str:
    """Write seconds since 1970 as a date and time (UTC)."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


def judged(asked: Heldout, k: int) -> str:
    """Say who was judged on how much."""
    return f"Judged on {many(len(asked.user), 'customer')} with {many(len(asked.item), 'product')} to find, in lists of {k}."


def left_out(what: str, causes: Mapping[str, int]) -> str:
    """Say what was left out by cause, or nothing."""
    named = [f"{count:,} {cause}" for cause, count in causes.items() if count]
    return f"Left out {what}: {', '.join(named)}." if named else ""


def unseen(pairs: int) -> str:
    """Say how many products to find nobody had before, or nothing."""
    return f"Nobody had {pairs:,} of the products to find before; only a description can lead to such a product." if pairs else ""


def verdict(model: str, score: Score, rival: Score, customers: int, k: int) -> str:
    """Say whether a model beats the baseline."""
    gap, said = score.difference[LEADING], score.verdict[LEADING]
    if customers < FEWEST:
        return f"{model}: {said}; fewer than {FEWEST} customers make no verdict."
    numbers = f"NDCG@{k} {score.means[LEADING].mean:.4f} against {rival.means[LEADING].mean:.4f}"
    said += "" if said.endswith(BASELINE) else f" than {BASELINE}"
    return f"{model} is {said}: {numbers}, difference {gap.mean:+.4f}, 95 % interval {ends(gap)}."


def ends(interval: Interval) -> str:
    """Write the ends of an interval of differences."""
    return f"{interval.low:+.4f} to {interval.high:+.4f}"


def best(board: Mapping[str, Score]) -> str:
    """Name the model that is best by the metric of the verdict, the first among equals."""
    return max(board, key=lambda model: board[model].means[LEADING].mean)


def grids(board: Mapping[str, Score], k: int) -> Iterator[Grid]:
    """Quality of each model, and what its difference to the baseline shows; each at most 80 columns wide, and no intervals over a few customers."""
    few = _few(next(iter(board.values())))
    spread = "" if few else "; ±: half the 95 % bootstrap interval over customers"
    yield Grid(
        f"Quality of lists of {k}",
        ("model", f"P@{k}", "recall", f"NDCG@{k}", "MAP", "hit", "coverage"),
        tuple((name, *_quality(score)) for name, score in board.items()),
        bold=(list(board).index(best(board)),),
        note=f"P@{k}: share of the {k} offered that were taken up; recall: share of what was taken up that was offered{spread}.",
    )
    if len(board) > 1 and not few:
        yield Grid(
            f"Difference to {BASELINE}: 95 % interval over the same customers",
            ("model", f"P@{k}", f"NDCG@{k}", f"by NDCG@{k}"),
            tuple((name, *_difference(score)) for name, score in board.items() if score.difference),
        )


def _few(score: Score) -> bool:
    """Whether intervals would be too narrow to be believed."""
    return len(score.values[LEADING]) < FEWEST


def _quality(score: Score) -> Iterator[Cell]:
    for metric in ("precision", "recall", "ndcg", "map", "hit"):
        mean = score.means[metric]
        half = f" ±{(mean.high - mean.low) / 2:.4f}" if metric in {"precision", "ndcg"} and not _few(score) else ""
        yield f"{mean.mean:.4f}{half}"
    yield f"{score.coverage:.4f}"


def _difference(score: Score) -> Iterator[Cell]:
    yield ends(score.difference["precision"])
    yield ends(score.difference["ndcg"])
    yield score.verdict[LEADING]
