"""The regressors of the closed-form models: which columns there are, and a customer's row in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.shelves import Shelves
from xsell.data.sparse import entries
from xsell.data.training import Catalog, History, Ints, Training, pairs

FRACTIONS = (0.1, 0.25, 0.5, 0.75, 0.9)
TURNS = (0, 2)
"""Which fractions are taken of a customer, counted from the customer's number: with all five of everybody lists are no better."""


@dataclass(frozen=True, slots=True)
class Columns:
    """
    The regressors chosen out of all possible ones: purchases, each stream, profile, and the intercept (always the last, not in `take`).

    Attributes:
        take: Columns of the side-by-side matrix [purchases | streams… | profile], ascending, int64.
        item: The item that each regressor is an event of, -1 for search terms and profile, int32.
        purchases: How many of them are purchases; they come first.
        profile: First regressor that is neither a purchase nor an event.
    """

    take: NDArray[np.int64]
    item: Ints
    purchases: int
    profile: int

    def __len__(self) -> int:
        """Number of regressors without the intercept."""
        return len(self.take)


def columns(training: Training, most: int) -> Columns:
    """
    Choose the regressors: those that at least two customers have, the most frequent `most` of them, at least half of them purchases.

    Args:
        training: What the model is fitted on.
        most: Largest number of regressors.
    """
    history = training.history
    wide = (history.purchases, *history.streams, history.profile)
    support = np.concatenate([np.bincount(m.indices, minlength=m.shape[1]) for m in wide])
    item = np.concatenate(
        [np.arange(training.n_items)]
        + [np.arange(s.width) if s.of_items else np.full(s.width, -1) for s in training.streams]
        + [np.full(history.profile.shape[1], -1)]
    )
    able = np.flatnonzero(support >= min(2, training.n_users))
    able = able[np.argsort(-support[able], kind="stable")]
    bought = able < history.purchases.shape[1]
    first = able[bought][: most // 2]
    rest = able[~np.isin(able, first)][: most - len(first)]
    take = np.sort(np.concatenate([first, rest])).astype(np.int64)
    ends = np.cumsum([m.shape[1] for m in wide])
    return Columns(take, item[take].astype(np.int32), int((take < ends[0]).sum()), int((take < ends[-2]).sum()))


def scaling(purchases: sp.csr_array, rho: float) -> NDArray[np.float32]:
    """Weight d^-rho of every customer with d products, float32 [customers]."""
    degree = np.maximum(np.diff(purchases.indptr), 1).astype(np.float32)
    return degree**-rho


def rows(history: History, chosen: Columns, rho: float) -> sp.csr_array:
    """Customers × (regressors + intercept), float32 CSR."""
    scaled = history.purchases.copy()
    scaled.data = np.repeat(scaling(scaled, rho), np.diff(scaled.indptr)).astype(np.float32)
    wide = replace(history, purchases=scaled).wide()
    if len(chosen) < wide.shape[1]:
        wide = wide[:, chosen.take]
    intercept = sp.csr_array(np.ones((len(history), 1), np.float32))
    return sp.csr_array(sp.hstack([wide, intercept], format="csr"))


def shares(n_users: int) -> list[NDArray[np.float64]]:
    """The fractions of each customer's products that are taken, as many of everybody, each of as many customers; float64 [customers] each."""
    return [np.array(FRACTIONS)[(np.arange(n_users) + turn) % len(FRACTIONS)] for turn in TURNS]


def place(training: Training) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """
    Where every product stands in its customer's history.

    Returns:
        By entry of the purchases its place in (0, 1) by the time of the first event (baskets stay whole: equal times share the earliest place),
        and that time.
    """
    log, purchases = training.log, training.history.purchases
    row = np.repeat(np.arange(training.n_users, dtype=np.int64), np.diff(purchases.indptr))
    at = np.full(len(row), np.inf)
    if len(row):
        owned, key = row * training.n_items + purchases.indices, log.user.astype(np.int64) * training.n_items + log.item
        entry = np.minimum(np.searchsorted(owned, key), len(owned) - 1)
        there = owned[entry] == key
        np.minimum.at(at, entry[there], np.nan_to_num(log.at[there], nan=-np.inf))
    order = np.lexsort((at, row))
    fresh = np.ones(len(row), bool)
    fresh[1:] = (row[order[1:]] != row[order[:-1]]) | (at[order[1:]] != at[order[:-1]])
    basket = np.maximum.accumulate(np.where(fresh, np.arange(len(row)), 0)) if len(row) else np.zeros(0, np.int64)
    where = np.empty(len(row))
    where[order] = (basket - purchases.indptr[row] + 0.5) / np.diff(purchases.indptr)[row]
    return where, at


def prefixes(training: Training, taken: Sequence[NDArray[np.float64]]) -> list[History]:
    """
    The histories as they stood after some share of each customer's products; all streams are cut at the same time.

    Args:
        training: What is known.
        taken: Shares, float64 [customers] each.
    """
    purchases = training.history.purchases
    where, at = place(training)
    row = np.repeat(np.arange(training.n_users), np.diff(purchases.indptr))
    found = []
    for share in taken:
        early = where <= share[row]
        last = np.full(training.n_users, -np.inf)
        np.maximum.at(last, row[early], at[early])
        begun = entries(purchases, early)
        found.append(History(begun, begun, _streams_until(training, last), training.history.profile))
    return found


def _streams_until(training: Training, last: NDArray[np.float64]) -> tuple[sp.csr_array, ...]:
    """Streams up to a time of each customer; events without a time stay out."""
    cut = []
    for stream in training.streams:
        early = stream.at <= last[stream.user]
        cut.append(pairs(stream.user[early], stream.column[early], (training.n_users, stream.width)))
    return tuple(cut)


def blocks_of(catalog: Catalog, exclude: str) -> Ints:
    """The block of every item: its category, or itself (also where it has no category), int32 [items]."""
    own = np.arange(catalog.n_items, dtype=np.int32)
    if exclude == "item" or catalog.n_categories < 2:
        return own
    return np.where(catalog.category >= 0, catalog.category, catalog.n_categories + own).astype(np.int32)


def sets_of(catalog: Catalog, exclude: str) -> Shelves | None:
    """The categories of every item where some have several that count, each item without one in one of its own; None where `blocks_of` says all."""
    shelves = catalog.shelves
    if exclude == "item" or shelves is None or np.diff(shelves.member.indptr).max(initial=0) < 2:
        return None
    alone = np.flatnonzero(np.diff(shelves.member.indptr)[shelves.of_item] == 0)
    of_item = shelves.of_item.copy()
    of_item[alone] = shelves.member.shape[0] + np.arange(len(alone))
    return Shelves(of_item, sp.csr_array(sp.block_diag([shelves.member, sp.eye_array(len(alone), dtype=np.float32)], format="csr")))
