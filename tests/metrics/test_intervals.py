"""Bootstrap intervals: what they contain, that they are paired, and what they are allowed to claim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from xsell.metrics import intervals as module
from xsell.metrics.intervals import intervals, quotients

SCORES = arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(0, 1, width=32))


@given(SCORES, st.integers(0, 5))
@settings(max_examples=40)
def test_an_interval_is_ordered_within_the_values(values: NDArray[np.float64], seed: int) -> None:
    """The ends lie in order between the smallest and the largest value, and the mean is the mean."""
    for column, found in zip(values.T, intervals(values, seed), strict=True):
        assert column.min() - 1e-6 <= found.low <= found.high <= column.max() + 1e-6
        assert found.mean == pytest.approx(column.mean())


@given(st.floats(0, 1), st.integers(1, 50))
@settings(max_examples=20)
def test_a_constant_has_no_spread(value: float, customers: int) -> None:
    """Where all customers have the same score the interval is that score."""
    (found,) = intervals(np.full((customers, 1), value), 0)
    assert (found.mean, found.low, found.high) == pytest.approx((value, value, value), abs=1e-6)


def test_a_difference_is_paired() -> None:
    """A model that is always a little better is better, though the two intervals overlap widely."""
    base = np.random.default_rng(1).random(200)
    model, rival, gap = intervals(np.column_stack([base + 0.01, base, (base + 0.01) - base]), 3)
    assert model.low < rival.high
    assert gap.low == pytest.approx(0.01)
    assert gap.high == pytest.approx(0.01)


def test_intervals_agree_with_theory() -> None:
    """For many coin flips the interval is the one of the normal approximation, within a tenth of its width."""
    flips = (np.arange(2000) % 4 == 0).astype(float)[:, None]
    (found,) = intervals(flips, 0)
    half = 1.96 * np.sqrt(0.25 * 0.75 / 2000)
    assert found.low == pytest.approx(0.25 - half, abs=0.1 * 2 * half)
    assert found.high == pytest.approx(0.25 + half, abs=0.1 * 2 * half)


def test_the_seed_decides() -> None:
    """The same seed gives the same interval and another seed another one."""
    values = np.random.default_rng(0).random((50, 1))
    assert intervals(values, 1) == intervals(values, 1)
    assert intervals(values, 1) != intervals(values, 2)


def test_weights_are_those_of_drawing_with_replacement() -> None:
    """Each customer is drawn once on average, with the variance of a Poisson number."""
    assert module.POISSON.mean() == pytest.approx(1, abs=1e-4)
    assert module.POISSON.var() == pytest.approx(1, abs=1e-3)


def test_customers_without_a_value_are_not_in_the_mean() -> None:
    """NaN leaves a customer out of one column and not of the others, and a column of nobody has no value."""
    values = np.random.default_rng(2).random((90, 2))
    alone = intervals(values[:60, :1], 0)[0].mean
    values[60:, 0] = np.nan
    known, whole, nobody = intervals(np.column_stack([values, np.full(90, np.nan)]), 0)
    assert known.mean == pytest.approx(alone)
    assert whole.mean == pytest.approx(values[:, 1].mean())
    assert np.isnan([nobody.mean, nobody.low, nobody.high]).all()


def test_a_quotient_is_one_of_sums() -> None:
    """A quotient of two sums over customers has the interval of the delta method, within a tenth of its width."""
    dice = np.random.default_rng(3)
    below = dice.integers(1, 9, 3000).astype(float)
    above = below * dice.random(3000)
    (found,) = quotients(above[:, None], below[:, None], 0)
    rest = above - found.mean * below
    half = 1.96 * rest.std() * np.sqrt(3000) / below.sum()
    assert found.mean == pytest.approx(above.sum() / below.sum())
    assert found.high - found.low == pytest.approx(2 * half, rel=0.1)


def test_the_interval_of_a_difference_holds_the_truth_as_often_as_it_says() -> None:
    """In 2,000 worlds in which one model is better by a known amount, 93.5 to 96.5% of the 95% intervals of the paired difference hold it."""
    dice, customers, worlds = np.random.default_rng(11), 400, 2000
    taste = dice.beta(0.5, 4, (customers, worlds))
    better = np.minimum(taste * 1.3, 1)
    differences = (dice.random((customers, worlds)) < better).astype(float) - (dice.random((customers, worlds)) < taste)
    truth = (np.minimum((grid := dice.beta(0.5, 4, 4_000_000)) * 1.3, 1) - grid).mean()
    low, high = np.array([(found.low, found.high) for found in intervals(differences, 7)]).T
    assert 0.935 <= np.mean((low <= truth) & (truth <= high)) <= 0.965
