"""
Cuts: which events a model may see and what it is judged on afterwards.

A cut is a boolean mask over the events of a Log, computed here and nowhere else: the evaluation and the choice of models use the same rules.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.scopes import closed, shelf_of
from xsell.data.training import Catalog, Ints, Log, Mask, Training, categories_of, pairs, positives
from xsell.errors import InputError

Rule = Callable[[Log, Catalog, int], "Cut"]
"""Events, items and a seed in, a cut out."""

NO_HISTORY = "without history"
NOTHING_LEFT = "with nothing left to find"
OWNED = "already owned"

TRAIN_SHARE = 0.8
CATEGORY_SHARE = 0.3
RANDOM_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Cut:
    """
    One way to hold out.

    Attributes:
        rule: `temporal`, `new-category`, `random`, `leave-last` or `file`.
        keep: One boolean an event of the log: true in the training part.
        moment: Last moment of the training part in seconds since 1970, or NaN where the cut is none in time.
        window: Seconds from there to the last event, or NaN.
    """

    rule: str
    keep: Mask
    moment: float = np.nan
    window: float = np.nan


@dataclass(frozen=True, slots=True)
class Heldout:
    """
    What a cut asks for.

    Attributes:
        user: Customers with something to find, ascending, int32.
        indptr: Where the items of each customer start in `item`.
        item: Relevant items, ascending within a customer.
        dropped: How many held-out pairs were left out, by cause.
        skipped: How many customers with held-out pairs were left out, by cause.
    """

    user: Ints
    indptr: NDArray[np.int64]
    item: Ints
    dropped: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)


def temporal(log: Log, catalog: Catalog, seed: int) -> Cut:
    """Train on the first 80 % of the events in time, judge on the later ones."""
    del catalog, seed
    known = np.sort(log.at[np.isfinite(log.at)])
    if not len(known):
        raise InputError(
            "A temporal split needs times, and no event has one.", "Use --split random, or name the column with --map at=COLUMN."
        )
    moment = float(np.quantile(known, TRAIN_SHARE, method="nearest"))
    if moment >= known[-1]:
        earlier = known[known < known[-1]]
        if not len(earlier):
            raise InputError("A temporal split needs events at different times, and all have the same one.", "Use --split random.")
        moment = float(earlier[-1])
    return Cut("temporal", ~(log.at > moment), moment, float(known[-1] - moment))


def new_category(log: Log, catalog: Catalog, seed: int) -> Cut:
    """Hide all events in a random 30 % of the categories of every customer who has at least two."""
    category = catalog.category[log.item].astype(np.int64)
    key = np.where(category >= 0, log.user.astype(np.int64) * catalog.n_categories + category, -1)
    groups, back = np.unique(key, return_inverse=True)
    real = groups >= 0
    owner = groups[real] // max(catalog.n_categories, 1)
    hidden = np.zeros(len(groups), bool)
    hidden[real] = _share_of_each(owner, CATEGORY_SHARE, seed)
    return Cut("new-category", ~hidden[back])


def random(log: Log, catalog: Catalog, seed: int) -> Cut:
    """Hide a random 20 % of the items of every customer who has at least two, with all their events."""
    key = log.user.astype(np.int64) * catalog.n_items + log.item
    groups, back = np.unique(key, return_inverse=True)
    hidden = _share_of_each(groups // catalog.n_items, RANDOM_SHARE, seed)
    return Cut("random", ~hidden[back])


def leave_last(log: Log, catalog: Catalog, seed: int) -> Cut:
    """Hide the item that each customer with at least two took up last; items without a time count as taken up first."""
    del seed
    if not log.timed:
        raise InputError(
            "A leave-last split needs times, and no event has one.", "Use --split random, or name the column with --map at=COLUMN."
        )
    key = log.user.astype(np.int64) * catalog.n_items + log.item
    groups, first, back = np.unique(key, return_index=True, return_inverse=True)
    begun = np.full(len(groups), np.inf)
    np.minimum.at(begun, back, np.nan_to_num(log.at, nan=-np.inf))
    owner = groups // catalog.n_items
    order = np.lexsort((first, begun, owner))
    last = np.r_[owner[order][1:] != owner[order][:-1], True] if len(order) else np.zeros(0, bool)
    several = np.bincount(owner, minlength=1)[owner] > 1
    hidden = np.zeros(len(groups), bool)
    hidden[order] = last
    return Cut("leave-last", ~(hidden & several)[back])


CUTS: dict[str, Rule] = {
    "temporal": temporal,
    "new-category": new_category,
    "random": random,
    "leave-last": leave_last,
}


def default_rule(log: Log, scope: str) -> str:
    """The split that comes nearest to real use: temporal, else new-category under scope `new`, else random."""
    if len(np.unique(log.at[np.isfinite(log.at)])) > 1:
        return "temporal"
    return "new-category" if scope == "new" else "random"


def _share_of_each(owner: NDArray[np.int64], share: float, seed: int) -> Mask:
    """Pick max(1, round(share × n)) of the n entries of every owner who has at least two; `owner` ascends."""
    order = np.lexsort((np.random.default_rng(seed).random(len(owner)), owner))
    count = np.bincount(owner, minlength=1)[owner]
    start = np.searchsorted(owner, owner)
    picked = np.zeros(len(owner), bool)
    place = np.arange(len(owner)) - start
    picked[order] = (count >= 2) & (place < np.maximum(np.floor(count * share + 0.5), 1))
    return picked


def heldout(full: Training, part: Training, cut: Cut, scope: str) -> Heldout:
    """
    What the hidden events ask for: positives that are new to the customer, of what the scope leaves open.

    Args:
        full: Everything.
        part: `full.before(cut.keep)`.
        cut: The cut between them.
        scope: `new`, `dormant`, `same` or `any`.
    """
    liked = positives(full.log, full.like) & ~cut.keep
    shape = full.history.purchases.shape
    wanted = pairs(full.log.user[liked], full.log.item[liked], shape)
    user = np.repeat(np.arange(shape[0], dtype=np.int32), np.diff(wanted.indptr))
    return select(user, wanted.indices.astype(np.int32), part, scope)


def select(user: Ints, item: Ints, part: Training, scope: str) -> Heldout:
    """
    Keep the pairs that a recommender could be asked for, and count the others by cause.

    Args:
        user: Customers of the wanted pairs, ascending.
        item: Their items, ascending within a customer, no repeats.
        part: What is known before.
        scope: `new`, `dormant`, `same` or `any`.
    """
    known = np.diff(part.history.owned.indptr) > 0
    asked, row = np.unique(user, return_inverse=True)
    shut = closed(part.history.rows(asked), part.catalog, scope)
    shelf = shelf_of(part.catalog)[item]
    causes = {
        f"of customers {NO_HISTORY}": ~known[user],
        OWNED: _within(part.history.owned, user, item),
        **{cause: np.broadcast_to(mask, (len(asked), mask.shape[1]))[row, shelf] for cause, mask in shut.items()},
    }
    keep, dropped = np.ones(len(user), bool), {}
    for cause, bad in causes.items():
        dropped[cause] = int((keep & bad).sum())
        keep &= ~bad
    who, start = np.unique(user[keep], return_index=True)
    new = int((~known[asked]).sum())
    skipped = {NO_HISTORY: new, NOTHING_LEFT: len(asked) - new - len(who)}
    return Heldout(who.astype(np.int32), np.r_[start, keep.sum()].astype(np.int64), item[keep], dropped, skipped)


def owned_categories(part: Training) -> Mask:
    """Customers × categories: whether the customer owns anything of the category."""
    return categories_of(part.history.owned, part.catalog.category, part.catalog.n_categories)[:, : max(part.catalog.n_categories, 1)]


def _within(matrix: sp.csr_array, user: Ints, item: Ints) -> Mask:
    """Whether each pair is an entry of the CSR matrix with sorted indices."""
    width = matrix.shape[1]
    row = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return np.isin(user.astype(np.int64) * width + item, row * width + matrix.indices)
