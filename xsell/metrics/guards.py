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


def fallback_share(items: NDArray[np.int32], impersonal: NDArray[np.bool_]) -> float:
    """
    Share of the offers that are not personal.

    Args:
        items: Customers × k, -1 where a list has ended.
        impersonal: Whether nothing speaks for an offer that the customer took up, customers × k.
    """
    offered = items >= 0
    return float((offered & impersonal).sum() / offered.sum()) if offered.any() else 0.0
