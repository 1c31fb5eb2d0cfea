"""Whether scores that are called probabilities are: what was predicted beside what happened."""

from collections.abc import Iterator
from math import isfinite

from xsell.dossier.judged import Judged
from xsell.metrics.intervals import FEWEST
from xsell.metrics.probability import Reliability
from xsell.page.charts import Axis, Curves, Line
from xsell.page.contents import Block, Cell, Estimate, Section, Table, Words
from xsell.report import chances


def probabilities(judged: Judged) -> Section:
    """Hold the probabilities of every model that gives some against what customers did."""
    known = {name: one for name, one in judged.likely.items() if one.customers >= FEWEST}
    return Section(
        "probabilities",
        "Whether the probabilities are right",
        "Offers in tenths, from the least to the most probable. Where scores are right, of a tenth with a probability of 5% one in twenty is taken up.",
        (
            Words(tuple(chances.sentences(known, judged.k))),
            *(block for name, one in known.items() for block in of(name, one, judged.style(name))),
        ),
    )


def of(name: str, one: Reliability, style: int, whom: str = "customers with a history") -> Iterator[Block]:
    """Draw the probabilities of one model, or of delivered lists, beside what happened."""
    points = tuple((round(p, 6), round(seen.mean, 6)) for p, seen in zip(one.predicted, one.observed, strict=True) if isfinite(seen.mean))
    most = max(place for point in points for place in point)
    yield Curves(
        f"Predicted and observed shares of {name}",
        "; ".join([f"Observed over predicted share of the offers of {name}", *(f"{p:.1%} predicted, {q:.1%} observed" for p, q in points)])
        + ".",
        Axis("predicted probability", percent=True, most=most),
        Axis("share taken up", percent=True, most=most),
        (Line(name, points, max(style, 1), tuple((at, "") for at in range(len(points)))),),
        diagonal="as predicted",
    )
    yield Table(
        f"Tenths of the offers of {name}",
        ("tenth", "offers", "predicted", "taken up"),
        tuple(_rows(one)),
        note=f"{one.customers:,} {whom}. Brier score {one.brier.mean:.5f}, {one.skill:+.1%} saved of that of the mean rate.".replace(
            "-", "−"
        ),
    )


def _rows(one: Reliability) -> Iterator[tuple[Cell, ...]]:
    for place, (offers, predicted, observed) in enumerate(zip(one.offers, one.predicted, one.observed, strict=True), 1):
        yield str(place), offers, predicted, Estimate(observed.mean, observed) if isfinite(observed.low) else None
