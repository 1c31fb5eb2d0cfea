"""How long a choice will take, roughly."""

import time

import numpy as np

from xsell.data.training import Training
from xsell.models.regression import MOST_REGRESSORS
from xsell.selection.tuning import HEAD, LAMBDAS, RHOS

PROBE = 768


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
    speed = _flops()
    tuning = len(LAMBDAS) * len(RHOS) * (6.0 * head**3 + 4.0 * 5000 * head * head) / speed
    fits = 2 * (4.0 * n**3) / speed
    als = 40 * training.history.purchases.nnz * 64 * 64 * 2 / (speed / 4)
    return light + {"cross": tuning + fits, "ease": tuning + fits, "als": als, "svd": light}.get(name, tuning + 2 * fits + als)


def _flops() -> float:
    """Floating-point operations a second of a matrix product on this machine."""
    a = np.ones((PROBE, PROBE), np.float32)
    a @ a
    start = time.perf_counter()
    a @ a
    return 2.0 * PROBE**3 / max(time.perf_counter() - start, 1e-6)
