"""A board to report on: one model that finds everything, the others at random."""

import numpy as np

from tests.metrics.grounds import ground
from xsell.contract import names
from xsell.metrics.measured import measure
from xsell.metrics.scoreboard import Score, judge

K = 10


def board(customers: int = 60, models: tuple[str, ...] = names.MODELS, category: tuple[int, ...] = tuple(range(40))) -> dict[str, Score]:
    """Judge models whose lists are random but for the first, which finds everything."""
    dice = np.random.default_rng(0)
    lists = {model: dice.permuted(np.tile(np.arange(40, dtype=np.int32), (customers, 1)), axis=1)[:, :K] for model in models}
    lists[models[0]] = np.tile(np.arange(K, dtype=np.int32), (customers, 1))
    return judge([measure(lists, ground([range(K)] * customers, [[39]] * customers, category), [K], lists["popular"])], "popular", 0)[K]
