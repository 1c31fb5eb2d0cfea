"""What is known of products and customers, as rules ask for it: columns that hold numbers, texts or times."""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from xsell.data.schema import ITEM_FEATURES, ITEMS, USER_FEATURES, USERS, Table
from xsell.files.workspace import Workspace

NUMBER, TEXT, TIME = "number", "text", "time"


class Facts:
    """
    A table of which rules may use the columns.

    Attributes:
        frame: One row a product or customer, in the order of their numbers; the last row of customers is of one of whom nothing is known.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Columns that hold numbers, texts or times."""
        return tuple(name for name, dtype in self.frame.schema.items() if dtype != pl.Null and not dtype.is_nested())

    def kinds(self, name: str) -> frozenset[str]:
        """What a column holds; texts that are all numbers can be taken for either, and what is empty for anything."""
        column = self.frame[name]
        if column.null_count() == len(column):
            return frozenset({NUMBER, TEXT, TIME})
        if column.dtype.is_numeric():
            return frozenset({NUMBER})
        if column.dtype.is_temporal():
            return frozenset({TIME})
        read = column.cast(pl.String).cast(pl.Float64, strict=False)
        coded = column.dtype == pl.String and 0 < read.is_finite().sum() == len(column) - column.null_count()
        return frozenset({NUMBER, TEXT}) if coded else frozenset({TEXT})

    def empty(self, name: str) -> NDArray[np.bool_]:
        """Where a column has no value; NaN is none."""
        column = self.frame[name]
        nothing = column.is_null() | column.is_nan().fill_null(value=True) if column.dtype.is_float() else column.is_null()
        return nothing.to_numpy()

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column as float64, times as seconds since 1970; NaN where it is empty. Single-precision values are taken as they are written."""
        column = self.frame[name]
        if column.dtype.is_temporal():
            return column.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64).fill_null(np.nan).to_numpy() / 1e6
        text = column.cast(pl.String) if column.dtype == pl.Float32 else column
        return text.cast(pl.Float64).fill_null(np.nan).to_numpy()

    def texts(self, name: str) -> pl.Series:
        """A column as text."""
        return self.frame[name].cast(pl.String)


def moment(text: str) -> float | None:
    """Seconds since 1970 (UTC) of a date or time such as 2026-01-31, or None."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def of_items(workspace: Workspace) -> Facts:
    """Features of the products, and the further columns of the catalogue."""
    return Facts(_both(workspace, ITEM_FEATURES, ITEMS, "item_id"))


def of_users(workspace: Workspace) -> Facts:
    """Features of the customers, the further columns of their table, and a last row without values."""
    known = _both(workspace, USER_FEATURES, USERS, "user_id")
    return Facts(pl.concat([known, known.clear(1)]))


def _both(workspace: Workspace, features: Table, given: Table, key: str) -> pl.DataFrame:
    known = workspace.read(features)
    if not workspace.has(given):
        return known
    table = workspace.read(given)
    further: Iterable[str] = [name for name in table.columns if name not in known.columns]
    return known.join(table.select(key, *further), on=key, how="left", maintain_order="left")
