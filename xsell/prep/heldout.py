"""Held-out events of the analyst's own: what they ask for."""

from collections.abc import Collection

import polars as pl

from xsell.data.schema import RATING
from xsell.prep.ratings import Scale

PAIR = ["user_id", "item_id"]


def wanted(interactions: pl.DataFrame, owning: Collection[str], like: float) -> pl.DataFrame:
    """
    Find what customers took up and kept, or liked.

    Args:
        interactions: The columns of `INTERACTIONS`, sorted as they are there, with `value` on the scale of `like`.
        owning: Names of the events that count as ownership.
        like: The smallest rating that is a like.

    Returns:
        Columns user_id and item_id, each pair once, sorted: of purchases no return has undone, and of latest ratings that are likes.
    """
    owned = interactions.filter(pl.col("event").is_in(list(owning)))
    bought = owned.filter((pl.col("event") != RATING) & ~pl.col("undone"))
    liked = latest(interactions, owning).filter(pl.col("value") >= like)
    return pl.concat([bought.select(PAIR), liked.select(PAIR)]).unique().sort(PAIR)


def latest(interactions: pl.DataFrame, owning: Collection[str]) -> pl.DataFrame:
    """
    Find the latest rating of every customer and product.

    Args:
        interactions: The columns of `INTERACTIONS`, sorted as they are there.
        owning: Names of the events that count as ownership; where ratings are not among them, there are none.

    Returns:
        Columns user_id, item_id and value, each pair once.
    """
    counts = pl.col("event").is_in(list(owning)) & (pl.col("event") == RATING)
    return interactions.filter(counts).unique(PAIR, keep="last", maintain_order=True).select(*PAIR, "value")


def border(like: float | None, scale: Scale | None) -> float:
    """Give the smallest rating that is a like: the one asked for, else the middle of the scale."""
    return like if like is not None else (scale.low + scale.high) / 2 if scale else 0.0
