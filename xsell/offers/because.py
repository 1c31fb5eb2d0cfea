"""Why offers are made: as structure for machines, and as a line for people."""

from collections.abc import Sequence

import polars as pl

from xsell.assemble import World
from xsell.data.schema import REASONS
from xsell.data.training import History, Ints
from xsell.models.reasons import Voice, reasons

OTHERS = "others"


def meanings(known: World) -> pl.DataFrame:
    """What each column of `History.wide()` and the row after them mean: verb, what, kind and item_id."""
    ids, blank = known.items["item_id"], pl.Series("item_id", [None], dtype=pl.String)
    kinds, items = [("product", len(ids))], [ids]
    for stream in known.training.streams:
        kinds.append((stream.name, stream.width))
        items.append(ids if stream.of_items else blank.new_from_index(0, stream.width))
    values = known.columns.height - sum(width for _, width in kinds) - 1
    kinds += [("profile", values), ("popularity", 1)]
    items += [blank.new_from_index(0, values), blank]
    kind = pl.concat([pl.Series("kind", [name], dtype=pl.String).new_from_index(0, width) for name, width in kinds])
    return known.columns.with_columns(kind, pl.concat(items).rename("item_id"))


def because(meant: pl.DataFrame, speaking: Sequence[Voice], history: History, row: Ints, item: Ints) -> pl.DataFrame:
    """
    Explain offers.

    Args:
        meant: What `meanings` gave.
        speaking: The models that speak for the offers.
        history: The customers.
        row: Row of the customer of every offer, ascending, int32.
        item: Product offered, int32.

    Returns:
        Columns offer, because and reasons; offers for which nothing speaks are missing.
    """
    found = reasons(speaking, history, row, item)
    named = pl.DataFrame({"offer": pl.Series(found.offer, dtype=pl.UInt32), "share": found.share}).with_columns(meant[found.column])
    rest = pl.DataFrame({"others": found.others, "share": found.rest}).with_row_index("offer").filter(pl.col("others") > 0)
    more = rest.select(
        "offer",
        "share",
        verb=pl.lit(""),
        what=pl.format("{} more", "others"),
        kind=pl.lit(OTHERS),
        item_id=pl.lit(None, pl.String),
    )
    entries = pl.concat([named, more]).sort("offer", maintain_order=True)
    structure = entries.group_by("offer", maintain_order=True).agg(
        reasons=pl.struct("kind", what=pl.concat_str("verb", "what"), item_id="item_id", share="share")
    )
    percent = (pl.col("share") * 100).round().cast(pl.Int32)
    lines = (
        entries.group_by("offer", "verb", (pl.col("kind") == OTHERS).alias("late"), maintain_order=True)
        .agg(pl.format("{} ({} %)", "what", percent).alias("phrase"))
        .group_by("offer", maintain_order=True)
        .agg(because=pl.concat_str("verb", pl.col("phrase").list.join(", ")).str.join("; "))
    )
    return lines.join(structure, on="offer", maintain_order="left").with_columns(pl.col("reasons").cast(REASONS))
