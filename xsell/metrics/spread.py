"""How lists spread over the products, whatever their hits: one number for all lists together."""

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Ints
from xsell.metrics.ground import Ground


def coverage(items: Ints, ground: Ground) -> float:
    """
    Share of the products that could be offered at all which are in at least one list (Ge et al. 2010).

    Args:
        items: Customers × k, -1 where a list has ended.
        ground: What was known.
    """
    offered = int(ground.offered.sum())
    there = np.zeros(len(ground.offered) + 1, bool)  # the last one stands for the ends of lists
    there[items] = True
    return int(there[:-1].sum()) / offered if offered else 0.0


def gini(items: Ints, ground: Ground) -> float:
    """
    Gini of the places over the products that could be offered, those in no list included: 0 is the same for all, 1 all to one.

    Args:
        items: Customers × k, -1 where a list has ended.
        ground: What was known.
    """
    return concentration(np.bincount(items[items >= 0], minlength=len(ground.offered))[ground.offered], int(ground.offered.sum()))


def concentration(amounts: NDArray[np.number], total: int) -> float:
    """
    Gini coefficient Σ(2i − m − 1)·x(i) / (m·Σx) of ascending x, NaN where there is nothing to share out.

    Args:
        amounts: What those get who get anything.
        total: How many there are, with those that get nothing.
    """
    ascending = np.sort(amounts[amounts > 0].astype(np.float64))
    if not ascending.sum() > 0:
        return np.nan
    place = np.arange(total - len(ascending) + 1, total + 1)
    return float(((2 * place - total - 1) * ascending).sum() / (total * ascending.sum()))
