"""What goes with what, in words: how it was counted, how sure it is, and the page of one product."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xsell.contract.reports import Grid, Warned
from xsell.contract.wording import listed, many

UNIT = {
    "baskets": ("basket", "in one basket", "large baskets hold"),
    "customers": ("customer", "by the same customer, as too few purchases name their order", "customers who buy much have"),
}
FEWEST = 3
LONGEST = 30
NOTE = "Likely is beyond chance taken alone, sure also among all the pairs compared."


def of_some(counts: Mapping[str, int], facts: Mapping[str, Any], without: Sequence[str], places: Sequence[str]) -> Iterator[str]:
    """
    Say what there is to know of the pages of some products.

    Args:
        counts: As the report has them.
        facts: What the pairs were counted in, and the lift of chance.
        without: Products for which nothing was found.
        places: Files that hold the pairs.
    """
    yield _counted(counts, facts)
    yield _chance(facts)
    if without:
        yield f"Nothing was found for {', '.join(without)}: too few customers have it, or they buy nothing with it that chance would not bring."
    if places:
        yield f"Written to {listed(places)}."


def _counted(counts: Mapping[str, int], facts: Mapping[str, Any]) -> str:
    one, how, _ = UNIT[facts["counted_in"]]
    people = f" of {many(counts['customers'], 'customer')}" if one == "basket" else ""
    return f"Bought together means {how}: {many(counts['baskets'], one)}{people}."


def _chance(facts: Mapping[str, Any]) -> str:
    lift = f"Unrelated products meet with a lift of {facts['chance_lift']:.2f}"
    if facts["chance_lift"] <= 1:
        return f"{lift}; that of complements lies above it."
    return f"{lift}, as {UNIT[facts['counted_in']][2]} all sorts of products; that of complements lies above it."


def told(counts: Mapping[str, int], facts: Mapping[str, Any], places: Sequence[str]) -> Iterator[str]:
    """
    Say what was counted, what was found, and where it is.

    Args:
        counts: As the report has them.
        facts: What the pairs were counted in, and the lift of chance.
        places: Files that hold the pairs.
    """
    yield _counted(counts, facts)
    yield (
        f"{counts['items_compared']:,} of {many(counts['items'], 'product')} have at least {FEWEST} customers; the others are left out, and so are "
        f"pairs that fewer bought together."
    )
    where = " from other categories" if facts["scope"] == "new" else ""
    yield f"{many(counts['items_with_complements'], 'product has', 'products have')} complements{where}: {many(counts['complements'], 'row')}."
    if counts["complements"]:
        yield (
            f"{counts['sure']:,} of these are sure: among the {counts['pairs_compared']:,} pairs compared, chance accounts for at most 5% of them."
        )
        yield _chance(facts)
    if counts["categories"]:
        yield (
            f"{many(counts['items_with_substitutes'], 'product has', 'products have')} substitutes of the same category: {counts['alike']:,} rows are "
            f"described alike, {counts['seldom_together']:,} are seldom bought together."
        )
    if places:
        yield f"Written to {listed(places)}."


def lacks(counts: Mapping[str, int], most: int) -> Iterator[Warned]:
    """
    Warn of what could not be told.

    Args:
        counts: As the report has them.
        most: Products of one category that were compared with each other.
    """
    if not counts["categories"]:
        yield Warned("no-categories", "No product has a category: complements may be of one kind, and there are no substitutes.")
    if counts["left_out_of_large_categories"]:
        yield Warned(
            "large-categories",
            f"{many(counts['left_out_of_large_categories'], 'product has', 'products have')} no substitutes, as only the {most:,} most bought of a "
            f"category are compared with each other; finer categories would show them all.",
        )


def surest(pairs: Sequence[Mapping[str, Any]]) -> Iterator[Grid]:
    """
    Draw the surest complements.

    Args:
        pairs: Rows of the table, each pair once, the surest first.
    """
    rows = tuple((_short(row, "name", "item_id"), _short(row, "other_name", "other_id"), row["n"], row["lift"]) for row in pairs)
    if rows:
        yield Grid("Bought together far beyond chance", ("product", "with", "together", "lift"), rows)


def page(found: Sequence[Mapping[str, Any]], title: str) -> Grid:
    """
    Draw what belongs to one product; the reasons stand under each.

    Args:
        found: Its rows of one kind, at least one.
        title: What the rows are to the product.
    """
    rows = tuple((row["rank"], f"{_called(row, 'other_')}\n{row['because']}", row["mark"], row["lift"]) for row in found)
    graded = any(row["mark"] in {"sure", "likely"} for row in found)
    return Grid(f"{title} {_called(found[0], '')}", ("", "product and counts", "", "lift"), rows, note=NOTE if graded else "")


def _called(row: Mapping[str, Any], which: str) -> str:
    name, item, category = row[f"{which}name"], row["other_id" if which else "item_id"], row[f"{which}category"]
    named = f"{name} ({item})" if name else str(item)
    return f"{named} · {category}" if category else named


def _short(row: Mapping[str, Any], name: str, number: str) -> str:
    text = str(row[name] or row[number])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"
