"""Histories of many customers, put together from those of some at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.events import Events
from xsell.data.streams import Stream
from xsell.data.training import Catalog, History, Training, build, pairs, recent


class Pile:
    """A matrix that grows by rows; while it grows, ones take no memory."""

    def __init__(self) -> None:
        self._size: list[NDArray[np.int32]] = []
        self._indices: list[NDArray[np.int32]] = []
        self._data: list[NDArray[np.float32]] = []

    def add(self, rows: sp.csr_array) -> None:
        """Put rows below those that are there."""
        self._size.append(np.diff(rows.indptr))
        self._indices.append(rows.indices)
        self._data.append(np.broadcast_to(np.float32(1), rows.nnz) if (rows.data == 1).all() else rows.data)

    def whole(self, width: int) -> sp.csr_array:
        """Give the matrix, CSR, of bytes if all entries are 1, else float32; the pile is gone then, so that nothing is there twice."""
        size, indices = np.concatenate(self._size), np.concatenate(self._indices)
        self._indices.clear()
        indptr = np.concatenate([[0], np.cumsum(size)]).astype(np.int32)
        ones = not any(part.strides[0] for part in self._data)
        data = np.ones(len(indices), np.int8) if ones else np.concatenate(self._data)
        matrix = sp.csr_array((data, indices, indptr), shape=(len(size), width))
        matrix.has_sorted_indices = True
        return matrix


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What is known without the events of the interactions table.

    Attributes:
        catalog: The items.
        profile: Customers × profile columns.
        searched: Streams of searches.
        like: Rating from which on a rating is a positive.
        since: Seconds before the last ownership event within which one is recent; `NEVER` if nobody asks.
    """

    catalog: Catalog
    profile: sp.csr_array
    searched: Sequence[Stream]
    like: float
    since: float


class Histories:
    """Histories of all customers, which come some at a time, in order."""

    def __init__(self) -> None:
        self._purchases, self._owned, self._recent, self._ratings = Pile(), Pile(), Pile(), Pile()
        self._streams: list[Pile] = []
        self._same, self._dated, self._rated = True, False, False

    def parts(self, events: Events, ground: Ground, end: float) -> Iterator[Training]:
        """
        Give what there is to learn from some customers at a time, and keep what they have.

        Args:
            events: The events of all.
            ground: What else is known.
            end: Time of the last ownership event.
        """
        for piece in events.pieces():
            part = build(piece.log, piece.streams, ground.catalog, ground.profile[piece.which], ground.like)
            self._add(replace(part.history, recent=recent(piece.log, ground.since, part.history.owned.shape, end)))
            yield part

    def _add(self, some: History) -> None:
        self._same &= some.purchases is some.owned
        self._dated |= some.recent is not None
        self._rated |= some.ratings is not None
        self._streams = self._streams or [Pile() for _ in some.streams]
        nothing = pairs(some.owned.indices[:0], some.owned.indices[:0], (len(some), int(some.owned.shape[1])))
        lately, ratings = (nothing if matrix is None else matrix for matrix in (some.recent, some.ratings))
        piles = (self._purchases, self._owned, self._recent, self._ratings, *self._streams)
        for pile, rows in zip(piles, (some.purchases, some.owned, lately, ratings, *some.streams), strict=True):
            pile.add(rows)

    def whole(self, ground: Ground) -> History:
        """Put together what is known of all; what was kept is gone then."""
        width, customers = ground.catalog.n_items, ground.profile.shape[0]
        owned = self._owned.whole(width)
        return History(
            purchases=owned if self._same else self._purchases.whole(width),
            owned=owned,
            streams=(
                *(pile.whole(width) for pile in self._streams),
                *(pairs(s.user, s.column, (customers, s.width)) for s in ground.searched),
            ),
            profile=ground.profile,
            recent=self._recent.whole(width) if self._dated else None,
            ratings=self._ratings.whole(width) if self._rated else None,
        )
