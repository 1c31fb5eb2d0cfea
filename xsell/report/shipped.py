"""Delivered lists in words: what was delivered to whom, what came of it, and what the offers caused."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from xsell.contract.reports import Grid, Warned
from xsell.contract.wording import many
from xsell.data.rawtable import RawTable
from xsell.metrics.apart import apart
from xsell.metrics.intervals import FEWEST, Interval
from xsell.metrics.scoreboard import LEADING
from xsell.report.verdicts import Board

CONVENTIONS = {
    "contacted_hit": "Share of all customers who got a list who took up at least one offer; those who bought nothing count as 0. 95% score interval.",
    "contacted_precision": "Mean over all customers who got a list of the share of the k places that were taken up; short lists are not excused.",
    "uplift": "contacted_hit minus the share of the control group that took up what it would have been offered. 95% interval by Newcombe's method.",
    "others": "precision, recall, ndcg, map, mrr and hit are over the customers who got a list and took up anything, as `evaluate` has them for models.",
    "relevant": "Purchases that were not sent back and ratings that are likes, after the delivery where both times are known; repeat purchases count.",
    "coverage": "Share of the products offered or taken up that are in at least one list.",
}


@dataclass(frozen=True, slots=True)
class Group:
    """
    What came of the lists of one group.

    Attributes:
        label: What to call it.
        customers: How many got a list, or would have.
        buyers: How many took up anything, offered or not.
        takers: How many took up an offer.
        conversion: Share of the customers who did.
        precision: Share of the places in a list that were taken up.
    """

    label: str
    customers: int
    buyers: int
    takers: int
    conversion: Interval
    precision: Interval


def lists(raw: RawTable, columns: Mapping[str, str], customers: int, left_out: Mapping[str, int]) -> Iterator[str]:
    """Say what was delivered."""
    order = next((f"ordered by {columns[field]}" for field in ("rank", "rating") if field in columns), "in the order of the file")
    yield f"Lists {raw.path}: {many(raw.rows, 'row')} for {many(customers, 'customer')}, {order}."
    causes = ", ".join(f"{number:,} {why}" for why, number in left_out.items() if number)
    if causes:
        yield f"Left out rows of the lists: {causes}."


def against(raw: RawTable, taken: int, days: pl.Series, rejected: Mapping[str, int]) -> str:
    """Say what customers did."""
    refused = sum(rejected.values())
    bad = f", {many(refused, 'row')} refused ({', '.join(rejected)})" if refused else ""
    ordered = days.sort()
    span = f", from {ordered[0]} to {ordered[-1]}" if len(days) else ""
    return f"Against {raw.path}: {many(raw.rows, 'row')} with {many(taken, 'pair')} of a customer and a product bought or liked{span}{bad}."


def strangers(number: int) -> str:
    """Say that customers without a list bought something, or nothing."""
    return f"{many(number, 'customer')} bought something and had no list; they do not count." if number else ""


def came(groups: Sequence[Group]) -> Iterator[str]:
    """Say what came of the lists, and what they caused where there is a control group."""
    sent = groups[0]
    yield (
        f"Of {many(sent.customers, 'customer')} contacted {sent.buyers:,} bought something and {sent.takers:,} took up an offer: "
        f"{_percent(sent.conversion.mean)}, 95% interval {_percent(sent.conversion.low)} to {_percent(sent.conversion.high)}."
    )
    yield uplift(sent, groups[1]) if len(groups) > 1 else "There is no control group, so nobody can tell how many would have bought anyway."


def uplift(sent: Group, held: Group) -> str:
    """Say what the offers caused: the difference between those who were contacted and those who were held back."""
    gap = apart(sent.conversion, held.conversion)
    said = (
        f"Uplift: {_percent(sent.conversion.mean)} of {sent.customers:,} contacted against {_percent(held.conversion.mean)} of "
        f"{held.customers:,} held back, {100 * gap.mean:+.2f} points, 95% interval {100 * gap.low:+.2f} to {100 * gap.high:+.2f}"
    )
    if min(sent.customers, held.customers) < FEWEST:
        return f"{said}; fewer than {FEWEST} customers in a group make no verdict."
    if gap.low > 0:
        more = sorted(round(sent.customers * end) for end in (gap.low, gap.mean, gap.high))
        return f"{said}: the offers brought {more[1]:,} customers who would not have bought ({more[0]:,} to {more[2]:,})."
    return f"{said}: {'the offers kept customers from buying' if gap.high < 0 else 'it is not shown that the offers changed anything'}."


def _percent(share: float) -> str:
    return f"{share:.2%}"


def grid(groups: Sequence[Group], k: int) -> Grid:
    """Draw up the groups beside each other."""
    return Grid(
        "What came of the lists",
        ("group", "customers", "buyers", "took up an offer", f"P@{k}"),
        tuple(
            (
                g.label,
                g.customers,
                g.buyers,
                f"{_percent(g.conversion.mean)} ({g.takers:,})",
                f"{g.precision.mean:.4f} {_half(g.precision)}",
            )
            for g in groups
        ),
        note=f"Over all customers of a group, those who bought nothing included; P@{k}: share of the places in lists of {k} that were taken up.",
    )


def _half(interval: Interval) -> str:
    return f"±{(interval.high - interval.low) / 2:.4f}"


def quality(board: Board, k: int) -> Iterator[Grid]:
    """Draw up the metrics over those who bought something, if anybody did."""
    for score in board.values():
        rows = ((f"{metric}@{k}", mean.mean, f"{mean.low:.4f} to {mean.high:.4f}") for metric, mean in score.means.items())
        few = len(score.values[LEADING]) < FEWEST
        yield Grid(
            "Among contacted buyers",
            ("metric", "mean") if few else ("metric", "mean", "95% interval"),
            tuple((name, f"{mean:.4f}", *(() if few else (interval,))) for name, mean, interval in rows),
            aside=True,
        )


def lacks(groups: Sequence[Group], both: int, column: str, timed: bool) -> Iterator[Warned]:
    """
    Warn of what makes the numbers doubtful.

    Args:
        groups: What came of the lists.
        both: How many customers were contacted and held back.
        column: The column that says when lists were delivered, or empty.
        timed: Whether purchases have times.
    """
    if not any(group.buyers for group in groups):
        yield Warned("no-common-customers", "No customer of the lists bought anything; look at whether both files spell ids the same way.")
    elif not any(group.takers for group in groups):
        yield Warned(
            "no-offer-taken",
            "Nobody took up any offer; where these purchases are those that the lists were made from, the lists hold none of them: give later ones.",
        )
    if both:
        yield Warned(
            "in-both-groups",
            f"{many(both, 'customer is', 'customers are')} in both groups, so the difference between the groups is not what the offers caused.",
        )
    if not (column and timed):
        lack = "The purchases have no times" if column else "The lists do not say when they were delivered"
        yield Warned("no-delivery-time", f"{lack}, so everything in the other file counts as later than the delivery.")
