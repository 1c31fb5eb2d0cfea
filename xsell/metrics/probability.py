"""Whether scores that are called probabilities are: what was predicted beside what happened."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats, Ints, Mask
from xsell.metrics.intervals import Interval, Values
from xsell.metrics.segments import quotients

DECILES = 10


@dataclass(frozen=True, slots=True)
class Reliability:
    """
    Predicted and observed rates of the offers in lists; intervals are over customers, whose offers belong together.

    Attributes:
        customers: Customers with a list.
        offers: Offers in each tenth of them, from the least to the most probable; tenths with equal predictions are one.
        predicted: Mean probability in each.
        observed: Share that was taken up in each.
        brier: Mean squared distance of the probabilities from what happened (Brier 1950).
        skill: How much of the Brier score of always naming the mean rate is saved: 1 is perfect, 0 is no better than the mean.
        expected: Purchases expected of a list, its probabilities added up.
        actual: Purchases that a list brought.
        seconds: Time that both are about, or NaN.
    """

    customers: int
    offers: list[int]
    predicted: list[float]
    observed: list[Interval]
    brier: Interval
    skill: float
    expected: float
    actual: Interval
    seconds: float = np.nan


@dataclass(frozen=True, slots=True)
class Promises:
    """
    Probabilities of one model beside what happened, one row a list; a customer may have several lists.

    Attributes:
        users: Whose lists they are, int32 [lists].
        chances: Probability at each place of each list, -inf where it has ended, float32 [lists × k].
        taken: Whether the customer took the offer up within the time that the probability is about.
        seconds: That time, or NaN where it is not known or not one.
    """

    users: Ints
    chances: Floats
    taken: Mask
    seconds: float = np.nan


def reliability(told: Promises) -> Reliability | None:
    """
    Hold probabilities against what happened, or None where no list has an offer.

    Args:
        told: Both.
    """
    real = np.isfinite(told.chances)
    if not real.any():
        return None
    p = np.where(real, told.chances, 0.0).astype(np.float64)
    edges = np.unique(np.quantile(p[real], np.arange(1, DECILES) / DECILES))
    tenth = np.searchsorted(edges, p, side="right")
    who, own = np.unique(told.users, return_inverse=True)
    n, size, row = len(who), len(edges) + 1, np.broadcast_to(own[:, None], p.shape)
    offers, hits, chance = (_summed(row[real], tenth[real], weight[real], n, size) for weight in (real, told.taken & real, p))
    groups = quotients(np.tile(np.arange(size, dtype=np.int32), n), hits.reshape(-1, 1), offers.reshape(-1, 1), size)
    there = offers.sum(0) > 0
    observed = [Interval(*ends) for ends in np.column_stack([groups.mean, groups.low.clip(0), groups.high.clip(max=1)])[there].tolist()]
    lists = np.bincount(own, real.any(1), n)
    member = np.where(lists > 0, 0, -1).astype(np.int32)
    error = np.bincount(own, np.where(real, (p - told.taken) ** 2, 0).sum(1), n)
    brier, actual = (_alone(member, *sums) for sums in ((error, offers.sum(1)), (hits.sum(1), lists)))
    rate = hits.sum() / offers.sum()
    base = rate * (1 - rate)
    predicted = (chance.sum(0) / np.maximum(offers.sum(0), 1))[there]
    skill = 1 - brier.mean / base if base else np.nan
    number = int((lists > 0).sum())
    return Reliability(
        number,
        offers.sum(0)[there].astype(int).tolist(),
        predicted.tolist(),
        observed,
        brier,
        skill,
        p.sum() / lists.sum(),
        actual,
        told.seconds,
    )


def _summed(row: NDArray[np.integer], group: NDArray[np.integer], weight: NDArray[np.generic], n: int, size: int) -> Values:
    """Customers × groups."""
    return np.bincount(row * size + group, weight.astype(np.float64), n * size).reshape(n, size).astype(np.float64)


def _alone(owner: NDArray[np.int32], above: Values, below: Values) -> Interval:
    """Quotient of two sums over all lists."""
    found = quotients(owner, above[:, None], below[:, None], 1)
    return Interval(float(found.mean[0, 0]), float(found.low[0, 0]), float(found.high[0, 0]))
