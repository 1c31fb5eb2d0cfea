"""How long a choice will take, roughly."""

import time

import numpy as np

from xsell.data.training import Training
from xsell.models.regression import MOST_REGRESSORS
from xsell.parallel import limit, workers
from xsell.selection.factors import enough
from xsell.selection.parts import LIGHT, regressors
from xsell.selection.tuning import HEAD
from xsell.selection.validation import MOST_CUSTOMERS

PROBE, LOOKS = 512, 5
TRIALS = 8
FACTORS, RANK = 64, 16
GATHERED = 250.0
"""Operations of a matrix product in the time that a sweep of als needs for one number of a gathered vector: it waits for memory, not for sums."""
ADDED = 6e9
"""Numbers of whole rows that are added in a second."""
MEETINGS = 4e7
"""Pairs of products in a history that are counted in a second by sparse sums."""
RATED = 300
"""Sweeps of ratings: as many trials as there are, and the fit."""
TUNING_SWEEPS, SWEEPS = 30, {"als": 12, "hybrid": 40}
"""Sweeps of als over what it is tuned on, and over everything."""
LIGHT_FITS = 7
"""Light regressions that a fusion takes as long as: two on each of two windows, one on beginnings of whole histories, of which there are two each."""


def seconds(training: Training, name: str) -> float:
    """
    Estimate the time of choosing and fitting a model from the size of its matrices and the speed of this machine.

    Args:
        training: What it will be fitted on.
        name: Name of the model.
    """
    history = training.history
    n, head, pairs = min(training.n_items, MOST_REGRESSORS), min(training.n_items, HEAD), history.purchases.nnz
    light = 1.0 + pairs * 2e-6
    if name in {"popular", "content"}:
        return light
    met = float((np.diff(history.purchases.indptr).astype(np.float64) ** 2).sum()) / MEETINGS
    if name in {"knn", "rules"}:
        return light + (TRIALS + 2) * (light / 3 + min(met, pairs * n / 2 / ADDED))
    speed = _flops()
    tuning = TRIALS * (2.5 * head**3 + 2.0 * MOST_CUSTOMERS * head * head) / speed
    fit, last_fit, light_fit = (
        3.0 * m**3 / speed + min(1.5 * pairs * m / ADDED, 3 * met) for m in (n, regressors(training, n), min(n, LIGHT[0]))
    )
    tuned = min(pairs, enough(training.n_items))
    als = {model: GATHERED * FACTORS * (TUNING_SWEEPS * tuned + sweeps * pairs) / speed for model, sweeps in SWEEPS.items()}
    ratings = 0 if history.ratings is None else RATED * GATHERED * history.ratings.nnz * RANK / speed
    each = {"cross": tuning + fit, "ease": tuning + fit, "als": als["als"], "svd": light, "ratings": ratings}
    return light + each.get(name, tuning + last_fit + LIGHT_FITS * light_fit + als["hybrid"] + 2 * light)


def _flops() -> float:
    """Floating-point operations a second of matrix products on this machine; by the best of a few on one thread, for others may be at work on it."""
    a, threads, took = np.ones((PROBE, PROBE), np.float32), workers(), []
    with limit(1):
        for _ in range(LOOKS):
            start = time.perf_counter()
            a @ a
            took.append(time.perf_counter() - start)
    return threads * 2.0 * PROBE**3 / max(min(took), 1e-6)
