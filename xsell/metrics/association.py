"""
How strongly two things go together, from counts of customers.

Everywhere `both` customers have A and B, `a` have A, `b` have B, and there are `n` in all; arrays broadcast, and
max(0, a + b − n) ≤ both ≤ min(a, b) ≤ n is taken for granted. What has no value (a share of nobody) is NaN.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import xlogy

Doubles = NDArray[np.float64]

Z95 = 1.959963984540054
"""Standard normal deviation that leaves 2.5% on either side."""

HALDANE = 0.5
"""Added to every cell of a table with an empty one, so that its logarithm exists (Haldane 1956, Anscombe 1956)."""


def support(both: ArrayLike, n: ArrayLike) -> Doubles:
    """Share of customers with A and B (Agrawal et al. 1993)."""
    return _divide(_doubles(both), _doubles(n))


def confidence(both: ArrayLike, a: ArrayLike) -> Doubles:
    """Share of the customers with A who have B too (Agrawal et al. 1993)."""
    return _divide(_doubles(both), _doubles(a))


def lift(both: ArrayLike, a: ArrayLike, b: ArrayLike, n: ArrayLike) -> Doubles:
    """How many times as often A and B meet as they would by chance (Brin et al. 1997): n · both / (a · b)."""
    return _divide(_doubles(n) * _doubles(both), _doubles(a) * _doubles(b))


def lift_interval(both: ArrayLike, a: ArrayLike, b: ArrayLike, n: ArrayLike) -> tuple[Doubles, Doubles]:
    """
    Ends of the 95% interval of the lift.

    The logarithm of the lift is about normal, and the delta method for the multinomial table of the four cells (Bishop, Fienberg &
    Holland 1975, §14.6) gives its variance: 1/both − 1/a − 1/b + 2·both/(a·b) − 1/n. Where nobody has both, the
    upper end comes from the table with half a customer in every cell, and the lower end is 0.
    """
    together, left, right, total = np.broadcast_arrays(_doubles(both), _doubles(a), _doubles(b), _doubles(n))
    add = np.where(together > 0, 0.0, HALDANE)
    together, left, right, total = together + add, left + 2 * add, right + 2 * add, total + 4 * add
    variance = 1 / together - 1 / left - 1 / right + 2 * together / (left * right) - 1 / total
    reach = np.exp(Z95 * np.sqrt(np.maximum(variance, 0)))
    middle = total * together / (left * right)
    low, high = np.where(add > 0, 0.0, middle / reach), middle * reach
    known = np.isfinite(lift(both, a, b, n))
    return np.where(known, low, np.nan), np.where(known, high, np.nan)


def llr(both: ArrayLike, a: ArrayLike, b: ArrayLike, n: ArrayLike) -> Doubles:
    """
    Log-likelihood ratio G² of the 2×2 table against independence (Dunning 1993), at least 0.

    It is 2·(H(rows) + H(columns) − H(cells)) with the unnormalised entropy H(x, …) = Σx·ln Σx − Σ x·ln x, as in Mahout's `LogLikelihood`.
    Large for attraction and for avoidance alike: see `signed_root`.
    """
    together, left, right, total = _doubles(both), _doubles(a), _doubles(b), _doubles(n)
    cells = _entropy(together, left - together, right - together, total - left - right + together)
    value = 2 * (_entropy(left, total - left) + _entropy(right, total - right) - cells)
    return np.maximum(value, 0)


def signed_root(both: ArrayLike, a: ArrayLike, b: ArrayLike, n: ArrayLike) -> Doubles:
    """Square root of the LLR, negative where A and B meet less often than by chance; about standard normal under independence."""
    direction: Doubles = np.sign(_doubles(both) * _doubles(n) - _doubles(a) * _doubles(b))
    return direction * np.sqrt(llr(both, a, b, n))


def _entropy(*counts: Doubles) -> Doubles:
    """Sorted, so that exchanging A and B changes no bit."""
    cells = np.sort(np.stack(np.broadcast_arrays(*counts)), axis=0)
    total = cells.sum(axis=0)
    entropy: Doubles = xlogy(total, total) - xlogy(cells, cells).sum(axis=0)
    return entropy


def _doubles(counts: ArrayLike) -> Doubles:
    return np.asarray(counts, np.float64)


def _divide(above: Doubles, below: Doubles) -> Doubles:
    shape = np.broadcast_shapes(above.shape, below.shape)
    out: Doubles = np.full(shape, np.nan)
    np.divide(above, below, out=out, where=below != 0)
    return out
