"""Which events count as ownership, and which of them still stand."""

from collections.abc import Sequence

import polars as pl

from xsell.data.schema import CART, PURCHASE, RATING, RETURN, SEARCH, VIEW, Rows
from xsell.errors import UsageError

OWNING = (PURCHASE, RATING)
WEAKER = (CART, VIEW)


def ownership_events(interactions: pl.DataFrame | pl.LazyFrame) -> tuple[str, ...]:
    """
    Name the events that make a customer own an item.

    Args:
        interactions: A frame with a column `event`, or the plan that reads it.

    Returns:
        `purchase` and `rating`, as far as they are there; in a file with neither `cart`, else `view`, else its most frequent event
        (the first in the alphabet among equals); returns and searches never count. Both names where no event qualifies.
    """
    counts = (
        interactions.lazy()
        .group_by("event")
        .len()
        .filter(~pl.col("event").is_in([RETURN, SEARCH]))
        .sort(["len", "event"], descending=[True, False])
        .collect(engine="streaming")
    )
    present = counts["event"].to_list()
    both = tuple(event for event in OWNING if event in present)
    if both or not present:
        return both or OWNING
    return (next((event for event in WEAKER if event in present), present[0]),)


def chosen_events(interactions: pl.DataFrame | pl.LazyFrame, texts: Sequence[str]) -> tuple[str, ...]:
    """
    Name the events that count as owning: those typed, or those of `ownership_events` where none were.

    Args:
        interactions: A frame with a column `event`, or the plan that reads it.
        texts: Names as typed; a text may hold several with commas.

    Raises:
        UsageError: A name is no event of the data, or one that cannot make an owner.
    """
    named = tuple(dict.fromkeys(name for text in texts for piece in text.split(",") if (name := piece.strip().lower())))
    if not named:
        return ownership_events(interactions)
    able = sorted(set(interactions.lazy().select("event").unique().collect(engine="streaming")["event"]) - {RETURN, SEARCH})
    if unknown := [name for name in named if name not in able]:
        raise UsageError(f"No event is called {', '.join(unknown)}, or it makes no owner.", f"Choose --owned-by from {', '.join(able)}.")
    return named


def standing(interactions: Rows, owning: Sequence[str]) -> Rows:
    """Keep the events of these kinds that no return has undone."""
    return interactions.filter(pl.col("event").is_in(owning) & ~pl.col("undone").fill_null(value=False))
