"""`als`: alternating least squares on implicit feedback."""

from typing import Any, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.folding import Folding, Product
from xsell.models.recommender import of_purchases
from xsell.models.sweep import Side, improve
from xsell.parallel import each, rounds

CELLS = 4_000_000


class Als:
    """
    Implicit matrix factorisation by least squares (Hu, Koren, Volinsky 2008) with frequency-scaled penalty (Rendle et al. 2021).

    Minimises `Σ_owned (1 − u·v)² + α Σ_all (u·v)² + λ Σ_u (n_u + α·items)‖u‖² + λ Σ_i (n_i + α·customers)‖v‖²`.

    Attributes:
        factors: Length of the vectors.
        alpha: Weight of what is not owned.
        regularization: λ.
        iterations: Sweeps over customers and items.
        seed: Seed of the start.
    """

    def __init__(self, factors: int = 64, alpha: float = 0.3, regularization: float = 0.01, iterations: int = 12, seed: int = 0) -> None:
        self.factors = factors
        self.alpha = alpha
        self.regularization = regularization
        self.iterations = iterations
        self.seed = seed
        self._ready: tuple[Floats, Folding, Product] | None = None

    def fit(self, training: Training) -> Self:
        """Alternate, each row from where it was."""
        purchases = training.history.purchases
        rank = min(self.factors, *purchases.shape)
        by_size = [np.argsort(np.bincount(m.indices, minlength=m.shape[1]), kind="stable") for m in (purchases.T.tocsr(), purchases)]
        by_user = sp.csr_array(purchases[by_size[0]][:, by_size[1]])
        customers, items = Side.of(by_user, rank), Side.of(sp.csr_array(by_user.T), rank)
        start = np.random.default_rng(self.seed).normal(0, 0.1 / np.sqrt(rank), (training.n_items, rank))
        items.vectors[:-1] = start[by_size[1]] * (items.size > 0)[:, None]
        with rounds() as spread:
            for _ in range(self.iterations):
                for one, other in ((customers, items), (items, customers)):
                    improve(one, other, self.alpha, self._penalty(one.size, len(other.size)).astype(np.float32), spread)
        self.items_ = np.empty((training.n_items, rank), np.float32)
        self.items_[by_size[1]] = items.vectors[:-1]
        return self

    def _penalty(self, size: NDArray[Any], others: int) -> NDArray[Any]:
        """Weight of the squared length of vectors of rows with some entries, where the other side has so many rows."""
        return self.regularization * (size + self.alpha * others)

    def _normal(
        self, known: sp.csr_array, rows: NDArray[np.integer], other: NDArray[Any], gram: NDArray[Any]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """Normal equations of some rows, [rows × factors × factors] and [rows × factors × 1]."""
        size = np.diff(known.indptr)[rows]
        wide = int(size.max())
        at = known.indptr[rows][:, None] + np.arange(wide)
        inside = np.arange(wide) < size[:, None]
        vectors = other[known.indices[np.minimum(at, known.nnz - 1)]] * inside[:, :, None]
        left = vectors.transpose(0, 2, 1) @ vectors + gram
        k = np.arange(other.shape[1])
        left[:, k, k] += self._penalty(size, known.shape[1])[:, None]
        return left, vectors.sum(axis=1)[:, :, None]

    def score(self, history: History) -> Floats:
        """Product of each folded-in customer's vector and the items', float32 [customers × items]."""
        folding, product = self._prepared()
        return product.of(folding.vectors(history.purchases, lambda size: self._penalty(size, self.items_.shape[0])))

    def _prepared(self) -> tuple[Folding, Product]:
        """What is worked out once for the vectors that are there."""
        if self._ready is None or self._ready[0] is not self.items_:
            self._ready = (self.items_, Folding(self.items_, self.alpha), Product(self.items_))
        return self._ready[1:]

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Exact share of one purchase: `v_targetᵀ (normal matrix)⁻¹ v_owned` (Hu et al. 2008, §5)."""
        vectors, width = self.items_, len(self.items_)
        offers, back = np.unique(row.astype(np.int64) * width + target, return_inverse=True)
        pulled = self._pulled(history.purchases, offers // width, offers % width)
        share = np.zeros(len(row), np.float32)
        for start in range(0, len(row), CELLS // 16):
            part = slice(start, start + CELLS // 16)
            share[part] = np.einsum("ij,ij->i", pulled[back[part]], vectors[owned[part]])
        return share

    def _pulled(self, known: sp.csr_array, row: NDArray[np.integer], target: NDArray[np.integer]) -> Floats:
        """(Normal matrix)⁻¹ v_target of some rows, ascending, and items, float32 [pairs × factors]; rows of like length together."""
        gram = np.float32(self.alpha) * (self.items_.T @ self.items_)
        who, first, count = np.unique(row, return_index=True, return_counts=True)
        size = np.diff(known.indptr)[who]
        order = np.argsort(size, kind="stable")
        pulled = np.zeros((len(row), self.items_.shape[1]), np.float32)

        def work(batch: slice) -> None:
            some = order[batch]
            at = first[some][:, None] + np.arange(count[some].max())
            inside = np.arange(at.shape[1]) < count[some][:, None]
            wanted = self.items_[target[np.minimum(at, len(target) - 1)]]
            left, _ = self._normal(known, who[some], self.items_, gram)
            found = np.linalg.solve(left.astype(np.float32, copy=False), wanted.transpose(0, 2, 1)).transpose(0, 2, 1)
            pulled[at[inside]] = found[inside]

        each(work, _batches(size[order], self.items_.shape[1]))
        return pulled


def _batches(size: NDArray[np.integer], factors: int) -> list[slice]:
    """Cut rows of ascending length into runs whose padded vectors stay small and waste little."""
    runs, start = [], 0
    while start < len(size):
        alike = max(size[start] * 1.25, size[start] + 4)
        stop = int(np.searchsorted(size, alike, "right"))
        most = max(1, CELLS // (factors * max(int(size[stop - 1]), factors)))
        runs += [slice(a, min(a + most, stop)) for a in range(start, stop, most)]
        start = stop
    return runs
