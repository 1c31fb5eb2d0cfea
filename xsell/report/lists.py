"""Lists of offers in words: how many were made, where they are, and the page of one customer."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xsell.contract.reports import Warned
from xsell.contract.wording import listed, many

SHORT = {
    "scope": "for want of products {}",
    "rules": "as rules hold back the rest",
    "caps": "as caps are reached",
    "scores": "as the model cannot score more",
    "history": "for want of purchases to go by",
}
"""What made a list short, by cause."""

LEFT = {
    "new": "in categories new to the {}",
    "dormant": "in categories that the {} bought from, but not lately",
    "same": "in the categories of the {}",
    "any": "that the {} does not have",
}
"""What may be offered, by scope, to a customer or with a basket."""


def meaning(days: float | None, model: str = "") -> str:
    """
    Say what a score is.

    Args:
        days: Length of the window that scores speak of, or None where they only order.
        model: Name of the model.
    """
    if model == "ratings":
        return "The score is the rating that the customer is expected to give"
    if days is None:
        return "The score only orders the list"
    return f"The score is the estimated probability of taking the product up within {days:.0f} days"


def made(counts: Mapping[str, int], n: int, places: Sequence[str], details: Mapping[str, Any], strategy: str) -> Iterator[str]:
    """
    Say what the lists of many customers hold and where they are.

    Args:
        counts: As the report has them.
        n: Products per customer.
        places: Files that hold the lists.
        details: The `scope`, `model`, `window_days` that scores speak of and the day `popular_since` which popularity counts, None where scores
            only order, or for all
            time; and whether the model is popularity (`popular_alone`).
        strategy: What decides who gets which kind of list.
    """
    lists, days = counts["customers"] - counts["without_a_list"], details["window_days"]
    yield f"Made {many(lists, 'list')} of up to {many(n, 'product')}, {many(counts['rows'], 'row')}, in {listed(places)}."
    if details["popular_alone"] and strategy in {"auto", "personal"}:
        yield f"They hold what most customers have: {details['model']} goes by nothing else here. The score is their share."
    else:
        if strategy in {"auto", "personal"}:
            yield f"{meaning(days, details['model'])}."
        yield from _by_popularity(counts, details["popular_since"], strategy, days is not None or details["model"] == "ratings")
    if counts["by_profile"]:
        yield f"{counts['by_profile']:,} of them by the profile, views, searches or low ratings, as the customer has no purchases or likes here."
    yield from lacking(counts, n, details["scope"])


def _by_popularity(counts: Mapping[str, int], since: str | None, strategy: str, unlike: bool) -> Iterator[str]:
    """Say what the lists that are the same for everybody count, and what scores are there if they are something else elsewhere."""
    when = f" since {since}" if since else ""
    if counts["by_trend"]:
        yield f"Trending is what more customers took up{when} than the time before lets expect; the score is the excess in standard deviations."
    elif counts["by_popularity"] and strategy == "auto":
        share = f"; there the score is the share of the customers who took it up{when}" if unlike else ""
        yield f"{counts['by_popularity']:,} of them by popularity{when}, as nothing is known of the customer{share}."
    elif counts["by_popularity"]:
        yield f"Popular is what most customers took up{when}; the score is their share."


def untrendy(counts: Mapping[str, int], strategy: str) -> Iterator[Warned]:
    """Warn where a trend was asked for and there is none to see."""
    if strategy == "trending" and counts["by_popularity"]:
        yield Warned("no-trend", "There are no different times to see a trend in; what is popular over all time is offered instead.")


def lacking(counts: Mapping[str, int], n: int, scope: str, whom: str = "customer") -> Iterator[str]:
    """
    Say how many lists are empty or short, and why.

    Args:
        counts: As the report has them.
        n: Length of the lists asked for.
        scope: What might be offered.
        whom: Who gets a list: a customer or a basket.
    """
    empty, short = counts["without_a_list"], counts["short_lists"]
    some = [many(empty, f"{whom} has", f"{whom}s have") + " no list"] if empty else []
    some += [many(short, "list is", "lists are") + f" shorter than {n}"] if short else []
    if some:
        yield f"{' and '.join(some)}{why(counts, scope, whom)}."


def why(counts: Mapping[str, int], scope: str, whom: str = "customer") -> str:
    """Say behind a sentence on short lists what made them short, with the numbers where it is more than one thing."""
    what = LEFT[scope].format(whom)
    causes = {text.format(what): counts[f"short_by_{cause}"] for cause, text in SHORT.items() if counts[f"short_by_{cause}"]}
    if len(causes) == 1:
        return f", {next(iter(causes))}"
    return f": {', '.join(f'{number:,} {text}' for text, number in causes.items())}" if causes else ""


def lacks(counts: Mapping[str, int]) -> Iterator[Warned]:
    """Warn of customers and listed products that are not in the data, and of products that cannot be offered."""
    if counts["not_in_the_data"]:
        gone = many(counts["not_in_the_data"], "of the customers asked for is", "of the customers asked for are")
        yield Warned("unknown-customers", f"{gone} not in the data; popular products are offered instead.")
    yield from strange(counts)
    if not counts["rows"]:
        yield Warned("no-lists", "Nothing is offered to anybody; --user ID --item ID says what holds a product back from a customer.")
    if counts["items_without_category"]:
        yield Warned(
            "items-without-category",
            f"{many(counts['items_without_category'], 'product has', 'products have')} no category; only scope any can offer "
            f"{'it' if counts['items_without_category'] == 1 else 'them'}.",
        )


def strange(counts: Mapping[str, int]) -> Iterator[Warned]:
    """Warn of products in the files of --exclude and --only that nobody knows."""
    if number := counts["listed_items_not_in_the_data"]:
        yield Warned(
            "unknown-products",
            f"{many(number, 'product', 'products')} of --exclude or --only {'is' if number == 1 else 'are'} not in the data.",
        )


def one(counts: Mapping[str, int], n: int, file: str, scope: str, rules: Sequence[str] = ()) -> Iterator[str]:
    """
    Say where the list of one customer is, if it is in a file, why it is empty or short, and what may fill an empty one.

    Args:
        counts: As the report has them.
        n: Length of the list asked for.
        file: Where the list is, or empty.
        scope: What might be offered.
        rules: The options that held products back.
    """
    if file:
        yield f"The list is in {file}."
    if counts["without_a_list"]:
        yield f"There is no list{why(counts, scope)}."
        ways = ["try --scope any"] if scope != "any" and counts["short_by_scope"] else []
        ways += [f"leave out {listed(rules)}"] if rules else []
        if ways:
            yield f"To get one, {' or '.join(ways)}."
    elif counts["short_lists"]:
        yield f"The list is shorter than {n}{why(counts, scope)}."
