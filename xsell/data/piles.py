"""Histories of many customers, put together from those of some at a time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.events import Events
from xsell.data.streams import Stream
from xsell.data.training import Catalog, History, Training, build, pairs, recent


class Pile:
    """A matrix that grows by rows, in place: the largest thing there is where lists are made."""

    def __init__(self) -> None:
        self._size, self._indices = np.zeros(0, np.int32), np.zeros(0, np.int32)
        self._data: NDArray[np.float32] | None = None

    def add(self, rows: sp.csr_array) -> None:
        """Put rows below those that are there."""
        if self._data is None and not (rows.data == 1).all():
            self._data = np.ones(len(self._indices), np.float32)
        _append(self._size, np.diff(rows.indptr))
        _append(self._indices, rows.indices)
        if self._data is not None:
            _append(self._data, rows.data)

    def whole(self, width: int) -> sp.csr_array:
        """Give the matrix, CSR, of bytes if all entries are 1, else float32; nothing may be added to it any more."""
        data = np.ones(len(self._indices), np.int8) if self._data is None else self._data
        indptr = np.concatenate([[0], np.cumsum(self._size)]).astype(np.int32)
        matrix = sp.csr_array((data, self._indices, indptr), shape=(len(self._size), width))
        matrix.has_sorted_indices = True
        return matrix


def _append(these: NDArray[Any], more: NDArray[Any]) -> None:
    """Make an array longer where it is; to put parts together in the end would take twice the memory."""
    before = len(these)
    these.resize(before + len(more), refcheck=False)
    these[before:] = more


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
        """Put together what is known of all; nothing may be added any more."""
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
