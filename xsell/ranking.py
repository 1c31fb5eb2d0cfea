"""From scores to lists: mask, round, cut, order. Written once, used for every model."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from xsell.contract.progress import Tell
from xsell.data.scopes import closed, shelf_of
from xsell.data.training import Catalog, Floats, History, Ints, Mask
from xsell.parallel import each

BLOCK_CELLS = 8_000_000
LARGEST_BLOCK = 1024
DIGITS = 6
GROUP = 32
CROWD = 8
NEAR = np.float32(1e-5)
"""Relative distance beyond which rounding cannot make two scores equal."""


class Scorer(Protocol):
    """What the ranking asks of a model."""

    def score(self, history: History) -> Floats:
        """Scores of all items, float32 [customers × items]; -inf where the model cannot say."""


class ScopedScorer(Protocol):
    """A model whose scores depend on what may be offered."""

    def score_allowed(self, history: History, free: Mask, wanted: Mask | None = None) -> Floats:
        """Scores, float32 [customers × items]; anything where the scope does not allow it, never changed by what else is wanted."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """
    Lists of some customers, one row each.

    Attributes:
        items: Item numbers by rank, -1 where a list is shorter, int32 [customers × k].
        scores: Scores by rank, -inf where a list is shorter, float32 [customers × k].
    """

    items: Ints
    scores: Floats


Cut = Callable[[Floats, Mask, int], Ranking]
"""Scores, what may be offered and the length of lists in, lists out."""


def blocks(rows: int, columns: int) -> Iterator[slice]:
    """Row ranges whose matrices stay small."""
    step = int(min(LARGEST_BLOCK, max(1, BLOCK_CELLS // max(columns, 1))))
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def allowed(history: History, catalog: Catalog, scope: str) -> Mask:
    """
    What may be offered: nothing owned, and nothing of what the scope closes.

    Args:
        history: The customers.
        catalog: The items.
        scope: `new`, `dormant`, `same` or `any`.

    Returns:
        Boolean [customers × items].
    """
    causes = closed(history, catalog, scope)
    if not causes:
        return unowned(history)
    open_shelves = ~reduce(np.logical_or, causes.values())
    return _without_owned(_spread(open_shelves, shelf_of(catalog)), history.owned)


def _spread(shelves: Mask, shelf_of_item: Ints) -> Mask:
    """Give every item what its shelf has, eight customers at a time in the bits of a byte: a look-up costs more than taking bits apart."""
    packed = np.take(np.packbits(shelves, axis=0, bitorder="little"), shelf_of_item, axis=1, mode="clip")
    apart = np.empty((8 * len(packed), len(shelf_of_item)), np.uint8)
    for bit in range(8):
        np.bitwise_and(packed, 1, out=apart[bit::8])
        np.right_shift(packed, 1, out=packed)
    return apart.view(bool)[: len(shelves)]


def unowned(history: History) -> Mask:
    """Which items each customer does not own, boolean [customers × items]."""
    return _without_owned(np.ones(history.owned.shape, bool), history.owned)


def _without_owned(free: Mask, owned: sp.csr_array) -> Mask:
    free[np.repeat(np.arange(len(free)), np.diff(owned.indptr)), owned.indices] = False
    return free


def rounded(scores: Floats) -> Floats:
    """Keep six significant digits, so that the last bits of BLAS decide nothing."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        exponent = np.floor(np.log10(np.abs(scores, dtype=np.float64)))
        unit = 10.0 ** np.where(np.isfinite(exponent), DIGITS - 1 - exponent, 0)
        return np.where(np.isfinite(scores), np.round(scores * unit) / unit, scores).astype(np.float32)


