"""Expected ratings beside those that customers gave, in words and a table."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from xsell.contract.reports import Grid
from xsell.contract.wording import many
from xsell.metrics.errors import Accuracy
from xsell.metrics.intervals import FEWEST, Interval

PLAIN, MEAN = "biases only", "mean only"
"""What expected ratings are compared with: what customers and products add to the mean, and the mean."""

CONVENTIONS = {
    "rmse": "Root of the mean squared error of expected ratings, over held-out ratings of products that the customer had not rated before; "
    "expectations are held to the range of the ratings learnt from.",
    "mae": "Mean absolute error of expected ratings, over the same ratings.",
    "saved": f"Share of the squared error of {PLAIN}, what customers and products add to the mean, that a model saves; of {PLAIN} the share of that of the "
    "mean alone. Below 0 it adds to it.",
}
"""How errors are defined."""


@dataclass(frozen=True, slots=True)
class Expected:
    """
    How far expected ratings are off.

    Attributes:
        models: By model, then `PLAIN` and `MEAN`; empty where no ratings were expected.
        customers: Whose ratings were held out.
        ratings: How many.
    """

    models: Mapping[str, Accuracy]
    customers: int
    ratings: int


def sentences(found: Expected) -> Iterator[str]:
    """Say how far expected ratings are off, and whether factors help."""
    for name, one in found.models.items():
        if name not in {PLAIN, MEAN}:
            plain = f"{PLAIN} with {found.models[PLAIN].rmse.mean:.4f}"
            yield f"{name} expects held-out ratings with RMSE {one.rmse.mean:.4f}, {plain}{_verdict(one.saved, found.customers)}."


def _verdict(saved: Interval | None, customers: int) -> str:
    """Whether a model is better than biases alone, as far as can be told."""
    if saved is None or customers < FEWEST or not math.isfinite(saved.mean):
        return ""
    ends = f"(95% interval {saved.low:.1%} to {saved.high:.1%})"
    if saved.low > 0:
        return f": factors save {saved.mean:.1%} of the squared error {ends}"
    ends = f"(95% interval {-saved.high:.1%} to {-saved.low:.1%})"
    return f": factors cost {-saved.mean:.1%} of the squared error {ends}" if saved.high < 0 else ": factors are not shown to help"


def grids(found: Expected) -> Iterator[Grid]:
    """Draw the errors of every model with their intervals, which need some customers."""
    if found.models:
        customers, ratings = found.customers, found.ratings
        rows = tuple((name, *_cells(one.rmse, customers), *_cells(one.mae, customers)) for name, one in found.models.items())
        columns = ("model", "RMSE", "95% interval", "MAE", "95% interval")
        yield Grid("Expected ratings", columns, rows, note=f"{many(ratings, 'rating')} by {many(customers, 'customer')}; 0 is best.")


def _cells(one: Interval, customers: int) -> tuple[str, str | None]:
    return f"{one.mean:.4f}", f"{one.low:.4f} to {one.high:.4f}" if customers >= FEWEST else None


def flat(found: Expected) -> dict[str, float]:
    """Every number under one flat name, such as `ratings.rmse.low`."""
    out: dict[str, float] = {}
    for name, one in found.models.items():
        for metric, interval in _known(one).items():
            key = f"{name.replace(' ', '_')}.{metric}"
            out |= {key: interval.mean, f"{key}.low": interval.low, f"{key}.high": interval.high}
    return out


def _known(one: Accuracy) -> dict[str, Interval]:
    named = {"rmse": one.rmse, "mae": one.mae, "saved": one.saved}
    return {metric: interval for metric, interval in named.items() if interval is not None and math.isfinite(interval.mean)}


def facts(found: Expected) -> dict[str, Any]:
    """Everything that was found, for scripts; nothing where no ratings were expected."""
    if not found.models:
        return {}
    models = {name: {metric: asdict(interval) for metric, interval in _known(one).items()} for name, one in found.models.items()}
    return {"expected_ratings": {"customers": found.customers, "ratings": found.ratings, "models": models}}
