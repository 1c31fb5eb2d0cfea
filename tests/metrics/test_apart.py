"""Two groups of different customers: against published examples and the truth of coin flips."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.metrics.apart import apart, rate
from xsell.metrics.intervals import Interval


@pytest.mark.parametrize(
    ("successes", "customers", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_shares_have_the_published_score_intervals(successes: int, customers: int, low: float, high: float) -> None:
    """The examples of Newcombe (1998, Statistics in Medicine 17, 857-872, table I, method 3) come out."""
    found = rate(successes, customers)
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((6, 7), (2, 7), 0.0582, 0.8062)],
)
def test_differences_of_shares_have_the_published_intervals(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    """The examples of Newcombe (1998, Statistics in Medicine 17, 873-890, table II, method 10) come out."""
    found = apart(rate(*one), rate(*other))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


COUNTS = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(COUNTS, COUNTS)
def test_the_other_way_round_is_the_negative(one: tuple[int, int], other: tuple[int, int]) -> None:
    """An interval holds its difference within -1 and 1, and changing sides changes the sign."""
    there, back = apart(rate(*one), rate(*other)), apart(rate(*other), rate(*one))
    assert -1 - 1e-9 <= there.low <= there.mean <= there.high <= 1 + 1e-9
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Of 2,000 pairs of groups with rates of 6% and 3%, 93 to 97% of the intervals hold the true difference of three points."""
    dice = np.random.default_rng(0)
    pairs = zip(dice.binomial(900, 0.06, 2000), dice.binomial(300, 0.03, 2000), strict=True)
    found = [apart(rate(int(a), 900), rate(int(b), 300)) for a, b in pairs]
    assert 0.93 <= np.mean([gap.low <= 0.03 <= gap.high for gap in found]) <= 0.97


def test_no_spread_no_interval() -> None:
    """Two means that are sure have a sure difference."""
    found = apart(Interval(0.5, 0.5, 0.5), Interval(0.25, 0.25, 0.25))
    assert (found.mean, found.low, found.high) == (0.25, 0.25, 0.25)
