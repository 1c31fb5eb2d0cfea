"""Who may be offered what was asked for, and how likely they are to take it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xsell import ranking
from xsell.assemble import World
from xsell.best import rounded
from xsell.contract.progress import Tell
from xsell.data.training import Floats, History, Ints
from xsell.offers.choosing import worth
from xsell.offers.limits import Limits
from xsell.offers.lists import Asked
from xsell.offers.reach import Reach, first, joined
from xsell.offers.targets import Target
from xsell.parallel import each
from xsell.selection.hybrid import Model

TOGETHER = 100
"""Products that are scored in one go: the model scores at least so many of those it is asked for."""

WAVE = 64
"""Blocks of customers after which only those are kept that can still matter."""


@dataclass(frozen=True, slots=True)
class Sought:
    """
    Customers for targets.

    Attributes:
        pairs: The best of every target, ordered.
        eligible: Customers who may be offered something of each target, int64 [targets].
        level: Customers of each target who are left out with the worth of the last that is kept, int64 [targets].
    """

    pairs: Reach
    eligible: NDArray[np.int64]
    level: NDArray[np.int64]


def seek(known: World, model: Model, wanted: Sequence[Target], asked: Asked, bounds: Limits, deep: int, tell: Tell) -> Sought:
    """
    Score the targets for all customers and keep the best.

    Args:
        known: Everything.
        model: A fitted model.
        wanted: The targets.
        asked: The customers; those without purchases are left out, as nothing tells them apart.
        bounds: What the business allows to them.
        deep: How many customers of each target to keep.
        tell: Hears how far it is.
    """
    number = asked.number
    rows = known_buyers(known, number)
    blocks = list(ranking.blocks(len(rows), known.training.n_items))
    kept, eligible, level = joined([]), np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.int64)
    cut = np.full(len(wanted), np.nan, np.float32)

    def work(block: slice) -> Reach:
        tell("scoring customers", block.start, len(rows))
        place = rows[block]
        return _of_block(known, model, wanted, known.training.history.rows(number[place]), bounds, place)

    for start in range(0, len(blocks), WAVE):
        parts = each(work, blocks[start : start + WAVE])
        eligible += np.bincount(joined(parts).target, minlength=len(wanted))
        kept, others = first(joined([kept, *parts]), deep)
        before, cut = cut, _cut(kept, deep, len(wanted))
        missed = np.bincount(others.target[others.worth == cut[others.target]], minlength=len(wanted))
        level = np.where(cut == before, level, 0) + missed
    return Sought(kept, eligible, level)


def known_buyers(known: World, number: Ints) -> Ints:
    """Places of the customers who have purchases."""
    has = np.diff(known.training.history.purchases.indptr) > 0
    return np.flatnonzero((number >= 0) & has[number]).astype(np.int32)


def _cut(kept: Reach, deep: int, n: int) -> Floats:
    """Worth of the last customer of each target, NaN where there is room for more, float32 [targets]."""
    end = np.searchsorted(kept.target, np.arange(n), "right")
    full = np.bincount(kept.target, minlength=n) >= deep
    return np.where(full, kept.worth[np.maximum(end - 1, 0)] if len(kept) else np.nan, np.nan).astype(np.float32)


def _of_block(known: World, model: Model, wanted: Sequence[Target], history: History, bounds: Limits, place: Ints) -> Reach:
    """All pairs of some customers and the targets that may be brought together."""
    free = ranking.allowed(history, known.training.catalog, known.scope)
    left = bounds.leave(place)
    open_ = free if left is None else free & left
    found = []
    for group in _groups(wanted, model):
        asked = np.zeros((1, free.shape[1]), bool)
        asked[0, np.concatenate([wanted[target].items for target in group])] = True
        scores = ranking.score(model, history, free, open_ & asked)
        order = np.where(open_, worth(scores, bounds), -np.inf)
        found += [_of_target(target, wanted[target].items, order, scores, place) for target in group]
    return joined(found)


def _groups(wanted: Sequence[Target], model: Model) -> Iterator[list[int]]:
    """Targets that are scored in one go: all, where the model scores every item; else some items, or one category."""
    if not hasattr(model, "score_allowed"):
        yield list(range(len(wanted)))
        return
    items = [number for number, target in enumerate(wanted) if target.kind == "item"]
    yield from (items[start : start + TOGETHER] for start in range(0, len(items), TOGETHER))
    yield from ([number] for number, target in enumerate(wanted) if target.kind != "item")


def _of_target(target: int, items: Ints, order: Floats, scores: Floats, place: Ints) -> Reach:
    """Every customer with the best of the items that may be offered, if there is one."""
    best = items[order[:, items].argmax(axis=1)]
    rows = np.arange(len(order))
    able = rows[order[rows, best] > -np.inf]
    best = best[able]
    values = (rounded(matrix[able, best]) for matrix in (order, scores))
    return Reach(np.full(len(able), target, np.int32), place[able], best, *values)
