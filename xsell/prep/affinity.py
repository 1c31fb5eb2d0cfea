"""Who owns something of which category."""

import polars as pl

from xsell.prep.weighting import standing


def category_owners(interactions: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """
    List the main categories every customer owns something of.

    Args:
        interactions: The clean events.
        items: The features of the items.

    Returns:
        Columns user_id and category, each pair once, sorted; ownership events undone by a return and products without a category do not count.
    """
    categorised = items.select("item_id", "category").drop_nulls()
    return standing(interactions).join(categorised, on="item_id").select("user_id", "category").unique().sort("user_id", "category")
