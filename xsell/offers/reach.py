"""Whom to contact: the best customers of every target, and one contact a customer where no more are wanted."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats, Ints

COLUMNS = ("target", "user", "item", "worth", "score")
CELLS = 20_000_000
ROUNDS = 100


@dataclass(frozen=True, slots=True)
class Reach:
    """
    Customers and targets that may be brought together, one entry a pair.

    Attributes:
        target: Number of the target, int32.
        user: Number of the customer, int32.
        item: The item to offer, int32.
        worth: What the pair is ordered by, float32.
        score: What the model says, float32.
    """

    target: Ints
    user: Ints
    item: Ints
    worth: Floats
    score: Floats

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.target)

    def take(self, which: NDArray[np.integer] | NDArray[np.bool_]) -> "Reach":
        """Keep some pairs."""
        return replace(self, **{name: getattr(self, name)[which] for name in COLUMNS})

    def ordered(self) -> "Reach":
        """By target and worth, the best first; equals by the number of the customer."""
        return self.take(np.lexsort((self.user, -self.worth, self.target)))


def joined(parts: Sequence[Reach]) -> Reach:
    """Put pairs together."""
    none = np.zeros(0, np.int32)
    every = (Reach(none, none, none, none.astype(np.float32), none.astype(np.float32)), *parts)
    return Reach(*(np.concatenate([getattr(part, name) for part in every]) for name in COLUMNS))


def place(group: NDArray[np.integer]) -> NDArray[np.int64]:
    """Place of every entry in its group, from 0; groups ascend."""
    return np.arange(len(group)) - np.searchsorted(group, group)


def first(pairs: Reach, n: int) -> tuple[Reach, Reach]:
    """Give the best n customers of every target, ordered, and the others."""
    pairs = pairs.ordered()
    within = place(pairs.target) < n
    return pairs.take(within), pairs.take(~within)


def deep_enough(n: int, targets: int, most: int) -> int:
    """
    How many of the best customers of a target can matter for an assignment of n a target with at most `most` contacts a customer.

    The contacts of the other targets fill up at most (targets − 1)·n/most customers; one of the others among so many is free in any assignment,
    greedy or best, and no worse than any customer further down.
    """
    return n + (targets - 1) * n // most if most else n


def assigned(pairs: Reach, n: int, most: int) -> Reach:
    """
    Choose pairs greedily: the best first, as long as its target has fewer than n and its customer fewer than `most`.

    As all go by the same order, that is the one stable matching of targets and customers, and is found by deferred acceptance (Gale & Shapley
    1962): all targets at once ask their best n that have not refused, and every customer keeps the best `most`.

    Args:
        pairs: All pairs that matter.
        n: Most customers of a target.
        most: Most targets of a customer; 0 is no limit.

    Returns:
        The chosen ones, ordered.
    """
    pairs = pairs.ordered()
    while True:
        asking = pairs.take(place(pairs.target) < n)
        if not most:
            return asking
        by_user = np.lexsort((asking.target, -asking.worth, asking.user))
        refused = by_user[place(asking.user[by_user]) >= most]
        if not len(refused):
            return asking
        pairs = pairs.take(np.delete(np.arange(len(pairs)), np.flatnonzero(place(pairs.target) < n)[refused]))


def bound(pairs: Reach, chosen: Reach, n: int, most: int) -> float:
    """
    Find a sum of worth that no assignment can exceed, by putting a price on the places of every target (Lagrangian relaxation).

    For any prices ≥ 0, the sum of n times each price plus the best `most` of every customer after the prices is such a bound; subgradient steps
    (Polyak 1969) from the worth of the last chosen customer bring it down. Worth counts from the least of all pairs where that is negative.

    Args:
        pairs: All pairs that matter.
        chosen: Those that `assigned` gave.
        n: Most customers of a target.
        most: Most targets of a customer.
    """
    base, reached, targets = floor(pairs), total(pairs, chosen), int(pairs.target.max(initial=-1)) + 1
    users, row = np.unique(pairs.user, return_inverse=True)
    least = total(pairs, first(pairs, n)[0])
    if not most or most >= targets or len(users) * targets > CELLS:
        return least
    worth = np.full((len(users), targets), -np.inf, np.float32)
    worth[row, pairs.target] = pairs.worth - np.float32(base)
    price = np.full(targets, np.inf)
    np.minimum.at(price, chosen.target, chosen.worth - np.float32(base))
    price[np.bincount(chosen.target, minlength=targets) < n] = 0
    for _ in range(min(ROUNDS, CELLS // max(worth.size, 1))):
        left = worth - price
        best = -np.partition(-left, most - 1, axis=1)[:, :most]
        value = n * price.sum() + np.maximum(best, 0).sum()
        least = min(least, float(value))
        slope = n - ((left > 0) & (left >= best.min(axis=1, keepdims=True))).sum(axis=0)
        if least <= reached or not slope.any():
            break
        price = np.maximum(price - (value - reached) / float((slope**2).sum()) * slope, 0)
    return max(least, reached)


def floor(pairs: Reach) -> float:
    """Where worth counts from: 0, or the least worth if that is negative."""
    return min(float(pairs.worth.min(initial=0)), 0.0)


def total(pairs: Reach, chosen: Reach) -> float:
    """Sum of the worth of the chosen pairs, on the scale of `bound`."""
    return float((chosen.worth.astype(np.float64) - floor(pairs)).sum())
