"""Cells are read as people mean them."""

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xsell.prep.values import currencies, damaged, ids, numbers, paths, percent, words


def test_ids_are_text_without_the_decimals_of_floats() -> None:
    """Whole numbers stay whole whatever type they went through, and ids with real decimals stay as they are."""
    assert ids(pl.Series([536365, None])).to_list() == ["536365", None]
    assert ids(pl.Series([536365.0, math.nan])).to_list() == ["536365", None]
    assert ids(pl.Series(["17850.0", "0012", "85123A", "null", "", None])).to_list() == ["17850", "0012", "85123A", None, None, None]
    assert ids(pl.Series(["1.0", "1.1"])).to_list() == ["1.0", "1.1"]


def test_ids_of_floats_too_wide_for_whole_numbers() -> None:
    """Whole floats that no integer can hold stay ids."""
    found = ids(pl.Series([1e300, 2.0, None]))
    assert found.dtype == pl.String
    assert found.n_unique() == 3
    assert found.null_count() == 1


def test_ids_that_a_spreadsheet_rounded_are_found() -> None:
    """Only a rounded number counts, not a code with an E in it."""
    assert damaged(pl.Series(["4.0128e+10", "4E+10", "47503E5", "40128000000", None])).to_list() == [True, True, False, False, False]


@settings(deadline=None)
@given(values=st.lists(st.integers(-(10**8), 10**8).map(lambda cents: cents / 100), min_size=1))
def test_numbers_are_read_in_every_dress(values: list[float]) -> None:
    """Thousands separators, signs of currency and decimal commas do not change a number."""
    english = [f"£{value:,.2f}" for value in values]
    german = [f"{value:,.2f} €".translate(str.maketrans(",.", ".,")) for value in values]
    for texts in (english, german, [str(value) for value in values]):
        read = numbers(pl.Series(texts))
        assert read.values.to_list() == pytest.approx(values)
        assert not read.unreadable.any()


def test_what_is_no_sensible_number_is_unreadable() -> None:
    """NaN, infinity, absurd sizes and words are unreadable; empty cells are not."""
    texts = ["NaN", "inf", "-inf", "1e308", "five", "N/A", "", None, "(5.00)", "1 234"]
    read = numbers(pl.Series(texts))
    assert read.unreadable.to_list() == [True] * 5 + [False] * 5
    assert read.values.to_list() == [None] * 8 + [-5.0, 1234.0]
    assert numbers(pl.Series([math.nan, math.inf, 1.0, None])).unreadable.to_list() == [True, True, False, False]


def test_percentages_lose_their_sign_where_all_have_one() -> None:
    """Percentages throughout are numbers of 0 to 100, empty cells aside; beside plain numbers nobody knows what they are a share of."""
    assert numbers(percent(pl.Series(["40%", " 12,5 % ", "", None, "n/a"]))).values.to_list() == [40.0, 12.5, None, None, None]
    assert numbers(percent(pl.Series(["40%", "0.4"]))).unreadable.to_list() == [True, False]
    assert percent(pl.Series([1.0])).to_list() == [1.0]


def test_currencies_are_named() -> None:
    """Signs and codes in cells or in the heading name the currency."""
    assert currencies(pl.Series(["£2.50", "3"]), "UnitPrice") == ["GBP"]
    assert currencies(pl.Series(["2.50"]), "price_usd") == ["USD"]
    assert currencies(pl.Series(["12 kr", "3.5EUR", "R$ 4"]), "Price") == ["BRL", "EUR", "kr"]
    assert currencies(pl.Series([2.5]), "UnitPrice") == []


def test_empty_words_are_null() -> None:
    """Words that programs write for nothing are null, and white space is single."""
    assert words(pl.Series([" a \t b ", "None", "N/A", "nan", "", None, "茶"])).to_list() == ["a b", None, None, None, None, None, "茶"]


@settings(deadline=None)
@given(texts=st.lists(st.text(st.sampled_from("ab >|;"), max_size=12), min_size=1))
def test_paths_are_tidy_and_stay_so(texts: list[str]) -> None:
    """No category and no level is empty, none is given twice, and tidying twice changes nothing."""
    once = paths(pl.Series(texts))
    assert paths(once).to_list() == once.to_list()
    for path in once.drop_nulls():
        parts = path.split(" | ")
        assert len(parts) == len(set(parts))
        assert all(level.strip() == level != "" for part in parts for level in part.split(" > "))


def test_paths_keep_the_first_category_first() -> None:
    """Semicolons and bars separate categories, angle brackets levels."""
    assert paths(pl.Series(["Toys &amp; Games>Cars ;Art|Art", " | ", None])).to_list() == ["Toys & Games > Cars | Art", None, None]
