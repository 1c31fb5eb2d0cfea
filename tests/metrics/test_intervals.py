"""Bootstrap intervals: what they contain, that they are paired, and what they are allowed to claim."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from xsell.metrics import intervals as module
from xsell.metrics.intervals import FEWEST, Interval, intervals, verdict

SCORES = arrays(np.float64, st.tuples(st.integers(1, 40), st.integers(1, 3)), elements=st.floats(0, 1, width=32))


@given(SCORES, st.integers(0, 5))
@settings(max_examples=40)
def test_an_interval_is_ordered_within_the_values(values: NDArray[np.float64], seed: int) -> None:
    """The ends lie in order between the smallest and the largest value, and the mean is the mean."""
    for column, found in zip(values.T, intervals(values, seed), strict=True):
        assert column.min() - 1e-9 <= found.low <= found.high <= column.max() + 1e-9
        assert found.mean == pytest.approx(column.mean())


@given(st.floats(0, 1), st.integers(1, 50))
@settings(max_examples=20)
def test_a_constant_has_no_spread(value: float, customers: int) -> None:
    """Where all customers have the same score the interval is that score."""
    (found,) = intervals(np.full((customers, 1), value), 0)
    assert (found.mean, found.low, found.high) == pytest.approx((value, value, value))


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


def test_blocks_do_not_change_the_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many resamples are drawn at once is a matter of memory and changes no number."""
    values = np.random.default_rng(0).random((20, 2))
    whole = module.resampled_means(values, 4)
    monkeypatch.setattr(module, "DRAWS_AT_ONCE", 20 * 7)
    assert module.resampled_means(values, 4) == pytest.approx(whole, abs=1e-15)


@pytest.mark.parametrize(
    ("low", "high", "customers", "words"),
    [
        (0.01, 0.02, FEWEST, "better than popular"),
        (-0.02, -0.01, FEWEST, "worse than popular"),
        (0.0, 0.02, 5000, "not shown to be better"),
        (-0.01, 0.0, 5000, "not shown to be better"),
        (0.01, 0.02, FEWEST - 1, "too few users to tell"),
    ],
)
def test_verdicts(low: float, high: float, customers: int, words: str) -> None:
    """Only an interval entirely on one side of zero is a verdict, and only with enough customers."""
    assert verdict(Interval((low + high) / 2, low, high), customers, "popular") == words
