"""What is offered to some customers."""

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from tests import worlds
from xsell.assemble import World
from xsell.data.training import Floats, History, Mask
from xsell.offers.choosing import offers
from xsell.offers.limits import Limits
from xsell.picking import Cap, Policy


@dataclass
class Narrow:
    """A model that scores only the two best of what is wanted, lower numbers first, and notes how often it was asked."""

    asked: list[int] = field(default_factory=list)

    def score_allowed(self, history: History, free: Mask, wanted: Mask | None = None) -> Floats:
        """Score."""
        able = free if wanted is None else free & wanted
        self.asked.append(len(history))
        first = able & (np.cumsum(able, axis=1) <= 2)
        return np.where(first, 1 - np.arange(free.shape[1]) / 100, -np.inf).astype(np.float32)


def test_a_list_goes_on_behind_the_candidates() -> None:
    """Where a model scores few at a time, it is asked for more until the list is full or nothing is left, without those that caps shut out."""
    made = worlds.table(np.eye(9)[:3], [0, 0, 0, 0, 1, 1, 2, 3, 3])
    names = pl.Series(["0", "1", "2", "3"])
    known = World(
        made, pl.Series(["a", "b", "c"]), pl.DataFrame({"item_id": [str(n) for n in range(9)]}), "any", (), pl.DataFrame(), names, ()
    )
    model = Narrow()
    for caps, n, wanted in (
        ((), 5, [[1, 2, 3, 4, 5], [0, 2, 3, 4, 5]]),
        ((Cap(made.catalog.category, 1),), 9, [[1, 4, 6, 7], [0, 4, 6, 7]]),
    ):
        bounds = Limits(np.arange(3, dtype=np.int32), Policy(caps, 0.0, made.catalog, np.zeros(9, np.int32)))
        found = offers(known, model, made.history.rows(slice(0, 2)), bounds, np.arange(2, dtype=np.int32), n)  # type: ignore[arg-type]
        assert [row[row >= 0].tolist() for row in found.ranking.items] == wanted
    assert len(model.asked) < 10
