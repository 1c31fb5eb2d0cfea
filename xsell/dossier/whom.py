"""For whom the lists are good: groups of customers beneath each other, and popular products beside rare ones."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from xsell.contract.judging import BASELINE
from xsell.dossier.judged import Judged
from xsell.dossier.tables import clipped
from xsell.metrics.intervals import FEWEST, Interval
from xsell.metrics.scoreboard import LEADING, WITHIN
from xsell.metrics.segments import BANDS, POPULARITY
from xsell.page.charts import Ranged, Ranges
from xsell.page.contents import Section, Share, Table
from xsell.report.verdicts import probability

MOST_GROUPINGS = 6
MOST_GROUPS = 10
LONGEST = 40


def segments(judged: Judged) -> Section:
    """Show how good lists are for the groups of customers that are large enough to tell, the most telling groupings first."""
    own = judged.whom.table.filter(pl.col("model") == judged.whom.model, pl.col("of") == "customers", pl.col("metric") == LEADING)
    told = own.filter(pl.col("customers") >= FEWEST)
    known = [name for name in judged.whom.p if told.filter(pl.col("grouping") == name).height > 1]
    ordered = sorted(known, key=lambda name: min(judged.whom.p[name].values()))[:MOST_GROUPINGS]
    forests = [_forest(judged, name, own.filter(pl.col("grouping") == name)) for name in ordered]
    ends = tuple(end for block in forests for row in block.rows for end in (row.interval.low, row.interval.high))
    return Section(
        "segments",
        "For whom the lists are good",
        f"NDCG@{judged.k} of {judged.whom.model} by groups of at least {FEWEST} customers, as they were before the cut. "
        "A group beyond the line may still be luck; beneath each figure stands whether its groups differ by more.",
        tuple(replace(block, span=ends) for block in forests),
    )


def _forest(judged: Judged, name: str, groups: pl.DataFrame) -> Ranges:
    large = groups.filter(pl.col("customers") >= FEWEST)
    largest = large.sort("customers", "group", descending=[True, False]).head(MOST_GROUPS)
    rows = sorted(largest.iter_rows(named=True), key=lambda row: natural(row["group"]))
    known, heading = int(groups["customers"].sum()), name.replace("_", " ")
    return Ranges(
        f"By {heading}",
        heading,
        f"NDCG@{judged.k}",
        tuple(_group(row) for row in rows),
        float((groups["mean"] * groups["customers"]).sum()) / known,
        everybody(heading, known, len(judged.board[judged.whom.model].values[LEADING])),
        note=_differs(judged.whom.p[name]),
    )


def everybody(heading: str, known: int, customers: int) -> str:
    """
    Name those whose mean groups are held against: all of whom it is known to which group they belong.

    Args:
        heading: What tells the groups apart.
        known: Of how many customers it is known.
        customers: How many there are.
    """
    return f"all {customers:,} customers" if known == customers else f"the {known:,} customers of known {heading}"


def _group(row: dict[str, Any]) -> Ranged:
    """The interval ends where the metric does, which lies between 0 and 1."""
    interval = Interval(row["mean"], max(row["low"], 0.0), min(row["high"], 1.0))
    return Ranged(clipped(row["group"], LONGEST), interval, f"{row['customers']:,} customers")


def _differs(p: Mapping[str, float]) -> str:
    """Say whether groups differ by more than luck explains, in how good their lists are and in what they gain."""
    sure = {what: f"by more than luck (p {probability(chance)})" for what, chance in p.items() if chance <= WITHIN}
    if "quality" in sure:
        return f"Groups differ {sure['quality']}" + (f", and so does what they gain over {BASELINE}." if "gain" in sure else ".")
    if "gain" in sure:
        return f"What groups gain over {BASELINE} differs {sure['gain']}."
    return f"Groups differ by no more than luck explains (p {probability(min(p.values()))})."


def natural(text: str) -> tuple[tuple[float, str], ...]:
    """Order texts as people do: the numbers in them by their size."""
    parts = re.findall(r"\d+(?:\.\d+)?|\D+", text)
    return tuple((float(part), "") if part[0].isdigit() else (-1.0, part) for part in parts)


def products(judged: Judged) -> Table:
    """Show what popular and rare products get of the lists, and what is found of them."""
    own = judged.whom.table.filter(pl.col("model") == judged.whom.model, pl.col("of") == "products", pl.col("grouping") == POPULARITY)
    found = {(group, metric): mean for group, metric, mean in own.select("group", "metric", "mean").iter_rows()}
    rows = tuple(_band(band, found) for band in BANDS if any(group == band for group, _ in found))
    return Table(
        f"Popular and rare products in the lists of {judged.whom.model}",
        ("bought before the cut", "of the places", "of what was wanted", "recall", "precision"),
        rows,
    )


def _band(band: str, found: dict[tuple[str, str], float | None]) -> tuple[Any, ...]:
    shares = (found.get((band, metric)) for metric in ("places", "wanted"))
    return (
        band,
        *(None if share is None else Share(share) for share in shares),
        found.get((band, "recall")),
        found.get((band, "precision")),
    )
