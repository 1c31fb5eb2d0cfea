"""How sure one can be of a mean or a quotient over customers: bootstrap intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr

Values = NDArray[np.float64]
Singles = NDArray[np.float32]

ROUNDS = 1000
LEVEL = 0.95
FEWEST = 30
"""Below this many customers a percentile interval of skewed 0-to-1 scores is too narrow to be believed, so no verdict is given."""

BLOCK = 4096
"""Customers whose weights are drawn at once; part of what a seed means, for it orders the draws."""
STEPS = 1 << 16
POISSON = np.searchsorted(pdtr(np.arange(12), 1.0), (np.arange(STEPS) + 0.5) / STEPS).astype(np.float32)
"""The Poisson distribution with mean 1 in 65,536 equally likely steps: how often a customer is drawn into a resample."""


NOISE = 1e-6
"""What single precision leaves open; nearer to 0 than this a resample is on neither side of it."""


@dataclass(frozen=True, slots=True)
class Interval:
    """
    A mean and where it may lie.

    Attributes:
        mean: Mean over customers.
        low: Lower end of the 95 % interval.
        high: Upper end.
    """

    mean: float
    low: float
    high: float


def intervals(values: Values, seed: int) -> list[Interval]:
    """
    Percentile bootstrap over customers of the mean of every column, all columns on the same resamples (Efron 1979).

    A column of differences between two models on the same customers therefore gets the paired interval.

    Args:
        values: Customers × columns, at least one customer; NaN where a customer has no value and is not in the mean.
        seed: Seed of the resamples.
    """
    known = np.isfinite(values)
    return quotients(np.where(known, values, 0.0), known.astype(np.float64), seed)


def quotients(above: Values, below: Values, seed: int) -> list[Interval]:
    """
    Percentile bootstrap over customers of sum(above) / sum(below) of every column, all columns on the same resamples.

    Args:
        above: Customers × columns, at least one customer.
        below: The same shape, nowhere negative; a column without anything below has no value.
        seed: Seed of the resamples.
    """
    middle = _divided(above.sum(0), below.sum(0))
    off = (above - np.nan_to_num(middle) * below).astype(np.float32)
    kinds, back = _kinds(below.astype(np.float32))
    sums = _resampled(np.hstack([off, kinds]), seed)
    draws = middle + _divided(sums[:, : off.shape[1]], sums[:, off.shape[1] :][:, back])
    draws[np.abs(draws) < NOISE] = 0
    low, high = _ends(draws)
    return [
        Interval(*ends) for ends in zip(middle.tolist(), np.minimum(low, middle).tolist(), np.maximum(high, middle).tolist(), strict=True)
    ]


def _kinds(below: Singles) -> tuple[Singles, NDArray[np.intp]]:
    """Columns without repeats, and where each one is among them: most means are over the same customers."""
    first: dict[bytes, int] = {}
    back = [first.setdefault(np.ascontiguousarray(column).tobytes(), len(first)) for column in below.T]
    pick = [back.index(kind) for kind in range(len(first))]
    return below[:, pick], np.array(back, np.intp)


def _resampled(columns: Singles, seed: int) -> Values:
    """
    Sums of the columns over resamples of the customers, `ROUNDS` × columns.

    Each customer is drawn a Poisson number of times, which for quotients of sums does what drawing with replacement does (Hanley and MacGibbon 2006) and lets
    the customers come in blocks: 16 megabytes of weights at a time whatever their number.
    """
    generator = np.random.default_rng(seed)
    total = np.zeros((ROUNDS, columns.shape[1]))
    for start in range(0, len(columns), BLOCK):
        some = np.ascontiguousarray(columns[start : start + BLOCK])
        total += POISSON[generator.integers(0, STEPS, (ROUNDS, len(some)), np.uint16)] @ some
    return total


def _ends(draws: Values) -> tuple[Values, Values]:
    """Lower and upper end among the draws of each column that have a value."""
    ordered = np.sort(draws, axis=0)
    last = np.maximum(np.isfinite(draws).sum(0) - 1, 0)
    tail = (1 - LEVEL) / 2
    low, high = (np.take_along_axis(ordered, np.rint(share * last).astype(np.intp)[None], 0)[0] for share in (tail, 1 - tail))
    return low, high


def _divided(above: Values, below: Values) -> Values:
    out: Values = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    return np.divide(above, below, out=out, where=below > 0)
