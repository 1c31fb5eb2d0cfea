"""Parquet: the file's own types are kept where they say more than text would."""

import io

import polars as pl
import polars.selectors as cs

from xsell.errors import InputError
from xsell.files.raw_text import Records, nothing_refused


def read_parquet(content: bytes, name: str) -> Records:
    """
    Read a Parquet file.

    Args:
        content: Its bytes.
        name: What to call it in a sentence.

    Returns:
        Its rows; a row's line is its number from 1. There is nothing to note.

    Raises:
        InputError: The file is damaged or has no columns.
    """
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError):
        raise InputError(f"{name} is a damaged or cut off Parquet file.", "Copy or write the file again.") from None
    lines = pl.Series("line", range(1, frame.height + 1), pl.Int64)
    return Records(plain(frame), lines, nothing_refused(), ())


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep text, numbers and times; lists become text with `|` between their parts, all else text."""
    simple = cs.string() | cs.numeric() | cs.date() | cs.datetime()
    numbers = cs.decimal()
    return frame.with_columns(
        numbers.cast(pl.Float64),
        cs.datetime(time_zone="*").dt.convert_time_zone("UTC"),
        *(_as_text(column) for column in frame.select(~(simple | numbers)).iter_columns()),
    )


def _as_text(column: pl.Series) -> pl.Series:
    try:
        return _cast(column)
    except pl.exceptions.PolarsError:  # a kind without a text of its own, such as a duration
        return pl.Series(column.name, [None if value is None else str(value) for value in column], pl.String)


def _cast(column: pl.Series) -> pl.Series:
    if isinstance(column.dtype, pl.Array):
        column = column.arr.to_list()
    if isinstance(column.dtype, pl.List) and not column.dtype.inner.is_nested():
        return column.cast(pl.List(pl.String)).list.join("|")
    if column.dtype.is_nested():
        return column.to_frame("value").select(pl.struct("value").struct.json_encode().alias(column.name)).to_series()
    return column.cast(pl.String, strict=False)
