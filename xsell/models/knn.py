"""`knn`: products that are had by the same customers as those a customer has."""

from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.cooccurrence import strongest
from xsell.models.recommender import of_purchases

WEIGHTINGS = ("cosine", "tfidf", "bm25")


class Knn:
    """
    Item-based nearest neighbours (Sarwar et al. 2001; the k most similar sources of every target, Deshpande & Karypis 2004).

    The similarity of i and j is `Σ_u w_u² / (m_i·m_j + shrinkage)` over the customers u who have both. `cosine` has `w = 1`; the others weigh
    a customer of d products by `w = ln(items / (1 + d))`, at least 0. `m` is the length of the product's column, and in `bm25` (Robertson
    & Zaragoza 2009, on presence alone) `(k1·(1 − b + b·n/mean n) + 1) / (k1 + 1)` for a product of n customers. Without shrinkage these are
    implicit's cosine, TF-IDF and BM25. A score is the sum of the similarities to what the customer has.

    Attributes:
        weighting: One of WEIGHTINGS.
        neighbours: Sources kept for a target.
        shrinkage: Holds back similarities that rest on few customers.
        k1: Saturation of `bm25`.
        b: Share of a product's length that counts in `bm25`.
    """

    def __init__(self, weighting: str = "tfidf", neighbours: int = 200, shrinkage: float = 0.0, k1: float = 0.2, b: float = 0.75) -> None:
        self.weighting = weighting
        self.neighbours = neighbours
        self.shrinkage = shrinkage
        self.k1 = k1
        self.b = b

    def fit(self, training: Training) -> Self:
        """Weigh the customers, add up, keep the most similar."""
        weighted = self._weighted(training.history.purchases)
        length = self._lengths(weighted)
        weighted.data /= length[weighted.indices]

        def shrunk(target: NDArray[np.integer], source: NDArray[np.integer], total: Floats) -> Floats:
            weight: Floats = total / (1 + np.float32(self.shrinkage) / (length[target] * length[source]))
            return weight

        similar = strongest(weighted, weighted, self.neighbours, shrunk if self.shrinkage else None)
        self.data_, self.indices_, self.indptr_ = similar.data, similar.indices, similar.indptr
        return self

    def _weighted(self, purchases: sp.csr_array) -> sp.csr_array:
        """Every purchase as `w` of its customer."""
        degree = np.diff(purchases.indptr)
        idf = np.maximum(np.log(purchases.shape[1]) - np.log1p(degree), 0) if self.weighting != "cosine" else np.ones(len(degree))
        data = np.repeat(idf.astype(np.float32), degree)
        return sp.csr_array((data, purchases.indices, purchases.indptr), shape=purchases.shape)

    def _lengths(self, weighted: sp.csr_array) -> Floats:
        """`m` of every product, 1 where nobody has it, float32 [items]."""
        buyers = np.bincount(weighted.indices, minlength=weighted.shape[1])
        if self.weighting == "bm25":
            usual = 1 - self.b + self.b * buyers / max(buyers.mean(), 1e-9)
            return np.asarray((self.k1 * usual + 1) / (self.k1 + 1), np.float32)
        squares = np.bincount(weighted.indices, weights=weighted.data.astype(np.float64) ** 2, minlength=weighted.shape[1])
        return np.asarray(np.sqrt(np.where(squares > 0, squares, 1)), np.float32)

    @property
    def _similar(self) -> sp.csr_array:
        """Similarity of every source (rows) and target."""
        size = len(self.indptr_) - 1
        return sp.csr_array((self.data_, self.indices_, self.indptr_), shape=(size, size))

    def score(self, history: History) -> Floats:
        """Sum of the similarities of each item to the products owned, float32 [customers × items]."""
        scores: Floats = (history.purchases @ self._similar).toarray()
        return scores

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Similarity of the two products."""
        return np.asarray(self._similar[owned, target], np.float32).ravel()