def reaching(scores: Floats, k: int) -> Mask:
    """
    Mark at least the k best entries of every row, and few more: all that reach a floor found from the maxima of small groups.

    Args:
        scores: float32 [rows × items]; -inf entries are never marked.
        k: How many.
    """
    width = scores.shape[1]
    groups = max(width // GROUP, min(width, 4 * k))
    if groups >= width:
        return scores > -np.inf
    whole = width - width % groups
    maxima = scores[:, :whole].reshape(len(scores), whole // groups, groups).max(axis=1)
    floor = np.partition(maxima, groups - k, axis=1)[:, groups - k, None]
    floor -= NEAR * np.abs(floor, where=np.isfinite(floor), out=np.zeros_like(floor))
    return np.asarray(scores >= np.maximum(floor, np.finfo(np.float32).min))


def top(scores: Floats, free: Mask, k: int) -> Ranking:
    """
    The best k allowed items of every row; ties go to the lower item number.

    Args:
        scores: float32 [rows × items].
        free: Boolean [rows × items].
        k: Length of the lists.
    """
    known = free & ~np.isnan(scores) if np.isnan(np.max(scores, initial=-np.inf)) else free
    masked = np.where(known, scores, np.float32(-np.inf)).astype(np.float32, copy=False)
    marked = reaching(masked, k)
    count = np.count_nonzero(marked, axis=1)
    crowded = np.flatnonzero(count > max(CROWD * k, GROUP * CROWD))
    for row in crowded:
        marked[row] &= leading(masked[row], k)
    if len(crowded):
        count = np.count_nonzero(marked, axis=1)
    pick = np.zeros((len(masked), max(int(count.max(initial=0)), 1)), np.int32)
    real = np.arange(pick.shape[1]) < count[:, None]
    pick[real] = np.flatnonzero(marked) % marked.shape[1]
    value = np.where(real, rounded(np.take_along_axis(masked, pick, axis=1)), -np.inf).astype(np.float32)
    return _ordered(pick, value, k)


def leading(row: Floats, k: int) -> Mask:
    """Mark the k best of one row where many are equal: all above the k-th value, and of those equal to it the first."""
    value = rounded(row)
    last = np.partition(value, len(value) - k)[len(value) - k]
    above, equal = value > last, np.flatnonzero(value == last)
    above[equal[: k - int(above.sum())]] = True
    return np.asarray(above)


def _ordered(pick: Ints, value: Floats, k: int) -> Ranking:
    """Candidates by value, then by item number, cut or padded to k."""
    order = np.lexsort((pick, -value), axis=1)[:, :k]
    items = np.full((len(pick), k), -1, np.int32)
    best = np.full((len(pick), k), -np.inf, np.float32)
    items[:, : order.shape[1]] = np.take_along_axis(pick, order, axis=1)
    best[:, : order.shape[1]] = np.take_along_axis(value, order, axis=1)
    items[best == -np.inf] = -1
    return Ranking(items, best)


def score(model: Scorer | ScopedScorer, history: History, free: Mask, wanted: Mask | None = None) -> Floats:
    """
    Ask a model, telling it what may be offered if it wants to know.

    Args:
        model: Any fitted model.
        history: The customers.
        free: What the scope allows, boolean [customers × items].
        wanted: What business rules leave of the items, boolean [customers × items] or [1 × items], or None for all: these are to be scored
            even where they would not come first without the rules.
    """
    if hasattr(model, "score_allowed"):
        return model.score_allowed(history, free, wanted)
    return model.score(history)


def recommend(model: Scorer | ScopedScorer, history: History, catalog: Catalog, scope: str, k: int, tell: Tell, cut: Cut = top) -> Ranking:
    """
    Lists for all customers of a history, in blocks of rows.

    Args:
        model: Any fitted model.
        history: The customers.
        catalog: The items.
        scope: `new`, `dormant`, `same` or `any`.
        k: Length of the lists.
        tell: Hears how far it is.
        cut: Makes lists of scores.
    """

    def work(block: slice) -> Ranking:
        tell("making lists", block.start, len(history))
        some = history.rows(block)
        free = allowed(some, catalog, scope)
        return cut(score(model, some, free), free, k)

    parts = each(work, blocks(len(history), catalog.n_items))
    if not parts:
        return Ranking(np.zeros((0, k), np.int32), np.zeros((0, k), np.float32))
    return Ranking(np.concatenate([p.items for p in parts]), np.concatenate([p.scores for p in parts]))
