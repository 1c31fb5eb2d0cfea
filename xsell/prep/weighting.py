"""Which events count as ownership, and which of them still stand."""

import polars as pl

from xsell.data.schema import CART, PURCHASE, RATING, RETURN, SEARCH, VIEW

OWNING = (PURCHASE, RATING)
WEAKER = (CART, VIEW)


def ownership_events(interactions: pl.DataFrame) -> tuple[str, ...]:
    """
    Name the events that make a customer own an item.

    Args:
        interactions: A frame with a column `event`.

    Returns:
        `purchase` and `rating`, as far as they are there; in a file with neither `cart`, else `view`, else its most frequent event
        (the first in the alphabet among equals); returns and searches never count. Both names where no event qualifies.
    """
    counts = (
        interactions.group_by("event")
        .len()
        .filter(~pl.col("event").is_in([RETURN, SEARCH]))
        .sort(["len", "event"], descending=[True, False])
    )
    present = counts["event"].to_list()
    both = tuple(event for event in OWNING if event in present)
    if both or not present:
        return both or OWNING
    return (next((event for event in WEAKER if event in present), present[0]),)


def standing(interactions: pl.DataFrame) -> pl.DataFrame:
    """Keep the ownership events that no return has undone."""
    owning = pl.col("event").is_in(ownership_events(interactions))
    return interactions.filter(owning & ~pl.col("undone").fill_null(value=False))
