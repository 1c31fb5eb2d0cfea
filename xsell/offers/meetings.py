"""How often two products meet in one basket, how often they would by chance, and what is beyond chance."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.special import ndtr, xlogy

from xsell.data.training import Ints

Doubles = NDArray[np.float64]

CHANCE = 0.05
"""Share of the pairs found that may be there by chance."""

STEPS, REACH = 100, 60
"""Deviations are counted in steps of a hundredth, up to 60."""


@dataclass(frozen=True)
class Baskets:
    """
    What was bought together.

    Attributes:
        held: Baskets × items, 1 where the basket holds the item, int32 CSR.
        owner: Customer of every basket, int32; None where all that a customer has is taken for one basket.
    """

    held: sp.csr_array
    owner: Ints | None = None

    @property
    def n(self) -> int:
        """Number of baskets."""
        return int(self.held.shape[0])

    @cached_property
    def turned(self) -> sp.csr_array:
        """Items × baskets."""
        return sp.csr_array(self.held.T)

    @cached_property
    def counts(self) -> Ints:
        """Baskets that hold each item."""
        return np.diff(self.turned.indptr).astype(np.int32)

    @cached_property
    def buyers(self) -> Ints:
        """Customers who have each item in a basket."""
        if self.owner is None:
            return self.counts
        width = int(self.owner.max(initial=0)) + 1
        item = np.repeat(np.arange(len(self.counts), dtype=np.int64), self.counts)
        return np.bincount(np.unique(item * width + self.owner[self.turned.indices]) // width, minlength=len(self.counts)).astype(np.int32)

    @cached_property
    def chance(self) -> float:
        """
        Lift of two products that have nothing to do with each other.

        It is above 1 because baskets differ in size and large ones bring all sorts of products together: the mean of s·(s − 1) over the
        squared mean of the sizes s, as in the configuration model of random graphs (Newman 2010, §13.2).
        """
        size = np.diff(self.held.indptr).astype(np.float64)
        return float(self.n * (size * (size - 1)).sum() / max(size.sum() ** 2, 1.0))

    def expected(self, item: NDArray[np.integer], other: NDArray[np.integer]) -> Doubles:
        """Meetings by chance."""
        by_chance: Doubles = self.counts[item] * (self.counts[other] * (self.chance / max(self.n, 1)))
        return by_chance


def meetings(baskets: Baskets, rows: slice) -> tuple[Ints, Ints, Ints, Ints]:
    """
    Count the meetings of some products with all.

    Args:
        baskets: What was bought together.
        rows: The products.

    Returns:
        Product, other product, baskets that hold both, and customers with such a basket; every pair that met, int32.
    """
    if baskets.owner is not None:
        return _by_customer(baskets.held, baskets.turned[rows], baskets.owner, rows.start)
    gram = (baskets.turned[rows] @ baskets.held).tocoo()
    both = gram.data.astype(np.int32)
    return (gram.row + rows.start).astype(np.int32), gram.col.astype(np.int32), both, both


def _by_customer(held: sp.csr_array, turned: sp.csr_array, owner: Ints, first: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Write out every meeting as one number made of product, other product and customer: sorted, equal ones stand together."""
    width, people = held.shape[1], int(owner.max(initial=0)) + 1
    size = np.diff(held.indptr)[turned.indices]
    ends = np.cumsum(size)
    place = np.arange(size.sum()) + np.repeat(held.indptr[turned.indices] - ends + size, size)
    row = np.repeat(np.repeat(np.arange(turned.shape[0], dtype=np.int64), np.diff(turned.indptr)), size)
    key = (row * width + held.indices[place]) * people + np.repeat(owner[turned.indices], size)
    key.sort()
    pair = key // people
    start = np.flatnonzero(np.diff(pair, prepend=-1))
    both = np.diff(start, append=len(key)).astype(np.int32)
    customers = np.add.reduceat(np.diff(key, prepend=-1) > 0, start, dtype=np.int32) if len(start) else both
    row, column = np.divmod(pair[start], width)
    return (row + first).astype(np.int32), column.astype(np.int32), both, customers


def deviation(both: NDArray[np.integer], expected: Doubles, times: Doubles) -> Doubles:
    """
    Signed root of the likelihood ratio of Poisson counts against chance, about standard normal where chance rules.

    Args:
        both: Meetings.
        expected: Meetings by chance.
        times: How often the same customer repeats a meeting: the design effect that the ratio is divided by (Rao & Scott 1981), as the baskets
            of one customer are not independent.
    """
    ratio = 2 * (xlogy(both, both / expected) - both + expected)
    root: Doubles = np.sign(both - expected) * np.sqrt(np.maximum(ratio, 0) / times)
    return root


def steps(found: Doubles) -> NDArray[np.int64]:
    """Count deviations by their step, int64 [steps]; negative ones are in the first."""
    place = np.clip(found * STEPS, 0, REACH * STEPS).astype(np.int64)
    return np.bincount(place, minlength=REACH * STEPS + 1).astype(np.int64)


def least(seen: NDArray[np.int64], tests: int) -> float:
    """
    Find the deviation from which on at most `CHANCE` of the pairs are there by chance (Benjamini & Hochberg 1995).

    Args:
        seen: Pairs by their deviation in steps.
        tests: Pairs that were compared, those included that never met.

    Returns:
        A deviation, infinite where no pair is beyond doubt.
    """
    edge = np.arange(len(seen)) / STEPS
    found = np.cumsum(seen[::-1])[::-1]
    fine = (found > 0) & (tests * ndtr(-edge) <= CHANCE * found)
    return float(edge[fine][0]) if fine.any() else np.inf
