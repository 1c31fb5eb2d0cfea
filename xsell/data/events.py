"""The interactions table as numbers: all of it, or some customers at a time, so that nothing has to hold all events at once."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from xsell.data.matrix import coded, codes_of_runs
from xsell.data.schema import INTERACTIONS, RATING, RETURN
from xsell.data.streams import Stream
from xsell.data.training import NEVER, Log, Times
from xsell.errors import XsellError

DIGITS = 5
"""Places after the point of ratings on a scale of one to ten units."""
SLICE = 1 << 17
"""Rows of the table that are read at a time: two of its row groups."""
PIECE = 1 << 18
"""Events in a piece, at least."""


@dataclass(frozen=True, slots=True)
class Piece:
    """
    All events of some customers.

    Attributes:
        which: Numbers of the customers; those without events are among them.
        log: What makes or unmakes ownership; customers are numbered from 0 within the piece.
        streams: Weaker events, one stream a kind, numbered likewise.
    """

    which: slice
    log: Log
    streams: tuple[Stream, ...]


@dataclass(frozen=True)
class Events:
    """
    How events are read.

    Attributes:
        rows: The plan that reads `INTERACTIONS`.
        users: Ids of the customers by number, sorted.
        items: Ids of the items by number.
        owning: Names of the events that make or unmake ownership.
        scale: The scale of the ratings as `Scale.details` gives it, empty if there are none.
    """

    rows: pl.LazyFrame
    users: pl.Series
    items: pl.Series
    owning: tuple[str, ...]
    scale: Mapping[str, Any]

    @cached_property
    def others(self) -> tuple[str, ...]:
        """Names of the events that are neither ownership nor its end, sorted."""
        names = self.rows.select(pl.col("event").unique().sort()).collect(engine="streaming").to_series()
        return tuple(name for name in names if name not in {*self.owning, RETURN})

    @property
    def timed(self) -> bool:
        """Whether any ownership event has a time."""
        return bool(self._of(self.owning).select(pl.col("at").is_not_null().any()).collect(engine="streaming").item())

    @cached_property
    def height(self) -> int:
        """Number of ownership events."""
        return _height(self._of(self.owning))

    def times(self) -> Times:
        """When ownership events were, where that is known, seconds since 1970 (UTC)."""
        at, start = np.empty(self.height), 0
        for part in self._slices(self.owning, [seconds("at", np.nan)]):
            known = part["at"].filter(part["at"].is_not_nan())
            at[start : (start := start + len(known))] = known
        return at[:start]

    def none(self) -> tuple[Log, tuple[Stream, ...]]:
        """No events, of all kinds that there are."""
        log = self._log(self._nothing)
        return log, tuple(self._stream(name, log) for name in self.others)

    def whole(self) -> tuple[Log, tuple[Stream, ...]]:
        """All events in the order of the table; what is the same for all of them takes no memory."""
        return self._filled(self.owning), tuple(self._stream(name, self._filled((name,))) for name in self.others)

    def pieces(self) -> Iterator[Piece]:
        """
        Give the events of all customers, those of one customer together.

        Raises:
            XsellError: The table is not sorted by customer.
        """
        waiting, done = self._nothing, 0
        for part in self._slices((*self.owning, *self.others), self._columns):
            waiting = pl.concat([waiting, self._numbered(part)])
            if waiting.height >= PIECE:
                last = int(waiting["user_id"][-1])
                before = int(_sorted(waiting["user_id"]).search_sorted(last, side="left"))
                yield self._piece(waiting.head(before), slice(done, last))
                waiting, done = waiting.slice(before), last
        _sorted(waiting["user_id"])
        yield self._piece(waiting, slice(done, len(self.users)))

    def _of(self, events: Sequence[str]) -> pl.LazyFrame:
        return self.rows.filter(pl.col("event").is_in(events))

    @cached_property
    def _columns(self) -> list[pl.Expr]:
        """Customers, and numbers of items and kinds of events, with times in seconds; what is never undone is undone at `NEVER`."""
        return [
            pl.col("user_id"),
            coded("item_id", self.items),
            seconds("at", np.nan),
            pl.col("event").cast(pl.Enum([*self.owning, *self.others])).to_physical().alias("kind"),
            pl.col("value").fill_null(1.0),
            pl.when("undone").then(seconds("undone_at", -np.inf)).otherwise(NEVER).alias("undone_at"),
        ]

    @property
    def _nothing(self) -> pl.DataFrame:
        return self._numbered(self.rows.clear().select(self._columns).collect())

    def _slices(self, events: Sequence[str], columns: Sequence[pl.Expr]) -> Iterator[pl.DataFrame]:
        """Some kinds of events, in the order of the table; a stream of batches would be read far ahead of what is asked for."""
        for start in range(0, _height(self.rows), SLICE):
            yield self.rows.slice(start, SLICE).filter(pl.col("event").is_in(events)).select(columns).collect()

    def _numbered(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(pl.Series("user_id", codes_of_runs(rows["user_id"], self.users)))

    def _piece(self, rows: pl.DataFrame, which: slice) -> Piece:
        kind, rows = pl.col("kind"), rows.with_columns(pl.col("user_id") - which.start)
        streams = (self._stream(name, self._log(rows.filter(kind == len(self.owning) + n))) for n, name in enumerate(self.others))
        return Piece(which, self._log(rows.filter(kind < len(self.owning))), tuple(streams))

    def _filled(self, events: Sequence[str]) -> Log:
        """All events of some kinds, without a second copy of the largest columns at any time."""
        height, start = _height(self._of(events)), 0
        user, item, at = np.empty(height, np.int32), np.empty(height, np.int32), np.empty(height)
        rest = [_rest(self._log(self._nothing))]
        for part in self._slices(events, self._columns):
            log, some = self._log(self._numbered(part)), slice(start, start := start + part.height)
            user[some], item[some], at[some] = log.user, log.item, log.at
            rest.append(_rest(log))
        return Log(user, item, at, *map(_together, zip(*rest, strict=True)))

    def _log(self, rows: pl.DataFrame) -> Log:
        user, item, at, undone_at = (rows[name].to_numpy() for name in ("user_id", "item_id", "at", "undone_at"))
        rated = (rows["kind"] == self.owning.index(RATING)).to_numpy() if RATING in self.owning else np.zeros(len(user), bool)
        value = rows["value"].to_numpy()
        if rated.any():
            value = np.where(rated, _as_given(value, self.scale), value).astype(np.float32)
        return Log(user, item, at, value, rated, undone_at)

    def _stream(self, name: str, log: Log) -> Stream:
        return Stream(name, log.user, log.item, log.at, len(self.items), of_items=True)


def _sorted(users: pl.Series) -> pl.Series:
    if not users.is_sorted():
        raise XsellError(f"{INTERACTIONS.path} is not sorted by user_id.", "Run `xsell clean` on your files again.")
    return users


def _height(rows: pl.LazyFrame) -> int:
    return int(rows.select(pl.len()).collect(engine="streaming").item())


def seconds(name: str, unknown: float) -> pl.Expr:
    """Give a column of times in seconds since 1970 (UTC), within a plan."""
    return (pl.col(name).dt.epoch("us").cast(pl.Float64) / 1e6).fill_null(unknown)


def _rest(log: Log) -> tuple[NDArray[Any], ...]:
    """The columns that are mostly the same throughout; where they are, they take no memory."""
    return tuple(
        np.broadcast_to(usual, len(log)) if (column == usual).all() else column
        for column, usual in ((log.value, np.float32(1)), (log.rated, np.False_), (log.undone_at, NEVER))
    )


def _together(columns: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Put columns one after the other; what is the same throughout takes no memory."""
    there = [column for column in columns if len(column)]
    if there and not any(column.strides[0] for column in there):
        return np.broadcast_to(there[0][0], sum(map(len, there)))
    return np.concatenate(columns)


def _as_given(value: NDArray[np.float32], scale: Mapping[str, Any]) -> Times:
    """Put ratings back to where they were before they were normalised, without the noise of single precision."""
    shift, spread = float(scale.get("shift", 0.0)), float(scale.get("spread", 1.0))
    if (shift, spread) == (0.0, 1.0):
        return value.astype(np.float64)
    return np.round(value.astype(np.float64) * spread + shift, DIGITS - math.floor(math.log10(spread)))
