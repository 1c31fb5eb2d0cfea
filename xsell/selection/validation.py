"""The validation cut: a part of the training that models are chosen on."""

from dataclasses import dataclass, replace
from typing import Any, NotRequired, Protocol, Self, TypedDict

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

Values = NDArray[np.float64]


class Measures(TypedDict):
    """What a trial is measured by."""

    ndcg: float
    rmse: NotRequired[float]


class Judge(Protocol):
    """Customers whom models are judged on."""

    @property
    def history(self) -> History:
        """Histories of these customers, one row each."""

    def some(self, pick: NDArray[np.integer]) -> Self:
        """Give the same for some of the customers, ascending places."""

    def judge(self, model: Any) -> Values:
        """How good a model is for every customer, float64 [customers]; the more the better."""

    def told(self, values: Values) -> Measures:
        """Measures of a trial that came to these values, by name."""


@dataclass(frozen=True, slots=True)
class Raters:
    """
    Expected ratings are judged on what customers rated afterwards, all ratings with the same weight.

    Attributes:
        rated: What they rated.
        history: Histories of these customers, one row each.
    """

    rated: cuts.Rated
    history: History

    def some(self, pick: NDArray[np.integer]) -> "Raters":
        """The same for some of the customers, ascending places."""
        return Raters(self.rated.take(np.unique(self.rated.user)[pick]), self.history.rows(pick))

    def judge(self, model: Explicit) -> Values:
        """Sum of the squared errors of every customer's ratings below 0, in units that make the mean that of all ratings."""
        row = np.unique(self.rated.user, return_inverse=True)[1]
        off = model.predict(self.history, row, self.rated.item) - self.rated.value
        return np.asarray(np.bincount(row, off**2) * (-len(self.history) / len(row)), np.float64)

    def told(self, values: Values) -> Measures:
        """Root of the mean squared error."""
        return {"ndcg": np.nan, "rmse": float(np.sqrt(-values.mean()))}


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
        raters: Of the customers who rated something afterwards at most 5,000, None where they are too few to judge on.
    """

    part: Training
    cut: cuts.Cut
    wanted: cuts.Heldout
    history: History
    scope: str
    idle: History
    asked_each: float = 1.0
    idle_each: float = 1.0
    raters: Raters | None = None

    def judge(self, model: Recommender) -> Values:
        """NDCG@10 of every validation customer."""
        return self.value(recommend(model, self.history, self.part.catalog, self.scope, K, silent).items)

    def told(self, values: Values) -> Measures:
        """NDCG@10, the mean over the customers."""
        return {"ndcg": float(values.mean())}

    def value(self, items: Ints) -> Values:
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
            raters = _raters(training, seen, cut, seed)
            return Validation(part, cut, wanted, seen.history.rows(wanted.user), scope, seen.history.rows(some), *each, raters)
    return None


def _raters(training: Training, seen: Training, cut: cuts.Cut, seed: int) -> Raters | None:
    """What some of the customers rated afterwards, and what is known of them before; None where they are too few."""
    rated = cuts.rated(training, seen, cut)
    who = np.unique(rated.user)
    if len(who) < FEWEST_CUSTOMERS:
        return None
    some = drawn(who, MOST_CUSTOMERS, seed)
    return Raters(rated.take(some), seen.history.rows(some))


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
