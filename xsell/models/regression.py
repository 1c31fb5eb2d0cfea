"""`cross` and `ease`: every product predicted from the customer's other products, in closed form."""

from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import add
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Catalog, Floats, History, Ints, Training
from xsell.errors import MemoryLimitError
from xsell.models import closed_form, design, gram, overlapping

MOST_REGRESSORS = 6000
MOST_TARGETS = 10000
FEWEST_REGRESSORS = 100
SQUARES, SLABS = 5, 7
"""Matrices of regressors × regressors and of regressors × targets that are there at once while a fusion is fitted."""
INTERCEPT_PENALTY = 1e-2


@dataclass(frozen=True, slots=True)
class Solved:
    """
    What the regressions of one training share, whatever block they leave out.

    Attributes:
        columns: The regressors.
        P: Inverse, float32 [regressors + 1 × regressors + 1].
        T: `(P·ZᵀY)ᵀ` of the targets that are no regressors, float32 [others × regressors + 1].
        place: Regressor of every target, or -1 where T has it, int64 [targets].
        targets: Item of every target, ascending, int32.
        base: Share of the customers that have each item, float32 [items]: the prediction for an item that is no target.
    """

    columns: design.Columns
    P: Floats
    T: Floats
    place: NDArray[np.int64]
    targets: Ints
    base: Floats


@dataclass(frozen=True)
class Sums:
    """
    Sums over customers: all that the closed form needs to know of the data.

    Attributes:
        columns: The regressors.
        A: `ZᵀZ`, float32 [regressors + 1 × regressors + 1].
        side: `Z` and `Y`, of `Y` only targets that are no regressors where the purchases in `Z` are those of `Y`.
        place: Regressor of every target, or -1 where `Y` has it; int64 [targets].
        targets: Item of every target.
        base: Share of the customers that have each item.
        unit: `mean(d^-2ρ)`, by which the penalty on purchases is scaled.
        before: The sums that these add to, or None.
    """

    columns: design.Columns
    A: Floats
    side: tuple[sp.csr_array, sp.csr_array]
    place: NDArray[np.int64]
    targets: Ints
    base: Floats
    unit: float
    before: "Sums | None" = None

    @cached_property
    def crossed(self) -> Floats:
        """`ZᵀY`, float32 [regressors + 1 × targets that Y has]."""
        total = gram.product(*self.side)
        if self.before is not None:
            total += self.before.crossed
        return total

    def through(self, P: Floats) -> Floats:
        """`(P·ZᵀY)ᵀ` without `ZᵀY`, float32 [targets that Y has × regressors + 1]."""
        total = np.zeros((self.side[1].shape[1], P.shape[1]), np.float32)
        known: Sums | None = self
        while known is not None:
            gram.add_through(total, P, *known.side)
            known = known.before
        return total

    @property
    def entries(self) -> int:
        """How many numbers of `Z` are not zero."""
        return int(self.side[0].nnz) + (self.before.entries if self.before else 0)


def within(memory: int, columns: int, items: int) -> tuple[int, int]:
    """
    How many regressors and targets fit into a budget.

    Args:
        memory: Bytes that may be used.
        columns: Number of possible regressors: `History.width`.
        items: Number of items.

    Returns:
        Most regressors and most targets.

    Raises:
        MemoryLimitError: Not even a hundred products fit.
    """
    regressors, targets = min(MOST_REGRESSORS, columns), min(MOST_TARGETS, items)
    while 4 * regressors * (SQUARES * regressors + SLABS * targets) > memory:
        regressors, targets = int(regressors * 0.9), int(targets * 0.9)
        if regressors < min(FEWEST_REGRESSORS, columns):
            raise MemoryLimitError(
                f"{memory / 1e6:,.0f} MB are too little for cross and ease.", "Give more with --memory, or use --model popular."
            )
    return max(regressors, 1), max(targets, 1)


def sums(training: Training, rho: float, prefixes: bool, regressors: int = MOST_REGRESSORS, targets: int = MOST_TARGETS) -> Sums:
    """
    Add up what the regressions need.

    Args:
        training: What is known.
        rho: Row scaling.
        prefixes: Whether two beginnings of each history are taken, such as a tenth and a half of its products, instead of the whole.
        regressors: Most regressors; the most frequent are kept.
        targets: Most targets; other items are predicted by their share of the customers.
    """
    chosen = design.columns(training, regressors)
    purchases = training.history.purchases
    buyers = np.bincount(purchases.indices, minlength=training.n_items)
    wanted = np.sort(np.argsort(-buyers, kind="stable")[:targets]).astype(np.int32)
    views = design.prefixes(training, design.shares(training.n_users)) if prefixes else [training.history]
    rows = [design.rows(view, chosen, rho) for view in views]
    A = gram.gram(rows[0])
    for view in rows[1:]:
        gram.add_gram(A, view)
    place = _places(chosen, wanted, training.n_items) if rho == 0 and not prefixes else np.full(len(wanted), -1)
    rest = wanted[place < 0]
    mean = reduce(add, rows) * np.float32(1 / len(views))
    squares = [np.square(design.scaling(view.purchases, rho), dtype=np.float64) for view in views]
    unit = sum(float(square.sum()) for square in squares) / max(training.n_users, 1)
    if len(views) > 1:
        A /= np.float32(len(views))
    base = (buyers / max(training.n_users, 1)).astype(np.float32)
    side = mean, purchases if len(rest) == training.n_items else purchases[:, rest]
    return Sums(chosen, A, side, place, wanted, base, unit / len(views))


