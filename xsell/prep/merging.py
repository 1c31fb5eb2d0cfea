"""Rows of one product or customer made into one, and gaps filled from the events."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from xsell.data.rawtable import RawTable
from xsell.prep.diary import Ledger
from xsell.prep.reading import Reading
from xsell.prep.stacking import ledger, refused
from xsell.prep.values import paths, words

Types = Mapping[str, pl.DataType | type[pl.DataType]]


class Cleaned(NamedTuple):
    """
    One clean table from files of its own.

    Attributes:
        frame: Its rows.
        refused: Rows refused: part, row, reason.
        ledger: How the rows fared.
        readings: How each column was read.
    """

    frame: pl.DataFrame
    refused: pl.DataFrame
    ledger: Ledger
    readings: tuple[Reading, ...]


def one_row_each(kind: str, raws: Sequence[RawTable], frame: pl.DataFrame, key: str, readings: Sequence[Reading]) -> Cleaned:
    """
    Leave refused rows out and merge rows with one key: the first filled cell of each column counts.

    Args:
        kind: `items` or `users`.
        raws: The files.
        frame: Their stacked rows with `reason`.
        key: The column that must not repeat.
        readings: Handed through.
    """
    good, bad = frame.filter(pl.col("reason").is_null()), refused(frame)
    once = good.drop("part", "row", "reason")
    if once[key].is_duplicated().any():
        once = once.group_by(key, maintain_order=True).agg(pl.all().drop_nulls().first())
    return Cleaned(once, bad, ledger(kind, raws, bad, once.height, good.height - once.height), tuple(readings))


def inline_values(events: pl.DataFrame, key: str, fields: Sequence[str]) -> pl.DataFrame:
    """
    Find what events tell of their items or customers.

    Args:
        events: Good events; fields among their columns are looked at.
        key: `item_id` or `user_id`.
        fields: What to look for.

    Returns:
        One row a key, sorted, with the most frequent filled value of each field that is there; among equals the first in sorting order.
    """
    found = events.select(pl.col(key).unique().sort())
    for field in (field for field in fields if field in events.columns):
        cells = events.select(key, _tidy(events[field]))
        counts = cells.drop_nulls(field).group_by(key, field).len().sort([key, "len", field], descending=[False, True, False])
        found = found.join(counts.unique(key, keep="first", maintain_order=True).drop("len"), on=key, how="left", maintain_order="left")
    return found


def _tidy(column: pl.Series) -> pl.Series:
    if column.name == "price":
        return column.set((column <= 0).fill_null(value=False), None)
    text = words(column)
    return paths(text) if column.name == "category" else text


def complete(table: pl.DataFrame, inline: pl.DataFrame, key: str, types: Types) -> pl.DataFrame:
    """
    Fill the gaps of a table from what the events tell, and give it all promised columns.

    Args:
        table: One row a key, any columns.
        inline: One row a key, promised columns only.
        key: The key.
        types: The promised columns.

    Returns:
        All keys of both, sorted; the promised columns, then the table's further ones.
    """
    both = table.join(inline, on=key, how="full", coalesce=True, suffix=" inline").sort(key)
    choices = {name: [pl.col(c) for c in (name, f"{name} inline") if c in both.columns] for name in types}
    promised = [pl.coalesce(*found, pl.lit(None)).cast(types[name]).alias(name) for name, found in choices.items()]
    further = [name for name in table.columns if name not in types]
    return both.select(*promised, *further)
