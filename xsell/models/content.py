"""`content`: products whose words and attributes resemble those the customer has."""

from typing import Self

import numpy as np
import scipy.sparse as sp

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.recommender import of_purchases

CELLS = 4_000_000
"""Numbers of profiles written out at once."""
PANEL = 500_000
"""Scores that stay in the cache until they are laid out by customers."""


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
        (total, scale), content = self._profile(history), self._content
        width, terms = content.shape
        found = np.empty((len(history), width), np.float32)
        step = max(1, CELLS // max(terms, 1))
        wide = max(1, PANEL // max(min(step, len(history)), 1))
        panels = [slice(left, left + wide) for left in range(0, width, wide)]
        rows = [content[panel] for panel in panels]
        for start in range(0, len(history), step):
            some = slice(start, start + step)
            across = np.ascontiguousarray(total[some].toarray().T)
            for panel, part in zip(panels, rows, strict=True):
                np.multiply((part @ across).T, scale[some, None], out=found[some, panel])
        return found

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Dot product of two items' rows over the length of the customer's profile."""
        content = self._content
        dots = np.asarray(content[owned].multiply(content[target]).sum(axis=1)).ravel()
        return (dots * self._profile(history)[1][row]).astype(np.float32)
