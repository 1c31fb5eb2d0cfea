"""`popular`: the products that most customers have."""

from typing import Self

import numpy as np

from xsell.data.training import Floats, History, Ints, Training


class Popular:
    """The same order for everyone: the number of customers who have each item."""

    def fit(self, training: Training) -> Self:
        """Count customers."""
        buyers = np.bincount(training.history.purchases.indices, minlength=training.n_items)
        self.share_ = (buyers / max(training.n_users, 1)).astype(np.float32)
        return self

    def score(self, history: History) -> Floats:
        """Share of the customers that have each item, float32 [customers × items]."""
        return np.broadcast_to(self.share_, (len(history), len(self.share_)))

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """Nothing comes from what a customer has, all from what is the same for everybody."""
        return np.where(column == history.width, self.share_[target], 0).astype(np.float32)
