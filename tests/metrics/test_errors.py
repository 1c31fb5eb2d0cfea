"""Errors of expected ratings against an independent implementation, and what their intervals are over."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from sklearn.metrics import mean_absolute_error, mean_squared_error

from xsell.metrics.errors import Errors, accuracy, errors
from xsell.metrics.intervals import intervals

Case = tuple[NDArray[np.int32], NDArray[np.float32], dict[str, NDArray[np.float64]]]


def case(seed: int, ratings: int = 300, customers: int = 40) -> Case:
    """Ratings, and three models each worse than the one before."""
    dice = np.random.default_rng(seed)
    user = np.sort(dice.integers(3, 3 + customers, ratings)).astype(np.int32)
    given = dice.integers(1, 6, ratings).astype(np.float32)
    return user, given, {name: given + dice.normal(0.1, spread, ratings) for name, spread in (("one", 0.5), ("two", 0.8), ("three", 1.5))}


@given(st.integers(0, 1000), st.integers(1, 60), st.integers(1, 9))
def test_errors_are_those_of_another_library(seed: int, ratings: int, customers: int) -> None:
    """RMSE and MAE are those of scikit-learn, whatever the customers, in one window and cut into two."""
    user, given, guesses = case(seed, ratings, customers)
    half = np.arange(len(user)) % 2 == 0
    parts = [errors(user[at], given[at], {name: guess[at] for name, guess in guesses.items()}) for at in (half, ~half) if at.any()]
    for windows in ([errors(user, given, guesses)], parts):
        found = accuracy(windows, 0)
        for name, guess in guesses.items():
            assert found[name].rmse.mean == pytest.approx(np.sqrt(mean_squared_error(given, guess)), rel=1e-9)
            assert found[name].mae.mean == pytest.approx(mean_absolute_error(given, guess), rel=1e-9)
            assert found[name].rmse.low <= found[name].rmse.mean <= found[name].rmse.high


def test_what_is_saved_is_of_the_plainer_model() -> None:
    """A model saves what its squared errors are less than those of the next, in proportion; the plainest saves nothing."""
    user, given, guesses = case(1)
    found = accuracy([errors(user, given, guesses)], 0)
    square = {name: mean_squared_error(given, guess) for name, guess in guesses.items()}
    assert found["one"].saved is not None
    assert found["one"].saved.mean == pytest.approx(1 - square["one"] / square["two"])
    assert 0 < found["one"].saved.low < found["one"].saved.high < 1
    assert found["three"].saved is None


def test_resamples_are_those_of_other_metrics() -> None:
    """With one rating a customer the interval of the absolute error is that of the mean of as many numbers."""
    user, given, guesses = case(2, 80)
    user = np.arange(80, dtype=np.int32)
    found = accuracy([errors(user, given, guesses)], 5)
    one, other = found["one"].mae, intervals(np.abs(guesses["one"] - given)[:, None], 5)[0]
    assert (one.mean, one.low, one.high) == pytest.approx((other.mean, other.low, other.high), rel=1e-6)


def test_customers_are_drawn_not_ratings() -> None:
    """Where a customer's ratings are all off by as much, many ratings of few customers are as unsure as the customers are few."""
    dice = np.random.default_rng(0)
    off = dice.uniform(0, 1, 30)
    few, many = (np.repeat(np.arange(30, dtype=np.int32), n) for n in (1, 50))
    wide = [accuracy([errors(who, np.zeros(len(who), np.float32), {"m": off[who]})], 0)["m"].mae for who in (few, many)]
    assert wide[0].high - wide[0].low == pytest.approx(wide[1].high - wide[1].low, rel=1e-3)


def test_a_customer_of_two_windows_is_one() -> None:
    """What a customer adds in two windows is added up."""
    one = Errors(np.array([1, 4], np.int32), np.array([2.0, 1.0]), {"m": np.array([2.0, 8.0])}, {"m": np.array([2.0, 2.0])})
    found = accuracy([one, one], 0)["m"]
    assert found.rmse.mean == pytest.approx(np.sqrt(10 / 3))
    assert found.mae.mean == pytest.approx(4 / 3)
