"""Learning `hybrid` on the validation cut: its table, its weights, what it listens to, and whether it beats its best part."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from xsell.best import top
from xsell.contract.progress import Tell
from xsell.data.training import Floats, History, Ints
from xsell.metrics.ranking import ndcg
from xsell.parallel import each
from xsell.ranking import allowed, blocks
from xsell.selection.evidence import KINDS, OF_CUSTOMERS, TIMELESS
from xsell.selection.hybrid import Hybrid
from xsell.selection.logistic import apart, logistic
from xsell.selection.table import EQUAL, Table, Weights, thinned, values
from xsell.selection.validation import K, Validation

ITEMS = "what is known of items"
TIMES = "what is recent"

Values = NDArray[np.float64]
Referee = Callable[[NDArray[np.intp]], Values]
SOFTNESS = 0.1
"""Inverse strength of the penalty on the weights of standardised features."""
FEW = 500
"""Customers below which an advantage must be one standard error."""
CELLS = 3_000_000
"""Scores of each part that a worker looks at: the memory of one piece of work serves for the next, which fresh memory does not come near to."""


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
        at = np.flatnonzero(chosen.real)
        own = np.take(features.reshape(-1, features.shape[2]), at, axis=0, mode="clip")
        lists = np.stack([top(score, free, K).items for score in scores], axis=1)
        return block.start + at // features.shape[1], chosen.items.ravel()[at], own, lists

    row, item, seen, lists = zip(*each(work, blocks(len(history), judge.part.n_items, CELLS)), strict=True)
    return np.concatenate(row), np.concatenate(item), _together(list(seen)), np.concatenate(lists)


def _together(pieces: list[Floats]) -> Floats:
    """One below the other, each of which is forgotten as soon as it is copied: they are large."""
    edges = np.cumsum([0, *map(len, pieces)])
    whole = np.empty((edges[-1], pieces[0].shape[1]), np.float32)

    def copied(piece: int) -> None:
        whole[edges[piece] : edges[piece + 1]] = pieces[piece]
        pieces[piece] = whole[:0]

    each(copied, range(len(pieces)))
    return whole


def learn(known: Table, use: NDArray[np.intp], start: Weights | None = None, also: Table | None = None) -> Weights:
    """
    Logistic regression on some features.

    Args:
        known: Candidates.
        use: Numbers of the features to use.
        start: Weights that are not far from those wanted, which saves most of the steps.
        also: Candidates of another window to learn from as well, or None: one window has its own season.
    """
    if also is None:
        seen, bought, weight = known.sample.seen, known.sample.bought, known.sample.weight
    else:
        bought = np.concatenate([known.bought, also.bought])
        pick, weight = thinned(bought)
        seen, bought = known.standard(_picked(known.seen, also.seen, pick)), bought[pick]
    if not len(bought) or bought.min() == bought.max():
        return _named(known, use, None)
    return _named(known, use, logistic(seen[:, use], bought, weight, SOFTNESS, _near(start, use)))


def _picked(first: Floats, second: Floats, pick: NDArray[np.intp]) -> Floats:
    """Some rows, ascending, of two tables one below the other, which are never put together: they are large."""
    above = np.searchsorted(pick, len(first))
    return np.concatenate([first[pick[:above]], second[pick[above:] - len(first)]])


def _near(start: Weights | None, use: NDArray[np.intp]) -> tuple[Floats, float] | None:
    return (start.slope[use], start.intercept) if start else None


def _named(known: Table, use: NDArray[np.intp], found: tuple[Floats, float] | None) -> Weights:
    """Weights of all features from those of some, or from nothing."""
    slope = np.zeros(known.seen.shape[1], np.float32)
    slope[use], intercept = found or (0, 0.0)
    return Weights(*known.spread, slope, intercept)


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
    bought = np.concatenate([known.bought, np.zeros(len(idle), np.float32)])
    if bought.min() == bought.max():
        return weights
    pick, weight = thinned(bought)
    seen, behind = _picked(known.seen, idle, pick), np.where(pick < len(known.seen), judge.asked_each, judge.idle_each)
    # Where all of the one kind bought equally much, it would tell them from the others fully, and nothing else would count.
    differs = float(known.seen[:, activity].std() > EQUAL)
    busy = differs * (seen[:, activity] - weights.mean[activity]) / weights.spread[activity]
    both = np.stack([weights.value(seen), busy], axis=1)
    (stretch, shift), intercept = logistic(both, bought[pick], weight * behind, np.inf)
    if stretch <= 0:
        return weights
    slope = (weights.slope * stretch).astype(np.float32)
    slope[activity] += shift
    return replace(weights, slope=slope, intercept=float(weights.intercept * stretch + intercept))


def crossfit(known: Table, use: NDArray[np.intp], start: Weights | None = None) -> Floats:
    """Value of every candidate by weights learnt from the other folds of customers, float32 [rows]; `start` is that of `learn`."""
    sample = known.sample
    found = apart(sample.seen[:, use], sample.bought, sample.weight, sample.edges, SOFTNESS, _near(start, use))
    return values([_named(known, use, one) for one in found], known.seen, known.fold)


def judged(known: Table, value: Floats) -> NDArray[np.float64]:
    """NDCG@10 of every validation customer when candidates are ranked by a value."""
    scores = np.full(known.found.shape, -np.inf, np.float32)
    scores[known.row, known.place] = value
    picked = top(scores, np.ones(scores.shape, bool), K).items
    hit = np.take_along_axis(known.found, np.maximum(picked, 0), axis=1) & (picked >= 0)
    return ndcg(hit, known.relevant)


def better(value: Values, other: Values, errors: float = 1.0) -> bool:
    """Whether the paired difference is above zero by more than so many of its standard errors."""
    difference = value - other
    return bool(difference.mean() > errors * difference.std() / np.sqrt(max(len(difference), 1)))


def holds(value: Values, part: Values) -> bool:
    """
    Whether a fusion is better enough than its best part to be used, by the NDCG@10 of every customer who decides.

    It was learnt from less than it will be in the end, so half a standard error is enough; but of few customers it may have learnt nothing at all.
    """
    return better(value, part, 1.0 if len(value) < FEW else 0.5)


def fair(late: Table, early: Table | None, use: NDArray[np.intp], start: Weights) -> Floats:
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


def prune(known: Mapping[str, NDArray[np.intp]], lead: str, total: int, referee: Referee, tell: Tell) -> set[str]:
    """
    Leave out, one after the other, groups of features without which the lists are better by more than chance.

    Args:
        known: Features of each group.
        lead: Group that stays: the part whose scores say how much a customer is drawn to each category.
        total: Number of features.
        referee: Judges a choice of features by the NDCG@10 of every customer.
        tell: Hears what is being tried.

    Returns:
        Groups that stay.
    """
    kept, value = set(known), referee(np.arange(total))
    for group in reversed(list(known)):
        if group == lead:
            continue
        tell(f"fusion: is {group} needed?")
        without = referee(left(known, kept - {group}, total))
        if better(without, value):
            kept, value = kept - {group}, without
    return kept


def left(known: Mapping[str, NDArray[np.intp]], kept: set[str], total: int) -> NDArray[np.intp]:
    """Numbers of the features that belong to no group left out."""
    out = [known[group] for group in known if group not in kept]
    return np.setdiff1d(np.arange(total), np.concatenate(out)) if out else np.arange(total)
