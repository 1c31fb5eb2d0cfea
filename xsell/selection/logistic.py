"""Logistic regression on a few features of very many rows, by Newton's method."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from xsell.data.training import Floats
from xsell.parallel import each

Real = NDArray[np.float64]

ROWS = 8192
"""Rows looked at in a row of passes: they stay in the cache."""
CLOSE = 1e-9
"""Gain of a whole step, by unit of weight, below which it is the last."""
MOST_STEPS, MOST_HALVINGS = 50, 20


def logistic(
    seen: Floats, bought: Floats, weight: Floats, strength: float, start: tuple[Floats, float] | None = None
) -> tuple[Floats, float]:
    """
    Minimise `Σ weight·(ln(1 + eᵛ) − bought·v) + ‖slopes‖² / (2·strength)` with `v = seen·slopes + intercept`.

    Newton's method with steps halved until they gain; what rows add up to is summed in double precision.

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
    value, slope, curve = _looked(seen, bought, weight, penalty, at)
    for _ in range(MOST_STEPS):
        step = np.linalg.lstsq(curve, slope, rcond=None)[0]
        gain = float(slope @ step) / 2
        for _ in range(MOST_HALVINGS):
            after = _looked(seen, bought, weight, penalty, at - step)
            if after[0] <= value or gain <= CLOSE * total:
                break
            step /= 2
        else:
            break
        at, (value, slope, curve) = at - step, after
        if gain <= CLOSE * total:
            break
    return at[:-1].astype(np.float32), float(at[-1])


def _looked(seen: Floats, bought: Floats, weight: Floats, penalty: Real, at: Real) -> tuple[float, Real, Real]:
    """What is minimised, its gradient, and its matrix of second derivatives: sums in the order of the rows, whoever makes them."""
    single = at.astype(np.float32)

    def work(some: slice) -> tuple[float, Real, Real]:
        own = np.ones((len(bought[some]), len(at)), np.float32)
        own[:, :-1] = seen[some]
        odds = own @ single
        chance, heavy = expit(odds), weight[some]
        value = float(heavy @ (np.logaddexp(np.float32(0), odds) - bought[some] * odds))
        slope, curve = own.T @ (heavy * (chance - bought[some])), (own * (heavy * chance * (1 - chance))[:, None]).T @ own
        return value, slope.astype(np.float64), curve.astype(np.float64)

    found = each(work, [slice(start, start + ROWS) for start in range(0, len(seen), ROWS)])
    value, slope, curve = (sum(more) for more in zip(*found, strict=True))
    return value + float(penalty @ at**2) / 2, slope + penalty * at, curve + np.diag(penalty)
