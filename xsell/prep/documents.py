"""Products as documents for TF-IDF: the words of their texts and one whole term for every attribute."""

import polars as pl

from xsell.text import FIELD

KNOWN = ("item_id", "name", "category", "brand", "price")
WORDS_OF_TEXT = 3
"""A further column whose values have on average more gaps between words than this is text, else an attribute."""

_GAP = r"\s+|[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]{2}"


def item_documents(items: pl.DataFrame, features: pl.DataFrame) -> pl.Series:
    """
    Write one document a product, for `xsell.text.tfidf`.

    The name and further columns of long text give words. Brand, price band, every level of every category and the other
    columns of the catalogue that hold short strings, whole numbers or yes and no give whole terms such as `brand=acme`; several values with `|`
    between them give one term each.

    Args:
        items: The clean catalogue.
        features: The features of the items.

    Returns:
        Strings in the order of `features`; a product of which nothing is known has an empty one.
    """
    extras = [name for name in items.columns if name not in (*KNOWN, *features.columns) and _is_plain(items.schema[name])]
    texts = [name for name in extras if _is_text(items[name])]
    attributes = [name for name in extras if name not in texts]
    levels = category_levels(items["category"])
    catalog = items.select(
        "item_id", pl.col("category").replace_strict(levels["category"], levels["terms"], default=None, return_dtype=pl.String), *extras
    )
    joined = features.select("item_id", "name", "brand", "price_band").join(catalog, on="item_id", how="left", maintain_order="left")
    words = pl.concat_str([_clean("name"), *map(_clean, texts)], separator=" ", ignore_nulls=True)
    terms = [_terms(name) for name in ("brand", "price_band", *attributes)]
    return joined.select(pl.concat_str([words, pl.col("category"), *terms], ignore_nulls=True).alias("document"))["document"]


def category_levels(categories: pl.Series) -> pl.DataFrame:
    """
    Give the terms of every different cell of the column `category`.

    Returns:
        Columns `category` (`A > B | C`) and `terms` (`category=A`, `category=A > B`, `category=C`, each with `FIELD` before it).
    """
    cells = categories.rename("category").drop_nulls().unique().sort().to_frame()
    paths = cells.with_columns(path=pl.col("category").str.split(" | ")).explode("path").with_columns(path=pl.col("path").str.split(" > "))
    deepest = paths.select(pl.col("path").list.len().max().fill_null(1)).item()
    heads = [pl.col("path").list.head(depth).list.join(" > ") for depth in range(1, deepest + 1)]
    every = paths.select("category", level=pl.concat_list(heads)).explode("level").unique().filter(pl.col("level") != "")
    terms = pl.concat_str(pl.lit(f"{FIELD}category="), "level").sort().str.join("")
    return every.group_by("category").agg(terms=terms).sort("category")


def _is_plain(dtype: pl.DataType) -> bool:
    return dtype.is_integer() or dtype in (pl.String, pl.Boolean)


def _is_text(column: pl.Series) -> bool:
    if column.dtype != pl.String:
        return False
    gaps = column.drop_nulls().str.count_matches(_GAP).mean()
    return isinstance(gaps, float) and gaps > WORDS_OF_TEXT


def _clean(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.String).str.replace_all(FIELD, " ", literal=True).str.strip_chars()


def _terms(name: str) -> pl.Expr:
    """One term a value, null where there is none."""
    start = f"{FIELD}{name}="
    values = _clean(name).str.replace_all(r"\s*\|\s*", start.replace("$", "$$"))
    return pl.when(values != "").then(pl.concat_str(pl.lit(start), values))
