"""Files that name customers, products, or pairs of both: one id a line, or a table."""

import polars as pl

from xsell.data.rawtable import RawTable
from xsell.errors import InputError
from xsell.prep.columns import recognise
from xsell.prep.values import ids

USERS, ITEMS = ("users", "user_id"), ("items", "item_id")


def names_users(line: str) -> bool:
    """Whether a first line is the header of a table with a user column."""
    return _names(line, *USERS)


def names_offers(line: str) -> bool:
    """Whether a first line is the header of a table with an item or a user column."""
    return _names(line, *ITEMS) or _names(line, *USERS)


def _names(line: str, kind: str, field: str) -> bool:
    return any(field in recognise(kind, [cell.strip().strip('"') for cell in line.split(mark)], {}) for mark in ",;\t|")


def listed(raw: RawTable) -> pl.Series:
    """Give the different ids of the user column (of the first column where none has a known name), sorted."""
    return _listed(raw, *USERS)


def listed_items(raw: RawTable) -> pl.Series:
    """
    Give the different ids of the item column (of the first column where none has a known name), sorted.

    Raises:
        InputError: The file names customers only.
    """
    if recognise(*ITEMS[:1], raw.frame.columns, {}).get("item_id") is None and "user_id" in recognise("users", raw.frame.columns, {}):
        raise InputError(f"{raw.label} names customers and no products.", "Add a column item_id, or name the customers with --only-users.")
    return _listed(raw, *ITEMS)


def listed_pairs(raw: RawTable) -> pl.DataFrame | None:
    """Give the different pairs of user_id and item_id without empty cells, sorted; None where the table has no columns of both."""
    found = recognise("events", raw.frame.columns, {})
    if not {"user_id", "item_id"} <= found.keys():
        return None
    pairs = pl.DataFrame({name: _stripped(ids(raw.frame[found[name]])) for name in ("user_id", "item_id")})
    return pairs.filter(pl.all_horizontal(pl.all() != "")).unique().sort("user_id", "item_id")


def _listed(raw: RawTable, kind: str, field: str) -> pl.Series:
    column = recognise(kind, raw.frame.columns, {}).get(field, raw.frame.columns[0])
    return one_each(ids(raw.frame[column])).rename(field)


def one_each(found: pl.Series) -> pl.Series:
    """Give the different ids that are not empty, sorted."""
    clean = _stripped(found)
    return clean.filter(clean != "").unique().sort().rename("user_id")


def _stripped(found: pl.Series) -> pl.Series:
    return found.cast(pl.String).str.strip_chars()
