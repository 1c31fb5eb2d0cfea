"""Expected ratings held against those that customers gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats, Ints
from xsell.metrics.intervals import Interval, Values, several


@dataclass(frozen=True, slots=True)
class Errors:
    """
    What each customer adds to the errors of some models, in one window.

    Attributes:
        users: The customers, ascending, int32.
        ratings: How many ratings of each were held out.
        squared: By model the sum of the squared errors of each.
        absolute: By model the sum of the absolute errors of each.
    """

    users: Ints
    ratings: Values
    squared: Mapping[str, Values]
    absolute: Mapping[str, Values]


@dataclass(frozen=True, slots=True)
class Accuracy:
    """
    How far expected ratings of one model are off; intervals are over customers, whose ratings belong together.

    Attributes:
        rmse: Root of the mean squared error.
        mae: Mean absolute error.
        saved: Share of the squared error of a plainer model that this one saves, None for the plainest.
    """

    rmse: Interval
    mae: Interval
    saved: Interval | None


def errors(user: Ints, rating: Floats, expected: Mapping[str, Values]) -> Errors:
    """
    Add errors up by customer.

    Args:
        user: Whose rating each is, int32 [ratings].
        rating: What was given, float32 [ratings].
        expected: By model what was expected, [ratings].
    """
    who, row = np.unique(user, return_inverse=True)
    off = {name: guess - rating.astype(np.float64) for name, guess in expected.items()}
    squared, absolute = ({name: _summed(row, f(gap)) for name, gap in off.items()} for f in (np.square, np.abs))
    return Errors(who.astype(np.int32), _summed(row, np.ones(len(row))), squared, absolute)


def accuracy(windows: Sequence[Errors], seed: int) -> dict[str, Accuracy]:
    """
    Judge expected ratings over all windows, every rating with the same weight, all intervals on the same resamples of customers.

    Args:
        windows: Errors of the same models in each, each model beside the one after it that is plainer; at least one rating.
        seed: Seed of the resamples.
    """
    row = np.unique(np.concatenate([window.users for window in windows]), return_inverse=True)[1]
    names = list(windows[0].squared)
    ratings = _summed(row, np.concatenate([window.ratings for window in windows]))[:, None].repeat(len(names), axis=1)
    squared, absolute = (_columns(row, [getattr(window, side) for window in windows], names) for side in ("squared", "absolute"))
    plainer = squared[:, 1:]
    mse, mae, saved = several([(squared, ratings), (absolute, ratings), (plainer - squared[:, :-1], plainer)], seed)
    roots = [Interval(*np.sqrt([one.mean, one.low, one.high]).tolist()) for one in mse]
    return {name: Accuracy(*found) for name, found in zip(names, zip(roots, mae, [*saved, None], strict=True), strict=True)}


def _columns(row: NDArray[np.intp], sums: Sequence[Mapping[str, Values]], names: Sequence[str]) -> Values:
    """Customers × models."""
    return np.column_stack([_summed(row, np.concatenate([some[name] for some in sums])) for name in names])


def _summed(row: NDArray[np.intp], values: Values) -> Values:
    """Sum by row."""
    return np.bincount(row, values).astype(np.float64)
