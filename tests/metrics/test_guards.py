"""Signs that lists are one-sided or impersonal."""

import numpy as np

from xsell.metrics.guards import fallback_share, top_item_share

LISTS = np.array([[1, 2, -1], [1, 3, 4], [5, 1, -1], [-1, -1, -1]], np.int32)
NOTHING = np.full((2, 3), -1, np.int32)


def test_the_product_offered_most_often_counts_once_a_list() -> None:
    """The share is over all lists, empty ones included."""
    assert top_item_share(LISTS) == 0.75
    assert top_item_share(NOTHING) == 0.0


def test_fallback_is_counted_in_offers() -> None:
    """A long list that is not personal weighs more than a short one, and what only fills a list counts by itself."""
    impersonal = np.array([[0, 0, 1], [1, 1, 1], [0, 1, 0], [1, 1, 1]], bool)
    assert fallback_share(LISTS, impersonal) == 4 / 7
    assert fallback_share(NOTHING, np.ones((2, 3), bool)) == 0.0
