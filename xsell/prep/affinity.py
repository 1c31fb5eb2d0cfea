"""Who owns something of which category."""

from collections.abc import Sequence

import polars as pl

from xsell.prep.weighting import standing


def category_owners(interactions: pl.DataFrame, items: pl.DataFrame, owning: Sequence[str]) -> pl.DataFrame:
    """
    List the main categories every customer owns something of.

    Args:
        interactions: The clean events.
        items: The features of the items.
        owning: The events that make an owner.

    Returns:
        Columns user_id and category, each pair once, sorted; ownership events undone by a return and products without a category do not count.
    """
    categorised = items.select("item_id", "category").drop_nulls()
    owned = standing(interactions.select("user_id", "item_id", "event", "undone"), owning).select("user_id", "item_id").unique()
    return owned.join(categorised, on="item_id").select("user_id", "category").unique().sort("user_id", "category")


def most_owned(owners: pl.DataFrame, most: int) -> pl.DataFrame:
    """
    Keep the categories with the most customers, the first in the alphabet among equals.

    Args:
        owners: A customer in each row, and the column category, each pair once; categories may be numbers in the order of their names.
        most: How many categories to keep.

    Returns:
        The rows of these categories, in their order.
    """
    kept = owners.group_by("category").len().sort("len", "category", descending=[True, False]).head(most)
    return owners.join(kept, on="category", how="semi", maintain_order="left")
