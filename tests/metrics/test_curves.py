"""Lines along lists and over the catalogue."""

import numpy as np
import pytest
import scipy.sparse as sp

from xsell.metrics import curves


def test_exposure_counts_places() -> None:
    """Every place of every list counts once, ends of lists do not."""
    assert curves.exposure(np.array([[0, 2, -1], [2, 3, 0]]), 5).tolist() == [2, 0, 2, 1, 0]


def test_reached_ends_at_all() -> None:
    """Along an order of all products the share ascends to one, fastest with the most offered first."""
    counts = np.array([1, 6, 3])
    assert curves.reached(counts, np.array([1, 2, 0])).tolist() == pytest.approx([0.6, 0.9, 1.0])
    assert curves.reached(counts, np.array([0, 1, 2])).tolist() == pytest.approx([0.1, 0.7, 1.0])


def test_moves_are_shares_of_a_row() -> None:
    """Each row sums to one over what its customers get, customers with several sources count in each, and a row without anything has no value."""
    has = sp.csr_array(np.array([[1.0, 0, 0], [1, 1, 0], [0, 0, 1]]))
    then = sp.csr_array(np.array([[2.0, 0], [1, 1], [0, 0]]))
    found = curves.moves(has, then)
    assert found[:2].tolist() == [[0.75, 0.25], [0.5, 0.5]]
    assert np.isnan(found[2]).all()
