"""The tables that answer a question of `recommend` which is not about lists for customers."""

import polars as pl

from xsell.data.schema import Table

ITEM_PAIRS = Table(
    "recommendations/items.parquet",
    {
        "item_id": pl.String,
        "kind": pl.String,
        "rank": pl.Int32,
        "other_id": pl.String,
        "mark": pl.String,
        "n": pl.Int64,
        "customers": pl.Int64,
        "by_chance": pl.Float64,
        "n_item": pl.Int64,
        "n_other": pl.Int64,
        "support": pl.Float64,
        "confidence": pl.Float64,
        "lift": pl.Float64,
        "lift_low": pl.Float64,
        "lift_high": pl.Float64,
        "llr": pl.Float64,
        "strength": pl.Float64,
        "alike": pl.Float32,
        "name": pl.String,
        "other_name": pl.String,
        "category": pl.String,
        "other_category": pl.String,
        "because": pl.String,
    },
    ("item_id", "kind", "rank"),
    unique=True,
)
"""
What is bought with each product and what replaces it, sorted by the key.

`kind` is `complement` or `substitute`; `mark` says how sure a complement is (`sure`, `likely`) or what makes a substitute (`alike`, `seldom
together`). `n` of the baskets hold both, those of `customers` different people (null for substitutes), `by_chance` would; `n_item` and `n_other`
hold one. `llr` is the signed root; `strength` decides the rank of complements: the deviation from chance that knows the sizes of the baskets and
that those of one customer are alike.
"""

AUDIENCE = Table(
    "recommendations/audience.parquet",
    {
        "kind": pl.String,
        "target": pl.String,
        "rank": pl.Int32,
        "user_id": pl.String,
        "group": pl.String,
        "item_id": pl.String,
        "name": pl.String,
        "category": pl.String,
        "score": pl.Float32,
        "value": pl.Float32,
        "because": pl.String,
    },
    ("kind", "target", "rank"),
    unique=True,
)
"""
Whom to contact for a product or a category, sorted by the key.

`kind` is `item` or `category`, `target` its id or name; `group` is `contact` or `control`; `item_id` is the product to offer: the best of a
category for this customer.
"""