def enriched(known: Sums, catalog: Catalog, beta: float, *, again: bool = True) -> Sums:
    """
    Add what items are to what customers did (Jeunen, Van Balen & Goethals 2020, closed-form models with side information).

    Every term is one more customer, who has the products it describes by its weight in each.

    Args:
        known: The sums.
        catalog: Has the item–term matrix.
        beta: Weight of such a customer; 0 adds nothing.
        again: Whether the sums given are still needed; if not, they are added to.
    """
    if not beta:
        return known
    own = known.columns.purchases
    terms = sp.csr_array(catalog.content.T)
    Z = sp.csr_array(terms[:, known.columns.take[:own]])
    A = known.A.copy() if again else known.A
    gram.add_gram(A[:own, :own], Z * np.float32(np.sqrt(beta)))
    weighed = sp.csr_array((np.float32(beta) * Z.data, Z.indices, Z.indptr), shape=(Z.shape[0], len(A)))
    return replace(known, A=A, side=(weighed, sp.csr_array(terms[:, known.targets[known.place < 0]])), before=known)


def _places(chosen: design.Columns, wanted: Ints, n_items: int) -> NDArray[np.int64]:
    """Number of the regressor that each target is, or -1."""
    place = np.full(n_items, -1)
    place[chosen.take[: chosen.purchases]] = np.arange(chosen.purchases)
    return place[wanted]


def solve(known: Sums, regularization: float, *, again: bool = True) -> Solved:
    """
    Invert once for all products, whatever is left out of their regressions.

    Args:
        known: The sums.
        regularization: λ, in customers.
        again: Whether the same sums will be solved for other penalties, so that `ZᵀY` is worth having; if not, the inverse takes the place of `A`.
    """
    n = len(known.columns)
    penalty = np.full(n + 1, regularization, np.float32)
    penalty[: known.columns.purchases] *= known.unit
    penalty[n] = INTERCEPT_PENALTY
    P = closed_form.inverse(known.A, penalty, spare=again)
    sparse = not again and known.entries < gram.FULL * (n + 1) * int((known.place < 0).sum())
    T = known.through(P) if sparse else known.crossed.T @ P
    return Solved(known.columns, P, T, known.place, known.targets, known.base)


class Regression:
    """
    Ridge regression of every product on the customer's purchases, other events and profile outside the product's own block.

    With categories as blocks this is `cross`, with single items it is EASE (Steck 2019) with an intercept.

    Attributes:
        exclude: `category` or `item`.
        regularization: λ.
        rho: Row scaling.
        prefixes: Whether to learn from the beginnings of histories.
        beta: Weight of what items are beside what customers did.
        regressors: Most regressors.
        targets: Most targets.
    """

    def __init__(
        self,
        exclude: str = "category",
        regularization: float = 300.0,
        rho: float = 0.0,
        prefixes: bool = False,
        beta: float = 0.0,
        regressors: int = MOST_REGRESSORS,
        targets: int = MOST_TARGETS,
    ) -> None:
        self.exclude = exclude
        self.regularization = regularization
        self.rho = rho
        self.prefixes = prefixes
        self.beta = beta
        self.regressors = regressors
        self.targets = targets

    def fit(self, training: Training) -> Self:
        """Sum, invert, leave out the own block."""
        known = sums(training, self.rho, self.prefixes, self.regressors, self.targets)
        known = enriched(known, training.catalog, self.beta, again=False)
        return self.fit_solved(solve(known, self.regularization, again=False), training, again=False)

    def fit_solved(self, solved: Solved, training: Training, *, again: bool = True) -> Self:
        """
        Finish from what other regressions of the same training share.

        Args:
            solved: Inverse and products for this λ and ρ.
            training: What they were made from.
            again: Whether inverse and products are still needed; if not, the weights take the place of the products.
        """
        known = (solved.P, solved.T, solved.place, solved.columns.item, solved.targets)
        sets = design.sets_of(training.catalog, self.exclude)
        if sets is None:
            weights = closed_form.weights(*known, design.blocks_of(training.catalog, self.exclude), spare=again)
        else:
            weights = overlapping.weights(*known, sets, spare=again)
        self.weights_ = closed_form.panels(weights)
        self.take_, self.item_ = solved.columns.take, solved.columns.item
        self.counts_ = np.array([solved.columns.purchases, solved.columns.profile, training.n_items])
        self.targets_, self.base_ = solved.targets, solved.base
        return self

    @property
    def _columns(self) -> design.Columns:
        return design.Columns(self.take_, self.item_, int(self.counts_[0]), int(self.counts_[1]))

    def score(self, history: History) -> Floats:
        """Predicted purchases, float32 [customers × items]; a sparse product, so that a customer's bits do not depend on who else is there."""
        predicted = closed_form.product(design.rows(history, self._columns, self.rho), self.weights_, len(self.targets_))
        if len(self.targets_) == self.counts_[2]:
            return predicted
        every = np.tile(self.base_, (len(history), 1))
        every[:, self.targets_] = predicted
        return every

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """Exact share of a regressor in a score: its weight, scaled where it is a purchase; the intercept is the same for everybody."""
        regressor = np.full(history.width + 1, -1)
        regressor[self.take_] = np.arange(len(self.take_))
        regressor[-1] = len(self.take_)
        place = np.full(history.purchases.shape[1], -1)
        place[self.targets_] = np.arange(len(self.targets_))
        r, c = regressor[column], place[target]
        weight = np.where((r >= 0) & (c >= 0), self.weights_[c // closed_form.TILE, np.maximum(r, 0), c % closed_form.TILE], 0)
        weight = np.where(column < history.purchases.shape[1], weight * design.scaling(history.purchases, self.rho)[row], weight)
        return np.where((c < 0) & (column == history.width), self.base_[target], weight).astype(np.float32)
