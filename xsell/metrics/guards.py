"""Signs that lists are not what they should be, whatever their hits."""

import numpy as np
from numpy.typing import NDArray


def top_item_share(items: NDArray[np.int32]) -> float:
    """
    Share of the lists that hold the product offered most often.

    Args:
        items: Customers × k, -1 where a list has ended; no list holds a product twice.
    """
    offered = items[items >= 0]
    return float(np.bincount(offered).max() / len(items)) if len(offered) else 0.0


def fallback_share(items: NDArray[np.int32], plain: NDArray[np.bool_]) -> float:
    """
    Share of the offers that are not personal.

    Args:
        items: Customers × k, -1 where a list has ended.
        plain: Whether each customer's list is by popularity.
    """
    offered = items >= 0
    return float(offered[plain].sum() / offered.sum()) if offered.any() else 0.0
