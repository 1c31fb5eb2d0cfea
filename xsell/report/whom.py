"""For whom lists are good, in a table for scripts and in what is most telling of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from xsell.contract.judging import BASELINE
from xsell.contract.reports import Cell, Grid, Warned
from xsell.contract.wording import listed
from xsell.data.cuts import Heldout
from xsell.data.training import Ints
from xsell.metrics import PAIRED, TRAITS
from xsell.metrics.intervals import FEWEST, Values
from xsell.metrics.scoreboard import LEADING, WITHIN, Score
from xsell.metrics.segments import BANDS, OF_PRODUCTS, POPULARITY, Grouping, Groups, heterogeneity, of_products, quotients
from xsell.metrics.significance import holm
from xsell.report.verdicts import best

Board = Mapping[str, Score]
MOST_SHOWN = 4
MOST_LETTERS = 32
"""Of a name in a table: two lines of a narrow column."""
NUMBERS = ("customers", "mean", "low", "high", "gap", "gap_low", "gap_high")


@dataclass(frozen=True, slots=True)
class Whom:
    """
    For whom lists are good.

    Attributes:
        model: The model to look at closely: the best one that is not the baseline.
        table: Every metric of every model in every group, as `schema.PER_GROUP` says.
        p: Per grouping of customers the corrected p values of the hypotheses that its groups do not differ, in the `quality` of the model and in its `gain`
            over the baseline; groupings that cannot tell are left out.
    """

    model: str
    table: pl.DataFrame
    p: Mapping[str, Mapping[str, float]]


def looked(
    board: Board,
    lists: Sequence[Mapping[str, Ints]],
    heldout: Sequence[Heldout],
    customers: Sequence[Grouping],
    products: Sequence[Sequence[Grouping]],
) -> Whom:
    """
    Look at every group.

    Args:
        board: What was judged.
        lists: Of every window by model.
        heldout: What was hidden in every window.
        customers: Groups of the customers judged.
        products: Of every way to tell products apart the groups in every window.
    """
    others = {model: score for model, score in board.items() if score.versus}
    model = best(others) if others else BASELINE
    frames = [_of_products(name, [made[name] for made in lists], heldout, several) for name in board for several in products]
    frames += [_of_customers(board, name, grouping) for name in board for grouping in customers]
    return Whom(model, pl.concat(frames).sort("of", "grouping", "group", "model", "metric"), _uneven(board, model, customers))


def _of_products(model: str, lists: Sequence[Ints], heldout: Sequence[Heldout], several: Sequence[Grouping]) -> pl.DataFrame:
    found = of_products(list(zip(lists, heldout, several, strict=True)))
    return _frame("products", model, several[0], OF_PRODUCTS, found, None)


def _of_customers(board: Board, model: str, grouping: Grouping) -> pl.DataFrame:
    own = np.column_stack([board[model].values[metric] for metric in (*PAIRED, *TRAITS)])
    rival = np.column_stack([board[BASELINE].values[metric] for metric in PAIRED])
    gap = _means(grouping, own[:, : len(PAIRED)] - rival) if board[model].versus else None
    return _frame("customers", model, grouping, (*PAIRED, *TRAITS), _means(grouping, own), gap)


def _means(grouping: Grouping, values: Values) -> Groups:
    known = np.isfinite(values)
    return quotients(grouping.code, np.where(known, values, 0.0), known.astype(np.float64), len(grouping.labels))


def _frame(of: str, model: str, grouping: Grouping, metrics: tuple[str, ...], found: Groups, gap: Groups | None) -> pl.DataFrame:
    size, width = found.mean.shape
    blank = np.full((size, width), np.nan)
    wide = [np.hstack([side, blank[:, side.shape[1] :]]) for side in ((gap.mean, gap.low, gap.high) if gap else (blank, blank, blank))]
    numbers = dict(zip(NUMBERS, (found.customers, found.mean, found.low, found.high, *wide), strict=True))
    words = {
        "of": [of] * (size * width),
        "grouping": [grouping.name] * (size * width),
        "group": np.repeat(grouping.labels, width).tolist(),
        "model": [model] * (size * width),
        "metric": list(metrics) * size,
    }
    frame = pl.DataFrame({**words, **{name: numbers[name].ravel() for name in NUMBERS}}).with_columns(pl.col(NUMBERS).fill_nan(None))
    return frame.with_columns(pl.col("customers").cast(pl.Int64)).filter(pl.col("customers") > 0)


def _uneven(board: Board, model: str, customers: Sequence[Grouping]) -> dict[str, dict[str, float]]:
    own, rival = board[model].values[LEADING], board[BASELINE].values[LEADING]
    asked = {"quality": own, **({"gain": own - rival} if board[model].versus else {})}
    found = {(g.name, what): heterogeneity(g.code, values, len(g.labels)) for g in customers for what, values in asked.items()}
    known = {key: p for key, p in found.items() if np.isfinite(p)}
    corrected = dict(zip(known, holm(np.array(list(known.values()))).tolist(), strict=True))
    return {g.name: told for g in customers if (told := {what: p for (name, what), p in corrected.items() if name == g.name})}


def facts(whom: Whom, k: int) -> dict[str, Any]:
    """Which groups differ, for scripts."""
    return {"groups_differ": {"model": whom.model, "metric": f"{LEADING}@{k}", "p": whom.p}}


def gaps(whom: Whom, k: int) -> Iterator[Warned]:
    """Warn where groups of customers differ by more than luck."""
    quality, gain = (_flagged(whom, what) for what in ("quality", "gain"))
    own = f"NDCG@{k} of {whom.model} differs by {listed(quality)}" if quality else ""
    more = f"what {'it' if own else whom.model} gains over {BASELINE}" if gain else ""
    if own and gain:
        said = f"{own}, and so does {more}" if set(gain) == set(quality) else f"{own}; {more} differs by {listed(gain)}"
    else:
        said = own or f"{more.capitalize()} differs by {listed(gain)}"
    if quality or gain:
        yield Warned("groups-differ", f"{said}, beyond luck among so many groupings.")


def sentences(whom: Whom, k: int) -> Iterator[str]:
    """Say that groups of customers do not differ by more than luck."""
    if whom.p and not any(_flagged(whom, what) for what in ("quality", "gain")):
        yield f"By {listed(list(whom.p))}, NDCG@{k} of {whom.model} is the same within what luck explains."


def _flagged(whom: Whom, what: str) -> list[str]:
    """Groupings by which customers differ, the surest first."""
    told = {name: found[what] for name, found in whom.p.items() if found.get(what, 1.0) <= WITHIN}
    return sorted(told, key=lambda name: told[name])


def grids(whom: Whom, k: int) -> Iterator[Grid]:
    """Draw the groups that differ most, worst and best, and what popular and rare products get; each at most 80 columns wide."""
    own = whom.table.filter(pl.col("model") == whom.model)
    flagged = list(dict.fromkeys([*_flagged(whom, "gain"), *_flagged(whom, "quality")]))[:MOST_SHOWN]
    gained = whom.model != BASELINE
    if flagged:
        yield Grid(
            f"For whom: NDCG@{k} of {whom.model}, worst and best",
            ("by", "group", "customers", f"NDCG@{k}", *((f"minus {BASELINE}",) if gained else ())),
            tuple(row[: 4 + gained] for name in flagged for row in _ends(own, name)),
            note="±: half the 95% interval. A file in evaluation/ holds every group and metric.",
            aside=True,
        )
    labels = own.filter(pl.col("grouping") == POPULARITY, pl.col("of") == "products")["group"].unique().to_list()
    yield Grid(
        f"Popular and rare products in the lists of {whom.model}",
        ("bought before the cut", "places", "wanted", "recall", "precision"),
        tuple(_product(own, label) for label in BANDS if label in labels),
        note="Shares of all places in lists and of all that was wanted; recall: found of what was wanted; precision: hits among the places.",
        aside=True,
    )


def _ends(own: pl.DataFrame, name: str) -> Iterator[tuple[Cell, ...]]:
    """The worst and the best of the groups with enough customers."""
    groups = own.filter(pl.col("grouping") == name, pl.col("metric") == LEADING, pl.col("customers") >= FEWEST, pl.col("of") == "customers")
    ordered = groups.sort("mean", "group")
    for row in (ordered.row(0, named=True), ordered.row(-1, named=True)):
        gain = None if row["gap"] is None else f"{row['gap']:+.4f} ±{(row['gap_high'] - row['gap_low']) / 2:.4f}"
        yield _short(name), _short(row["group"]), row["customers"], f"{row['mean']:.4f} ±{(row['high'] - row['low']) / 2:.4f}", gain


def _product(own: pl.DataFrame, label: str) -> tuple[Cell, ...]:
    cells = own.filter(pl.col("of") == "products", pl.col("grouping") == POPULARITY, pl.col("group") == label)
    means = dict(zip(cells["metric"], cells["mean"], strict=True))
    shares = (None if means.get(m) is None else percent(means[m]) for m in ("places", "wanted"))
    return label, *shares, *(f"{means[m]:.4f}" if means.get(m) is not None else None for m in ("recall", "precision"))


def percent(share: float) -> str:
    """Write a share with a digit behind the point, with two where one would make little of something nothing."""
    return f"{share:.2%}" if 0 < share < 0.001 else f"{share:.1%}"


def _short(text: str) -> str:
    return text if len(text) <= MOST_LETTERS else f"{text[: MOST_LETTERS - 1]}…"
