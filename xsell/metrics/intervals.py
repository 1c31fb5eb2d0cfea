"""How sure one can be of a mean or a quotient over customers: bootstrap intervals."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import pdtr

from xsell.metrics.draws import summed

Values = NDArray[np.float64]

ROUNDS = 1000
LEVEL = 0.95
FEWEST = 30
"""Below this many customers a percentile interval of skewed 0-to-1 scores is too narrow to be believed, so no verdict is given."""

BLOCK = 4096
"""Customers whose weights are drawn at once."""
BITS = 16
"""Random bits of one weight."""
STEPS = 1 << BITS
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
        low: Lower end of the 95% interval.
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
    return several([(above, below)], seed)[0]


def several(tables: Sequence[tuple[Values, Values]], seed: int) -> list[list[Interval]]:
    """
    Do the same for several tables of the same customers, on the same resamples, without putting the tables beside each other.

    Args:
        tables: Of each the upper and the lower part.
        seed: Seed of the resamples.
    """
    middles = [_divided(above.sum(0), below.sum(0)) for above, below in tables]
    kinds, backs = _kinds([below for _, below in tables])
    sums = _resampled(tables, [np.nan_to_num(middle) for middle in middles], kinds, seed)
    width = sums.shape[1] - len(kinds)
    starts = np.cumsum([0, *(len(middle) for middle in middles)])
    return [
        _told(middle, sums[:, start : start + len(middle)], sums[:, width:][:, back])
        for middle, start, back in zip(middles, starts[:-1], backs, strict=True)
    ]


def _told(middle: Values, off: Values, weight: Values) -> list[Interval]:
    draws = middle + _divided(off, weight)
    draws[np.abs(draws) < NOISE] = 0
    low, high = _ends(draws)
    return [
        Interval(*ends) for ends in zip(middle.tolist(), np.minimum(low, middle).tolist(), np.maximum(high, middle).tolist(), strict=True)
    ]


def _kinds(belows: Sequence[Values]) -> tuple[list[tuple[int, int]], list[NDArray[np.intp]]]:
    """Table and column of the columns without repeats, and which of them each column of each table is: most means are over the same customers."""
    seen: dict[bytes, int] = {}
    kinds: list[tuple[int, int]] = []
    backs = []
    for table, below in enumerate(belows):
        back = []
        for column in range(below.shape[1]):
            digest = hashlib.blake2b(below[:, column].astype(np.float32).tobytes()).digest()
            if digest not in seen:
                seen[digest] = len(kinds)
                kinds.append((table, column))
            back.append(seen[digest])
        backs.append(np.array(back, np.intp))
    return kinds, backs


def _resampled(tables: Sequence[tuple[Values, Values]], middles: Sequence[Values], kinds: Sequence[tuple[int, int]], seed: int) -> Values:
    """
    Sums over resamples of the customers, `ROUNDS` × columns: of what is above beyond its mean times what is below, and of the kinds of what is below.

    Each customer is drawn a Poisson number of times, which for quotients of sums does what drawing with replacement does (Hanley and MacGibbon 2006) and lets
    the customers come in blocks: 16 megabytes of weights at a time for each thread, whatever their number.
    """

    def work(stream: np.random.Generator, rows: slice) -> NDArray[np.float32]:
        off = [above[rows] - middle * below[rows] for (above, below), middle in zip(tables, middles, strict=True)]
        some = np.hstack([*off, *(tables[table][1][rows, column, None] for table, column in kinds)]).astype(np.float32)
        drawn = stream.integers(0, STEPS, (ROUNDS, len(some)), np.uint16)
        return np.asarray(POISSON[drawn] @ some)

    width = sum(len(middle) for middle in middles) + len(kinds)
    return summed(work, len(tables[0][0]), BLOCK, ROUNDS * BITS, (ROUNDS, width), seed)


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
