"""`popular`: the products that most customers have, or that most take up lately, more than before, or first of a category."""

from collections.abc import Callable
from typing import Self

import numpy as np

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.takeup import Doubles, buyers_between, entries

LATELY = 0.1
"""Share of the events, the last in time, that are recent."""
ENTRY_CUTS = 4
PRIOR = 10.0


class Popular:
    """
    The same order for everyone.

    `all` counts the customers who have each item; `recent` those who took it up in the window that holds the last tenth of the events; `trending`
    is by how many standard deviations they are more than the time before would let expect; `entry` is how often customers who had nothing
    of the item's category took up the item within such a window, over the last four of them.

    Attributes:
        kind: `all`, `recent`, `trending` or `entry`.
        kind_: What was counted: `all` where the log has no different times, or `entry` no categories.
    """

    def __init__(self, kind: str = "all") -> None:
        self.kind = kind

    def fit(self, training: Training) -> Self:
        """Count customers."""
        start, end = _window(training)
        able = start < end and (self.kind != "entry" or training.catalog.n_categories > 1)
        self.kind_ = self.kind if able else "all"
        self.share_ = KINDS[self.kind_](training, start, end).astype(np.float32)
        return self

    def score(self, history: History) -> Floats:
        """What was counted of each item, float32 [customers × items]."""
        return np.broadcast_to(self.share_, (len(history), len(self.share_)))

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """Nothing comes from what a customer has, all from what is the same for everybody."""
        return np.where(column == history.width, self.share_[target], 0).astype(np.float32)


def _window(training: Training) -> tuple[float, float]:
    """Start and end of what is recent, in seconds; equal where there is no time before."""
    known = training.log.at[np.isfinite(training.log.at)]
    if not len(known):
        return 0.0, 0.0
    start, end = float(np.quantile(known, 1 - LATELY, method="lower")), float(known.max())
    earlier = known[known < end]
    return (min(start, float(earlier.max())) if len(earlier) else end), end


def _all(training: Training, *_: float) -> Doubles:
    """Share of the customers that have each item."""
    return np.bincount(training.history.purchases.indices, minlength=training.n_items) / max(training.n_users, 1)


def _recent(training: Training, start: float, end: float) -> Doubles:
    return buyers_between(training, start, end) / max(training.n_users, 1)


def _trending(training: Training, start: float, end: float) -> Doubles:
    """Recent customers against those expected from the share of all take-ups before."""
    now, before = buyers_between(training, start, end), buyers_between(training, -np.inf, start)
    expected = before * (now.sum() / max(before.sum(), 1))
    return np.asarray((now - expected) / np.sqrt(expected + 1))


def _entry(training: Training, start: float, end: float) -> Doubles:
    """Take-ups by customers new to the category, for each of them and window."""
    first, risk = entries(training, end, end - start, ENTRY_CUTS)
    category = training.catalog.category
    return np.where(category >= 0, first / (risk[np.maximum(category, 0)] + PRIOR), 0)


KINDS: dict[str, Callable[[Training, float, float], Doubles]] = {"all": _all, "recent": _recent, "trending": _trending, "entry": _entry}
