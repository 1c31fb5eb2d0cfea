"""How long a choice will take, roughly."""

import time

import numpy as np

from xsell.data.training import Training
from xsell.models.regression import MOST_REGRESSORS
from xsell.selection.parts import LIGHT
from xsell.selection.tuning import HEAD

PROBE = 1024
TRIALS = 8
FACTORS, RANK = 64, 16
GATHERED = 400.0
"""Operations of a matrix product in the time that a sweep of als needs for one number of a gathered vector: it waits for memory, not for sums."""
ADDED = 3e9
"""Numbers of whole rows that are added in a second."""
MEETINGS = 4e7
"""Pairs of products in a history that are counted in a second by sparse sums."""
RATED = 300
"""Sweeps of ratings: as many trials as there are, and the fit."""
WINDOWS = 3
"""Times that a fusion fits its parts: on two windows to learn, and on everything."""


def seconds(training: Training, name: str) -> float:
    """
    Estimate the time of choosing and fitting a model from the size of its matrices and the speed of this machine.

    Args:
        training: What it will be fitted on.
        name: Name of the model.
    """
    n, head = min(training.n_items, MOST_REGRESSORS), min(training.n_items, HEAD)
    light = 2.0 + training.history.purchases.nnz * 4e-6
    if name in {"popular", "content"}:
        return light
    met = float((np.diff(training.history.purchases.indptr).astype(np.float64) ** 2).sum()) / MEETINGS
    if name in {"knn", "rules"}:
        return light + (TRIALS + 2) * (light + met)
    speed = _flops()
    tuning = TRIALS * (6.0 * head**3 + 4.0 * 5000 * head * head) / speed
    added = 1.5 * training.history.purchases.nnz / ADDED
    fit, light_fit = (4.0 * m**3 / speed + min(added * m, 3 * met) for m in (n, min(n, LIGHT[0])))
    als = GATHERED * training.history.purchases.nnz * FACTORS / speed
    ratings = 0 if training.history.ratings is None else RATED * GATHERED * training.history.ratings.nnz * RANK / speed
    each = {"cross": tuning + fit, "ease": tuning + fit, "als": 80 * als, "svd": light, "ratings": ratings}
    return light + each.get(name, tuning + fit + 5 * light_fit + (56 + WINDOWS * 24) * als + WINDOWS * 3 * light)


def _flops() -> float:
    """Floating-point operations a second of a matrix product on this machine."""
    a = np.ones((PROBE, PROBE), np.float32)
    a @ a
    start = time.perf_counter()
    a @ a
    return 2.0 * PROBE**3 / max(time.perf_counter() - start, 1e-6)
