"""Which products were bought in one order."""

import polars as pl

from xsell.prep.weighting import ownership_events, standing

ENOUGH = 0.5
"""Share of the purchases that must name their order before baskets are counted instead of customers."""

FULL = 1.5
"""Different products that the mean basket must hold: what holds one product each shows nothing that goes together."""


def baskets(interactions: pl.DataFrame) -> pl.DataFrame:
    """
    List the products of every order, purchases undone by a return left out.

    Args:
        interactions: The clean events.

    Returns:
        Columns basket and customer (UInt32 from 0) and item_id, sorted, each product once a basket; empty where too few purchases name their
        order or where the orders hold too few products to tell.
    """
    bought = standing(interactions.select("user_id", "item_id", "event", "undone", "order_id"), ownership_events(interactions))
    named = bought.filter(pl.col("order_id").is_not_null()).select("user_id", "order_id", "item_id").unique()
    orders = named.select("user_id", "order_id").n_unique()
    if bought["order_id"].count() < ENOUGH * bought.height or named.height < FULL * orders:
        return pl.DataFrame(schema={"basket": pl.UInt32, "customer": pl.UInt32, "item_id": pl.String})
    ordered = named.sort("user_id", "order_id", "item_id")
    return ordered.select(
        pl.struct("user_id", "order_id").rle_id().alias("basket"), pl.col("user_id").rle_id().alias("customer"), "item_id"
    )
