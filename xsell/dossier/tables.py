"""Tables of metrics: a row a metric, a column a model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from xsell.dossier.judged import Judged
from xsell.metrics import PAIRED
from xsell.metrics.intervals import Interval
from xsell.page.contents import Cell, Estimate, Table

PLAIN = {
    "precision": ("Precision", "share of the places in the list that were taken up"),
    "recall": ("Recall", "share of what was taken up that was in the list"),
    "recall_capped": ("Recall, capped", "the same, of what a list so long could hold"),
    "ndcg": ("NDCG", "hits, early ones counting more; 1 is the best possible list"),
    "map": ("MAP", "mean precision down to each hit"),
    "mrr": ("MRR", "one divided by the rank of the first hit"),
    "hit": ("Hit rate", "share of customers with at least one hit"),
    "xshare": ("Places", "share of the places that go to categories new to the customer"),
    "xprecision": ("Precision in new categories", "share of the places that are hits in new categories"),
    "xrecall": ("Recall in new categories", "share of what was taken up of new categories that was in the list"),
    "xndcg": ("NDCG in new categories", "hits in new categories, early ones counting more"),
    "cathit": ("Category hit", "share of customers offered a category that they took up"),
    "catrecall": ("Categories found", "share of the categories taken up that were in the list"),
    "xlift": ("Lift", "recall of new categories, times that of the most popular products of new ones"),
    "pair_concentration": ("Concentration", "Gini over pairs of a category had and one offered; 1 is one pair only"),
    "coverage": ("Coverage", "share of the products that reach any list"),
    "gini": ("Gini", "how unequal products share the places; 0 is all alike"),
    "top_item_share": ("Top product", "share of the lists that hold the product offered most often"),
    "fallback_share": ("Not personal", "share of the offers for which nothing speaks that the customer took up"),
    "novelty": ("Novelty", "how rare the products offered are, in bits"),
    "popularity_lift": ("Popularity", "how much more popular offers are than what customers had"),
    "category_entropy": ("Categories", "how evenly a list spreads over categories; 1 is one product a category"),
    "category_diversity": ("Variety of categories", "share of pairs in a list of different categories"),
    "content_diversity": ("Variety of content", "how different the words of products in a list are"),
    "calibration": ("Calibration", "distance of a list's categories from those wanted; 0 is best"),
}
"""Name and meaning of every metric, as short as it goes."""


def table(judged: Judged, caption: str, metrics: Sequence[str]) -> Table:
    """
    Draw up some metrics of all models; those that were not measured, or are undefined for all, are left out.

    Args:
        judged: The evaluation.
        caption: What the table shows.
        metrics: Names of metrics.
    """
    rows = [(metric, tuple(_row(judged, metric))) for metric in metrics]
    rows = [(metric, row) for metric, row in rows if any(row)]
    known = [PLAIN.get(metric, (metric, "")) for metric, _ in rows]
    filled = tuple((name, *row) for (name, _), (_, row) in zip(known, rows, strict=True))
    return Table(caption, ("metric", *judged.board), filled, explained=tuple(said for _, said in known))


def _row(judged: Judged, metric: str) -> Iterator[Cell]:
    """Values of all models; the best as printed is marked where it is alone and more is better."""
    found = [_value(judged, f"{model}.{metric}@{judged.k}") for model in judged.board]
    means = [round(one.value, 4) for one in found if one]
    ranked = metric in PAIRED and len(means) > 1 and means.count(max(means)) == 1
    yield from (replace(one, best=ranked and round(one.value, 4) == max(means)) if one else None for one in found)


def _value(judged: Judged, name: str) -> Estimate | None:
    known = judged.report.metrics
    mean, low, high = (known.get(name + end) for end in ("", ".low", ".high"))
    if mean is None or not math.isfinite(mean):
        return None
    return Estimate(mean, None if judged.few or low is None or high is None else Interval(mean, low, high))


def clipped(text: str, most: int) -> str:
    """Cut a text that is too long to be shown."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
