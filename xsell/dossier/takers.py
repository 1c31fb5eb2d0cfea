"""Who took up what was delivered: groups of customers, some of them by themselves, and whether scores foretold it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from xsell.data.training import Ints
from xsell.dossier.customers import some
from xsell.dossier.probabilities import of
from xsell.dossier.wares import names
from xsell.dossier.whom import everybody, natural
from xsell.groups import by_columns
from xsell.metrics.apart import apart, rate
from xsell.metrics.intervals import FEWEST
from xsell.metrics.probability import Promises, reliability
from xsell.metrics.segments import Grouping, heterogeneity
from xsell.metrics.significance import holm
from xsell.page.charts import Ranged, Ranges
from xsell.page.contents import Customer, Customers, Offer, Section, Words
from xsell.report.verdicts import probability
from xsell.shipped.judging import Delivery
from xsell.shipped.sides import Side

MOST_GROUPINGS = 6
MOST_GROUPS = 10
MOST_MISSED = 12
UNTOLD = ("user_id", "age")


def groups(made: Delivery) -> Section:
    """Show which groups of customers took up offers, and what the offers caused in each, where somebody was held back."""
    made = replace(made, sides=tuple(one.first(made.k) for one in made.sides))
    frames = [_told(made, one) for one in made.sides]
    known = by_columns(frames[0].get_columns())
    took = made.sides[0].takers.astype(np.float64)
    p = {one.name: heterogeneity(one.code, took, len(one.labels)) for one in known}
    sure = {name: value for name, value in p.items() if np.isfinite(value)}
    corrected = dict(zip(sure, holm(np.array(list(sure.values()))).tolist(), strict=True)) if sure else {}
    ordered = sorted((one for one in known if one.name in corrected), key=lambda one: corrected[one.name])[:MOST_GROUPINGS]
    blocks = [block for one in ordered for block in _forests(made, one, frames, corrected[one.name])]
    ends = tuple(end for block in blocks if not block.signed for row in block.rows for end in (row.interval.low, row.interval.high))
    return Section(
        "segments",
        "Who took up offers",
        f"Customers contacted in groups of at least {FEWEST}. A group beyond the line may still be luck; beneath each figure stands whether its groups "
        "differ by more.",
        tuple(block if block.signed else replace(block, span=ends) for block in blocks),
    )


def _told(made: Delivery, one: Side) -> pl.DataFrame:
    """What is known of the customers of a group, one row each."""
    joined = one.users.rename("user_id").to_frame().join(made.read.users, on="user_id", how="left", maintain_order="left")
    return joined.drop(UNTOLD, strict=False)


def _forests(made: Delivery, one: Grouping, frames: list[pl.DataFrame], p: float) -> Iterator[Ranges]:
    name, sent = one.name.replace("_", " "), made.sides[0]
    took = sent.takers
    size, hits = np.bincount(one.code[one.code >= 0], minlength=len(one.labels)), _hits(one, took)
    large = sorted((n for n in range(len(size)) if size[n] >= FEWEST), key=lambda n: -size[n])[:MOST_GROUPS]
    order = sorted(large, key=lambda n: natural(one.labels[n]))
    rows = tuple(Ranged(one.labels[n], rate(int(hits[n]), int(size[n])), f"{size[n]:,} customers") for n in order)
    differ = "by more than luck" if p <= 0.05 else "by no more than luck explains"
    known = one.code >= 0
    yield Ranges(
        f"By {name}",
        name,
        "took up an offer",
        rows,
        float(took[known].mean()),
        everybody(name, int(known.sum()), len(known)),
        note=f"Groups differ {differ} (p {probability(p)}).",
    )
    if len(made.sides) > 1:
        yield from _caused(made, one, frames, order)


def _hits(one: Grouping, took: np.ndarray) -> np.ndarray:
    return np.bincount(one.code[(one.code >= 0) & took], minlength=len(one.labels))


def _caused(made: Delivery, one: Grouping, frames: list[pl.DataFrame], order: list[int]) -> Iterator[Ranges]:
    """The uplift in every group that has enough customers on both sides."""
    found = next((other for other in by_columns(frames[1].get_columns()) if other.name == one.name), None)
    if found is None:
        return
    sides = [(side.takers, by) for side, by in zip(made.sides, (one, found), strict=True)]
    rows = []
    for label in (one.labels[n] for n in order if one.labels[n] in found.labels):
        rates = [
            rate(int(took[mine].sum()), int(mine.sum()))
            for took, by in sides
            if (mine := by.code == by.labels.index(label)).sum() >= FEWEST
        ]
        if len(rates) == len(sides):
            rows.append(Ranged(label, apart(*rates)))
    name = one.name.replace("_", " ")
    if len(rows) > 1:
        yield Ranges(f"What the offers caused, by {name}", name, "uplift", tuple(rows), 0.0, "no effect", signed=True)


def probabilities(made: Delivery) -> Section:
    """Hold scores that could be probabilities against what was taken up."""
    sent = made.sides[0]
    there = sent.lists >= 0
    scores = sent.scores[there]
    able = "rating" in made.read.lists.columns and scores.size and bool(((scores >= 0) & (scores <= 1)).all()) and np.ptp(scores) > 0
    chances = np.where(there, sent.scores, -np.inf).astype(np.float32)
    users: Ints = np.arange(len(sent.users), dtype=np.int32)
    found = reliability(Promises(users, chances, sent.right)) if able and len(sent.users) >= FEWEST else None
    blocks = (
        (Words((_promise(made, found.expected, found.actual.mean),)), *of("the lists", found, 1, "customers contacted")) if found else ()
    )
    return Section(
        "probabilities",
        "Whether the scores are right",
        "All scores lie between 0 and 1. If they are probabilities, then of offers with a score of 0.05 one in twenty is taken up in the time that they "
        "are about. Offers in tenths, from the lowest score to the highest.",
        blocks,
    )


def _promise(made: Delivery, expected: float, actual: float) -> str:
    return f"A list of {made.sides[0].lists.shape[1]} brought {actual:.3f} purchases where its scores add up to {expected:.3f}."


def people(made: Delivery) -> Section:
    """Look some customers up, as many with a hit as without where there are enough."""
    sent = made.sides[0]
    drawn, note = some(sent.takers, made.settings.common.seed)
    return Section(
        "customers",
        "Some customers",
        "What they were offered, and what they took up.",
        (Customers(tuple(_people(made, sent, drawn)), note),),
    )


def _people(made: Delivery, sent: Side, which: np.ndarray) -> Iterator[Customer]:
    known, show = names(made), made.settings.evaluate.show_ids
    for place, row in enumerate(which.tolist(), 1):
        items = [item for item in sent.lists[row].tolist() if item >= 0]
        wanted = sent.taken.item[sent.taken.indptr[row] : sent.taken.indptr[row + 1]].tolist()
        offers = tuple(Offer(known[item], "", "", item in wanted) for item in items)
        missed = [known[item] for item in wanted if item not in items]
        more = (f"and {len(missed) - MOST_MISSED:,} more",) if len(missed) > MOST_MISSED else ()
        yield Customer(f"Customer {sent.users[row] if show else place}", None, offers, (*missed[:MOST_MISSED], *more))
