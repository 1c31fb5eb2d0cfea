"""Every table in the working directory: its path, columns, types and key, and the check that holds a frame against them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from xsell.errors import XsellError

INSTANT = pl.Datetime("us", "UTC")
SHARES = pl.List(pl.Struct({"category": pl.String, "share": pl.Float32}))
REASONS = pl.List(pl.Struct({"kind": pl.String, "what": pl.String, "item_id": pl.String, "share": pl.Float32}))

PURCHASE = "purchase"
RATING = "rating"
RETURN = "return"
VIEW = "view"
CART = "cart"
SEARCH = "search"

CLEANED = "clean/report.json"
"""What cleaning did: counts by rule, how everything was read, and the scale of the ratings."""

NO_PRODUCTS = "clean/no-products.txt"
"""Ids of items that look like no products, one a line."""

Rows = TypeVar("Rows", pl.DataFrame, pl.LazyFrame)


@dataclass(frozen=True, slots=True)
class Table:
    """
    A promised parquet file.

    Attributes:
        path: Relative to the working directory.
        columns: Column names with their types, in order.
        key: Columns that may not be null.
        unique: Whether the key may not repeat.
        extras: Whether further columns may follow.
    """

    path: str
    columns: Mapping[str, pl.DataType | type[pl.DataType]]
    key: tuple[str, ...]
    unique: bool = False
    extras: bool = False

    def check(self, frame: Rows) -> Rows:
        """
        Give the frame, or the plan that reads it, back if it keeps the promise.

        Raises:
            XsellError: A column is missing, has another type, or a key is null or repeats.
        """
        rows = frame.lazy()
        there = rows.collect_schema()
        wrong = [f"{name} is {there.get(name, 'missing')}, not {dtype}" for name, dtype in self.columns.items() if there.get(name) != dtype]
        if not self.extras:
            wrong += [f"{name} does not belong" for name in there if name not in self.columns]
        if not wrong and self.key:
            empty = rows.select(pl.col(self.key).null_count()).collect(engine="streaming").row(0, named=True)
            wrong += [f"{name} has empty cells" for name, count in empty.items() if count]
            if self.unique and not rows.select(_rising(self.key)).collect().item():
                twice = rows.select(pl.struct(self.key).is_duplicated().any()).collect().item()
                wrong += [f"{', '.join(self.key)} repeats"] if twice else []
        if wrong:
            raise XsellError(
                f"{self.path} is not the table it should be: {'; '.join(wrong)}.",
                "Run `xsell clean` on your files again; if that does not help, this is a fault of xsell.",
            )
        return frame


def _rising(key: tuple[str, ...]) -> pl.Expr:
    """Whether each row has a higher key than the one before: as most tables are sorted, this says at little cost that no key repeats."""
    higher = pl.lit(False)
    for name in reversed(key):
        higher = (pl.col(name) > pl.col(name).shift()) | ((pl.col(name) == pl.col(name).shift()) & higher)
    return higher.fill_null(value=True).all()


INTERACTIONS = Table(
    "clean/interactions.parquet",
    {
        "user_id": pl.String,
        "item_id": pl.String,
        "event": pl.String,
        "value": pl.Float32,
        "quantity": pl.Float32,
        "price": pl.Float32,
        "order_id": pl.String,
        "at": INSTANT,
        "undone": pl.Boolean,
        "undone_at": INSTANT,
    },
    ("user_id", "item_id", "event"),
)
"""
One row an event, sorted by user_id, item_id, at (nulls first), event.

`value` is the rating after normalisation, or 1; `price` is the price of one unit; a return is a row of its own with a negative
`quantity`, and the purchase that it undoes in full has `undone` true and `undone_at` the time of the return, if known.
"""

ITEMS = Table(
    "clean/items.parquet",
    {"item_id": pl.String, "name": pl.String, "category": pl.String, "brand": pl.String, "price": pl.Float32},
    ("item_id",),
    unique=True,
    extras=True,
)
"""The catalogue, sorted by item_id. `category` is a path `A > B`, several of them joined with ` | `, the first the main one, or null."""

USERS = Table(
    "clean/users.parquet",
    {"user_id": pl.String, "age": pl.Float32, "gender": pl.String, "location": pl.String, "age_band": pl.String},
    ("user_id",),
    unique=True,
    extras=True,
)
"""The customers, sorted by user_id. `age_band` is the band as given (`45-54`) or made from `age`, or null."""

SEARCHES = Table(
    "clean/searches.parquet",
    {"user_id": pl.String, "query": pl.String, "at": INSTANT},
    ("user_id", "query"),
)
"""One row a search, sorted by user_id, at, query."""

REJECTS = Table(
    "clean/rejects.parquet",
    {"file": pl.String, "line": pl.Int64, "reason": pl.String, "row": pl.String},
    ("file", "line", "reason"),
)
"""Every row that was refused: the file as it was named, the line in it (the header of a CSV is line 1), why, and the raw row as JSON."""

ITEM_FEATURES = Table(
    "features/items.parquet",
    {
        "item_id": pl.String,
        "name": pl.String,
        "category": pl.String,
        "all_categories": pl.List(pl.String),
        "brand": pl.String,
        "price": pl.Float32,
        "price_band": pl.String,
        "buyers": pl.Int64,
        "purchases": pl.Int64,
        "last_at": INSTANT,
    },
    ("item_id",),
    unique=True,
)
"""
All items of the catalogue and the events, sorted by item_id: the row number is the item's number in every model.

