"""The customers who were contacted and those who were held back: their lists, and what came of them."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from xsell.data.cuts import Heldout
from xsell.data.ids import numbering
from xsell.data.matrix import codes
from xsell.data.training import Floats, Ints, Mask, pairs
from xsell.metrics.apart import rate
from xsell.metrics.intervals import intervals
from xsell.metrics.ranking import hits
from xsell.report.shipped import Group
from xsell.shipped.reading import Read

CONTACTED, HELD_BACK = "contacted", "held back"


@dataclass(frozen=True, slots=True)
class Side:
    """
    Customers of one group, and what they took up.

    Attributes:
        label: What to call the group.
        users: Their ids, sorted.
        lists: Numbers of products, customers × k, -1 where a list has ended.
        scores: Score of every place, NaN where there is none.
        taken: What they took up, offered or not; customers with nothing have no items.
    """

    label: str
    users: pl.Series
    lists: Ints
    scores: Floats
    taken: Heldout

    def first(self, k: int) -> "Side":
        """Look at the first places only."""
        return replace(self, lists=self.lists[:, :k], scores=self.scores[:, :k])

    @property
    def right(self) -> Mask:
        """Whether each place of each list was taken up."""
        return hits(self.lists, self.taken)

    @property
    def takers(self) -> Mask:
        """Customers who took up an offer."""
        return np.asarray(self.right.any(1))

    @property
    def buyers(self) -> Mask:
        """Customers who took up anything, offered or not."""
        return np.diff(self.taken.indptr) > 0


def side(found: Read, held: bool, k: int) -> Side:
    """
    Gather the customers of one group.

    Args:
        found: The files.
        held: Whether it is the control group.
        k: Length of the lists; shorter ones are filled up.
    """
    offers = found.lists.offers.filter((pl.col("held") == held) & (pl.col("rank") <= k))
    users, items = numbering(offers["user_id"]), found.products
    place = codes(offers["user_id"], users), offers["rank"].to_numpy() - 1
    lists, scores = np.full((len(users), k), -1, np.int32), np.full((len(users), k), np.nan, np.float32)
    lists[place] = codes(offers["item_id"], items)
    scores[place] = offers["score"].cast(pl.Float32).fill_null(np.nan).to_numpy()
    own = found.took.filter(pl.col("user_id").is_in(users.implode()))
    matrix = pairs(codes(own["user_id"], users), codes(own["item_id"], items), (len(users), len(items)))
    taken = Heldout(np.arange(len(users), dtype=np.int32), matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32))
    return Side(HELD_BACK if held else CONTACTED, users, lists, scores, taken)


def group(one: Side, k: int, seed: int) -> Group:
    """
    Count what came of the lists of a group.

    Args:
        one: The group.
        k: Length of the lists.
        seed: Seed of the bootstrap.
    """
    right = one.right[:, :k]
    (precision,) = intervals(right.sum(1, keepdims=True) / k, seed)
    takers = int(np.count_nonzero(right.any(1)))
    return Group(one.label, len(one.users), int(one.buyers.sum()), takers, rate(takers, len(one.users)), precision)
