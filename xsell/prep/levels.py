"""Paths of categories cut to their first levels."""

import polars as pl


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
