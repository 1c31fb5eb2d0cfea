"""Learning `hybrid` on the validation cut: its table, its weights, what it listens to, and whether it beats its best part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xsell.best import top
from xsell.contract.progress import Tell
from xsell.data.training import Floats, History, Ints, Mask
from xsell.metrics.ranking import ndcg
from xsell.parallel import each
from xsell.ranking import allowed, blocks
from xsell.selection.evidence import KINDS, OF_CUSTOMERS, TIMELESS
from xsell.selection.hybrid import Hybrid
from xsell.selection.logistic import logistic
from xsell.selection.validation import K, Validation

FOLDS = 5
MOST_ROWS = 100_000
ITEMS = "what is known of items"
TIMES = "what is recent"

Values = NDArray[np.float64]
Referee = Callable[[NDArray[np.intp]], Values]
EQUAL = 1e-6
"""Standard deviation up to which a feature is the same everywhere."""
SOFTNESS = 0.1
"""Inverse strength of the penalty on the weights of standardised features."""


@dataclass(frozen=True)
class Table:
    """
    Candidates of the validation customers, one row a customer and item.

    Attributes:
        row: Row of the customer among the validation customers, ascending.
        item: Item number, ascending within a customer.
        seen: Features, float32 [rows × features].
        bought: 1 where the customer took up the item, float32.
        customers: Number of validation customers.
        relevant: What each of them took up, candidates or not.
    """

    row: NDArray[np.int64]
    item: NDArray[np.int32]
    seen: Floats
    bought: Floats
    customers: int
    relevant: NDArray[np.int64]

    @cached_property
    def spread(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of every feature, 1 where it is the same everywhere."""
        mean, wide = self.seen.mean(axis=0, dtype=np.float64), self.seen.std(axis=0, dtype=np.float64)
        return mean.astype(np.float32), np.where(wide > EQUAL, wide, 1).astype(np.float32)

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Place of every row among those of its customer."""
        return np.asarray(np.arange(len(self.row)) - np.searchsorted(self.row, self.row))

    @cached_property
    def found(self) -> Mask:
        """Whether the customer took up the item, boolean [customers × most rows of one]."""
        found = np.zeros((self.customers, int(self.place.max(initial=0)) + 1), bool)
        found[self.row, self.place] = self.bought > 0
        return found


@dataclass(frozen=True, slots=True)
class Weights:
    """
    A fitted logistic regression.

    Attributes:
        mean: Centre of every feature.
        spread: Spread of every feature.
        slope: Weight of every standardised feature; 0 for features left out.
        intercept: Log-odds at the centre.
    """

    mean: Floats
    spread: Floats
    slope: Floats
    intercept: float

    def value(self, seen: Floats) -> Floats:
        """Log-odds, float32 [rows]."""
        return (seen - self.mean) @ (self.slope / self.spread) + np.float32(self.intercept)


def table(judge: Validation, hybrid: Hybrid, tell: Tell) -> tuple[Table, dict[str, Values]]:
    """Look at all candidates of the validation customers; give NDCG@10 of every customer by each part alone, too."""
    row, item, seen, lists = looked(judge, judge.history, hybrid, tell)
    known = Table(row, item, seen, judge.labels(row, item), len(judge.history), np.diff(judge.wanted.indptr))
    return known, {name: judge.value(lists[:, k]) for k, name in enumerate(hybrid.parts)}


def looked(judge: Validation, history: History, hybrid: Hybrid, tell: Tell) -> tuple[NDArray[np.int64], Ints, Floats, Ints]:
    """
    Look at all candidates of some customers.

    Returns:
        Row of the customer, item, and features, float32 [candidates × features]; and the lists of each part alone, int32 [customers × parts × 10].
    """

    def work(block: slice) -> tuple[NDArray[np.int64], Ints, Floats, Ints]:
        tell("fusion: looking at candidates", block.start, len(history))
        some = history.rows(block)
        free = allowed(some, judge.part.catalog, judge.scope)
        scores = [part.score(some) for part in hybrid.parts.values()]
        chosen, features = hybrid.compare(scores, some, free)
        row, place = np.nonzero(chosen.real)
        lists = np.stack([top(score, free, K).items for score in scores], axis=1)
        return row.astype(np.int64) + block.start, chosen.items[row, place], features[row, place], lists

    row, item, seen, lists = (np.concatenate(x) for x in zip(*each(work, blocks(len(history), judge.part.n_items)), strict=True))
    return row, item, seen, lists


def learn(known: Table, use: NDArray[np.intp], out: Mask | None = None, start: Weights | None = None, also: Table | None = None) -> Weights:
    """
    Logistic regression on some features.

    Args:
        known: Candidates.
        use: Numbers of the features to use.
        out: Rows that are not to be learnt from, boolean, or None for none.
        start: Weights that are not far from those wanted, which saves most of the steps.
        also: Candidates of another window to learn from as well, or None: one window has its own season.
    """
    mean, spread = known.spread
    slope = np.zeros(known.seen.shape[1], np.float32)
    rows = np.arange(len(known.seen)) if out is None else np.flatnonzero(~out)
    bought = known.bought[rows] if also is None else np.concatenate([known.bought[rows], also.bought])
    if not len(bought) or bought.min() == bought.max():
        return Weights(mean, spread, slope, 0.0)
    pick, weight = _thinned(bought)
    seen = known.seen[np.ix_(rows[pick[pick < len(rows)]], use)]
    if also is not None:
        seen = np.concatenate([seen, also.seen[np.ix_(pick[pick >= len(rows)] - len(rows), use)]])
    near = (start.slope[use], start.intercept) if start else None
    slope[use], intercept = logistic((seen - mean[use]) / spread[use], bought[pick], weight, SOFTNESS, near)
    return Weights(mean, spread, slope, intercept)


def calibrated(weights: Weights, known: Table, idle: Floats, activity: int, judge: Validation) -> Weights:
    """
    Weights whose log-odds are those of all customers, not only of those who took up something: no customer's list changes its order.

    Args:
        weights: Learnt from the customers who took up something.
        known: Their candidates.
        idle: Features of candidates of customers who took up nothing, float32 [rows × features].
        activity: Number of the feature that is the same for all candidates of a customer.
        judge: Says how many customers stand behind each.
    """
    seen = np.concatenate([known.seen, idle])
    bought = np.concatenate([known.bought, np.zeros(len(idle), np.float32)])
    if bought.min() == bought.max():
        return weights
    behind = np.repeat([judge.asked_each, judge.idle_each], [len(known.seen), len(idle)])
    pick, weight = _thinned(bought)
    # Where all of the one kind bought equally much, it would tell them from the others fully, and nothing else would count.
    differs = float(known.seen[:, activity].std() > EQUAL)
    busy = differs * (seen[pick, activity] - weights.mean[activity]) / weights.spread[activity]
    both = np.stack([weights.value(seen[pick]), busy], axis=1)
    (stretch, shift), intercept = logistic(both, bought[pick], weight * behind[pick], np.inf)
    if stretch <= 0:
        return weights
    slope = (weights.slope * stretch).astype(np.float32)
    slope[activity] += shift
    return replace(weights, slope=slope, intercept=float(weights.intercept * stretch + intercept))


def _thinned(bought: Floats) -> tuple[NDArray[np.intp], Floats]:
    """All rows that were bought and every so-manieth of the others, with weights that make up for it."""
    step = max(1, len(bought) // MOST_ROWS)
    rest = np.flatnonzero(bought == 0)[::step]
    pick = np.sort(np.concatenate([np.flatnonzero(bought > 0), rest]))
    return pick, np.where(bought[pick] > 0, 1, step).astype(np.float32)


def crossfit(known: Table, use: NDArray[np.intp], start: Weights | None = None) -> Floats:
    """Value of every candidate by weights learnt from the other folds of customers, float32 [rows]; `start` is that of `learn`."""
    value = np.zeros(len(known.row), np.float32)
    fold = known.row % FOLDS

    def work(k: int) -> None:
        out = fold == k
        if out.any():
            value[out] = learn(known, use, out, start).value(known.seen[out])

    each(work, range(FOLDS))
    return value


def judged(known: Table, value: Floats) -> NDArray[np.float64]:
    """NDCG@10 of every validation customer when candidates are ranked by a value."""
    scores = np.full(known.found.shape, -np.inf, np.float32)
    scores[known.row, known.place] = value
    picked = top(scores, np.ones(scores.shape, bool), K).items
    hit = np.take_along_axis(known.found, np.maximum(picked, 0), axis=1) & (picked >= 0)
    return ndcg(hit, known.relevant)


def better(value: NDArray[np.float64], other: NDArray[np.float64]) -> bool:
    """Whether the paired difference is above zero by more than its standard error."""
    difference = value - other
    return bool(difference.mean() > difference.std() / np.sqrt(max(len(difference), 1)))


def apart(late: Table, early: Table | None, use: NDArray[np.intp], start: Weights) -> Floats:
    """
    Value of candidates by weights learnt without them.

    Args:
        late: What is learnt from.
        early: Candidates of an earlier window, or None to judge those of `late`: what holds in one season only does not pass.
        use: Numbers of the features to use.
        start: What `late` teaches on all features.
    """
    return crossfit(late, use, start) if early is None else learn(late, use, start=start).value(early.seen)


def activity(parts: Sequence[str]) -> int:
    """Number of the feature that says how much a customer has bought."""
    return len(KINDS) * len(parts) + len(OF_CUSTOMERS) - 1


def groups(parts: Sequence[str], statics: Sequence[str]) -> dict[str, NDArray[np.intp]]:
    """
    Features that stay or go together: those of each part, those of items, and of these the ones that come from times.

    Args:
        parts: Names of the parts in their order.
        statics: Names of the features of items in their order.
    """
    each = len(KINDS)
    found = {part: np.arange(each * place, each * (place + 1)) for place, part in enumerate(parts)}
    first = each * len(parts) + len(OF_CUSTOMERS)
    items = np.arange(first, first + len(statics))
    timed = np.array([name not in TIMELESS for name in statics], bool)
    return found | {ITEMS: items} | ({TIMES: items[timed]} if timed.any() else {})


def prune(known: Mapping[str, NDArray[np.intp]], lead: str, total: int, referee: Referee, tell: Tell) -> tuple[set[str], Values]:
    """
    Leave out, one after the other, groups of features without which the lists are better by more than chance.

    Args:
        known: Features of each group.
        lead: Group that stays: the part whose scores say how much a customer is drawn to each category.
        total: Number of features.
        referee: Judges a choice of features by the NDCG@10 of every customer.
        tell: Hears what is being tried.

    Returns:
        Groups that stay, and the NDCG@10 of every customer with them.
    """
    kept, value = set(known), referee(np.arange(total))
    for group in reversed(list(known)):
        if group == lead:
            continue
        tell(f"fusion: is {group} needed?")
        without = referee(left(known, kept - {group}, total))
        if better(without, value):
            kept, value = kept - {group}, without
    return kept, value


def left(known: Mapping[str, NDArray[np.intp]], kept: set[str], total: int) -> NDArray[np.intp]:
    """Numbers of the features that belong to no group left out."""
    out = [known[group] for group in known if group not in kept]
    return np.setdiff1d(np.arange(total), np.concatenate(out)) if out else np.arange(total)
