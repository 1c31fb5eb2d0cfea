"""`als`: alternating least squares on implicit feedback."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats, History, Ints, Training
from xsell.models.folding import Folding, Product
from xsell.models.recommender import of_purchases
from xsell.models.sweep import Side, Table, improve
from xsell.parallel import rounds


@dataclass(slots=True)
class Way:
    """
    How far a fit has come.

    Attributes:
        customers: Their vectors, those with few purchases first.
        items: Likewise.
        order: Which item is where.
        swept: Sweeps made.
    """

    customers: Side
    items: Side
    order: NDArray[np.intp]
    swept: int = 0


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
        return self.go_on(self.start(self.table(training)))

    def table(self, training: Training) -> Table:
        """What fits with this number of factors share, whatever else is set."""
        purchases = training.history.purchases
        return Table(purchases, min(self.factors, *purchases.shape))

    def start(self, table: Table) -> Way:
        """Vectors of customers at zero, of items at random."""
        customers, items = table.sides()
        n_items, rank = len(items.size), items.vectors.shape[1]
        drawn = np.random.default_rng(self.seed).normal(0, 0.1 / np.sqrt(rank), (n_items, rank))
        items.vectors[:-1] = drawn[table.order] * (items.size > 0)[:, None]
        return Way(customers, items, table.order)

    def go_on(self, way: Way) -> Self:
        """Sweep until there were as many sweeps as there shall be, also those of a model that differs in nothing but their number; `way` keeps up."""
        customers, items = way.customers, way.items
        with rounds() as spread:
            while way.swept < self.iterations:
                for one, other in ((customers, items), (items, customers)):
                    improve(one, other, self.alpha, self._penalty(one.size, len(other.size)).astype(np.float32), spread)
                way.swept += 1
        self.items_ = np.empty((len(items.size), items.vectors.shape[1]), np.float32)
        self.items_[way.order] = items.vectors[:-1]
        return self

    def _penalty(self, size: NDArray[Any], others: int) -> NDArray[Any]:
        """Weight of the squared length of vectors of rows with some entries, where the other side has so many rows."""
        return self.regularization * (size + self.alpha * others)

    def score(self, history: History) -> Floats:
        """Product of each folded-in customer's vector and the items', float32 [customers × items]."""
        folding, product = self._prepared()
        return product.of(folding.vectors(history.purchases, self._penalised))

    def _penalised(self, size: NDArray[np.integer]) -> NDArray[np.float64]:
        """Weight of the squared length of vectors of customers."""
        return np.asarray(self._penalty(size, len(self.items_)), np.float64)

    def _prepared(self) -> tuple[Folding, Product]:
        """What is worked out once for the vectors that are there."""
        if self._ready is None or self._ready[0] is not self.items_:
            folding = Folding(self.items_, self.alpha)
            self._ready = (self.items_, folding, Product(folding.items[:-1]))
        return self._ready[1:]

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Exact share of one purchase: `v_targetᵀ (normal matrix)⁻¹ v_owned` (Hu et al. 2008, §5)."""
        return self._prepared()[0].shares(history.purchases, row, owned, target, self._penalised).astype(np.float32)
