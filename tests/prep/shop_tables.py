"""Clean tables of tiny shops, written by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from xsell.data.schema import INTERACTIONS, ITEMS, SEARCHES, USERS, Table

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """Give a moment so many days after the first of January."""
    return START + timedelta(days=number)


def event(user_id: str, item_id: str, event: str = "purchase", **more: Any) -> dict[str, Any]:
    """One row of interactions; what is not given is null, `value` 1 and `undone` false."""
    blank = dict.fromkeys(INTERACTIONS.columns)
    return blank | {"value": 1.0, "undone": False} | more | {"user_id": user_id, "item_id": item_id, "event": event}


def interactions(*rows: dict[str, Any]) -> pl.DataFrame:
    """Sorted events."""
    return INTERACTIONS.check(table(INTERACTIONS, *rows)).sort("user_id", "item_id", "at", "event")


def items(*rows: dict[str, Any]) -> pl.DataFrame:
    """Give a catalogue, with the further columns of its first row."""
    extra = [name for name in (rows[0] if rows else {}) if name not in ITEMS.columns]
    known = table(ITEMS, *({name: row.get(name) for name in ITEMS.columns} for row in rows))
    return known.with_columns(*(pl.Series(name, [row[name] for row in rows]) for name in extra)).sort("item_id")


def users(*rows: dict[str, Any]) -> pl.DataFrame:
    """Customers."""
    return table(USERS, *({name: row.get(name) for name in USERS.columns} for row in rows)).sort("user_id")


def searches(*rows: tuple[str, str, datetime | None]) -> pl.DataFrame:
    """Give searches as user, query, time."""
    return table(SEARCHES, *(dict(zip(SEARCHES.columns, row, strict=True)) for row in rows)).sort("user_id", "at", "query")


def table(promised: Table, *rows: dict[str, Any]) -> pl.DataFrame:
    """Give rows with the columns of a table."""
    return pl.DataFrame(list(rows), schema=dict(promised.columns))
