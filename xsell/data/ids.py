"""Numbering: every id has the number of its place among the sorted ids."""

import polars as pl


def numbering(*columns: pl.Series) -> pl.Series:
    """Give all different ids of some columns in ascending order (by Unicode code point), without nulls."""
    seen = pl.concat([column.rename("id").unique() for column in columns])
    return seen.drop_nulls().unique().sort()
