"""Ids and the white space around them."""

import polars as pl

from xsell.prep.spelling import as_in, trimmed


def test_a_few_blanks_stay() -> None:
    """An id that ends in a blank and has no twin is written as the user's tables have it."""
    ids = pl.Series(["cream cheese ", "milk", "bread", None])
    assert trimmed(ids).to_list() == ["cream cheese ", "milk", "bread", None]


def test_padding_goes() -> None:
    """Where most ids are padded, none is."""
    assert trimmed(pl.Series([" 1 ", " 2 ", "3"])).to_list() == ["1", "2", "3"]


def test_twins_become_one() -> None:
    """Ids that differ in white space only are the same."""
    assert trimmed(pl.Series(["a", "a ", "b", "c", "d"])).to_list() == ["a", "a", "b", "c", "d"]


def test_blank_is_no_id() -> None:
    """Nothing but white space is an empty id."""
    assert trimmed(pl.Series(["a", "b", "  "])).to_list() == ["a", "b", ""]


def test_another_table_is_spelt_alike() -> None:
    """An id known elsewhere with other white space takes that spelling; others stay."""
    known = pl.Series(["cream cheese ", "milk"])
    assert as_in(pl.Series("item_id", ["cream cheese", " milk", "bread "]), known).to_list() == ["cream cheese ", "milk", "bread "]
