"""What is in a list, by hand and against naive loops."""

import itertools
import math

import numpy as np
import pytest
import scipy.sparse as sp

from tests.metrics.grounds import ground
from xsell.metrics import variety
from xsell.metrics.ground import Look

CATEGORY = [0, 0, 1, 1, 2, -1]
OWNED = [[0], [0, 4], [0, 1, 2, 4]]
WORDS = np.array([[1, 0, 0], [0.6, 0.8, 0], [0, 1, 0], [0, 0, 0], [0.6, 0, 0.8], [0, 0, 1]], np.float32)
LISTS = np.array([[1, 3, 2], [2, -1, -1], [-1, -1, -1]], np.int32)
NAN = np.nan


def look(target: tuple[float, ...] = ()) -> Look:
    """Three customers with a list of three, of one and of none."""
    return Look(ground([[2], [1], [3]], OWNED, CATEGORY, content=sp.csr_array(WORDS), target=target), LISTS, slice(0, 3))


def test_novelty() -> None:
    """Items 1, 2 and 3 have one, one and no owner among three customers; no owner counts as one, an empty list has no novelty."""
    assert variety.novelty(look()) == pytest.approx([math.log2(3), math.log2(3), NAN], nan_ok=True)


def test_popularity_lift() -> None:
    """Lists with 2/3 and 1 owners an item, histories with 3 and 2.5: (5/6 - 2.75) / 2.75; a customer without a list is not counted."""
    above, below = variety.popularity_lift(look())
    assert above.sum() / below.sum() == pytest.approx((2 / 3 + 1 - 3 - 2.5) / 5.5)


def test_content_diversity() -> None:
    """Pairs of items with words only: 1 and 2 of the first list have the cosine 0.8; one item alone, or none, tells nothing."""
    assert variety.content_diversity(look()) == pytest.approx([0.2, NAN, NAN], abs=1e-6, nan_ok=True)


def test_content_diversity_of_long_lists() -> None:
    """The sum over pairs equals a loop over them."""
    dice = np.random.default_rng(1)
    words = dice.random((20, 8)) * (dice.random((20, 8)) < 0.4) + np.eye(20, 8)
    words = (words / np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    items = np.array([dice.permutation(20)[:7] for _ in range(5)], np.int32)
    seen = Look(ground([[0]] * 5, [[1]] * 5, [0] * 20, content=sp.csr_array(words)), items, slice(0, 5))
    there = np.linalg.norm(words, axis=1) > 0
    naive = [np.mean([1 - words[a] @ words[b] for a, b in itertools.combinations([i for i in row if there[i]], 2)]) for row in items]
    assert variety.content_diversity(seen) == pytest.approx(naive, abs=1e-5)


def test_diversity_of_categories() -> None:
    """Of the three pairs of the first list two differ; its entropy is that of 1/3 and 2/3 over log2 3."""
    entropy = -(1 / 3 * math.log2(1 / 3) + 2 / 3 * math.log2(2 / 3)) / math.log2(3)
    assert variety.category_diversity(look()) == pytest.approx([2 / 3, NAN, NAN], nan_ok=True)
    assert variety.category_entropy(look()) == pytest.approx([entropy, NAN, NAN], nan_ok=True)


def test_calibration_to_the_own_history() -> None:
    """Steck's distance, smoothed by 0.01: the first has only category 0 and a third of its list; the second half 0, half 2 and a list of 1."""
    first = math.log(1 / (0.99 / 3 + 0.01))
    second = 2 * 0.5 * math.log(0.5 / (0.01 * 0.5))
    assert variety.calibration(look()) == pytest.approx([first, second, NAN], nan_ok=True)


def test_calibration_to_new_categories() -> None:
    """Under a target the categories had are struck out: of (.5, .3, .2) the first should have (0, .6, .4), the second (0, 1, 0)."""
    first = 0.6 * math.log(0.6 / (0.99 * 2 / 3 + 0.006)) + 0.4 * math.log(0.4 / 0.004)
    assert variety.calibration(look((0.5, 0.3, 0.2)))[:2] == pytest.approx([first, 0], abs=1e-6)


def test_a_list_of_the_target_is_calibrated() -> None:
    """A list whose categories are distributed as wanted has the distance 0, and any other one is farther."""
    even = ground([[2]] * 2, [[0]] * 2, [0, 0, 1, 1, 2, 2], target=(0.0, 0.5, 0.5))
    value = variety.calibration(Look(even, np.array([[2, 4], [2, 3]], np.int32), slice(0, 2)))
    assert value[0] == pytest.approx(0, abs=1e-6)
    assert value[1] > 1
