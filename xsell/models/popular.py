"""`popular`: the products that most customers have, or that most took up lately, or more than before."""

from collections.abc import Iterable
from typing import Self

import numpy as np

from xsell.data.training import Floats, History, Ints, Times, Training
from xsell.models.takeup import buyers_between

LATELY = 0.1
"""Share of the events, the last in time, that are recent."""
TIE = 0.01
"""Of a customer: what an item that everybody has gains over one that nobody has, where as many took them up lately."""


class Popular:
    """
    The same order for everyone.

    `all` counts the customers who have each item; `recent` those who took it up in the window that holds the last tenth of the events, ties by all
    time; `trending` is by how many standard deviations these are more than the time before would let expect.

    Attributes:
        kind: `all`, `recent` or `trending`.
        kind_: What was counted: `all` where the log has no different times.
        since_: Start of the window in seconds since 1970, -inf for all time.
        buyers_: Customers counted of each item, float32 [items].
        expected_: What the time before would let expect of them, float32 [items].
    """

    def __init__(self, kind: str = "all") -> None:
        self.kind = kind

    def fit(self, training: Training) -> Self:
        """Count customers."""
        return self.count([training], *window(training.log.at[np.isfinite(training.log.at)]))

    def count(self, parts: Iterable[Training], start: float, end: float) -> Self:
        """
        Count customers who come some at a time.

        Args:
            parts: What is known of each of them.
            start: Start of what is recent, as `window` gives it.
            end: End of it.
        """
        self.kind_ = self.kind if start < end else "all"
        customers, ever, between, before = 0, *np.zeros((3, 1))
        for part in parts:
            customers += part.n_users
            ever = ever + np.bincount(part.history.purchases.indices, minlength=part.n_items)
            between, before = between + buyers_between(part, start, end), before + buyers_between(part, -np.inf, start)
        lately = ever if self.kind_ == "all" else between
        expected = before * (lately.sum() / max(before.sum(), 1))
        shares = {
            "all": lately / max(customers, 1),
            "recent": (lately + TIE * ever / max(customers, 1)) / max(customers, 1),
            "trending": (lately - expected) / np.sqrt(expected + 1),
        }
        self.since_ = -np.inf if self.kind_ == "all" else start
        self.buyers_, self.expected_, self.share_ = (x.astype(np.float32) for x in (lately, expected, shares[self.kind_]))
        return self

    def score(self, history: History) -> Floats:
        """What was counted of each item, float32 [customers × items]."""
        return np.broadcast_to(self.share_, (len(history), len(self.share_)))

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """Nothing comes from what a customer has, all from what is the same for everybody."""
        return np.where(column == history.width, self.share_[target], 0).astype(np.float32)


def window(known: Times) -> tuple[float, float]:
    """
    Start and end of what is recent, equal where there is no time before.

    Args:
        known: Times of ownership events, seconds since 1970; their order is changed.
    """
    if not len(known):
        return 0.0, 0.0
    start, end = float(np.quantile(known, 1 - LATELY, method="lower", overwrite_input=True)), float(known.max())
    earlier = float(known.max(where=known < end, initial=-np.inf))
    return (min(start, earlier) if earlier > -np.inf else end), end
