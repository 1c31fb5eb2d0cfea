"""What lists are like along their length and over the catalogue: lines to draw rather than single numbers."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.metrics.ranking import Counts, Hits

Values = NDArray[np.float64]


def along(hits: Hits, relevant: Counts, weight: Values) -> dict[str, list[float]]:
    """
    Precision, recall and hit rate of the first 1, 2, … places.

    Args:
        hits: Whether each place is a hit, lists × k.
        relevant: How many items were hidden of the customer of each list.
        weight: Share of each list in the means.
    """
    so_far = np.cumsum(hits, 1)
    precision = (weight @ so_far) / np.arange(1, so_far.shape[1] + 1)
    return {"precision": precision.tolist(), "recall": ((weight / relevant) @ so_far).tolist(), "hit": (weight @ (so_far > 0)).tolist()}


def exposure(items: NDArray[np.integer], n_items: int) -> NDArray[np.int64]:
    """
    Count how often each product is offered.

    Args:
        items: Item numbers of any shape, -1 for none.
        n_items: Number of products.

    Returns:
        int64 [n_items].
    """
    return np.bincount(items[items >= 0].ravel(), minlength=n_items).astype(np.int64)


def reached(counts: NDArray[np.integer], order: NDArray[np.integer]) -> Values:
    """
    Share of all counts that the first products hold.

    Args:
        counts: One count a product, not all zero.
        order: Products, first to last.

    Returns:
        float64 [products], ascending to 1 if the order holds all products.
    """
    return np.asarray(np.cumsum(counts[order]) / counts.sum(), np.float64)


def moves(has: sp.csr_array, then: sp.csr_array) -> Values:
    """
    Where those who have something go: the share of each column in all that the customers of a row get.

    Args:
        has: Customers × sources, 1 where the customer has it.
        then: Customers × targets, how often each customer gets it.

    Returns:
        float64 [sources × targets], each row summing to 1, NaN where the customers of a row get nothing.
    """
    total = np.asarray((has.T @ then).todense(), np.float64)
    sums = total.sum(1, keepdims=True)
    shares: Values = np.divide(total, sums, out=np.full(total.shape, np.nan), where=sums > 0)
    return shares
