"""How sure one can be of a mean over customers: bootstrap intervals, and what they say in words."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

ROUNDS = 1000
LEVEL = 0.95
FEWEST = 30
"""Below this many customers a percentile interval of skewed 0-to-1 scores is too narrow to be believed, so no verdict is given."""

DRAWS_AT_ONCE = 2_000_000


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
        values: Customers × columns, at least one customer.
        seed: Seed of the resamples.
    """
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(resampled_means(values, seed), (tail, 1 - tail), axis=0)
    return [Interval(float(m), float(a), float(b)) for m, a, b in zip(values.mean(0), low, high, strict=True)]


def resampled_means(values: Values, seed: int) -> Values:
    """
    Column means of resamples of the customers, drawn with replacement.

    Memory stays at some ten megabytes whatever the number of customers up to two million.

    Args:
        values: Customers × columns.
        seed: Seed of the draws.

    Returns:
        `ROUNDS` × columns.
    """
    generator = np.random.default_rng(seed)
    block = max(1, DRAWS_AT_ONCE // len(values))
    columns = np.ascontiguousarray(values.T)
    sizes = (min(block, ROUNDS - at) for at in range(0, ROUNDS, block))
    return np.hstack([columns @ _times_drawn(generator, len(values), rounds).T for rounds in sizes]).T / len(values)


def _times_drawn(generator: np.random.Generator, n: int, rounds: int) -> Values:
    """How often each of n customers is in each resample, rounds × n."""
    drawn = generator.integers(0, n, (rounds, n)) + np.arange(rounds)[:, None] * n
    return np.bincount(drawn.ravel(), minlength=rounds * n).reshape(rounds, n).astype(np.float64)


def verdict(difference: Interval, customers: int, rival: str) -> str:
    """
    Say what a paired difference to a rival shows.

    Args:
        difference: Model minus rival.
        customers: How many customers it was measured on.
        rival: Name of the other model.
    """
    if customers < FEWEST:
        return "too few users to tell"
    if difference.low > 0:
        return f"better than {rival}"
    return f"worse than {rival}" if difference.high < 0 else "not shown to be better"
