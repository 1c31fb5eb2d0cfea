"""`svd`: truncated singular value decomposition of the scaled customer–item matrix."""

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.folding import Product
from xsell.models.gram import gram
from xsell.models.recommender import of_purchases

SMALL = 1000
"""Items up to which the decomposition is exact."""


class Svd:
    """
    Best low-rank approximation of `N = D_u^-ρ R D_i^-γ` (PureSVD, Cremonesi et al. 2010, scaled as in EigenRec, Nikolakopoulos et al. 2019).

    D_u and D_i hold how many items a customer and how many customers an item has. A history r is scored `r D_i^-γ V Vᵀ D_i^γ`: projected
    where popular items weigh less, and scaled back.

    Attributes:
        factors: Rank; less where the matrix is smaller.
        rho: Exponent for customers.
        gamma: Exponent for items.
        seed: Seed of the randomised range finder.
    """

    def __init__(self, factors: int = 64, rho: float = 0.0, gamma: float = 0.25, seed: int = 0) -> None:
        self.factors = factors
        self.rho = rho
        self.gamma = gamma
        self.seed = seed
        self._ready: tuple[Floats, NDArray[np.float64], Product] | None = None

    def fit(self, training: Training) -> Self:
        """Find the leading right singular vectors: exactly for few items, else by random projection and power iterations."""
        purchases = training.history.purchases
        rank = max(1, min(self.factors, min(purchases.shape) - 1))
        self.scale_ = _power(purchases.sum(axis=0), -self.gamma)
        scaled = sp.csr_array(sp.diags_array(_power(purchases.sum(axis=1), -self.rho)) @ purchases @ sp.diags_array(self.scale_))
        if training.n_items <= SMALL:
            squares = gram(scaled).astype(np.float64)
            V = eigh(squares, subset_by_index=(training.n_items - rank, training.n_items - 1))[1].T[::-1]
        else:
            from sklearn.utils.extmath import randomized_svd  # noqa: PLC0415  # takes as long as all the rest that lists load

            V = randomized_svd(scaled, rank, n_iter=4, random_state=self.seed)[2]
        self.items_ = np.ascontiguousarray(V.T, np.float32)
        return self

    def leading(self, factors: int) -> "Svd":
        """The same decomposition with fewer factors."""
        less = Svd(factors, self.rho, self.gamma, self.seed)
        less.scale_, less.items_ = self.scale_, np.ascontiguousarray(self.items_[:, :factors])
        return less

    def score(self, history: History) -> Floats:
        """Projection of each history on the leading vectors, float32 [customers × items]."""
        inward, outward = self._prepared()
        return outward.of(history.purchases @ inward)

    def _prepared(self) -> tuple[NDArray[np.float64], Product]:
        """What is worked out once for the vectors that are there: what histories are multiplied with, and what then."""
        if self._ready is None or self._ready[0] is not self.items_:
            vectors, scale = self.items_.astype(np.float64), self.scale_.astype(np.float64)[:, None]
            self._ready = (self.items_, vectors * scale, Product(vectors / scale))
        return self._ready[1:]

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Dot product of the two items' factors, scaled."""
        share = np.einsum("ij,ij->i", self.items_[owned], self.items_[target], dtype=np.float32)
        return np.asarray(share * (self.scale_[owned] / self.scale_[target]), np.float32)


def _power(counts: NDArray[Any], exponent: float) -> Floats:
    return np.asarray(np.maximum(counts, 1) ** exponent, np.float32)
