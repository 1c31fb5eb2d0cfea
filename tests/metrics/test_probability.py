"""Predicted beside observed rates."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.metrics.probability import DECILES, Promises, reliability


def world(customers: int = 4000, bias: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities of five offers each, and what happens with them."""
    dice = np.random.default_rng(4)
    truth = dice.beta(1, 12, (customers, 5))
    return np.minimum(truth * bias, 1).astype(np.float32), dice.random((customers, 5)) < truth


def alone(chances: np.ndarray, taken: np.ndarray) -> Promises:
    """Give every list to a customer of its own."""
    return Promises(np.arange(len(chances), dtype=np.int32), chances, taken)


def test_two_lists_of_one_customer_belong_together() -> None:
    """Where everybody has the same list twice and does the same with it, nothing is surer than with one."""
    once = alone(*world(500))
    twice = Promises(*(np.concatenate([side, side]) for side in (once.users, once.chances, once.taken)))
    one, two = reliability(once), reliability(twice)
    assert one
    assert two
    assert (two.customers, sum(two.offers)) == (one.customers, 2 * sum(one.offers))
    assert (two.actual, two.brier, two.expected) == (one.actual, one.brier, pytest.approx(one.expected))
    assert two.observed == one.observed


def test_true_probabilities_are_reliable() -> None:
    """Where offers are taken up as often as predicted, nine of the ten intervals or more hold the prediction, and the sums agree."""
    found = reliability(alone(*world()))
    assert found
    assert len(found.offers) == DECILES
    assert sum(found.offers) == 20_000
    assert sum(seen.low <= p <= seen.high for p, seen in zip(found.predicted, found.observed, strict=True)) >= 9
    assert found.actual.low <= found.expected <= found.actual.high
    assert found.skill > 0


def test_exaggeration_is_seen() -> None:
    """Where all probabilities are doubled, the list brings half of what was expected, and the Brier score is worse."""
    true, doubled = reliability(alone(*world())), reliability(alone(*world(bias=2.0)))
    assert true
    assert doubled
    assert doubled.expected > doubled.actual.high
    assert doubled.brier.mean > true.brier.mean
    assert doubled.actual == true.actual


def test_brier_by_hand() -> None:
    """Probabilities .8, .4 and .1 of which the first came true: (.04 + .16 + .01) / 3; the mean rate alone would have had 2/9."""
    found = reliability(alone(np.array([[0.8, 0.4], [0.1, -np.inf]], np.float32), np.array([[True, False], [False, False]])))
    assert found
    assert found.brier.mean == pytest.approx(0.07)
    assert found.skill == pytest.approx(1 - 0.07 / (2 / 9))
    assert found.expected == pytest.approx(0.65)
    assert found.actual.mean == 0.5
    assert found.offers == [1, 1, 1]


def test_empty_lists() -> None:
    """A customer without a list is not counted, and nobody with one is no finding."""
    nothing = np.full((3, 2), -np.inf, np.float32)
    assert reliability(alone(nothing, np.zeros((3, 2), bool))) is None
    nothing[0, 0] = 0.5
    found = reliability(alone(nothing, np.zeros((3, 2), bool)))
    assert found
    assert found.customers == 1
    assert np.isnan(found.skill)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 1.0]), min_size=2, max_size=40))
def test_every_offer_is_in_one_tenth(chances: list[float]) -> None:
    """However many predictions are equal, each offer is counted once, and predictions rise from tenth to tenth."""
    found = reliability(alone(np.array([chances], np.float32), np.zeros((1, len(chances)), bool)))
    assert found
    assert sum(found.offers) == len(chances)
    assert found.predicted == sorted(found.predicted)
