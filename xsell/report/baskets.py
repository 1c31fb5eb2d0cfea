"""Offers for baskets, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xsell.contract.reports import Grid, Warned
from xsell.contract.wording import many
from xsell.report import customer, lists

NAMED = 5


def told(counts: Mapping[str, int], n: int, scope: str, days: float | None) -> Iterator[str]:
    """
    Say how many baskets were answered, what a score is, and why lists are short.

    Args:
        counts: As the report has them.
        n: Products for each basket.
        scope: What might be offered.
        days: Length of the window that scores speak of, or None where they only order.
    """
    if counts["baskets"] > 1:
        answered = counts["baskets"] - counts["without_known_items"]
        yield f"Answered {many(answered, 'basket')} with up to {many(n, 'product')} each, {many(counts['rows'], 'row')}."
        yield f"{lists.meaning(days)}."
    yield from lists.lacking(counts, n, scope, "basket")


def lacks(counts: Mapping[str, int], strange: Sequence[Sequence[str]]) -> Iterator[Warned]:
    """
    Warn of products that are not known, and of offers that have little to do with the basket.

    Args:
        counts: As the report has them.
        strange: Products of each basket that are not known.
    """
    names, one = list(dict.fromkeys(item for some in strange for item in some)), counts["baskets"] == 1
    if names:
        more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
        verb = "is" if len(names) == 1 else "are"
        yield Warned(
            "unknown-items",
            f"{', '.join(names[:NAMED])}{more} {verb} not in the data{', so there is no offer' if one and counts['without_known_items'] else ' and left out'}.",
        )
    if counts["without_known_items"] and not one:
        what = many(counts["without_known_items"], "basket holds", "baskets hold")
        yield Warned("nothing-known", f"{what} no product that is in the data, so there is no offer.")
    if number := counts["mostly_popular"]:
        whose = "These offers are" if one else f"The offers for {many(number, 'basket')} are"
        yield Warned("mostly-popular", f"{whose} mostly what is popular anyway: that speaks more for them than what is in the basket.")


def page(offers: Sequence[Mapping[str, Any]], days: float | None) -> Iterator[Grid]:
    """
    Draw the list for one basket.

    Args:
        offers: Its rows.
        days: Length of the window that scores speak of, or None where they only order.
    """
    if grid := customer.offered(offers, "this basket", days):
        yield grid
