"""Levels of categories: paths cut to the first of them, and columns that are another one."""

from collections.abc import Sequence

import polars as pl

MOSTLY_ONE = 1.5
"""Values of a coarser level for each of a finer one, at most, where the one holds the other."""


def at_level(belongs: pl.Series, level: int | None) -> pl.Series:
    """
    Cut the categories of every product.

    Args:
        belongs: A list of paths for every product; null where there is none.
        level: How many levels of each path to keep, or None for all.

    Returns:
        A list of different paths for every product, the main one first; null where there is none.
    """
    if level is None:
        return belongs
    cut = pl.element().str.split(" > ").list.head(level).list.join(" > ")
    return belongs.list.eval(cut).list.unique(maintain_order=True)


def deepest(belongs: pl.Series) -> int:
    """Levels of the longest path, 0 where there are no categories."""
    return max((path.count(" > ") + 1 for path in belongs.explode().drop_nulls().unique()), default=0)


def over(items: pl.DataFrame, columns: Sequence[str]) -> tuple[str, bool] | None:
    """
    Find a column of a catalogue that is another level of its categories.

    Args:
        items: Clean items with `category`.
        columns: Further columns that could be categories too.

    Returns:
        The first that is, and whether it stands above: hardly any value of the finer one belongs to several of the coarser one.
    """
    for column in columns:
        both = items.select("category", column).drop_nulls()
        one, other, pairs = both["category"].n_unique(), both[column].n_unique(), both.unique().height
        if 1 < min(one, other) < max(one, other) and pairs <= MOSTLY_ONE * max(one, other):
            return column, other < one
    return None
