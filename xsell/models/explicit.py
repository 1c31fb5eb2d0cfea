"""`ratings`: alternating least squares on what customers said of products."""

from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Floats, History, Ints, Training, pairs
from xsell.models.folding import Float, Folding, Product, Real
from xsell.models.sweep import Table, improve
from xsell.parallel import rounds

START = 0.5
"""Length of the vectors of items at the start."""
CELLS = 1 << 22


class Explicit:
    """
    Ratings as a mean, what a customer and an item add to it, and a product of their vectors (Koren, Bell, Volinsky 2009).

    Minimises `Σ_rated (y − b_u − b_i − u·v)² + κ (Σ_u b_u² + Σ_i b_i²) + λ (Σ_u n_u‖u‖² + Σ_i n_i‖v‖²)`, where y are the ratings less their mean
    in units of their standard deviation, so that κ and λ mean the same on every scale; the penalty of vectors grows with the ratings n that stand
    behind them (Zhou et al. 2008).

    Attributes:
        factors: Length of the vectors; 0 leaves what customers and items add.
        regularization: λ.
        shrinkage: κ, so many ratings at the mean stand beside those of every customer and item.
        iterations: Sweeps over customers and items.
        seed: Seed of the start.
    """

    def __init__(
        self, factors: int = 16, regularization: float = 0.05, shrinkage: float = 3.0, iterations: int = 20, seed: int = 0
    ) -> None:
        self.factors = factors
        self.regularization = regularization
        self.shrinkage = shrinkage
        self.iterations = iterations
        self.seed = seed
        self._ready: tuple[Floats, Folding, Product] | None = None

    def fit(self, training: Training) -> Self:
        """Alternate, each row from where it was."""
        known = rated(training.history)
        value = known.data.astype(np.float64)
        self.low_, self.high_ = (float(value.min()), float(value.max())) if known.nnz else (0.0, 0.0)
        self.mean_ = float(value.mean()) if known.nnz else 0.0
        self.unit_ = float(value.std()) if self.low_ < self.high_ else 1.0
        rank = min(self.factors, *known.shape)
        standard = sp.csr_array((self._standard(value), known.indices, known.indptr), shape=known.shape)
        table = Table(standard, rank + 2, valued=True)
        customers, items = table.sides()
        customers.vectors[:-1, 1] = items.vectors[:-1, 0] = 1
        start = np.random.default_rng(self.seed).normal(0, START / np.sqrt(max(rank, 1)), (training.n_items, rank))
        items.vectors[:-1, 2:] = start[table.order] * (items.size > 0)[:, None]
        with rounds() as spread:
            for _ in range(self.iterations):
                for own, (one, other) in enumerate(((customers, items), (items, customers))):
                    penalty = self._penalty(one.size, rank)
                    improve(one, other, 0.0, np.insert(penalty, 1 - own, 0, axis=1), spread, fixed=1 - own)
        self.items_ = np.empty((training.n_items, rank + 1), np.float32)
        self.items_[table.order] = items.vectors[:-1, 1:]
        return self

    def _standard(self, rating: NDArray[np.floating]) -> Real:
        """Ratings less their mean in units of their standard deviation."""
        return np.asarray((rating - self.mean_) / self.unit_, np.float64)

    def _penalty(self, size: NDArray[np.generic], rank: int) -> Floats:
        """Weights of the squares of what rows with some ratings add and of their vectors, [rows × (1 + factors)]."""
        weight = np.repeat(self.regularization * size.astype(np.float32)[:, None], rank + 1, axis=1)
        weight[:, 0] = self.shrinkage
        return weight

    def score(self, history: History) -> Floats:
        """Expected ratings, not held to the scale, float32 [customers × items]; of a stranger those of the mean customer."""
        vectors = self._vectors(history)
        return self._prepared()[1].of(np.column_stack([vectors, np.ones(len(vectors))]))

    def predict(self, history: History, row: NDArray[np.integer], item: NDArray[np.integer]) -> Real:
        """
        Expected ratings of some pairs, within the range of those learnt from.

        Args:
            history: The customers.
            row: Row of the customer, [m].
            item: Item, [m].
        """
        vectors, ways = self._vectors(history), self._prepared()[0].items
        found = np.empty(len(row))
        step = max(1, CELLS // vectors.shape[1])
        for start in range(0, len(row), step):
            part = slice(start, start + step)
            found[part] = self.items_[item[part], 0] + np.vecdot(vectors[row[part]], ways[item[part]])
        return np.clip(self.mean_ + self.unit_ * found, self.low_, self.high_)

    def _vectors(self, history: History) -> Float:
        """What customers add to a rating, and their vectors, [customers × (1 + factors)]."""
        return self._prepared()[0].vectors(self._left(history), self._penalised)

    def _left(self, history: History) -> sp.csr_array:
        """What ratings are above the mean and what their items add, in standard units."""
        known = rated(history)
        left = self._standard(known.data.astype(np.float64)) - self.items_[known.indices, 0]
        return sp.csr_array((left, known.indices, known.indptr), shape=known.shape)

    def _penalised(self, size: NDArray[np.integer]) -> Real:
        return self._penalty(size, self.items_.shape[1] - 1).astype(np.float64)

    def _prepared(self) -> tuple[Folding, Product]:
        """What is worked out once for the vectors that are there."""
        if self._ready is None or self._ready[0] is not self.items_:
            ways = np.column_stack([np.ones(len(self.items_), np.float32), self.items_[:, 1:]])
            plain = self.mean_ + self.unit_ * self.items_[:, 0].astype(np.float64)
            self._ready = (self.items_, Folding(ways, 0.0), Product(np.column_stack([self.unit_ * ways.astype(np.float64), plain])))
        return self._ready[1:]

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """Exact share of one rating (Hu et al. 2008, §5, with what is left of it); what the mean customer would give is the same for all."""
        share = np.zeros(len(row), np.float32)
        common = column == history.width
        share[common] = self.mean_ + self.unit_ * self.items_[target[common], 0].astype(np.float64)
        left = self._left(history)
        flat = np.repeat(np.arange(left.shape[0], dtype=np.int64), np.diff(left.indptr)) * left.shape[1] + left.indices
        asked = row.astype(np.int64) * left.shape[1] + column
        place = np.searchsorted(flat, asked)
        own = np.flatnonzero((column < left.shape[1]) & (np.append(flat, -1)[place] == asked))
        pulled = self._prepared()[0].shares(left, row[own], column[own], target[own], self._penalised)
        share[own] = self.unit_ * pulled * left.data[place[own]]
        return share


def rated(history: History) -> sp.csr_array:
    """Ratings of customers, where there are none an empty matrix."""
    none = np.zeros(0, np.int32)
    return pairs(none, none, (len(history), history.purchases.shape[1])) if history.ratings is None else history.ratings
