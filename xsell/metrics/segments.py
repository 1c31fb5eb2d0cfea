"""For whom lists are good: metrics within groups of customers and of products, and whether the groups differ by more than luck."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.special import fdtrc, stdtrit

from xsell.data.cuts import Heldout
from xsell.data.training import Ints
from xsell.metrics import ranking
from xsell.metrics.intervals import FEWEST, LEVEL, Values

OF_PRODUCTS = ("recall", "precision", "places", "wanted")
"""Of groups of products: found of what was wanted in the group, hits among the places it has, its share of the places, and of what was wanted."""


POPULARITY = "popularity"
BANDS = ("most (half of all purchases)", "less (the next 30%)", "rarely (the last 20%)", "never")
BAND_SHARES = (0.5, 0.8)
"""Products by what was bought before: those that make up the first half of all purchases, the next, the last, and those nobody has."""


NOTHING = 1e-12
"""A variance below which all within a group are equal."""


@dataclass(frozen=True, slots=True)
class Grouping:
    """
    One way to tell customers, or products, apart.

    Attributes:
        name: Such as `age_band`.
        labels: Names of the groups.
        code: Number of the group of each customer or product, -1 where it is in none; int32.
    """

    name: str
    labels: tuple[str, ...]
    code: Ints


@dataclass(frozen=True, slots=True)
class Groups:
    """
    Metrics within every group, groups × metrics; NaN where a group cannot tell.

    Attributes:
        customers: How many customers each number rests on.
        mean: Mean over them, or quotient of two sums.
        low: Lower end of the 95% interval, by Student's t with the residuals of the quotient (linearised).
        high: Upper end.
    """

    customers: Values
    mean: Values
    low: Values
    high: Values


def quotients(owner: Ints, above: Values, below: Values, groups: int) -> Groups:
    """
    Quotients of two sums over customers in every group, with intervals over customers.

    Args:
        owner: Group of each row, -1 for none; int32 [rows].
        above: What each row adds to the upper sum, rows × metrics; a customer has at most one row a group.
        below: The same for the lower sum, nowhere negative.
        groups: How many there are.
    """
    rows = np.flatnonzero(owner >= 0)
    member = sp.csr_array((np.ones(len(rows)), (owner[rows], rows)), shape=(groups, len(owner)))
    top, bottom, n = (np.asarray(member @ side, np.float64) for side in (above, below, below > 0))
    mean: Values = np.full(top.shape, np.nan)
    np.divide(top, bottom, out=mean, where=bottom > 0)
    squares, mixed, under = (np.asarray(member @ side, np.float64) for side in (above**2, above * below, below**2))
    rest = squares - 2 * mean * mixed + mean**2 * under
    with np.errstate(divide="ignore", invalid="ignore"):
        error = np.sqrt(np.maximum(rest, 0) * n / (n - 1)) / bottom
        reach = stdtrit(np.maximum(n - 1, 1), (1 + LEVEL) / 2) * error
    reach = np.where(n > 1, reach, np.nan)
    return Groups(n, mean, mean - reach, mean + reach)


def of_products(windows: Sequence[tuple[Ints, Heldout, Grouping]]) -> Groups:
    """
    Metrics of groups of products, all windows together: `OF_PRODUCTS`.

    Args:
        windows: Of each its lists, customers × k, -1 where a list has ended; what was hidden; and the groups of the products then, of the same names.
    """
    size = len(windows[0][2].labels)
    above, below = (np.concatenate(side) for side in zip(*(_summed(*window) for window in windows), strict=True))
    if len(windows) > 1:
        who, row = np.unique(np.concatenate([heldout.user for _, heldout, _ in windows]), return_inverse=True)
        member = sp.csr_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=(len(who), len(row)))
        above, below = (np.asarray(member @ side) for side in (above, below))
    owner = np.tile(np.arange(size, dtype=np.int32), len(above))
    return quotients(owner, above.reshape(-1, len(OF_PRODUCTS)), below.reshape(-1, len(OF_PRODUCTS)), size)


def _summed(items: Ints, heldout: Heldout, grouping: Grouping) -> tuple[Values, Values]:
    """What each customer adds to the sums of every group, customers × (groups · `OF_PRODUCTS`)."""
    n, size = len(items), len(grouping.labels)
    code = np.append(grouping.code, np.int32(-1))
    group, hits = code[items], ranking.hits(items, heldout)
    row = np.broadcast_to(np.arange(n)[:, None], items.shape)
    wanted = _counted(np.repeat(np.arange(n), ranking.relevant(heldout)), code[heldout.item], n, size)
    found, places = _counted(row[hits], group[hits], n, size), _counted(row[items >= 0], group[items >= 0], n, size)
    there = np.bincount(code[code >= 0], minlength=size) > 0
    every_place, every_wanted = (table.sum(1, keepdims=True) * there for table in (places, wanted))
    sides = (found, found, places, wanted), (wanted, places, every_place, every_wanted)
    above, below = (np.stack(side, 2).reshape(n, size * len(OF_PRODUCTS)) for side in sides)
    return above, below


def _counted(row: NDArray[np.integer], group: Ints, n: int, size: int) -> Values:
    """Customers × groups."""
    known = group >= 0
    return np.bincount(row[known] * size + group[known], minlength=n * size).reshape(n, size).astype(np.float64)


def heterogeneity(code: Ints, values: Values, groups: int) -> float:
    """
    Give the p value of the hypothesis that the mean is the same in all groups (analysis of variance), NaN with fewer than two groups.

    Groups of fewer than thirty customers are left out. The variance is the common one: hits are rare, and a group in which nobody has any is not
    certain to have none, as its own variance would say.

    Args:
        code: Group of each customer, -1 for none.
        values: One number a customer.
        groups: How many groups there are.
    """
    known = code >= 0
    n, total, square = (np.bincount(code[known], w, groups) for w in (None, values[known], values[known] ** 2))
    use = n >= FEWEST
    if use.sum() < 2 or not np.ptp(values[known]):
        return np.nan
    n, mean = n[use], total[use] / n[use]
    inside = float((square[use] - n * mean**2).sum()) / (n.sum() - len(n))
    between = float((n * (mean - (n * mean).sum() / n.sum()) ** 2).sum()) / (len(n) - 1)
    return float(fdtrc(len(n) - 1, n.sum() - len(n), between / max(inside, NOTHING)))
