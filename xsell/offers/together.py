"""What is bought together: the complements of every product."""

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xsell.contract.progress import Tell
from xsell.data.shelves import Shelves
from xsell.data.training import Floats, Ints, Mask
from xsell.metrics import association
from xsell.offers.meetings import Baskets, Doubles, deviation, meetings, steps
from xsell.parallel import each

FEWEST = 3
"""What fewer customers did may be one household's habit: products and pairs of fewer are left out."""

WORK = 2_000_000
"""Meetings counted at a time: what bounds the memory, whatever the number of products."""

PER_PAIR = ("item", "other", "rank", "both", "customers", "deviation", "alike")


@dataclass(frozen=True, slots=True)
class Found:
    """
    Pairs of products, the best of each product, ordered by product and rank.

    Attributes:
        item: The product, int32.
        other: The other product, int32.
        rank: Place among those of the product, from 1, int32.
        both: Baskets that hold both, int32.
        customers: Customers with such a basket, int32; -1 where they were not counted.
        deviation: How far the meetings are from chance, see `meetings.deviation`.
        alike: Cosine of what is known of the two, 0 where they are not alike, float32.
        seen: Pairs by their deviation in steps, before the cut to the best, int64.
        tests: Pairs that were compared, each in both directions.
    """

    item: Ints
    other: Ints
    rank: Ints
    both: Ints
    customers: Ints
    deviation: Doubles
    alike: Floats
    seen: NDArray[np.int64]
    tests: int

    def where(self, keep: NDArray[np.bool_]) -> "Found":
        """Keep some pairs; of each product only the last may go, so that ranks stay without gaps."""
        return replace(self, **{name: getattr(self, name)[keep] for name in PER_PAIR})


def joined(parts: list[Found]) -> Found:
    """Put together what was found for different products."""
    none = np.zeros(0, np.int32)
    empty = Found(none, none, none, none, none, np.zeros(0), np.zeros(0, np.float32), steps(np.zeros(0)), 0)
    columns = {name: np.concatenate([getattr(part, name) for part in (empty, *parts)]) for name in PER_PAIR}
    return replace(empty, **columns, seen=sum((part.seen for part in parts), empty.seen), tests=sum(part.tests for part in parts))


def best(row: Ints, n: int, *keys: NDArray[np.number]) -> tuple[NDArray[np.intp], Ints]:
    """
    Find the first n entries of every row.

    Args:
        row: Of every entry.
        n: How many.
        keys: What decides, the most important last, as in `numpy.lexsort`.

    Returns:
        Numbers of the entries, ordered, and their ranks from 1.
    """
    order = np.lexsort((*keys, row))
    group = row[order]
    rank = np.arange(len(order)) - np.searchsorted(group, group)
    return order[rank < n], (rank[rank < n] + 1).astype(np.int32)


def complements(baskets: Baskets, block: Ints | Shelves, n: int, tell: Tell) -> Found:
    """
    Find the products of other blocks that meet each product more often than by chance, the surest first.

    A pair has met in baskets of at least `FEWEST` customers, and the 95% interval of its lift lies above that of chance.

    Args:
        baskets: What was bought together.
        block: Block of every item, such as its category, or all categories of every item: then those that have one in common are in one block.
        n: Most complements of a product.
        tell: Hears how far it is.
    """
    able = np.flatnonzero(baskets.buyers >= FEWEST).astype(np.int32)
    some = Baskets(baskets.held[:, able], baskets.owner)

    def work(rows: slice) -> Found:
        tell("comparing products", rows.start, len(able))
        row, column, both, customers = meetings(some, rows)
        kept = customers >= FEWEST
        return _surest(baskets, (able[row[kept]], able[column[kept]], both[kept], customers[kept]), block, n)

    found = joined(each(work, slices(some.turned @ np.diff(some.held.indptr), WORK)))
    within = block.sharing(able) if isinstance(block, Shelves) else int((np.bincount(block[able]).astype(np.int64) ** 2).sum())
    return replace(found, tests=len(able) ** 2 - within)


def _apart(block: Ints | Shelves, one: Ints, other: Ints) -> Mask:
    return ~block.share(one, other) if isinstance(block, Shelves) else np.asarray(block[one] != block[other])


def _surest(baskets: Baskets, met: tuple[Ints, Ints, Ints, Ints], block: Ints | Shelves, n: int) -> Found:
    expected = baskets.expected(met[0], met[1])
    apart = _apart(block, met[0], met[1]) & (met[2] > expected)
    item, other, both, customers = (part[apart] for part in met)
    sure = association.lift_interval(both, baskets.counts[item], baskets.counts[other], baskets.n)[0] > baskets.chance
    item, other, both, customers = (part[sure] for part in (item, other, both, customers))
    expected = expected[apart][sure]
    far = deviation(both, expected, both / customers)
    chosen, rank = best(item, n, other, -far)
    plain = np.zeros(len(chosen), np.float32)
    return Found(item[chosen], other[chosen], rank, both[chosen], customers[chosen], far[chosen], plain, steps(far), 0)


def slices(work: NDArray[np.integer], most: int) -> list[slice]:
    """Row ranges of about the same work, one row at least."""
    group = np.cumsum(work, dtype=np.int64) // most
    edges = np.r_[np.flatnonzero(np.diff(group, prepend=-1)), len(work)]
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]
