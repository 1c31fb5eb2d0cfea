"""How lists spread over the products."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.metrics.grounds import ground
from xsell.metrics import spread

TWELVE = ground([[0]], [[1]], [0] * 12)


def test_coverage_counts_distinct_items() -> None:
    """Coverage is the distinct items in all lists, empty places aside, over those that could be offered; 0 if none could."""
    items = np.array([[3, 1, -1], [1, 3, 0]], np.int32)
    assert spread.coverage(items, TWELVE) == pytest.approx(0.25)
    assert spread.coverage(np.full((2, 3), -1, np.int32), ground([[0]], [[0]], [-1])) == 0


def test_gini_of_the_lists() -> None:
    """Six places on three of twelve products: half the mean absolute difference of all pairs over the mean, zeros included."""
    items = np.array([[0, 1, 2], [1, 2, 2]], np.int32)
    counts = np.array([1, 2, 3] + [0] * 9)
    naive = np.abs(counts[:, None] - counts).mean() / (2 * counts.mean())
    assert spread.gini(items, TWELVE) == pytest.approx(naive)
    assert np.isnan(spread.gini(np.full((2, 3), -1, np.int32), TWELVE))


@given(st.lists(st.integers(0, 50), min_size=1, max_size=30).filter(any))
def test_concentration_is_half_the_relative_mean_difference(amounts: list[int]) -> None:
    """The sorted formula equals the mean absolute difference of all pairs over twice the mean, with the zeros or without naming them."""
    counts = np.array(amounts)
    naive = np.abs(counts[:, None] - counts).mean() / (2 * counts.mean())
    assert spread.concentration(counts, len(counts)) == pytest.approx(naive, abs=1e-12)
    assert spread.concentration(counts[counts > 0], len(counts)) == pytest.approx(naive, abs=1e-12)
