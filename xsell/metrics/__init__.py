"""Arrays in, numbers out: how good lists are and how sure one can be of it."""

from collections.abc import Callable
from typing import Any

from xsell.metrics import ranking

PER_CUSTOMER: dict[str, Callable[[ranking.Hits, ranking.Counts], ranking.Values]] = {
    "precision": ranking.precision,
    "recall": ranking.recall,
    "ndcg": ranking.ndcg,
    "map": ranking.average_precision,
    "mrr": ranking.reciprocal_rank,
    "hit": ranking.hit,
}
"""Metrics of one customer's list: `hits` and `relevant` in, one number a customer out."""

METRICS: dict[str, Callable[..., Any]] = {**PER_CUSTOMER, "coverage": ranking.coverage}
"""Every metric by the name that a user can type; coverage is one number for all lists together."""
