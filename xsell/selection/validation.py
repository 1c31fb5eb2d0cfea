"""The validation cut: a part of the training that models are chosen on."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from xsell.contract.progress import silent
from xsell.contract.splits import parse
from xsell.data import cuts, splits
from xsell.data.training import Floats, History, Ints, Training
from xsell.errors import InputError
from xsell.metrics.ranking import hits, ndcg
from xsell.models.explicit import Explicit
from xsell.models.recommender import Recommender
from xsell.ranking import recommend

K = 10
MOST_CUSTOMERS = 5000
MOST_IDLE = 1000
MOST_CELLS = 200_000_000
QUICK_CELLS = 40_000_000
"""Scores (customers × items) computed to judge one model; to choose its parameters fewer will do."""
FEWEST_CUSTOMERS = 20


@dataclass(frozen=True, slots=True)
class Validation:
    """
    Models are fitted on `part` and judged on what `wanted` asks for.

    Attributes:
        part: The training up to the cut.
        cut: The cut.
        wanted: What the customers took up afterwards, at most 5,000 customers.
        history: Histories of these customers, one row each.
        scope: `new`, `dormant`, `same` or `any`.
        idle: Histories of some of the customers who took up nothing, at most 1,000.
        asked_each: How many customers stand behind each of those in `wanted`.
        idle_each: How many stand behind each of those in `idle`.
        rated: What customers rated afterwards, at most 5,000 customers.
        raters: Histories of these customers, one row each.
    """

    part: Training
    cut: cuts.Cut
    wanted: cuts.Heldout
    history: History
    scope: str
    idle: History
    asked_each: float = 1.0
    idle_each: float = 1.0
    rated: cuts.Rated | None = None
    raters: History | None = None

    def rmse(self, model: Explicit) -> float:
        """Root of the mean squared error of expected ratings, NaN where nothing was rated."""
        if self.rated is None or self.raters is None:
            return np.nan
        row = np.unique(self.rated.user, return_inverse=True)[1]
        return float(np.sqrt(np.mean((model.predict(self.raters, row, self.rated.item) - self.rated.value) ** 2)))

    def judge(self, model: Recommender) -> NDArray[np.float64]:
        """NDCG@10 of every validation customer."""
        return self.value(recommend(model, self.history, self.part.catalog, self.scope, K, silent).items)

    def value(self, items: Ints) -> NDArray[np.float64]:
        """NDCG@10 of lists of all validation customers, int32 [customers × 10]."""
        return ndcg(hits(items, self.wanted), np.diff(self.wanted.indptr))

    def some(self, pick: NDArray[np.integer]) -> "Validation":
        """The same cut for some of the customers, ascending places."""
        return replace(self, wanted=_rows(self.wanted, pick), history=self.history.rows(pick))

    def labels(self, row: NDArray[np.integer], item: NDArray[np.integer]) -> Floats:
        """1 where the customer of that row took up the item, else 0."""
        width = self.part.n_items
        owner = np.repeat(np.arange(len(self.wanted.user), dtype=np.int64), np.diff(self.wanted.indptr))
        return np.isin(row.astype(np.int64) * width + item, owner * width + self.wanted.item).astype(np.float32)


def validation(training: Training, scope: str, rule: str, seed: int) -> Validation | None:
    """
    Cut off a validation part, or None where too few customers would be left to judge on.

    Args:
        training: Everything known.
        scope: `new`, `dormant`, `same` or `any`.
        rule: A split as one types it, or empty for the rule nearest to real use.
        seed: Seed of the cut and of the sample of customers.
    """
    for name in dict.fromkeys((rule or splits.default_rule(training.log, scope), "new-category" if scope == "new" else "random")):
        try:
            cut = splits.make(parse(name), training.log, training.catalog, seed)
        except InputError:
            continue
        seen = cuts.known(training, cut)
        asked = cuts.heldout(training, seen, cut, scope)
        wanted = sample(asked, _most(seen, MOST_CELLS), seed)
        if len(wanted.user) >= FEWEST_CUSTOMERS:
            part = seen if cut.shown is None else cuts.learnt(training, cut)
            idle = np.setdiff1d(np.flatnonzero(np.diff(seen.history.owned.indptr)), asked.user)
            some = drawn(idle, min(MOST_IDLE, _most(seen, MOST_CELLS)), seed)
            each = len(asked.user) / len(wanted.user), len(idle) / max(len(some), 1)
            rated, raters = _raters(training, seen, cut, seed)
            return Validation(part, cut, wanted, seen.history.rows(wanted.user), scope, seen.history.rows(some), *each, rated, raters)
    return None


def _raters(training: Training, seen: Training, cut: cuts.Cut, seed: int) -> tuple[cuts.Rated | None, History | None]:
    """What some of the customers rated afterwards, and what is known of them before."""
    rated = cuts.rated(training, seen, cut)
    if not len(rated.user):
        return None, None
    some = drawn(np.unique(rated.user), MOST_CUSTOMERS, seed)
    return rated.take(some), seen.history.rows(some)


def drawn(users: NDArray[np.integer], most: int, seed: int) -> NDArray[np.integer]:
    """At most so many, at random, ascending."""
    return users if len(users) <= most else np.sort(np.random.default_rng(seed).choice(users, most, replace=False))


def quick(judge: Validation, seed: int) -> Validation:
    """The same cut with fewer customers where there are many items, for choosing parameters."""
    return judge.some(drawn(np.arange(len(judge.wanted.user)), _most(judge.part, QUICK_CELLS), seed))


def _most(part: Training, cells: int) -> int:
    return min(MOST_CUSTOMERS, max(cells // part.n_items, 10 * FEWEST_CUSTOMERS))


def sample(wanted: cuts.Heldout, most: int, seed: int) -> cuts.Heldout:
    """Keep a random choice of at most so many customers."""
    return wanted if len(wanted.user) <= most else _rows(wanted, drawn(np.arange(len(wanted.user)), most, seed))


def _rows(wanted: cuts.Heldout, pick: NDArray[np.integer]) -> cuts.Heldout:
    """What is asked of some customers, ascending places."""
    size = np.diff(wanted.indptr)
    kept = np.zeros(len(wanted.user), bool)
    kept[pick] = True
    return cuts.Heldout(wanted.user[pick], np.r_[0, np.cumsum(size[pick])], wanted.item[np.repeat(kept, size)], wanted.dropped)
