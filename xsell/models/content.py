"""`content`: products whose words and attributes resemble those the customer has."""

from typing import Self

import numpy as np
import scipy.sparse as sp

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.recommender import of_purchases

CELLS = 4_000_000
"""Numbers of profiles written out at once."""


class Content:
    """Cosine between the sum of the TF-IDF rows of a customer's products and the row of every item."""

    def fit(self, training: Training) -> Self:
        """Keep the item–term matrix as it is."""
        content = training.catalog.content
        self.data_, self.indices_, self.indptr_ = content.data, content.indices, content.indptr
        self.shape_ = np.array(content.shape)
        return self

    @property
    def _content(self) -> sp.csr_array:
        return sp.csr_array((self.data_, self.indices_, self.indptr_), shape=tuple(self.shape_))

    def _profile(self, history: History) -> tuple[sp.csr_array, Floats]:
        """Sum of the rows of each customer's products, and one over its length (0 where there is none)."""
        total = sp.csr_array(history.purchases @ self._content)
        length = np.sqrt(np.asarray(total.multiply(total).sum(axis=1)).ravel())
        return total, np.divide(1, length, out=np.zeros(len(length), np.float32), where=length > 0).astype(np.float32)

    def score(self, history: History) -> Floats:
        """Cosine, float32 [customers × items]."""
        total, scale = self._profile(history)
        found, content = np.empty((len(history), self._content.shape[0]), np.float32), self._content
        step = max(1, CELLS // max(content.shape[1], 1))
        for start in range(0, len(history), step):
            found[start : start + step] = (content @ np.ascontiguousarray(total[start : start + step].toarray().T)).T
        found *= scale[:, None]
        return found

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Dot product of two items' rows over the length of the customer's profile."""
        content = self._content
        dots = np.asarray(content[owned].multiply(content[target]).sum(axis=1)).ravel()
        return (dots * self._profile(history)[1][row]).astype(np.float32)
