"""Pairs of products as a table: named, with the measures that are computed from the counts, and in words."""

import polars as pl

from xsell.assemble import World
from xsell.data.answers import ITEM_PAIRS
from xsell.metrics import association
from xsell.offers.meetings import Baskets
from xsell.offers.popularity import thousands
from xsell.offers.together import Found

KINDS = ("complement", "substitute")


def table(known: World, bought: Baskets, found: tuple[Found, Found], sure: tuple[float, float]) -> pl.DataFrame:
    """
    Put complements and substitutes into one table.

    Args:
        known: The items.
        bought: What was bought together.
        found: Complements and substitutes.
        sure: Deviations from which on meetings are sure to be more than chance, and fewer.
    """
    parts = (
        _measured(known, bought, pairs).with_columns(
            kind=pl.lit(kind), often=pl.col("strength") >= sure[0], seldom=pl.col("strength") <= -sure[1]
        )
        for kind, pairs in zip(KINDS, found, strict=True)
    )
    said = pl.concat(parts).with_columns(mark=_mark(), because=_because("baskets" if bought.owner is not None else "customers"))
    return said.select(list(ITEM_PAIRS.columns)).sort("item_id", "kind", "rank")


def _measured(known: World, bought: Baskets, found: Found) -> pl.DataFrame:
    both, a, b, n = found.both, bought.counts[found.item], bought.counts[found.other], bought.n
    low, high = association.lift_interval(both, a, b, n)
    counted = {"n": both, "customers": found.customers, "n_item": a, "n_other": b}
    return pl.DataFrame(
        {
            "item_id": known.items["item_id"].gather(found.item),
            "rank": found.rank,
            "other_id": known.items["item_id"].gather(found.other),
            **{name: pl.Series(values, dtype=pl.Int64) for name, values in counted.items()},
            "by_chance": bought.expected(found.item, found.other),
            "strength": found.deviation,
            "support": association.support(both, n),
            "confidence": association.confidence(both, a),
            "lift": association.lift(both, a, b, n),
            "lift_low": low,
            "lift_high": high,
            "llr": association.signed_root(both, a, b, n),
            "alike": found.alike,
            "name": known.items["name"].gather(found.item),
            "other_name": known.items["name"].gather(found.other),
            "category": known.items["category"].gather(found.item),
            "other_category": known.items["category"].gather(found.other),
        }
    ).with_columns(pl.when(pl.col("customers") >= 0).then("customers"))


def _mark() -> pl.Expr:
    """How sure a complement is, or what makes a substitute."""
    graded = pl.when(pl.col("often")).then(pl.lit("sure")).otherwise(pl.lit("likely"))
    alike = pl.when(pl.col("alike") > 0).then(pl.lit("alike"))
    met = pl.when(pl.col("seldom")).then(pl.lit("seldom together")).when(pl.col("often")).then(pl.lit("often together"))
    return pl.when(pl.col("kind") == KINDS[0]).then(graded).otherwise(pl.concat_str(alike, met, separator=", ", ignore_nulls=True))


def _because(unit: str) -> pl.Expr:
    chance = pl.col("by_chance")
    rounded = pl.when(chance < 10).then(chance.round(1).cast(pl.String)).otherwise(thousands(chance.round().cast(pl.Int64)))
    held = pl.format(f"in {{}} of its {{}} {unit}, by chance in {{}}", *(thousands(pl.col(name)) for name in ("n", "n_item")), rounded)
    alike = pl.when(pl.col("alike") > 0).then(pl.format("described alike ({})", pl.col("alike").round(2)))
    return pl.concat_str(alike, held, separator="; ", ignore_nulls=True)
