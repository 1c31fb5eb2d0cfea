"""Who took up what in a stretch of time."""

import numpy as np
from numpy.typing import NDArray

from xsell.data.scopes import categories_had, new_to
from xsell.data.training import Training

Doubles = NDArray[np.float64]


def buyers_between(training: Training, start: float, end: float) -> Doubles:
    """Customers who took up each item in (start, end], seconds since 1970; float64 [items]."""
    return np.bincount(training.purchases_between(start, end).indices, minlength=training.n_items).astype(np.float64)


def entries(training: Training, end: float, horizon: float, cuts: int) -> tuple[Doubles, Doubles]:
    """
    Count how often customers who had nothing of a category took up an item of it.

    Args:
        training: What is known.
        end: Last moment, seconds since 1970.
        horizon: Length of one stretch in seconds.
        cuts: Stretches before the end.

    Returns:
        First take-ups of every item, and how often somebody could have entered every category: customers known, in each stretch.
    """
    first, risk = np.zeros(training.n_items), np.zeros(training.catalog.n_categories)
    for k in range(1, cuts + 1):
        moment = end - k * horizon
        before, after = training.purchases_between(-np.inf, moment), training.purchases_between(moment, moment + horizon).tocoo()
        own = categories_had(before, training.catalog)
        seen = np.diff(before.indptr) > 0
        fresh = seen[after.row] & new_to(own, training.catalog, after.row, after.col)
        first += np.bincount(after.col[fresh], minlength=training.n_items)
        risk += (~own[seen, :-1]).sum(axis=0)
    return first, risk
