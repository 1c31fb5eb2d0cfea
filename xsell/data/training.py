"""What a model is fitted on and what it is asked about: plain arrays, numbered users and items."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.shelves import Shelves
from xsell.data.streams import Stream

Ints = NDArray[np.int32]
Floats = NDArray[np.float32]
Times = NDArray[np.float64]
Mask = NDArray[np.bool_]

NEVER = np.inf


@dataclass(frozen=True, slots=True)
class Log:
    """
    The events that make or unmake ownership, one by one: purchases and ratings (or, where a file has neither, its strongest event).

    All arrays have one entry an event, in the order of the interactions table.

    Attributes:
        user: Number of the customer.
        item: Number of the item.
        at: Seconds since 1970 (UTC), NaN where unknown.
        value: 1, or the rating on its original scale.
        rated: Whether the event is a rating.
        undone_at: Seconds since 1970 from which on a purchase is undone by a return; `NEVER` (inf) if it is not, -inf if undone at an unknown time.
    """

    user: Ints
    item: Ints
    at: Times
    value: Floats
    rated: Mask
    undone_at: Times

    def __len__(self) -> int:
        """Number of events."""
        return len(self.user)

    def take(self, mask: Mask) -> Self:
        """Events where the mask is true."""
        return replace(self, **{name: getattr(self, name)[mask] for name in ("user", "item", "at", "value", "rated", "undone_at")})

    @property
    def timed(self) -> bool:
        """Whether any event has a time."""
        return bool(np.isfinite(self.at).any())


@dataclass(frozen=True, slots=True)
class Catalog:
    """
    What is known of the items without any event.

    Attributes:
        category: Number of the main category of every item, -1 where it has none; int32 [items].
        n_categories: How many there are.
        content: Items × terms TF-IDF with unit rows (an item without text has an empty row), float32 CSR.
        shelves: All categories of every item, or None where the main one alone counts as owned.
    """

    category: Ints
    n_categories: int
    content: sp.csr_array
    shelves: Shelves | None = None

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.category)

    def take(self, keep: Mask) -> Self:
        """Some items; the categories keep their numbers."""
        shelves = None if self.shelves is None else self.shelves.take(keep)
        return replace(self, category=self.category[keep], content=self.content[keep], shelves=shelves)


@dataclass(frozen=True, slots=True)
class History:
    """
    What is known of some customers, one row each; of very many, ones may be bytes.

    Attributes:
        purchases: Customers × items, 1 where bought or liked, float32 CSR with sorted indices.
        owned: Customers × items, 1 where bought, liked, disliked or sent back: never to be offered; its pattern contains that of `purchases`.
        streams: One customers × width matrix a stream, 1 where the event happened.
        profile: Customers × profile columns one-hot (age band, gender, location), may have no columns.
        recent: What of `owned` happened lately, customers × items, or None where nobody asks and all counts as recent.
        ratings: Customers × items, the latest ratings, which may be 0, float32 CSR with sorted indices; None where nobody rated anything.
    """

    purchases: sp.csr_array
    owned: sp.csr_array
    streams: tuple[sp.csr_array, ...]
    profile: sp.csr_array
    recent: sp.csr_array | None = None
    ratings: sp.csr_array | None = None

    def __len__(self) -> int:
        """Number of customers."""
        return int(self.purchases.shape[0])

    @property
    def width(self) -> int:
        """Number of columns of `wide`."""
        return int(self.purchases.shape[1] + sum(stream.shape[1] for stream in self.streams) + self.profile.shape[1])

    def wide(self) -> sp.csr_array:
        """Purchases, streams and profile side by side, float32 CSR [customers × width]."""
        return sp.csr_array(sp.hstack([self.purchases, *self.streams, self.profile], format="csr"))

    def rows(self, which: slice | NDArray[np.integer]) -> Self:
        """Keep some customers, float32 throughout."""
        every = (self.purchases, self.owned, *self.streams, self.profile, self.recent, self.ratings)
        some = {name: matrix[which].astype(np.float32, copy=False) for name, matrix in {id(m): m for m in every if m is not None}.items()}
        return replace(
            self,
            purchases=some[id(self.purchases)],
            owned=some[id(self.owned)],
            streams=tuple(some[id(stream)] for stream in self.streams),
            profile=some[id(self.profile)],
            recent=some.get(id(self.recent)),
            ratings=some.get(id(self.ratings)),
        )


@dataclass(frozen=True, slots=True)
class Training:
    """
    Everything a model may learn from, as it was known at one moment.

    Attributes:
        log: Ownership events up to that moment.
        streams: Weaker events up to that moment.
        catalog: The items.
        history: All customers, made from `log`, `streams` and the profiles.
        like: Rating from which on a rating is a positive.
        since: Seconds before the last ownership event within which one is recent; `NEVER` where nobody asks.
    """

    log: Log
    streams: tuple[Stream, ...]
    catalog: Catalog
    history: History
    like: float
    since: float = NEVER

    @property
    def n_users(self) -> int:
        """Number of customers."""
        return len(self.history)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return self.catalog.n_items

    def before(self, keep: Mask, sees: Callable[[Stream], Mask] | None = None) -> "Training":
        """
        What would have been known had only some ownership events happened.

        Args:
            keep: One boolean an event of `log`. Where the log has times and the kept events end before the others, the streams end there too.
            sees: Which events of a stream would have been known; None for those up to that moment.
        """
        log = self.log.take(keep)
        moment = NEVER if sees else _moment(self.log.at, keep)
        streams = tuple(s.until(moment) for s in self.streams)
        streams = tuple(s.take(sees(s)) for s in streams) if sees else streams
        return build(log, streams, self.catalog, self.history.profile, self.like, moment, self.since)

    def of_items(self, keep: Mask) -> "Training":
        """
        What would be known were there no other items.

        Args:
            keep: One boolean an item; the items kept are numbered anew, in the same order.
        """
        number = np.where(keep, np.cumsum(keep) - 1, -1).astype(np.int32)
        log = self.log.take(keep[self.log.item])
        log = replace(log, item=number[log.item])
        width = int(keep.sum())
        streams = tuple(s.renumbered(number, width) if s.of_items else s for s in self.streams)
        return build(log, streams, self.catalog.take(keep), self.history.profile, self.like, since=self.since)

    def purchases_between(self, start: float, end: float) -> sp.csr_array:
        """Customers × items, 1 where a positive event happened in (start, end]."""
        inside = (self.log.at > start) & (self.log.at <= end) & positives(self.log, self.like)
        return pairs(self.log.user[inside], self.log.item[inside], self.history.purchases.shape)


def _moment(at: Times, keep: Mask) -> float:
    """Last kept time if the cut is one in time, else NEVER."""
    known = np.isfinite(at)
    kept, dropped = at[keep & known], at[~keep & known]
    if len(kept) and len(dropped) and kept.max() < dropped.min():
        return float(kept.max())
    return NEVER


def pairs(user: NDArray[np.integer], column: NDArray[np.integer], shape: tuple[int, int]) -> sp.csr_array:
    """Binary float32 CSR with sorted indices and no repeats."""
    user, column = user.astype(np.int32, copy=False), column.astype(np.int32, copy=False)
    again = (user[1:] == user[:-1]) & (column[1:] <= column[:-1])
    if ((user[1:] < user[:-1]) | (again & (column[1:] < column[:-1]))).any():  # events in the order of their table are sorted already
        flat = np.sort(user.astype(np.int64) * shape[1] + column)
        user, column = (part.astype(np.int32) for part in np.divmod(flat, max(shape[1], 1)))
        again = flat[1:] == flat[:-1]
    fresh = np.concatenate([[True], ~again])[: len(user)]
    indptr = np.searchsorted(user[fresh], np.arange(shape[0] + 1, dtype=np.int32)).astype(np.int32)
    matrix = sp.csr_array((np.ones(int(fresh.sum()), np.float32), column[fresh], indptr), shape=shape)
    matrix.has_sorted_indices = True
    return matrix


def valued(user: Ints, column: Ints, value: Floats, shape: tuple[int, int]) -> sp.csr_array:
    """Float32 CSR with sorted indices; of a pair that repeats the last value counts."""
    backwards = np.unique((user.astype(np.int64) * shape[1] + column)[::-1], return_index=True)[1]
    matrix = pairs(user, column, shape)
    matrix.data = value[::-1][backwards].astype(np.float32)
    return matrix


def build(
    log: Log,
    streams: tuple[Stream, ...],
    catalog: Catalog,
    profile: sp.csr_array,
    like: float,
    moment: float = NEVER,
    since: float = NEVER,
) -> Training:
    """
    Resolve the events as of a moment: the latest rating counts, purchases undone by then are owned but no positives.

    Args:
        log: Events known at the moment.
        streams: Weaker events known at the moment.
        catalog: The items.
        profile: Customers × profile columns.
        like: Rating from which on a rating is a positive.
        moment: Seconds since 1970; purchases undone later still stand, and the Training does not know that they will be.
        since: Seconds before the last event within which one is recent; `NEVER` if nobody asks.
    """
    shape = (int(profile.shape[0]), catalog.n_items)
    log = log if moment == NEVER else replace(log, undone_at=np.where(log.undone_at <= moment, log.undone_at, NEVER))
    last = latest(log)
    positive = _positive(log, like, last)
    owned = pairs(log.user, log.item, shape)
    history = History(
        purchases=owned if positive.all() else pairs(log.user[positive], log.item[positive], shape),
        owned=owned,
        streams=tuple(pairs(s.user, s.column, (shape[0], s.width)) for s in streams),
        profile=profile,
        recent=recent(log, since, shape),
        ratings=valued(log.user[last], log.item[last], log.value[last], shape) if last.any() else None,
    )
    return Training(log, streams, catalog, history, like, since)


def recent(log: Log, since: float, shape: tuple[int, int], end: float = -np.inf) -> sp.csr_array | None:
    """Ownership that began or was renewed lately; an event without a time did not. The last event is in the log, or was at `end`."""
    late = None if since == NEVER else log.at > np.max(log.at, initial=end, where=np.isfinite(log.at)) - since
    return None if late is None else pairs(log.user[late], log.item[late], shape)


def positives(log: Log, like: float) -> Mask:
    """
    True for purchases that still stand and for the latest ratings that are likes.

    Args:
        log: Events as known at some moment.
        like: Rating from which on a rating is a positive.
    """
    return _positive(log, like, latest(log))


def _positive(log: Log, like: float, last: Mask) -> Mask:
    return np.where(log.rated, last & (log.value >= like), log.undone_at == NEVER)


def latest(log: Log) -> Mask:
    """True for the last rating of every customer and item; without times the last in the file order counts."""
    if not log.rated.any():
        return np.zeros(len(log), bool)
    order = np.lexsort((np.nan_to_num(log.at, nan=-np.inf), log.rated, log.item, log.user))
    last = np.ones(len(log), bool)
    key = (log.user[order[1:]] == log.user[order[:-1]]) & (log.item[order[1:]] == log.item[order[:-1]])
    last[order[:-1]] = ~key
    return last & log.rated
