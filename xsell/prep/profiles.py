"""Readable features of customers and products."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from xsell.data.ids import numbering
from xsell.data.schema import PURCHASE, SHARES, USER_FEATURES, VIEW
from xsell.prep.weighting import ownership_events, standing

PRICE_BANDS = ("low", "below", "middle", "above", "high")
TOP_TERMS = 5
SECONDS_PER_DAY = 86_400


def item_features(interactions: pl.DataFrame | pl.LazyFrame, items: pl.DataFrame) -> pl.DataFrame:
    """
    Describe every product of the catalogue and the events.

    Args:
        interactions: The clean events, sorted by user_id and item_id, or the plan that reads them.
        items: The clean catalogue, may be empty.

    Returns:
        The columns of `ITEM_FEATURES`, sorted by item_id. `price` is that of the catalogue, else the median of the events' prices above 0.
        `price_band` is the fifth of the priced products it falls in, equal prices together. Buyers, purchases and the last time
        are those of ownership events that no return has undone.
    """
    events = interactions.lazy()
    traded = events.select(pl.col("item_id").unique()).collect(engine="streaming").to_series()
    ids = numbering(items["item_id"], traded).rename("item_id").to_frame()
    catalog = items.select("item_id", "name", *all_categories(), "brand", "price")
    seen = events.filter(pl.col("price") > 0).group_by("item_id").agg(seen_price=pl.col("price").median())
    sales = (
        standing(events, ownership_events(events))
        .with_columns(first=pl.any_horizontal(pl.col(key).ne_missing(pl.col(key).shift()) for key in ("user_id", "item_id")))
        .group_by("item_id")
        .agg(buyers=pl.col("first").sum().cast(pl.Int64), purchases=pl.len().cast(pl.Int64), last_at=pl.col("at").max())
    )
    joined = _beside(ids, "item_id", catalog, *(plan.collect(engine="streaming") for plan in (seen, sales)))
    priced = joined.with_columns(pl.coalesce("price", "seen_price").cast(pl.Float32), pl.col("buyers", "purchases").fill_null(0))
    return priced.select("item_id", "name", "category", "all_categories", "brand", "price", _price_band(), "buyers", "purchases", "last_at")


def all_categories() -> tuple[pl.Expr, pl.Expr]:
    """Give the first of the categories in the column `category`, and a list of them all; null where there is none."""
    every = pl.col("category").str.split(" | ")
    known = pl.col("category") != ""
    return pl.when(known).then(every.list.first()).alias("category"), pl.when(known).then(every).alias("all_categories")


def user_features(
    interactions: pl.DataFrame, items: pl.DataFrame, users: pl.DataFrame, terms: pl.DataFrame, owning: Sequence[str], now: datetime | None
) -> pl.DataFrame:
    """
    Describe every customer of the customer table, the events and the searches; each by what is of this customer only.

    Args:
        interactions: The clean events, all or those of some customers.
        items: The features of the items.
        users: The clean customers, may be empty.
        terms: The search terms, may be empty.
        owning: The events that make an owner.
        now: The last event in the data, None where no event has a time.

    Returns:
        The columns of `USER_FEATURES`, sorted by user_id. Recency, frequency, items and category shares come from ownership events that no return has
        undone. Recency counts days back from the last event in the data; frequency counts orders, else days, else events; money is null
        where no purchase has a price, and a purchase without one takes the price of the product.
    """
    ids = numbering(users["user_id"], interactions["user_id"], terms["user_id"]).rename("user_id").to_frame()
    bought = standing(interactions, owning).join(items.select("item_id", "category", item_price="price"), on="item_id", how="left")
    views = interactions.filter(pl.col("event") == VIEW).group_by("user_id").agg(views=pl.len())
    profile = users.select("user_id", "age_band", "gender", "location")
    joined = _beside(ids, "user_id", _habits(bought, now), views, _category_shares(bought), _top_terms(terms), profile)
    return joined.select(
        pl.col("user_id", "recency_days"),
        pl.col("frequency").fill_null(0).cast(pl.Int64),
        pl.col("monetary"),
        pl.col("items", "views").fill_null(0).cast(pl.Int64),
        pl.col("category_shares").fill_null(pl.lit([], dtype=SHARES)),
        pl.col("top_terms").fill_null(pl.lit([], dtype=USER_FEATURES.columns["top_terms"])),
        pl.col("age_band", "gender", "location"),
    )


def _beside(ids: pl.DataFrame, key: str, *tables: pl.DataFrame) -> pl.DataFrame:
    for table in tables:
        ids = ids.join(table, on=key, how="left", maintain_order="left")
    return ids


def _price_band() -> pl.Expr:
    """Middle ranks put equal prices into one band, and into the middle one when all are equal."""
    place = (pl.col("price").rank("average") - 0.5) / pl.col("price").count()
    band = (place * len(PRICE_BANDS)).floor().clip(0, len(PRICE_BANDS) - 1).cast(pl.Int32)
    return band.replace_strict(range(len(PRICE_BANDS)), PRICE_BANDS, return_dtype=pl.String).alias("price_band")


def _habits(bought: pl.DataFrame, now: datetime | None) -> pl.DataFrame:
    """Recency, frequency, money and number of products of every customer who owns something."""
    days = (pl.lit(now, pl.Datetime("us", "UTC")) - pl.col("at").max()).dt.total_seconds() / SECONDS_PER_DAY
    paid = _paid()
    return bought.group_by("user_id").agg(
        recency_days=days.cast(pl.Float32),
        frequency=_orders(),
        # Sorted, so that the sum does not depend on how threads divide the rows.
        monetary=pl.when(paid.count() > 0).then(paid.sort().sum().round(4)),
        items=pl.col("item_id").n_unique(),
    )


def _orders() -> pl.Expr:
    """Number of orders; events without an order count by day, and those without a time one by one."""
    order, day = pl.col("order_id"), pl.col("at").dt.date()
    orders = order.drop_nulls().n_unique()
    days = day.filter(order.is_null()).drop_nulls().n_unique()
    return orders + days + (order.is_null() & day.is_null()).sum()


def _paid() -> pl.Expr:
    """Price times quantity of purchases; a missing price is the product's, a missing quantity 1."""
    price = pl.coalesce("price", "item_price").cast(pl.Float64)
    quantity = pl.col("quantity").fill_null(1).cast(pl.Float64)
    return (price * quantity).filter(pl.col("event") == PURCHASE)


def _category_shares(bought: pl.DataFrame) -> pl.DataFrame:
    """Share of every main category in a customer's ownership events that have one, the largest first."""
    counts = bought.drop_nulls("category").group_by("user_id", "category").len()
    share = (pl.col("len") / pl.col("len").sum().over("user_id")).cast(pl.Float32).alias("share")
    ordered = counts.select("user_id", "category", share).sort("user_id", "share", "category", descending=[False, True, False])
    return ordered.group_by("user_id", maintain_order=True).agg(category_shares=pl.struct("category", "share"))


def _top_terms(terms: pl.DataFrame) -> pl.DataFrame:
    """The terms a customer searched for most often, the first in the alphabet among equals."""
    counts = terms.group_by("user_id", "term").len().sort("user_id", "len", "term", descending=[False, True, False])
    return counts.group_by("user_id", maintain_order=True).agg(top_terms=pl.col("term").head(TOP_TERMS))
