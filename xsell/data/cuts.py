"""
Cuts: which events a model may see and what it is judged on afterwards.

A cut is a boolean mask over the events of a Log, and what it asks for is worked out here and nowhere else; `splits` makes cuts.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.scopes import categories_had, closed, shelf_of
from xsell.data.streams import Stream
from xsell.data.training import Floats, Ints, Mask, Training, latest, pairs, positives, valued

Sees = Callable[[Stream], Mask]
"""Weaker events in, which of them may be known out."""

NO_HISTORY = "without history"
NOTHING_LEFT = "with nothing left to find"
OWNED = "already owned"


@dataclass(frozen=True, slots=True)
class Cut:
    """
    One way to hold out.

    Attributes:
        rule: Name of the split.
        keep: One boolean an event of the log: true in the training part.
        moment: Last moment of the training part in seconds since 1970, or NaN where the cut is none in time.
        window: Seconds from there to the last event, or NaN.
        sees: Which weaker events may be known; None where the moment says all.
        shown: Events that are known when lists are made though no model is fitted on them, or None where there are none.
    """

    rule: str
    keep: Mask
    moment: float = np.nan
    window: float = np.nan
    sees: Sees | None = None
    shown: Mask | None = None

    @property
    def hidden(self) -> Mask:
        """One boolean an event of the log: true where it is to be found."""
        return ~self.keep if self.shown is None else ~(self.keep | self.shown)


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


@dataclass(frozen=True, slots=True)
class Rated:
    """
    Hidden ratings: the latest one of every pair that the customer had not rated before.

    Attributes:
        user: Customers, ascending, int32.
        item: What they rated, ascending within a customer, int32.
        value: How.
    """

    user: Ints
    item: Ints
    value: Floats

    @classmethod
    def of(cls, ratings: sp.csr_array | None, part: Training) -> Self:
        """Ratings of customers × items, or none, less those of pairs that are rated in the training part."""
        found = ratings if ratings is not None else sp.csr_array(part.history.purchases.shape, dtype=np.float32)
        user, item = np.repeat(np.arange(found.shape[0], dtype=np.int32), np.diff(found.indptr)), found.indices.astype(np.int32)
        new = np.ones(len(user), bool) if part.history.ratings is None else ~_within(part.history.ratings, user, item)
        return cls(user[new], item[new], found.data[new].astype(np.float32))

    def take(self, users: NDArray[np.integer]) -> Self:
        """Ratings by some customers."""
        kept = np.isin(self.user, users)
        return replace(self, user=self.user[kept], item=self.item[kept], value=self.value[kept])


def rated(full: Training, part: Training, cut: Cut) -> Rated:
    """
    What the hidden events say of products.

    Args:
        full: Everything.
        part: `known(full, cut)`.
        cut: The cut between them.
    """
    log = full.log.take(cut.hidden)
    last = latest(log)
    shape = full.history.purchases.shape
    return Rated.of(valued(log.user[last], log.item[last], log.value[last], shape) if last.any() else None, part)


def learnt(full: Training, cut: Cut) -> Training:
    """What models are fitted on: nothing of what is hidden, and of customers held out as a whole nothing at all."""
    if cut.shown is None:
        return known(full, cut)
    apart = np.setdiff1d(full.log.user[~cut.keep], full.log.user[cut.keep])
    return full.before(cut.keep, lambda stream: np.isin(stream.user, apart, invert=True))


def known(full: Training, cut: Cut) -> Training:
    """What is known when lists are made."""
    return full.before(~cut.hidden, cut.sees)


def heldout(full: Training, part: Training, cut: Cut, scope: str) -> Heldout:
    """
    What the hidden events ask for: positives that are new to the customer, of what the scope leaves open.

    Args:
        full: Everything.
        part: `known(full, cut)`.
        cut: The cut between them.
        scope: `new`, `dormant`, `same` or `any`.
    """
    liked = positives(full.log, full.like) & cut.hidden
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
    met = np.diff(part.history.owned.indptr) > 0
    asked, row = np.unique(user, return_inverse=True)
    shut = closed(part.history.rows(asked), part.catalog, scope)
    shelf = shelf_of(part.catalog)[item]
    causes = {
        f"of customers {NO_HISTORY}": ~met[user],
        OWNED: _within(part.history.owned, user, item),
        **{cause: np.broadcast_to(mask, (len(asked), mask.shape[1]))[row, shelf] for cause, mask in shut.items()},
    }
    keep, dropped = np.ones(len(user), bool), {}
    for cause, bad in causes.items():
        dropped[cause] = int((keep & bad).sum())
        keep &= ~bad
    who, start = np.unique(user[keep], return_index=True)
    new = int((~met[asked]).sum())
    skipped = {NO_HISTORY: new, NOTHING_LEFT: len(asked) - new - len(who)}
    return Heldout(who.astype(np.int32), np.r_[start, keep.sum()].astype(np.int64), item[keep], dropped, skipped)


def owned_categories(part: Training) -> Mask:
    """Customers × categories: whether the customer owns anything of the category."""
    return categories_had(part.history.owned, part.catalog)[:, : max(part.catalog.n_categories, 1)]


def _within(matrix: sp.csr_array, user: Ints, item: Ints) -> Mask:
    """Whether each pair is an entry of the CSR matrix with sorted indices."""
    asked, row = np.unique(user, return_inverse=True)
    some = matrix[asked]
    entry = np.repeat(np.arange(len(asked), dtype=np.int64) * some.shape[1], np.diff(some.indptr)) + some.indices
    wanted = row.astype(np.int64) * some.shape[1] + item
    return np.asarray(np.append(entry, -1)[np.searchsorted(entry, wanted)] == wanted)
