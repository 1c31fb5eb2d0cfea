"""From values to places on an axis, in percent of its length, and the round values that stand at it."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import fmean

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
NICE = 1e-9


@dataclass(frozen=True, slots=True)
class Scale:
    """
    An axis.

    Attributes:
        low: Value at its start.
        high: Value at its end; above `low`.
        ticks: Round values on it.
        log: Whether places go by the logarithm.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    log: bool = False

    def place(self, value: float) -> float:
        """Give the place of a value, 0..100; values beyond the ends stand at them."""
        at = (
            (_log(value) - _log(self.low)) / (_log(self.high) - _log(self.low)) if self.log else (value - self.low) / (self.high - self.low)
        )
        return round(min(max(at, 0.0), 1.0) * 100, 2) + 0.0


def linear(values: Iterable[float], wanted: int = 5, whole: bool = False) -> Scale:
    """
    An axis with round ends that holds all values.

    Args:
        values: What must be on it, zero included where bars or shares start there.
        wanted: About how many steps.
        whole: Whether only whole numbers may stand on it.
    """
    known = [value for value in values if math.isfinite(value)] or [0.0]
    low, high = min(known), max(known)
    step = _step((high - low) / wanted if high > low else max(abs(high), 1.0) / wanted)
    step = max(math.ceil(step), 1) if whole else step
    first, last = math.floor(low / step + NICE), math.ceil(high / step - NICE)
    last = max(last, first + 1)
    return Scale(first * step, last * step, tuple(_rounded(n * step, step) for n in range(first, last + 1)))


def logarithmic(most: float) -> Scale:
    """Give an axis from 1 to the largest value, with the powers of ten on it."""
    high = max(most, 10.0)
    return Scale(1.0, high, tuple(_powers(high)), log=True)


def _powers(high: float) -> Iterator[float]:
    power = 1.0
    while power <= high:
        yield power
        power *= 10


def _step(least: float) -> float:
    size = 10.0 ** math.floor(math.log10(least))
    return next(size * step for step in STEPS if size * step >= least * (1 - NICE))


def _rounded(value: float, step: float) -> float:
    return round(value, max(0, 2 - math.floor(math.log10(step)))) + 0.0


def _log(value: float) -> float:
    return math.log10(max(value, 1e-300))


def apart(places: list[float], least: float) -> list[float]:
    """
    Move places as little as needed (in squares) until neighbours are a distance apart, within 0..100 where there is room.

    Less the distances below it a place must be no lower than its neighbour's: an isotonic regression, by pooling (Ayer et al. 1955).

    Args:
        places: Where labels want to stand.
        least: Smallest distance.
    """
    order = sorted(range(len(places)), key=lambda n: (places[n], n))
    pools: list[list[float]] = []
    for below, n in enumerate(order):
        pools.append([places[n] - below * least])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            last = pools.pop()
            pools[-1] += last
    highest = 100 - least * (len(places) - 1)
    moved = dict(zip(order, (min(max(fmean(pool), 0), highest) for pool in pools for _ in pool), strict=True))
    return [round(moved[n] + order.index(n) * least, 2) for n in range(len(places))]
