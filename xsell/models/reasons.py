"""Why a product is offered: the owned products that speak most for it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats, History, Ints
from xsell.models.recommender import Recommender

MOST = 3
CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Reasons:
    """
    The strongest reasons of some offers, one entry a reason, strongest first within an offer.

    Attributes:
        offer: Number of the offer, ascending, int32.
        owned: The product owned, int32.
        share: Its share of all that speaks for the offer among what the customer owns, 0..1.
    """

    offer: Ints
    owned: Ints
    share: Floats


def reasons(model: Recommender, history: History, row: Ints, target: Ints) -> Reasons:
    """
    Find the strongest reasons of offers.

    Args:
        model: A fitted model.
        history: The customers.
        row: Row of the customer of every offer, ascending, int32.
        target: Product offered, int32.
    """
    size = np.diff(history.purchases.indptr)[row]
    parts, start = [], 0
    ends = np.cumsum(size)
    while start < len(row):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + CELLS, "right")), start + 1)
        parts.append(_some(model, history, row[start:stop], target[start:stop], start))
        start = stop
    if not parts:
        return Reasons(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.float32))
    return Reasons(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("offer", "owned", "share")))


def _some(model: Recommender, history: History, row: Ints, target: Ints, first: int) -> Reasons:
    users, back = np.unique(row, return_inverse=True)
    some = history.rows(users)
    size = np.diff(some.purchases.indptr)[back]
    offer = np.repeat(np.arange(len(row)), size)
    place = np.arange(len(offer)) - np.repeat(np.cumsum(size) - size, size)
    owned = some.purchases.indices[np.repeat(some.purchases.indptr[back], size) + place].astype(np.int32)
    weight = np.maximum(model.explain(some, back[offer].astype(np.int32), owned, target[offer]), 0)
    total = np.bincount(offer, weights=weight, minlength=len(row))
    order = np.lexsort((owned, -weight, offer))
    ranked = _rank_within(offer[order])
    best = order[(ranked < MOST) & (weight[order] > 0)]
    share = (weight[best] / total[offer[best]]).astype(np.float32)
    return Reasons((offer[best] + first).astype(np.int32), owned[best], share)


def _rank_within(group: NDArray[np.integer]) -> NDArray[np.intp]:
    """Place of every entry in its group; groups ascend."""
    return np.arange(len(group)) - np.searchsorted(group, group)
