"""Tests of paired differences: what they refuse, how often they err, and their correction."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.metrics.significance import DRAWS, detectable, holm, sign_flip


def test_few_customers_can_be_counted_out() -> None:
    """With nine customers the p value is that of all 512 ways to draw the signs, within what 10,000 draws leave open."""
    differences = np.array([0.3, 0.1, -0.2, 0.4, 0.25, -0.05, 0.15, 0.5, 0.02])
    sums = np.array([np.dot(signs, differences) for signs in itertools.product((-1, 1), repeat=9)])
    exact = np.mean(np.abs(sums) >= differences.sum() - 1e-12)
    assert sign_flip(differences[:, None], 0)[0] == pytest.approx(exact, abs=4 * np.sqrt(exact / DRAWS))


def test_p_agrees_with_the_signed_sum_of_theory() -> None:
    """With many customers the p value is that of the normal approximation to the randomisation distribution."""
    differences = np.random.default_rng(1).normal(0.04, 1, 3000)
    z = differences.sum() / np.sqrt((differences**2).sum())
    from scipy.special import ndtr  # noqa: PLC0415

    assert sign_flip(differences[:, None], 3)[0] == pytest.approx(2 * ndtr(-abs(z)), abs=0.015)


def test_equal_models_are_taken_for_different_as_seldom_as_promised() -> None:
    """Among 2,000 pairs of equally good models about one in twenty has a p value under 0.05."""
    p = sign_flip(np.random.default_rng(4).normal(0, 1, (60, 2000)), 0)
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.015)


def test_no_difference_is_no_finding() -> None:
    """Identical models have a p value of 1, and customers without a difference change nothing."""
    assert sign_flip(np.zeros((50, 1)), 0).tolist() == [1.0]
    some = np.random.default_rng(0).normal(0.3, 1, (40, 1))
    assert sign_flip(np.vstack([some, np.zeros((60, 1))]), 5) == sign_flip(some, 5)


def test_a_certain_difference_has_the_smallest_p() -> None:
    """Where every customer prefers one model no draw goes as far, and the p value says how many draws there were."""
    assert sign_flip(np.ones((200, 1)), 0)[0] == pytest.approx(1 / (1 + DRAWS))


@pytest.mark.parametrize(
    ("p", "corrected"),
    [([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]), ([0.2], [0.2]), ([], []), ([0.9, 0.8], [1.0, 1.0])],
)
def test_holm_gives_the_numbers_of_r(p: list[float], corrected: list[float]) -> None:
    """The same as R 4's p.adjust(p, "holm"), whose help page documents these steps."""
    assert holm(np.array(p)) == pytest.approx(corrected)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_never_helps(p: list[float]) -> None:
    """A corrected p value is never smaller than before, never above 1, and the order stays."""
    corrected = holm(np.array(p))
    assert (corrected >= np.array(p)).all()
    assert (corrected <= 1).all()
    assert (np.diff(corrected[np.argsort(p, kind="stable")]) >= 0).all()


def test_the_detectable_difference_is_found_in_four_of_five_trials() -> None:
    """Where the true difference is the detectable one, 80% of the trials find it at the 5% level."""
    dice = np.random.default_rng(8)
    true = detectable(dice.normal(0, 1, (10_000, 1)))[0] * np.sqrt(10_000 / 100)
    assert np.mean(sign_flip(dice.normal(true, 1, (100, 2000)), 0) <= 0.05) == pytest.approx(0.8, abs=0.03)
    assert np.isnan(detectable(np.zeros((1, 2)))).all()
