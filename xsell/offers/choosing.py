"""What is offered to some customers: scores within the scope, business limits, then the cut to n."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xsell import ranking
from xsell.assemble import World
from xsell.best import Ranking, rounded
from xsell.data.training import Floats, History, Ints, Mask
from xsell.offers.limits import Limits
from xsell.picking import Cap, pick
from xsell.selection.hybrid import Looked, Model, weighed


@dataclass(frozen=True, slots=True)
class Found:
    """
    Lists of some customers, and what they were made from.

    Attributes:
        ranking: The lists; its scores are what they are ordered by, but for diversity.
        scores: Scores of the offers, float32 [customers × n].
        valued: Whether the order is by expected value.
        short: Rows whose lists are shorter than asked for, ascending.
        free: How many items the scope leaves to each of these.
        left: How many of them the business leaves.
        scored: How many of those have a score.
        looked: What a fusion looked at, all offers among it.
    """

    ranking: Ranking
    scores: Floats
    valued: bool
    short: NDArray[np.intp]
    free: NDArray[np.int64]
    left: NDArray[np.int64]
    scored: NDArray[np.int64]
    looked: Looked | None

    def pairs(self) -> tuple[Ints, Ints]:
        """Row and item of every offer, in the order of rows and ranks."""
        row, place = np.nonzero(self.ranking.items >= 0)
        return row.astype(np.int32), self.ranking.items[row, place]


def offers(known: World, model: Model, history: History, bounds: Limits, place: Ints, n: int) -> Found:
    """
    Choose what to offer.

    Args:
        known: Everything.
        model: A fitted model.
        history: The customers.
        bounds: What the business allows.
        place: Their places among those that the limits are for, int32.
        n: Length of the lists; less where there are fewer items.
    """
    asked, n = n, min(n, known.training.n_items)
    free = ranking.allowed(history, known.training.catalog, known.scope)
    left = bounds.leave(place)
    open_ = free if left is None else free & left
    scores, looked = weighed(model, history, free, left)
    found = pick(worth(scores, bounds), open_, n, bounds.policy)
    late = False
    while len(rows := np.flatnonzero(found.items[:, -1] < 0)):
        rest = open_[rows] & (scores[rows] == -np.inf) & ~_reached(found.items[rows], bounds.policy.caps)
        rows, rest = rows[rest.any(axis=1)], rest[rest.any(axis=1)]
        more = ranking.score(model, history.rows(rows), free[rows], rest)
        gained = rest & (more > -np.inf)
        if not gained.any():
            break
        scores = np.array(scores)
        scores[rows] = np.where(gained, more, scores[rows])
        again = pick(worth(scores[rows], bounds), open_[rows], n, bounds.policy)
        found.items[rows], found.scores[rows] = again.items, again.scores
        late = True
    if late and looked is not None:
        looked = weighed(model, history, free, _offered(found, free.shape))[1]
    own = np.take_along_axis(scores, np.maximum(found.items, 0), axis=1)
    short = np.flatnonzero((found.items >= 0).sum(axis=1) < asked)
    could, may, scored = (mask.sum(axis=1) for mask in (free[short], open_[short], open_[short] & (scores[short] > -np.inf)))
    return Found(found, rounded(own), bounds.value is not None, short, could, may, scored, looked)


def _offered(found: Ranking, shape: tuple[int, ...]) -> Mask:
    """Where the offers are, boolean [customers × items]."""
    mask = np.zeros(shape, bool)
    row, place = np.nonzero(found.items >= 0)
    mask[row, found.items[row, place]] = True
    return mask


def worth(scores: Floats, bounds: Limits) -> Floats:
    """What to order by: the score, or the expected value where items are worth something."""
    if bounds.value is None:
        return scores
    return np.where(np.isfinite(scores), np.nan_to_num(scores, neginf=0) * np.nan_to_num(bounds.value), -np.inf).astype(np.float32)


def _reached(items: Ints, caps: tuple[Cap, ...]) -> Mask:
    """Items whose group has no place left in a list, boolean [customers × items]."""
    reached = np.zeros((len(items), len(caps[0].group) if caps else 1), bool)
    for cap in caps:
        row, place = np.nonzero(items >= 0)
        held = np.zeros((len(items), int(cap.group.max(initial=-1)) + 2), np.int32)
        np.add.at(held, (row, cap.group[items[row, place]]), 1)
        held[:, -1] = 0
        reached |= (held >= cap.most)[:, cap.group]
    return reached
