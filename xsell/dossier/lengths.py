"""What shorter lists would have been worth."""

from collections.abc import Sequence

import numpy as np

from xsell.contract.judging import BASELINE
from xsell.dossier.judged import Judged
from xsell.page.charts import Axis, Curves, Line
from xsell.page.contents import Section

MARKED = (1, 3, 5, 10, 20, 50, 100)
MOST_POINTS = 60
MOST_LABELS = 3
"""More labels at the ends of lines that run side by side would cover the lines."""


def lengths(judged: Judged) -> Section:
    """Show what shorter lists would have been worth."""
    any_hit = any(score.curve["hit"][-1] for score in judged.board.values())
    return Section(
        "lengths",
        "How long a list should be",
        "A longer list finds more of what customers want, and more of it is in vain. Dots are list lengths.",
        (_trade(judged), _reach(judged)) if judged.longest > 1 and any_hit else (),
    )


def picked(n: int) -> list[int]:
    """Places to draw among n, all of them if they are few, else evenly spread by their logarithm."""
    if n <= MOST_POINTS:
        return list(range(n))
    return sorted({round(place) - 1 for place in np.geomspace(1, n, MOST_POINTS)} | {m - 1 for m in MARKED if m <= n})


def _points(x: Sequence[float], y: Sequence[float], places: Sequence[int]) -> tuple[tuple[float, float], ...]:
    return tuple((round(x[n], 6), round(y[n], 6)) for n in places)


def _trade(judged: Judged) -> Curves:
    places = picked(judged.longest)
    marks = tuple((at, str(place + 1)) for at, place in enumerate(places) if place + 1 in MARKED or place + 1 == judged.longest)
    bare = tuple((at, "") for at, _ in marks)
    lines, said = [], []
    for name, score in judged.board.items():
        precision, recall = score.curve["precision"], score.curve["recall"]
        known = marks if name in {judged.best, BASELINE} else bare
        lines.append(Line(name, _points(recall, precision, places), judged.style(name), known))
        said.append(
            f"{name}: precision {precision[0]:.3f}, recall {recall[0]:.3f} at 1; {precision[-1]:.3f}, {recall[-1]:.3f} at {judged.longest}."
        )
    return Curves(
        "Precision and recall of lists of growing length",
        " ".join([f"Lines of precision over recall for lists of 1 to {judged.longest}.", *said]),
        Axis("recall: share of what was taken up that was in the list", percent=True),
        Axis("precision: share of the list taken up", percent=True),
        tuple(lines),
        listed=len(lines) > MOST_LABELS,
    )


def _reach(judged: Judged) -> Curves:
    found = {name: score.curve["hit"] for name, score in judged.board.items()}
    length = [float(n) for n in range(1, judged.longest + 1)]
    return Curves(
        "Customers with at least one hit",
        " ".join(
            [
                f"Share of customers with a hit for lists of 1 to {judged.longest}.",
                *(f"{name}: {share[0]:.1%} at 1, {share[-1]:.1%} at {judged.longest}." for name, share in found.items()),
            ]
        ),
        Axis("length of the list", whole=True, most=float(judged.longest)),
        Axis("share of customers", percent=True),
        tuple(Line(name, _points(length, share, picked(judged.longest)), judged.style(name)) for name, share in found.items()),
        listed=len(found) > MOST_LABELS,
    )
