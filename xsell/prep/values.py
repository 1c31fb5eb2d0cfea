"""Cells: ids, texts and numbers as people write them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import polars as pl

from xsell.prep.spelling import trimmed
from xsell.prep.vocabulary import CURRENCIES

EMPTY = ("", "none", "null", "n/a", "na", "<na>", "#n/a", "nan", "nil", "(no genres listed)")
NO_NUMBER = tuple(word for word in EMPTY if word != "nan")
NO_ID = ("", "null", "NULL", "nan", "NaN", "None", "<NA>", "#N/A")
STRETCH = 500_000
LARGEST = 1e12
WIDEST = 2.0**63
WHOLE_FLOAT = r"^-?\d+\.0+$"
DECIMAL = r"^-?\d+\.\d+$"
SPREADSHEET = r"^\d(?:\.\d+)?[eE]\+\d+$"
CODES = "|".join(mark for mark in CURRENCIES if mark.isascii() and mark.isalpha())
SIGNS = "|".join(re.escape(mark) for mark in CURRENCIES if not (mark.isascii() and mark.isalpha()))
CURRENCY = rf"(?i)({SIGNS})|(?:^|[^a-z])({CODES})(?:[^a-z]|$)"


def ids(column: pl.Series) -> pl.Series:
    """
    Write ids as text, without padding.

    Whole numbers lose the `.0` that a column of floats adds, but only where no id of the column has other decimals. Empty cells and
    the words a program writes for them (`null`, `NaN`, `None` …) are null.
    """
    if column.dtype.is_integer():
        return column.cast(pl.String)
    text = trimmed(_text(column))
    text = text.set(text.is_in(NO_ID).fill_null(value=False), None)
    if text.str.contains(WHOLE_FLOAT).any() and not (text.str.contains(DECIMAL) & ~text.str.contains(WHOLE_FLOAT)).any():
        return text.str.replace(r"^(-?\d+)\.0+$", "$1")
    return text


def _text(column: pl.Series) -> pl.Series:
    """Write cells as text, whole floats without decimals."""
    if column.dtype.is_float():
        column = column.fill_nan(None)
        if (column.drop_nulls() % 1 == 0).all() and (column.abs() < WIDEST).all():
            column = column.cast(pl.Int64)
    return column.cast(pl.String)


def damaged(column: pl.Series) -> pl.Series:
    """Mark ids that a spreadsheet turned into a rounded number, such as `4.0128e+10`."""
    return column.str.contains(SPREADSHEET).fill_null(value=False)


def words(column: pl.Series) -> pl.Series:
    """Write texts with single spaces; empty cells and words such as `N/A` are null."""
    text = _text(column).str.replace_all(r"\s+", " ").str.strip_chars()
    return text.set(text.str.to_lowercase().is_in(EMPTY).fill_null(value=False), None)


def stretches(column: pl.Series) -> Iterator[pl.Series]:
    """Cut a column, so that what is made on the way from cells to values need not be in memory for all of them."""
    return (column.slice(start, STRETCH) for start in range(0, max(len(column), 1), STRETCH))


class Numbers(NamedTuple):
    """
    A column read as numbers.

    Attributes:
        values: Float64, null where empty or unreadable.
        unreadable: True where something stands that is no finite number of sensible size.
    """

    values: pl.Series
    unreadable: pl.Series


def percent(column: pl.Series) -> pl.Series:
    """Take the sign off a column of percentages, such as how much of a course was completed; where other numbers stand too, it stays."""
    if column.dtype != pl.String:
        return column
    text = column.str.strip_chars()
    empty = text.str.to_lowercase().is_in(NO_NUMBER)
    return text.str.replace(r"\s*%$", "") if (text.str.ends_with("%") | empty).all() else column


def numbers(column: pl.Series) -> Numbers:
    """
    Read numbers with signs of currency, thousands separators, and a decimal point or comma.

    A lone comma is a decimal comma if any cell of the column cannot be read with a thousands separator, such as `2,5`.
    """
    if column.dtype.is_numeric():
        filled, values = column.is_not_null(), column.cast(pl.Float64)
    else:
        text = column.cast(pl.String).str.strip_chars()
        text = text.set(text.str.to_lowercase().is_in(NO_NUMBER).fill_null(value=False), None)
        filled, values = text.is_not_null(), _parse(text)
    sensible = (values.is_finite() & (values.abs() <= LARGEST)).fill_null(value=False)
    return Numbers(values.set(~sensible, None), filled & ~sensible)


def _parse(text: pl.Series) -> pl.Series:
    values = text.cast(pl.Float64, strict=False)
    hard = text.filter(values.is_null() & text.is_not_null())
    if hard.is_empty():
        return values
    if _comma_decimals(hard):
        return _plain(text, comma=True).cast(pl.Float64, strict=False)
    return pl.select(pl.coalesce(values, _plain(text, comma=False).cast(pl.Float64, strict=False))).to_series()


def _bare(text: pl.Series) -> pl.Series:
    """Take away signs of currency, brackets, and what groups thousands without being a comma or a point."""
    bare = text.str.replace(rf"(?i){SIGNS}|^(?:{CODES})\b\.?|(?:{CODES})\.?$", "").str.replace("−", "-", literal=True).str.strip_chars()
    signed = bare.str.replace(r"^\((.*)\)$", "-$1")
    return _without(signed, r"[\s'\u2019]", r"^[-+]?\d{1,3}(?:[\s'\u2019]\d{3})+(?:[.,]\d+)?$")


def _without(text: pl.Series, mark: str, where: str) -> pl.Series:
    """Take away a mark in the texts of one form."""
    return pl.select(pl.when(text.str.contains(where)).then(text.str.replace_all(mark, "")).otherwise(text)).to_series()


def _comma_decimals(text: pl.Series) -> bool:
    bare = _bare(text)
    single = bare.str.contains(r"^[-+]?\d+,\d+$") & ~bare.str.contains(r"^[-+]?\d{1,3},\d{3}$")
    return bool((single | bare.str.contains(r"^[-+]?\d{1,3}(?:\.\d{3})+,\d+$")).any())


def _plain(text: pl.Series, *, comma: bool) -> pl.Series:
    if comma:
        return _without(_bare(text), r"\.", r",|^[-+]?\d{1,3}(?:\.\d{3})+$").str.replace(",", ".", literal=True)
    return _without(_bare(text), ",", r"^[-+]?\d{1,3}(?:,\d{3})+(?:\.\d*)?$")


def currencies(column: pl.Series, heading: str) -> list[str]:
    """Name the currencies that stand in the cells of a column or in its heading, in alphabetical order."""
    cells = column.unique() if column.dtype == pl.String else pl.Series([], dtype=pl.String)
    groups = pl.concat([cells.alias("text"), pl.Series("text", [heading.replace("_", " ")])]).str.extract_groups(CURRENCY)
    marks = {mark for pair in groups.drop_nulls().unique().to_list() for mark in pair.values() if mark}
    return sorted({CURRENCIES.get(mark) or CURRENCIES.get(mark.upper()) or mark.lower() for mark in marks})


def paths(column: pl.Series) -> pl.Series:
    """Write categories as `A > B | C`: several with `|`, levels with `>`, nothing empty and nothing twice."""
    given = column.unique().drop_nulls().sort()
    tidy = (
        given.str.replace_all("&amp;", "&", literal=True)
        .str.replace_all(r"\s+", " ")
        .str.replace_all(r"[\s>]*[|;][\s|;>]*", " | ")
        .str.replace_all(r"\s*>[\s>]*", " > ")
        .str.strip_chars(" |>")
    )
    parts = tidy.str.split(" | ").list.unique(maintain_order=True).list.join(" | ")
    filled = parts.set((parts == "").fill_null(value=False), None)
    return column.replace_strict(given, filled, default=None, return_dtype=pl.String)
