"""Logistic regression on a few features of very many rows, by Newton's method."""

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from xsell.data.training import Floats
from xsell.parallel import rounds

Real = NDArray[np.float64]
Looked = tuple[float, Real, Real]

ROWS = 8192
"""Rows looked at in a row of passes: they stay in the cache."""
CLOSE = 1e-9
"""Gain of a whole step, by unit of weight, below which it is the last."""
NOISE = 1e-5
"""Share of the largest bend below which a direction bends by the rounding of single precision only: nothing is known of it."""
MOST_STEPS, MOST_HALVINGS = 50, 20
LN2 = float(np.log(2))
"""What zeros come to, by unit of weight: whoever begins above them begins with them."""


def logistic(
    seen: Floats, bought: Floats, weight: Floats, strength: float, start: tuple[Floats, float] | None = None
) -> tuple[Floats, float]:
    """
    Minimise `Σ weight·(ln(1 + eᵛ) − bought·v) + ‖slopes‖² / (2·strength)` with `v = seen·slopes + intercept`.

    Newton's method with steps halved until they gain; what rows add up to is summed in double precision, in the order of the rows: the same
    bits with any number of threads.

    Args:
        seen: Features, float32 [rows × features].
        bought: 1 or 0, both of which there are, float32 [rows].
        weight: Weight of every row, float32 [rows].
        strength: Inverse of the penalty, which may be infinite.
        start: Slopes and an intercept to begin with, or None for zeros.

    Returns:
        Slopes, float32 [features], and intercept.
    """
    penalty = np.append(np.full(seen.shape[1], 1 / strength), 0.0)
    at = np.zeros(len(penalty)) if start is None else np.append(start[0], start[1]).astype(np.float64)
    total = float(weight.sum(dtype=np.float64))
    pieces = [slice(first, first + ROWS) for first in range(0, len(seen), ROWS)]
    with rounds() as spread:

        def look(at: Real) -> Looked:
            looked = partial(_looked, seen, bought, weight, at.astype(np.float32))
            value, slope, curve = (sum(more) for more in zip(*spread(looked, pieces), strict=True))
            return value + float(penalty @ at**2) / 2, slope + penalty * at, curve + np.diag(penalty)

        value, slope, curve = look(at)
        if start and not value <= total * LN2:
            value, slope, curve = look(at := np.zeros_like(at))
        for _ in range(MOST_STEPS):
            step = _step(slope, curve)
            gain = float(slope @ step) / 2
            for _ in range(MOST_HALVINGS):
                after = look(at - step)
                if after[0] <= value or abs(gain) <= CLOSE * total:
                    break
                step /= 2
            else:
                break
            at, (value, slope, curve) = at - step, after
            if gain <= CLOSE * total:
                break
    return at[:-1].astype(np.float32), float(at[-1])


def _step(slope: Real, curve: Real) -> Real:
    """Newton's step, in units in which every feature bends alike, so that a large one does not drown the others; none where numbers overflow."""
    if not np.isfinite([slope, *curve]).all():
        return np.zeros_like(slope)
    unit = np.sqrt(curve.diagonal())
    unit[unit == 0] = 1
    return np.linalg.lstsq(curve / unit[:, None] / unit, slope / unit, rcond=NOISE)[0] / unit


def _looked(seen: Floats, bought: Floats, weight: Floats, at: Floats, some: slice) -> Looked:
    """What some rows add to what is minimised, to its gradient, and to its matrix of second derivatives."""
    own = np.ones((len(bought[some]), len(at)), np.float32)
    own[:, :-1] = seen[some]
    odds = own @ at
    chance, heavy = expit(odds), weight[some]
    value = float(heavy @ (np.logaddexp(np.float32(0), odds) - bought[some] * odds))
    slope, curve = own.T @ (heavy * (chance - bought[some])), (own * (heavy * chance * (1 - chance))[:, None]).T @ own
    return value, slope.astype(np.float64), curve.astype(np.float64)
