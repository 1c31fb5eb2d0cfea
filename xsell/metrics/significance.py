"""Could it be luck: tests of paired differences over customers, corrected for how many there are, and what could have been found."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from xsell.metrics.draws import summed
from xsell.metrics.intervals import LEVEL, Values

DRAWS = 10_000
POWER = 0.8
BLOCK = 2048
"""Customers whose signs are drawn at once, a multiple of 8."""
EQUAL = 1e-6
"""Relative distance within which two sums count as equal, beyond what single precision leaves open."""


def sign_flip(differences: Values, seed: int) -> Values:
    """
    Two-sided p value of the mean of every column of paired differences, by a randomisation test (Fisher 1935).

    Were two models equally good, each customer's difference could as well have had the other sign. So 10,000 times every sign is drawn anew,
    the same for all columns, and the p value is the share of sums, the true one among them, that are at least as far from 0.

    Args:
        differences: Customers × columns.
        seed: Seed of the signs.
    """
    told = differences[(differences != 0).any(1)]

    def work(stream: np.random.Generator, rows: slice) -> NDArray[np.float32]:
        some = told[rows].astype(np.float32)
        drawn = stream.integers(0, 256, (DRAWS, BLOCK // 8), np.uint8)
        return np.asarray(np.unpackbits(drawn, axis=1, count=len(some)).astype(np.float32) @ some)

    kept = summed(work, len(told), BLOCK, DRAWS, (DRAWS, told.shape[1]), seed)
    total = told.sum(0)
    as_far = (np.abs(2 * kept - total) >= np.abs(total) * (1 - EQUAL)).sum(0)
    return np.asarray((1 + as_far) / (1 + DRAWS), np.float64)


def holm(p: Values) -> Values:
    """Correct p values for their number, so that among true null hypotheses any at all is refused with the chance named (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    raised = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    out = np.empty(len(p))
    out[order] = np.minimum(raised, 1.0)
    return out


def detectable(differences: Values) -> Values:
    """
    Smallest true mean of every column that so many customers would show in four of five trials, at the 5% level: 2.8 standard errors.

    Args:
        differences: Customers × columns.
    """
    n = len(differences)
    reach = ndtri((1 + LEVEL) / 2) + ndtri(POWER)
    return np.asarray(reach * differences.std(0, ddof=1) / np.sqrt(n), np.float64) if n > 1 else np.full(differences.shape[1], np.nan)
