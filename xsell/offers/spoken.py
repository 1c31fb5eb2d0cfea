"""Why each customer of an audience is in it."""

import numpy as np
import polars as pl

from xsell import ranking
from xsell.assemble import World
from xsell.offers.lists import Asked, phrases, worded
from xsell.offers.reach import Reach, place
from xsell.offers.seeking import TOGETHER
from xsell.parallel import each
from xsell.selection.hybrid import Model, weighed


def spoken(known: World, model: Model, asked: Asked, chosen: Reach) -> pl.Series:
    """
    Say why each of the chosen pairs was chosen.

    Args:
        known: Everything.
        model: A fitted model.
        asked: The customers.
        chosen: The pairs.
    """
    order = np.lexsort((chosen.item, chosen.user))
    layer = place(chosen.user[order]) // TOGETHER
    order = order[np.argsort(layer, kind="stable")]
    start = np.flatnonzero(np.diff(chosen.user[order], prepend=-1))
    edges = np.r_[start, len(order)]

    def work(block: slice) -> pl.Series:
        return _of_some(known, model, asked, chosen.take(order[edges[block.start] : edges[block.stop]]))

    parts = each(work, ranking.blocks(len(start), known.training.n_items))
    return pl.concat([pl.Series("because", [], pl.String), *parts]).gather(np.argsort(order))


def _of_some(known: World, model: Model, asked: Asked, some: Reach) -> pl.Series:
    """The fusion looks again at these customers, as it explains only what it has looked at."""
    row = (np.cumsum(np.diff(some.user, prepend=some.user[0]) != 0)).astype(np.int32)
    history = known.training.history.rows(asked.number[some.user[np.flatnonzero(np.diff(row, prepend=-1))]])
    free = ranking.allowed(history, known.training.catalog, known.scope)
    offered = np.zeros(free.shape, bool)
    offered[row, some.item] = True
    told = phrases(known, model, weighed(model, history, free, offered)[1], history, row, some.item)
    every = pl.DataFrame({"offer": pl.Series(np.arange(len(some)), dtype=pl.UInt32)})
    return every.join(told, on="offer", how="left", maintain_order="left").select(because=worded())["because"]
