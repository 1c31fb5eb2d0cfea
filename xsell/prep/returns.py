"""Returns, and the purchases they undo."""

import math

import polars as pl

from xsell.data.schema import PURCHASE, RETURN

PAIR = ["user_id", "item_id"]
DUST = 1e-6


def match_returns(events: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """
    Mark the purchases that returns undo in full.

    For every customer and item the balance of quantities goes up with each purchase and down with each return, never below zero. The
    first return that brings the balance down to where it was before a purchase has sent that purchase back: what was bought last goes
    back first. A purchase without a quantity counts as one piece. At equal times purchases come before returns; purchases without a time
    come first, returns without one last.

    Args:
        events: Interactions with user_id, item_id, event, quantity and at, in file order within equal times.

    Returns:
        The events in their order with `undone` and `undone_at`, and the number of returns that found less to undo than they send back.
    """
    numbered = events.with_row_index("place")
    pairs = numbered.filter(pl.col("event") == RETURN).select(PAIR).unique(maintain_order=True).with_row_index("pair")
    if pairs.is_empty():
        return events.with_columns(undone=pl.lit(value=False), undone_at=pl.lit(None, events.schema["at"])), 0
    story = _story(numbered, pairs)
    ends = _first_at_most(story["balance"], story["before"])
    back = story["balance"].gather(ends).is_finite() & (story["event"] == PURCHASE)
    undone = story.select("place", undone_at=pl.when(back).then(story["at"].gather(ends))).filter(back)
    marked = numbered.join(undone.with_columns(undone=True), on="place", how="left", maintain_order="left")
    return marked.with_columns(pl.col("undone").fill_null(value=False)).drop("place"), int(story["short"].sum())


def _story(numbered: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Tell the purchases and returns of every pair that has returns in order, with the balance, closed by a balance of minus infinity."""
    moves = numbered.filter(pl.col("event").is_in([PURCHASE, RETURN])).join(pairs, on=PAIR)
    late = pl.col("at").is_null() & (pl.col("event") == RETURN)
    moves = moves.sort("pair", late, "at", "event", "place", nulls_last=False).with_columns(
        pl.col("quantity").cast(pl.Float64).fill_null(1.0)
    )
    total = pl.col("quantity").cum_sum()
    moves = moves.with_columns(total.over("pair").alias("total")).with_columns(
        floor=pl.min_horizontal(pl.col("total").cum_min().over("pair"), 0.0)
    )
    moves = moves.select(
        "pair",
        "place",
        "event",
        "at",
        balance=pl.col("total") - pl.col("floor"),
        short=pl.col("floor") < pl.col("floor").shift(1, fill_value=0.0).over("pair") - DUST,
    ).with_columns(before=pl.col("balance").shift(1, fill_value=0.0).over("pair"))
    ends = pairs.select(
        "pair", event=pl.lit(None, moves.schema["event"]), balance=pl.lit(-math.inf), before=pl.lit(0.0), short=pl.lit(value=False)
    )
    return pl.concat([moves, ends], how="diagonal").sort("pair", maintain_order=True)


def _first_at_most(level: pl.Series, bound: pl.Series) -> pl.Series:
    """
    Find for every place the first later one whose level is at most the bound of the place.

    Minima over windows of 1, 2, 4 … places let every search jump over what is too high. The last level must be minus infinity.
    """
    minima = [level]
    while 2 ** len(minima) <= len(level):
        last = minima[-1]
        ahead = last.shift(-(2 ** (len(minima) - 1))).fill_null(math.inf)
        minima.append(pl.select(pl.min_horizontal(last, ahead)).to_series())
    place = pl.Series(range(1, len(level) + 1), dtype=pl.Int64)
    for power in reversed(range(len(minima))):
        high = minima[power].gather(place.clip(0, len(level) - 1)) > bound + DUST
        place += high.cast(pl.Int64) * 2**power
    return place.clip(0, len(level) - 1)
