"""Association measures against golden numbers, chance, and what must hold for all counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.metrics import association as of

Counts = tuple[int, int, int, int]


def table(k11: int, k12: int, k21: int, k22: int) -> Counts:
    """Give both, a, b and n of the four cells."""
    return k11, k11 + k21, k11 + k12, k11 + k12 + k21 + k22


TABLES = st.builds(table, *(st.integers(0, 1000) for _ in range(4))).filter(lambda counts: counts[3] > 0)
FILLED = st.builds(table, *(st.integers(1, 1000) for _ in range(4)))


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ((13, 1000, 1000, 100_000), 0.80375),
        ((1, 0, 0, 10_000), 20.42078),
        ((10, 0, 0, 100_000), 204.20781),
        ((1, 0, 0, 2), 3.81909),
        ((110, 2442, 111, 29_114), 270.72188),
    ],
)
def test_llr_gives_the_published_numbers(cells: Counts, value: float) -> None:
    """The numbers of Mahout's tests and of Dunning's bigram example."""
    assert of.llr(*table(*cells)) == pytest.approx(value, abs=5e-6)


def test_the_simple_measures_follow_their_formulas() -> None:
    """A shop with 100 customers, 20 with A, 50 with B, 15 with both."""
    counts = (15, 20, 50, 100)
    assert of.support(15, 100) == 0.15
    assert of.confidence(15, 20) == 0.75
    assert of.lift(*counts) == 1.5


def test_shares_of_nobody_are_unknown() -> None:
    """Without customers of A there is no confidence, no lift and no interval, and nothing fails."""
    assert np.isnan([of.confidence(0, 0), of.lift(0, 0, 5, 9), *of.lift_interval(0, 0, 5, 9)]).all()
    assert np.isnan(of.support(0, 0))


def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    """In 4,000 shops drawn from one true table about 95% of the intervals hold the true lift."""
    chances = np.array([0.06, 0.14, 0.24, 0.56])
    cells = np.random.default_rng(5).multinomial(2_000, chances, 4_000)
    low, high = of.lift_interval(cells[:, 0], cells[:, 0] + cells[:, 2], cells[:, 0] + cells[:, 1], 2_000)
    truth = chances[0] / ((chances[0] + chances[2]) * (chances[0] + chances[1]))
    assert np.mean((low <= truth) & (truth <= high)) == pytest.approx(0.95, abs=0.012)


def test_no_common_customer_bounds_the_lift_from_above() -> None:
    """With nobody in common the interval starts at 0, ends above it, and shrinks with more customers."""
    low, high = of.lift_interval([0, 0], [10, 100], [10, 100], [100, 1_000])
    assert (low == 0).all()
    assert np.inf > high[0] > high[1] > 0


@given(TABLES)
def test_exchanging_the_two_sides_changes_nothing(counts: Counts) -> None:
    """Lift, its interval and LLR do not know which category came first, to the last bit of the LLR."""
    both, a, b, n = counts
    assert of.signed_root(both, a, b, n) == of.signed_root(both, b, a, n)
    np.testing.assert_array_equal(of.lift(both, a, b, n), of.lift(both, b, a, n))
    np.testing.assert_allclose(of.lift_interval(both, a, b, n), of.lift_interval(both, b, a, n))


@given(FILLED)
def test_the_signs_agree(counts: Counts) -> None:
    """The signed root is positive where the lift exceeds 1, and its square is the LLR."""
    root = of.signed_root(*counts)
    assert np.sign(root) in (0, np.sign(of.lift(*counts) - 1))
    assert of.llr(*counts) >= 0
    assert root**2 == pytest.approx(of.llr(*counts), abs=1e-9)


@given(TABLES)
def test_the_interval_holds_the_lift(counts: Counts) -> None:
    """The lift lies between the ends of its interval, and neither is negative."""
    low, high = of.lift_interval(*counts)
    lift = of.lift(*counts)
    if np.isnan(lift):
        assert np.isnan([low, high]).all()
    else:
        assert 0 <= low <= lift * (1 + 1e-12)
        assert lift <= high * (1 + 1e-12)
        assert np.isfinite(high)


@given(FILLED, st.integers(2, 9))
def test_more_customers_of_the_same_kind_say_more(counts: Counts, times: int) -> None:
    """With every count multiplied the lift stays, its interval narrows and the LLR grows in proportion."""
    more = tuple(times * count for count in counts)
    assert of.lift(*more) == pytest.approx(of.lift(*counts))
    assert of.llr(*more) == pytest.approx(times * of.llr(*counts), abs=1e-6)
    low, high = of.lift_interval(*counts)
    narrower_low, narrower_high = of.lift_interval(*more)
    assert narrower_high / narrower_low <= high / low
    assert of.confidence(more[0], more[1]) == pytest.approx(of.confidence(counts[0], counts[1]))


@given(st.integers(1, 300), st.integers(1, 300))
def test_independence_has_no_llr(a: int, b: int) -> None:
    """Where A and B meet exactly as often as by chance, lift is 1 and the LLR 0."""
    counts = (a * b, a * 300, b * 300, 90_000)
    assert of.lift(*counts) == 1
    assert of.signed_root(*counts) == 0


def test_arrays_broadcast() -> None:
    """Counts of many pairs meet one number of customers."""
    both, a, b = np.array([5, 0]), np.array([10, 10]), np.array([20, 20])
    assert of.lift(both, a, b, 100).tolist() == [2.5, 0.0]
    assert of.llr(both, a, b, 100).shape == (2,)
