"""`svd`: truncated singular value decomposition of the customer–item matrix, `R ≈ UᵀV`, least squares."""

from typing import Self

import numpy as np
from scipy.linalg import eigh
from sklearn.utils.extmath import randomized_svd

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.design import product
from xsell.models.recommender import of_purchases

SMALL = 1000
"""Items up to which the decomposition is exact."""


class Svd:
    """
    Best low-rank approximation of the customer–item matrix (PureSVD, Cremonesi et al. 2010); a new customer is projected.

    Attributes:
        factors: Rank; less where the matrix is smaller.
        seed: Seed of the randomised range finder.
    """

    def __init__(self, factors: int = 64, seed: int = 0) -> None:
        self.factors = factors
        self.seed = seed

    def fit(self, training: Training) -> Self:
        """Find the leading right singular vectors: exactly for few items, else by random projection and power iterations."""
        purchases = training.history.purchases
        rank = max(1, min(self.factors, min(purchases.shape) - 1))
        if training.n_items <= SMALL:
            gram = product(purchases, purchases).astype(np.float64)
            V = eigh(gram, subset_by_index=(training.n_items - rank, training.n_items - 1))[1].T
        else:
            V = randomized_svd(purchases, rank, n_iter=4, random_state=self.seed)[2]
        self.items_ = np.ascontiguousarray(V.T, np.float32)
        return self

    def score(self, history: History) -> Floats:
        """
        Projection of each history on the leading vectors, float32 [customers × items].

        In float64, so that the bits of a customer do not depend on who else is there, which would part products that tie.
        """
        vectors = self.items_.astype(np.float64)
        scores: Floats = (history.purchases @ vectors @ vectors.T).astype(np.float32)
        return scores

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Dot product of the two items' factors."""
        share: Floats = np.einsum("ij,ij->i", self.items_[owned], self.items_[target], dtype=np.float32)
        return share