`category` is the main one, the first of `all_categories`.
"""

USER_FEATURES = Table(
    "features/users.parquet",
    {
        "user_id": pl.String,
        "recency_days": pl.Float32,
        "frequency": pl.Int64,
        "monetary": pl.Float64,
        "items": pl.Int64,
        "views": pl.Int64,
        "category_shares": SHARES,
        "top_terms": pl.List(pl.String),
        "age_band": pl.String,
        "gender": pl.String,
        "location": pl.String,
    },
    ("user_id",),
    unique=True,
)
"""All customers of the customer table, the events and the searches, sorted by user_id: the row number is the customer's number."""

TERMS = Table(
    "features/terms.parquet",
    {"term": pl.String, "df": pl.Int64, "idf": pl.Float32},
    ("term",),
    unique=True,
)
"""The vocabulary of `features/item_content.npz`, in column order."""

SEARCH_TERMS = Table(
    "features/search_terms.parquet",
    {"user_id": pl.String, "term": pl.String, "at": INSTANT},
    ("user_id", "term"),
)
"""The words of every search, each once a search, sorted by user_id, at (nulls first), term; empty where there are no searches."""

AFFINITY = Table(
    "features/category_affinity.parquet",
    {
        "from": pl.String,
        "to": pl.String,
        "n": pl.Int64,
        "support": pl.Float64,
        "confidence": pl.Float64,
        "lift": pl.Float64,
        "lift_low": pl.Float64,
        "lift_high": pl.Float64,
        "llr": pl.Float64,
    },
    ("from", "to"),
    unique=True,
)
"""Who buys from one category also buys from another: customers, sorted by llr (signed root) from the strongest down."""

PASSED = (INTERACTIONS, ITEMS, USERS, SEARCHES, REJECTS, ITEM_FEATURES, USER_FEATURES, TERMS, SEARCH_TERMS, AFFINITY)
"""The tables that one stage makes for others."""


def layout(stage: str) -> str:
    """Digest of what the tables that a stage makes for others must hold, so that those made when they held something else are known as old."""
    promised = [(table.path, {name: str(dtype) for name, dtype in table.columns.items()}, table.key) for table in PASSED]
    return hashlib.sha256(repr([one for one in promised if one[0].startswith(f"{stage}/")]).encode()).hexdigest()


RECOMMENDATIONS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "user_id": pl.String,
    "rank": pl.Int32,
    "item_id": pl.String,
    "score": pl.Float32,
    "value": pl.Float32,
    "category": pl.String,
    "name": pl.String,
    "source": pl.String,
    "because": pl.String,
    "reasons": REASONS,
}

PER_USER: Mapping[str, pl.DataType | type[pl.DataType]] = {"model": pl.String, "user_id": pl.String}


PER_GROUP: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "of": pl.String,
    "grouping": pl.String,
    "group": pl.String,
    "model": pl.String,
    "metric": pl.String,
    "customers": pl.Int64,
    "mean": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
    "gap": pl.Float64,
    "gap_low": pl.Float64,
    "gap_high": pl.Float64,
}
"""`of` is customers or products; the gap is the difference to popular."""


def recommendations(model: str) -> Table:
    """Table of the lists that a model gave."""
    return Table(f"recommendations/{model}.parquet", RECOMMENDATIONS, ("user_id", "rank"), unique=True)


def per_user(name: str) -> Table:
    """Table of the metrics of every customer in an evaluation; one Float64 column a metric follows."""
    return Table(f"evaluation/{name}.parquet", PER_USER, ("model", "user_id"), unique=True, extras=True)


def per_group(name: str) -> Table:
    """Table of the metrics of groups of customers and of products in an evaluation."""
    return Table(f"evaluation/{name}-groups.parquet", PER_GROUP, ("of", "grouping", "group", "model", "metric"), unique=True)
