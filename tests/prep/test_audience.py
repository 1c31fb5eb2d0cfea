"""Who gets lists."""

import polars as pl
import pytest

from tests.prep.raw_tables import raw
from xsell.data.rawtable import REFUSED, RawTable
from xsell.prep.audience import listed, names_users


def table(frame: pl.DataFrame) -> RawTable:
    """Give a raw table with these cells."""
    return RawTable("a.parquet", frame, pl.Series(range(frame.height), dtype=pl.Int64), pl.DataFrame(schema=REFUSED), (), "")


@pytest.mark.parametrize(
    "line", ["user_id", "User ID", "customer_id,name", "name;CustomerID", "age\tuser", '"user_id","segment"', "segment | user_id", "id"]
)
def test_headers(line: str) -> None:
    """A first line with the name of a user column, however it is separated and quoted, is a header."""
    assert names_users(line)


@pytest.mark.parametrize("line", ["C0001", "17", "anna@example.org", "", "name,age", "u1,u2"])
def test_no_headers(line: str) -> None:
    """A first line without one is none."""
    assert not names_users(line)


def test_the_user_column_is_found() -> None:
    """Of a table the user column counts, wherever it stands; each id once, sorted, without empty cells."""
    made = raw("segment,customer_id\ngold,c2\nsilver,c1\ngold,c2\ngold,\n")
    assert listed(made).to_list() == ["c1", "c2"]


def test_a_table_without_a_user_column() -> None:
    """Where no column has a known name, the first one counts."""
    assert listed(table(pl.DataFrame({"line": [" c2 ", "c1", "", "c1"], "more": ["c9"] * 4}))).to_list() == ["c1", "c2"]


def test_numbers_are_ids() -> None:
    """Whole numbers, also where a column of floats holds them, are the ids that clean makes of them."""
    assert listed(table(pl.DataFrame({"user_id": [3, 1, 1]}))).to_list() == ["1", "3"]
    assert listed(table(pl.DataFrame({"user_id": [3.0, None, 1.0]}))).to_list() == ["1", "3"]


def test_nobody() -> None:
    """A table without rows names nobody."""
    assert listed(table(pl.DataFrame({"user_id": []}, schema={"user_id": pl.String}))).to_list() == []
