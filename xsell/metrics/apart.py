"""How far two groups of different customers are apart."""

import math

from scipy.special import ndtri

from xsell.metrics.intervals import LEVEL, Interval

Z = float(ndtri((1 + LEVEL) / 2))


def rate(successes: int, customers: int) -> Interval:
    """
    Share of the customers with a success, with its score interval (Wilson 1927), which holds for small groups and shares of 0 or 1 too.

    Args:
        successes: How many had one.
        customers: How many there are, at least one.
    """
    share, z = successes / customers, Z * Z / customers
    middle = (share + z / 2) / (1 + z)
    half = Z / (1 + z) * math.sqrt(share * (1 - share) / customers + z / (4 * customers))
    return Interval(share, max(0.0, min(share, middle - half)), min(1.0, max(share, middle + half)))


def apart(one: Interval, other: Interval) -> Interval:
    """
    First mean minus second, of groups that share nobody, with the interval that follows from their own intervals.

    Squares of the distances to the ends are added on either side (Newcombe 1998, method 10, for shares; Zou and Donner 2008 in general). Where
    the groups do share customers, the interval is too wide rather than too narrow.
    """
    down = math.hypot(one.mean - one.low, other.high - other.mean)
    up = math.hypot(one.high - one.mean, other.mean - other.low)
    gap = one.mean - other.mean
    return Interval(gap, gap - down, gap + up)
