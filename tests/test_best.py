"""The best of every row against sorting everything."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from xsell import best as module
from xsell.best import Ranking, rounded, top
from xsell.data.training import Floats, Mask

SPECIAL = [0.0, -0.0, 1.0, 1.0000001, 1.0000004, 0.99999994, -1.0, np.inf, -np.inf, np.nan, 1e-42, 3.4e38]
"""Scores that tie, nearly tie, or are no numbers."""

number = st.one_of(st.sampled_from(SPECIAL), st.floats(width=32, allow_nan=False, allow_infinity=False))


@st.composite
def tables(draw: st.DrawFn) -> tuple[Floats, Mask]:
    """Scores and what may be offered, up to 5 × 60; many scores tie."""
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 60)))
    fill = draw(st.sampled_from([0.0, 1.0, -np.inf]))
    scores = draw(arrays.arrays(np.float32, shape, elements=number, fill=st.just(fill)))
    free = draw(arrays.arrays(np.bool_, shape, fill=st.just(True)))
    return scores, free


def naive(scores: Floats, free: Mask, k: int) -> Ranking:
    """Sort everything, one row at a time."""
    items, best = np.full((len(scores), k), -1, np.int32), np.full((len(scores), k), -np.inf, np.float32)
    for row, values in enumerate(rounded(scores)):
        able = [i for i in range(len(values)) if free[row, i] and not np.isnan(values[i]) and values[i] > -np.inf]
        for place, item in enumerate(sorted(able, key=lambda i: (-values[i], i))[:k]):
            items[row, place], best[row, place] = item, values[item]
    return Ranking(items, best)


def equal(left: Ranking, right: Ranking) -> bool:
    """Whether two rankings are the same in every place."""
    return np.array_equal(left.items, right.items) and np.array_equal(left.scores, right.scores)


def test_nobody_gets_no_lists() -> None:
    """A block in which a rule leaves nothing to anybody is ranked like any other, also in a catalogue so large that it is looked at in groups."""
    assert top(np.empty((0, 5000), np.float32), np.empty((0, 5000), bool), 10).items.shape == (0, 10)


@given(tables(), st.integers(1, 12))
def test_top_is_what_sorting_everything_gives(case: tuple[Floats, Mask], k: int) -> None:
    """The list is that of a full sort by rounded score, then by item number, without NaN and -inf, padded with -1 and -inf."""
    scores, free = case
    before = scores.copy()
    assert equal(top(scores, free, k), naive(scores, free, k))
    assert np.array_equal(scores, before, equal_nan=True)


@given(tables(), st.integers(1, 12))
def test_a_longer_list_begins_like_a_shorter_one(case: tuple[Floats, Mask], k: int) -> None:
    """The first k places of k + 1 are the k places of k."""
    shorter, longer = top(*case, k), top(*case, k + 1)
    assert equal(shorter, Ranking(longer.items[:, :k], longer.scores[:, :k]))


@given(arrays.arrays(np.float32, 20, elements=number))
def test_rounding(scores: Floats) -> None:
    """Rounding moves a number by at most half a unit of its sixth digit, keeps the order, and does nothing the second time."""
    once = rounded(scores)
    assert once.dtype == np.float32
    assert np.array_equal(rounded(once), once, equal_nan=True)
    real = np.isfinite(scores)
    assert np.array_equal(once[~real], scores[~real], equal_nan=True)
    error = np.abs(once[real].astype(np.float64) - scores[real])
    assert (error <= 5.1e-6 * np.abs(scores[real]) + 1e-45).all()
    order = np.argsort(scores[real], kind="stable")
    assert (np.diff(once[real][order]) >= 0).all()


@pytest.mark.parametrize(("score", "wanted"), [(0.12345649, 0.123456), (-123456.7, -123457.0), (9.9999999, 10.0), (0.0, 0.0)])
def test_six_digits(score: float, wanted: float) -> None:
    """Six significant digits stay."""
    assert rounded(np.array([score], np.float32))[0] == np.float32(wanted)


def test_ties_go_to_the_lower_number() -> None:
    """Scores that differ in the seventh digit only are tied, and the item with the lower number comes first."""
    scores = np.array([[0.5, 0.70000005, 0.7, 0.70000002]], np.float32)
    assert top(scores, np.ones((1, 4), bool), 4).items.tolist() == [[1, 2, 3, 0]]


@pytest.mark.parametrize("width", [5, 100, 3000])
@pytest.mark.parametrize("k", [1, 10, 200])
def test_many_equal_scores(width: int, k: int) -> None:
    """Where all items score the same, the first k are the list, however many there are."""
    found = top(np.full((2, width), 0.25, np.float32), np.ones((2, width), bool), k)
    assert found.items[0, : min(k, width)].tolist() == list(range(min(k, width)))
    assert (found.items[:, width:] == -1).all()


@pytest.mark.parametrize("k", [1, 10, 40])
def test_wide_rows(k: int) -> None:
    """Among thousands of items with many near ties the list is that of a full sort."""
    dice = np.random.default_rng(k)
    scores = np.round(dice.normal(size=(6, 4000)), 2).astype(np.float32)
    scores[1] = np.sort(scores[1])
    scores[2] = -np.sort(-scores[2])
    scores[3] = np.where(dice.random(4000) < 0.99, -np.inf, scores[3])
    scores[4] += dice.normal(0, 1e-7, 4000).astype(np.float32)
    free = dice.random(scores.shape) < 0.7
    assert equal(top(scores, free, k), naive(scores, free, k))


@given(tables(), st.integers(1, 12), st.integers(2, 5), st.integers(1, 3), st.integers(1, 200))
def test_a_sample_changes_nothing(case: tuple[Floats, Mask], k: int, spread: int, run: int, cells: int) -> None:
    """However small the sample from which the floor comes, whatever it says of a row, and however few are looked at once, the list is that of a full sort."""
    scores, free = case
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"CELLS": cells, "SAMPLE": 1, "SAMPLE_EACH": 4, "RUN": run, "SPREAD": spread, "MOST_SEEN": spread - 1}.items():
            patch.setattr(module, name, value)
        assert equal(top(scores, free, k), naive(scores, free, k))


def test_scores_that_lie_where_the_sample_is_not() -> None:
    """Where all good scores, or all that may be offered, lie between the samples, lists are still those of a full sort."""
    dice = np.random.default_rng(0)
    scores = dice.normal(size=(4, 9000)).astype(np.float32)
    between = np.arange(9000) % (module.SPREAD * module.RUN) >= module.RUN
    scores[0, between] += 10
    free = np.ones(scores.shape, bool)
    free[1] = between
    free[2] = np.arange(9000) > 8990
    free[3] = False
    assert equal(top(scores, free, 10), naive(scores, free, 10))
