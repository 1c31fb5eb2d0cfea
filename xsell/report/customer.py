"""The page of one customer: who it is, what they have, what is offered and why."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xsell.contract.reports import Grid
from xsell.contract.wording import many
from xsell.report.lists import meaning

SHOWN = 8
BAR = 12
LEAST = 0.005
TOLD = 3
"""Reasons of one's own that have a line."""
EIGHTHS = " ▏▎▍▌▋▊▉"
CALLED = {
    "recency_days": "last event",
    "frequency": "orders",
    "monetary": "spent",
    "items": "products",
    "views": "views",
    "top_terms": "searched for",
    "age_band": "age",
}
"""Features by the words of the page."""

PLAIN = {
    "popular": "The score is the share of the customers who took it up",
    "trending": "The score is the excess over what the time before lets expect, in standard deviations",
}
"""What a score is in a list that is the same for everybody, by its source."""

ELSEWHERE = {"user_id", "category_shares"}


def bar(share: float) -> str:
    """Draw a share as a bar of twelve signs at most."""
    eighths = max(round(share * BAR * 8), 1)
    return ("█" * (eighths // 8) + EIGHTHS[eighths % 8]).strip()


def who(facts: Mapping[str, Any]) -> Grid | None:
    """
    Say who a customer is, or nothing where nothing is known.

    Args:
        facts: What is known, by column; empty cells are left out.
    """
    known = {name: value for name, value in facts.items() if name not in ELSEWHERE and value not in (None, [], "")}
    if "recency_days" not in known and known.get("frequency") == known.get("items"):
        known.pop("frequency", None)
    if known.get("views") == 0:
        del known["views"]
    if "age" in known:
        known.pop("age_band", None)
    rows = tuple((CALLED.get(name, name.replace("_", " ")), _told(name, value)) for name, value in known.items())
    return Grid("Who", ("", ""), rows) if rows else None


def _told(name: str, value: Any) -> str:
    if name == "recency_days":
        return f"{many(round(value), 'day')} before the end of the data"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,.2f}".removesuffix(".00") if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def has(categories: Sequence[str | None]) -> Grid | None:
    """
    Say what a customer has by category, the largest first, or nothing where no product has one.

    Args:
        categories: The category of each product that the customer has, None where it is unknown.
    """
    counted = Counter(category or "without a category" for category in categories)
    ordered = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [(category, number, bar(number / len(categories))) for category, number in ordered[:SHOWN]]
    if rest := ordered[SHOWN:]:
        number = sum(count for _, count in rest)
        rows.append((many(len(rest), "other category", "other categories"), number, bar(number / len(categories))))
    return Grid(f"Has {many(len(categories), 'product')}", ("category", "products", ""), tuple(rows)) if any(categories) else None


def offered(offers: Sequence[Mapping[str, Any]], user: str, days: float | None, model: str = "") -> Grid | None:
    """
    Draw up what is offered, with a bar for each reason under the product, so that a page of 80 columns holds them.

    Args:
        offers: Rows of the lists.
        user: Id of the customer.
        days: Length of the window that scores speak of, or None where they only order.
        model: Name of the model.
    """
    rows = tuple((offer["rank"], "\n".join((_product(offer), *_why(offer))), offer["score"]) for offer in offers)
    plain = [PLAIN[offer["source"]] for offer in offers if offer.get("source") in PLAIN]
    bars = "; bars are shares of all that speaks for the product" if any(len(offer["reasons"]) > 1 for offer in offers) else ""
    note = f"{plain[0] if plain else meaning(days, model)}{bars}."
    return Grid(f"For {user}", ("", "product and reasons", "score"), rows, note=note) if rows else None


def _why(offer: Mapping[str, Any]) -> Iterator[str]:
    """One line a reason; popularity alone is a sentence."""
    if len(offer["reasons"]) < 2:
        yield str(offer["because"])
        return
    for reason in _lines(offer["reasons"]):
        percent = f"{reason['share']:.0%}" if reason["share"] >= LEAST else "<1%"
        yield f"{bar(reason['share']):<{BAR}} {percent:>4}  {reason['what']}"


def _lines(reasons: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Give the reasons in their order and the rest as one; where what is the same for everybody says most, it stands for the third of them."""
    common, others = ([reason for reason in reasons if reason["kind"] == kind] for kind in ("popularity", "others"))
    own = [reason for reason in reasons if reason not in [*common, *others]]
    most = TOLD - 1 if common and own and common[0]["share"] > own[0]["share"] else TOLD
    yield from (*own[:most], *common)
    if rest := [*own[most:], *others]:
        number = sum(int(reason["what"].split()[0]) if reason["kind"] == "others" else 1 for reason in rest)
        yield {"what": f"{number} more", "share": sum(reason["share"] for reason in rest)}


def _product(offer: Mapping[str, Any]) -> str:
    known = offer["name"] or offer["item_id"]
    return f"{known} · {offer['category']}" if offer["category"] else str(known)
