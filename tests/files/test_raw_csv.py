"""CSV: cells survive whatever they hold, and no line is lost."""

import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xsell.files.raw_csv import read_csv
from xsell.files.raw_text import Records

CELLS = st.text(st.sampled_from("ab1 ,;|\t\"'\n茶é"), max_size=6)
TABLES = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=8)


def read(text: str) -> Records:
    """Read a CSV text."""
    return read_csv(text, "a.csv")


@settings(deadline=None)
@given(rows=TABLES, delimiter=st.sampled_from(",;\t|"))
def test_written_tables_are_read_as_they_were(rows: list[list[str]], delimiter: str) -> None:
    """What a CSV writer wrote comes back cell by cell, with the line where each record began; rows of empty cells are no records."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows([["user", "item", "size"], *rows])
    got = read(text.getvalue())
    lines = [2 + sum(1 + "".join(row).count("\n") for row in rows[:n]) for n in range(len(rows))]
    kept = [n for n, row in enumerate(rows) if any(row)]
    assert got.frame.columns == ["user", "item", "size"]
    assert got.frame.fill_null("").rows() == [tuple(rows[n]) for n in kept]
    assert got.lines.to_list() == [lines[n] for n in kept]
    assert got.refused.is_empty()


def test_long_lines_are_refused_and_short_ones_filled() -> None:
    """A line with too many cells is refused with its line and its cells; one with too few is filled up."""
    got = read("a,b,c\n1,2,3\n1,2\n1,2,3,4\n\n5,6,7\n")
    assert got.frame.rows() == [("1", "2", "3"), ("1", "2", None), ("5", "6", "7")]
    assert got.lines.to_list() == [2, 3, 6]
    assert got.refused.rows() == [(4, "too many fields", '["1", "2", "3", "4"]')]


@pytest.mark.parametrize("tail", ["7,8,9\n", '4,"5,6\n7,8,9\n', '4,"5,6\n7,"8,9\n7,8,9\n'])
def test_a_stray_quote_costs_its_own_line_only(tail: str) -> None:
    """A quote that is never closed does not swallow the lines after it."""
    got = read('a,b,c\n1,2,3\n1,"2,3\n' + tail)
    assert got.frame.rows() == [("1", "2", "3"), ("7", "8", "9")]
    assert set(got.refused["reason"]) == {"unclosed quote"}
    assert got.frame.height + got.refused.height == 2 + tail.count("\n")
    assert json.loads(got.refused["row"][0]) == ['1,"2,3']


def test_inch_marks_are_no_quotes() -> None:
    """A quote inside a cell that does not begin with one is an ordinary character."""
    got = read('a,b\n5" pipe,x\n7" pipe,y\n')
    assert got.frame.rows() == [('5" pipe', "x"), ('7" pipe', "y")]


def test_headings_become_distinct_names() -> None:
    """Empty headings are named by their place, and repeated ones numbered."""
    assert read("a,,a,a\n1,2,3,4\n").frame.columns == ["a", "column_2", "a_2", "a_3"]


def test_the_delimiter_is_the_one_that_fits() -> None:
    """A semicolon file with decimal commas and a comma file with bars in its cells are told apart."""
    assert read("user;price\na;1,5\nb;2,5\n").frame.rows() == [("a", "1,5"), ("b", "2,5")]
    assert read("user,genres\na,x|y\nb,z\n").frame.columns == ["user", "genres"]
    assert read("user\na\n").frame.rows() == [("a",)]
