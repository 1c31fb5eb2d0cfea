"""Arrays in, numbers out: how good lists are and how sure one can be of it."""

from collections.abc import Callable, Mapping

import numpy as np

from xsell.data.training import Ints
from xsell.metrics import crossing, ranking, spread, variety
from xsell.metrics.ground import Ground, Look

ACCURACY: Mapping[str, Callable[[ranking.Hits, ranking.Counts], ranking.Values]] = {
    "precision": ranking.precision,
    "recall": ranking.recall,
    "recall_capped": ranking.recall_capped,
    "ndcg": ranking.ndcg,
    "map": ranking.average_precision,
    "mrr": ranking.reciprocal_rank,
    "hit": ranking.hit,
}
"""Metrics of one customer's hits: `hits` and `relevant` in, one number a customer out."""

CROSSING: Mapping[str, Callable[[Look], ranking.Values]] = {
    "xprecision": crossing.precision,
    "xrecall": crossing.recall,
    "xndcg": crossing.ndcg,
    "cathit": crossing.category_hit,
    "catrecall": crossing.category_recall,
}
"""Metrics of what is new to one customer: NaN for customers who took up nothing of a new category, whatever the list."""

TRAITS: Mapping[str, Callable[[Look], ranking.Values]] = {
    "novelty": variety.novelty,
    "category_entropy": variety.category_entropy,
    "category_diversity": variety.category_diversity,
    "content_diversity": variety.content_diversity,
    "calibration": variety.calibration,
}
"""What one customer's list is like: one number a customer out, NaN where undefined; the mean over the others is reported."""

QUOTIENTS: Mapping[str, Callable[[Look], tuple[ranking.Values, ranking.Values]]] = {
    "xshare": crossing.places,
    "popularity_lift": variety.popularity_lift,
}
"""Metrics that are one sum over customers divided by another."""

TOGETHER: Mapping[str, Callable[[Ints, Ground], float]] = {
    "coverage": spread.coverage,
    "gini": spread.gini,
    "pair_concentration": crossing.pair_concentration,
}
"""Metrics of all lists together."""

METRICS: Mapping[str, Callable[..., ranking.Values | tuple[ranking.Values, ranking.Values] | float]] = {
    **ACCURACY,
    **CROSSING,
    **TRAITS,
    **QUOTIENTS,
    **TOGETHER,
}
"""Every metric by its name."""

PAIRED = (*ACCURACY, *CROSSING)
"""The metrics that are defined for the same customers whatever the lists, so that models can be compared customer by customer."""

PARTS = (*PAIRED, *TRAITS, *QUOTIENTS)
"""The metrics that are made of one part a customer, in the order of the columns of `parts`."""


def parts(look: Look) -> tuple[ranking.Values, ranking.Values]:
    """
    All metrics of a block of lists in one pass: what each customer adds to the two sums whose quotient is the metric.

    Returns:
        Above and below, each customers × `PARTS`; 0 and 0 where a metric is undefined for the customer.
    """
    of_hits = [metric(look.hits, look.relevant) for metric in ACCURACY.values()]
    value = np.column_stack([*of_hits, *(metric(look) for metric in {**CROSSING, **TRAITS}.values())])
    known = np.isfinite(value)
    pairs = [metric(look) for metric in QUOTIENTS.values()]
    above = np.column_stack([np.where(known, value, 0.0), *(a for a, _ in pairs)])
    return above, np.column_stack([known, *(b for _, b in pairs)]).astype(np.float64)
