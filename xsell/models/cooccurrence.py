"""Which products meet in the same histories: sums over customers, a block of targets at a time, of which only the strongest are kept."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.best import reaching
from xsell.data.training import Floats, Mask
from xsell.models.gram import gram, ranges, scattered
from xsell.parallel import each

Numbers = NDArray[np.integer]
Weigh = Callable[[Numbers, Numbers, Floats], Floats]
"""Numbers of targets, numbers of sources and their sums in (they broadcast), weights out; a pair of weight 0 or less is not kept."""

BLOCK_PRODUCTS = 2_000_000
PANEL_CELLS = 1_000_000
MOST_SUMS = 100_000_000
"""Products of targets and sources up to which all sums are held at once, where most of them are not zero."""


@dataclass(frozen=True, slots=True)
class _Block:
    """What is kept of some targets: how many sources each has, their numbers, and the weights."""

    size: NDArray[np.int64]
    source: NDArray[np.int32]
    weight: Floats


def strongest(sources: sp.csr_array, targets: sp.csr_array, most: int, weigh: Weigh | None = None, keep_sums: bool = False) -> sp.csr_array:
    """
    Add up `sourcesᵀ·targets`, weigh every sum, and keep the strongest sources of every target.

    Args:
        sources: Customers × sources, float32 CSR; the same object as `targets` where products meet themselves.
        targets: Customers × targets, float32 CSR.
        most: Sources kept for a target; among equals the choice is deterministic.
        weigh: Turns sums into weights; None where the sums are the weights.
        keep_sums: Give back the sums of the strongest, not their weights.

    Returns:
        Sources × targets, float32 CSR with sorted indices, positive.
    """
    if sources is targets and targets.shape[1] ** 2 <= MOST_SUMS and not scattered(targets, targets):
        order, found = np.arange(targets.shape[1]), _from_all(targets, most, weigh, keep_sums)
    else:
        met = np.repeat(np.diff(sources.indptr), np.diff(targets.indptr))
        work = np.bincount(targets.indices, weights=met, minlength=targets.shape[1]).astype(np.float64)
        order = np.argsort(work, kind="stable")
        blocks = np.split(order, _edges(work[order]))
        found = _from_blocks(sp.csr_array(targets.T), sources, most, weigh, keep_sums, blocks)
    indptr = np.concatenate([[0], *(block.size for block in found)]).cumsum()
    kept = (np.concatenate([b.weight for b in found]), np.concatenate([b.source for b in found]), indptr.astype(np.int32))
    by_rank = sp.csr_array(kept, shape=(targets.shape[1], sources.shape[1]))
    return sp.csr_array(by_rank[np.argsort(order)].T)


def _edges(work: NDArray[np.float64]) -> NDArray[np.intp]:
    """Where to cut targets into blocks of about as many products."""
    return np.flatnonzero(np.diff(np.cumsum(work) // BLOCK_PRODUCTS)) + 1


def _from_all(matrix: sp.csr_array, most: int, weigh: Weigh | None, keep_sums: bool) -> list[_Block]:
    """Make all sums, one half of them as the mirror of the other, then look at the whole row of every target."""
    width, total = matrix.shape[1], gram(matrix)

    def work(panel: slice) -> _Block:
        weight = total[panel]
        if weigh:
            weight = weigh(np.arange(panel.start, panel.stop)[:, None], np.arange(width)[None], weight)
        row, source = np.divmod(leading(weight, most), width)
        kept = (total[panel] if keep_sums else weight)[row, source]
        return _Block(np.bincount(row, minlength=len(weight)), source.astype(np.int32), kept)

    return each(work, ranges(width, max(1, PANEL_CELLS // width)))


def _from_blocks(
    by_target: sp.csr_array, sources: sp.csr_array, most: int, weigh: Weigh | None, keep_sums: bool, blocks: list[NDArray[np.intp]]
) -> list[_Block]:
    """Sparse sums of targets of like work together, so that little room is lost where their rows are laid side by side."""

    def work(rows: NDArray[np.intp]) -> _Block:
        sums = sp.csr_array(by_target[rows] @ sources)
        size = np.diff(sums.indptr)
        weight = weigh(np.repeat(rows, size), sums.indices, sums.data) if weigh else sums.data
        real = np.arange(max(int(size.max(initial=0)), 1)) < size[:, None]
        padded = np.zeros(real.shape, np.float32)
        padded[real] = weight
        row, place = np.divmod(leading(padded, most), real.shape[1])
        at = sums.indptr[row] + place
        return _Block(np.bincount(row, minlength=len(rows)), sums.indices[at].astype(np.int32), (sums.data if keep_sums else weight)[at])

    return each(work, blocks)


def leading(weights: Floats, most: int) -> NDArray[np.intp]:
    """
    Find the largest positive entries of every row.

    Args:
        weights: float32 [rows × columns].
        most: How many of a row; of equal entries those further left are taken.

    Returns:
        Places in the flattened array, ascending.
    """
    if weights.shape[1] <= most:
        return np.flatnonzero(weights > 0)
    place = np.flatnonzero(reaching(weights, most) & (weights > 0))
    size = np.bincount(place // weights.shape[1], minlength=len(weights))
    if size.max(initial=0) <= most:
        return place
    real = np.arange(size.max()) < size[:, None]
    few = np.zeros(real.shape, np.float32)
    few[real] = weights.ravel()[place]
    return place[_largest(few, most)[real]]


def _largest(values: Floats, most: int) -> Mask:
    last = np.partition(values, -most, axis=1)[:, -most, None]
    above, equal = values > last, values == last
    room = most - above.sum(axis=1, keepdims=True)
    return np.asarray(above | (equal & (np.cumsum(equal, axis=1) <= room)))
