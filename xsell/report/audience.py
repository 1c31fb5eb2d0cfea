"""Whom to contact, in words."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from xsell.contract.reports import Grid, Warned
from xsell.contract.wording import listed, many
from xsell.report.lists import meaning

SHOWN = 20
NAMED = 3
LONGEST = 30
FEW = 30
"""Customers under which a control group tells next to nothing."""


def told(counts: Mapping[str, int], n: int, days: float | None, model: str = "") -> Iterator[str]:
    """
    Say who was looked at, how many were chosen, and what a score is.

    Args:
        counts: As the report has them.
        n: Customers wanted for each target.
        days: Length of the window that scores speak of, or None where they only order.
        model: Name of the model.
    """
    looked = counts["customers"] - counts["without_purchases"]
    yield f"Chose {many(counts['rows'], 'contact')} of up to {n:,} for {many(counts['targets'], 'target')} among {many(looked, 'customer')}."
    if counts["without_purchases"]:
        yield f"{many(counts['without_purchases'], 'customer has', 'customers have')} no purchases here, so nothing tells them apart; they are left out."
    yield f"{meaning(days, model).replace('the list', 'the customers of one target')}."


def spread(counts: Mapping[str, int], sums: Sequence[float], days: float | None) -> Iterator[str]:
    """
    Say how customers were shared out among targets, and how good that is.

    Args:
        counts: As the report has them.
        sums: What the contacts are worth in all, and what no choice could exceed; empty where customers are not shared out.
        days: Length of the window that scores speak of, or None where they only order.
    """
    if not sums:
        return
    reached, most = sums
    gap = f"at most {(most - reached) / most:.2%} below the best there can be" if most > reached else "and no choice is better"
    yield (
        f"No customer is contacted for more than {many(counts['max_per_user'], 'target')}: {many(counts['customers_chosen'], 'customer')}, the best pairs "
        f"first. The scores add up to {reached:,.4g}, {gap}."
    )
    if days is None:
        yield "Scores that are no probabilities compare the customers of one target better than targets with each other."


def held(counts: Mapping[str, int], fresh: bool) -> Iterator[str]:
    """
    Say who is held out.

    Args:
        counts: As the report has them.
        fresh: Whether the key of the control group is new.
    """
    if not counts["control"]:
        return
    yield (
        f"{many(counts['control'], 'contact')} of {many(counts['control_customers'], 'customer')} are the control group: do not contact them, and compare later "
        f"what both groups took up."
    )
    yield (
        "The key in holdout.key is new; keep it, and the same customers are held out in later runs."
        if fresh
        else "They are those that the key in holdout.key always holds out."
    )


def placed(places: Sequence[str]) -> str:
    """Say where the customers are."""
    return f"Written to {listed(places)}."


def lacks(counts: Mapping[str, int], targets: Sequence[Mapping[str, Any]]) -> Iterator[Warned]:
    """
    Warn of targets without customers, of ties, of strangers, and of a control group that is too small.

    Args:
        counts: As the report has them.
        targets: What there is to say of each target.
    """
    nobody = [target["target"] for target in targets if not target["eligible"]]
    if nobody:
        yield Warned("no-eligible-customers", f"Nobody may be offered {_some(nobody)}: all have it, or the scope or a rule forbids it.")
    if counts["targets_with_ties"]:
        tied = [target["target"] for target in targets if target["level"]]
        left = sum(target["level"] for target in targets)
        yield Warned(
            "ties",
            f"{many(left, 'customer')} with the same score as the last one chosen had no place ({_some(tied)}); the order of ids decided.",
        )
    if 0 < counts["control_customers"] < FEW:
        yield Warned(
            "small-control-group",
            f"A control group of {many(counts['control_customers'], 'customer')} can show only huge effects; contact more customers or hold out more.",
        )
    if counts["not_in_the_data"]:
        yield Warned(
            "unknown-customers",
            f"{many(counts['not_in_the_data'], 'of the customers asked for is', 'of the customers asked for are')} not in the data.",
        )
    if counts["listed_items_not_in_the_data"]:
        yield Warned(
            "unknown-items",
            f"{many(counts['listed_items_not_in_the_data'], 'product of a file is', 'products of files are')} not in the data.",
        )


def overview(targets: Sequence[Mapping[str, Any]]) -> Iterator[Grid]:
    """
    Draw one row a target.

    Args:
        targets: What there is to say of each.
    """
    rows = tuple(
        (_short(_called(target)), target["eligible"], target["chosen"], target["control"], target["best"], target["last"])
        for target in targets[:SHOWN]
    )
    note = f"The first {SHOWN} of {len(targets):,}." if len(targets) > SHOWN else ""
    yield Grid("Customers to contact", ("target", "may get it", "chosen", "control", "best", "last"), rows, note=note)


def customers(rows: Sequence[Mapping[str, Any]]) -> Iterator[Grid]:
    """
    Draw the first customers of one target, with the reasons.

    Args:
        rows: Rows of the table.
    """
    if not rows:
        return
    several = rows[0]["kind"] == "category"
    lines = tuple(
        (
            row["rank"],
            f"{row['user_id']}{' (control)' if row['group'] == 'control' else ''}\n{_offer(row) if several else ''}{row['because']}",
            row["score"],
        )
        for row in rows
    )
    yield Grid(f"To contact for {_called(rows[0]) if not several else rows[0]['target']}", ("", "customer and reasons", "score"), lines)


def _offer(row: Mapping[str, Any]) -> str:
    return f"{row['name'] or row['item_id']}: "


def _called(row: Mapping[str, Any]) -> str:
    return f"{row['name']} ({row['target']})" if row["kind"] == "item" and row["name"] else str(row["target"])


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1].rstrip()}…"


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMED:,} more" if len(names) > NAMED else ""
    return f"{', '.join(names[:NAMED])}{more}"
