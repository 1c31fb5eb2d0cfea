"""Who gets lists: a file with one id a line, or a table with a user column."""

import polars as pl

from xsell.data.rawtable import RawTable
from xsell.prep.columns import recognise
from xsell.prep.values import ids


def names_users(line: str) -> bool:
    """Whether a first line is the header of a table with a user column."""
    return any("user_id" in recognise("users", [cell.strip().strip('"') for cell in line.split(mark)], {}) for mark in ",;\t|")


def listed(raw: RawTable) -> pl.Series:
    """Give the different ids of the user column (of the first column where none has a known name), sorted."""
    column = recognise("users", raw.frame.columns, {}).get("user_id", raw.frame.columns[0])
    return one_each(ids(raw.frame[column]))


def one_each(found: pl.Series) -> pl.Series:
    """Give the different ids that are not empty, sorted."""
    clean = found.cast(pl.String).str.strip_chars()
    return clean.filter(clean != "").unique().sort().rename("user_id")
