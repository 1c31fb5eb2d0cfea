"""What every model can do."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, Self

import numpy as np

from xsell.data.training import Floats, History, Ints, Training


class Recommender(Protocol):
    """
    A model: history goes in, scores come out.

    Constructors only store parameters; fitted attributes end in `_`. A fitted model holds no customers.
    """

    def fit(self, training: Training) -> Self:
        """Learn from everything known."""

    def score(self, history: History) -> Floats:
        """Scores of all items, float32 [customers × items]; higher is better."""

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """
        How much something that a customer has adds to the score of an item.

        Args:
            history: The customers.
            row: Row of the customer in `history`, int32 [m].
            column: Something this customer has: a column of `history.wide()` (the items bought come first), or `history.width` for what is
                the same for all customers; int32 [m].
            target: An item the customer could be offered, int32 [m].

        Returns:
            float32 [m]; zeros for what the score does not come from.
        """


Explain = Callable[[Any, History, Ints, Ints, Ints], Floats]


def of_purchases(explain: Explain) -> Explain:
    """Explain by purchases only: everything else that a customer has adds nothing."""

    @wraps(explain)
    def explained(model: Any, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        bought = column < history.purchases.shape[1]
        share = np.zeros(len(row), np.float32)
        if bought.any():
            share[bought] = explain(model, history, row[bought], column[bought], target[bought])
        return share

    return explained
