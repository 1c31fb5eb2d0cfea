"""
How good ranked lists are, customer by customer: binary relevance, one list each, every held-out customer counts.

All per-customer metrics take `hits`, bool [customers × k], whether the item at each rank is relevant (a short list is padded with False, and
is not excused), and `relevant`, int [customers], how many items the customer could have been given right (at least one). They give float64
[customers] between 0 and 1. A mean over customers is the number to report.
"""

import numpy as np
from numpy.typing import NDArray

from xsell.data.cuts import Heldout

Hits = NDArray[np.bool_]
Counts = NDArray[np.integer]
Values = NDArray[np.float64]


def hits(items: NDArray[np.int32], heldout: Heldout) -> Hits:
    """
    Whether the item at each rank is one that the customer took up.

    Args:
        items: Customers × k, the lists of `heldout.user` in that order, -1 where a list has ended.
        heldout: What was hidden.
    """
    width = 1 + max(int(items.max(initial=-1)), int(heldout.item.max(initial=-1)))
    wanted = np.repeat(np.arange(len(heldout.user), dtype=np.int64), relevant(heldout)) * width + heldout.item
    asked = np.arange(len(items), dtype=np.int64)[:, None] * width + items
    if not len(wanted):
        return np.zeros(items.shape, bool)
    place = np.minimum(np.searchsorted(wanted, asked), len(wanted) - 1)
    return np.asarray((items >= 0) & (wanted[place] == asked), bool)


def relevant(heldout: Heldout) -> NDArray[np.int64]:
    """Count the hidden items of every customer."""
    return np.diff(heldout.indptr)


def precision(hits: Hits, relevant: Counts) -> Values:
    """Share of the k places that are hits; short lists are not excused."""
    del relevant
    return np.asarray(hits.sum(1) / hits.shape[1], np.float64)


def recall(hits: Hits, relevant: Counts) -> Values:
    """Share of all relevant items, more than k or not, that are in the list."""
    return np.asarray(hits.sum(1) / relevant, np.float64)


def recall_capped(hits: Hits, relevant: Counts) -> Values:
    """Share of the relevant items that a list of k could hold, min(k, relevant), that are in it."""
    return np.asarray(hits.sum(1) / _possible(hits, relevant), np.float64)


def ndcg(hits: Hits, relevant: Counts) -> Values:
    """Discounted gain, 1/log2(rank + 1) a hit, divided by that of the best list possible: min(k, relevant) hits (Järvelin and Kekäläinen 2002)."""
    discount = 1 / np.log2(np.arange(hits.shape[1]) + 2)
    gain = np.cumsum(hits * discount, 1)[:, -1]
    return np.asarray(gain / np.cumsum(discount)[_possible(hits, relevant) - 1], np.float64)


def average_precision(hits: Hits, relevant: Counts) -> Values:
    """Sum over hits of the precision down to that rank, divided by min(k, relevant)."""
    down_to = np.cumsum(hits, 1) / (np.arange(hits.shape[1]) + 1)
    return np.asarray((hits * down_to).sum(1) / _possible(hits, relevant), np.float64)


def reciprocal_rank(hits: Hits, relevant: Counts) -> Values:
    """One divided by the rank of the first hit, 0 without one."""
    del relevant
    return np.asarray(hits.any(1) / (hits.argmax(1) + 1), np.float64)


def hit(hits: Hits, relevant: Counts) -> Values:
    """1 with any hit, else 0; its mean is the hit rate."""
    del relevant
    return np.asarray(hits.any(1), np.float64)


def _possible(hits: Hits, relevant: Counts) -> Counts:
    return np.minimum(hits.shape[1], relevant)
