"""Metrics of what is new to the customer, by hand on a shop of six products in three categories."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from tests.metrics.grounds import ground
from xsell.data.shelves import Shelves
from xsell.metrics import crossing, ranking
from xsell.metrics.ground import Look

CATEGORY = [0, 0, 1, 1, 2, -1]
GROUND = ground(hidden=[[1, 2, 4], [0, 1], [0]], owned=[[0], [4], [1, 2, 4]], category=CATEGORY)
LISTS = np.array([[1, 3, 2], [2, 0, -1], [0, 5, 3]], np.int32)
LOOK = Look(GROUND, LISTS, slice(0, 3))
"""
The first has category 0: item 1 is wanted but not new; items 3 and 2 are new, 2 is wanted. The second has category 2: new are 2 and 0, wanted 0
and 1. The third has every category: nothing is new.
"""
NAN = np.nan


def test_places() -> None:
    """Four of the eight places hold an item of a category that the customer did not have; one without a category is not new."""
    above, below = crossing.places(LOOK)
    assert above.tolist() == [2, 2, 0]
    assert below.tolist() == [3, 2, 3]


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        (crossing.precision, [1 / 3, 1 / 3, NAN]),
        (crossing.recall, [1 / 2, 1 / 2, NAN]),
        (crossing.ndcg, [0.5 / (1 + 1 / np.log2(3)), 1 / np.log2(3) / (1 + 1 / np.log2(3)), NAN]),
        (crossing.category_hit, [1, 1, NAN]),
        (crossing.category_recall, [1 / 2, 1, NAN]),
    ],
)
def test_by_hand(metric: Callable[[Look], ranking.Values], values: list[float]) -> None:
    """Hits count in new categories only, at their ranks in the whole list, over customers who took up something of a new category."""
    assert metric(LOOK) == pytest.approx(values, nan_ok=True)


def test_pair_concentration() -> None:
    """Places in a new category, each shared by the categories had: 0 to 1 twice, 2 to 1 and 2 to 0 once, none for the other three pairs."""
    counts = np.array([2, 1, 1, 0, 0, 0])
    naive = np.abs(counts[:, None] - counts).mean() / (2 * counts.mean())
    assert crossing.pair_concentration(LISTS[:2], ground([[1], [0]], [[0], [4]], CATEGORY)) == pytest.approx(naive)
    assert np.isnan(crossing.pair_concentration(LISTS, ground([[1]] * 3, [[0]] * 3, [0] * 6)))


def test_of_several_categories_all_must_be_new() -> None:
    """Where items belong to several categories, a place and what is wanted are new only if the customer had nothing of any of them."""
    shelves = Shelves(
        np.array([0, 0, 1, 2, 3, 4], np.int32), sp.csr_array(np.array([[1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1], [0, 0, 0]]))
    )
    made = replace(GROUND, catalog=replace(GROUND.catalog, shelves=shelves))
    look = Look(made, LISTS, slice(0, 3))
    assert look.new.tolist() == [[False, False, True], [True, True, False], [False, False, False]]
    assert look.wanted.tolist() == [[0, 1, 1], [2, 0, 0], [0, 0, 0]]
    assert look.had[2].tolist() == [True, True, True, True]


def test_without_categories_nothing_is_new() -> None:
    """Where no item has a category, no customer has a value and no place is new."""
    bare = Look(ground([[1], [0]], [[0], [4]], [-1] * 6), LISTS[:2], slice(0, 2))
    assert np.isnan(crossing.recall(bare)).all()
    assert np.isnan(crossing.category_recall(bare)).all()
    assert crossing.places(bare)[0].tolist() == [0, 0]
