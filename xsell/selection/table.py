"""What a fusion is learnt from, row by row, and the weights that come of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats, Mask
from xsell.parallel import each
from xsell.selection.logistic import slices

FOLDS = 5
MOST_ROWS = 100_000
EQUAL = 1e-6
"""Standard deviation up to which a feature is the same everywhere."""


@dataclass(frozen=True)
class Table:
    """
    Candidates of the validation customers, one row a customer and item.

    Attributes:
        row: Row of the customer among the validation customers, ascending.
        item: Item number, ascending within a customer.
        seen: Features, float32 [rows × features].
        bought: 1 where the customer took up the item, float32.
        customers: Number of validation customers.
        relevant: What each of them took up, candidates or not.
    """

    row: NDArray[np.int64]
    item: NDArray[np.int32]
    seen: Floats
    bought: Floats
    customers: int
    relevant: NDArray[np.int64]

    @cached_property
    def spread(self) -> tuple[Floats, Floats]:
        """Mean and standard deviation of every feature, 1 where it is the same everywhere."""
        rows, parts, none = max(len(self.seen), 1), slices(0, len(self.seen)), np.zeros(self.seen.shape[1])
        mean = np.sum([none, *each(lambda some: self.seen[some].sum(axis=0, dtype=np.float64), parts)], axis=0) / rows
        squares = np.sum([none, *each(lambda some: np.square(self.seen[some] - mean).sum(axis=0), parts)], axis=0) / rows
        return mean.astype(np.float32), np.where(squares > EQUAL**2, np.sqrt(squares), 1).astype(np.float32)

    @cached_property
    def fold(self) -> NDArray[np.int8]:
        """Fold of the customer of every row."""
        return (self.row % FOLDS).astype(np.int8)

    @cached_property
    def sample(self) -> "Sample":
        """Rows to learn from, fold after fold."""
        pick, weight = thinned(self.bought)
        order = np.argsort(self.fold[pick], kind="stable")
        pick, weight = pick[order], weight[order]
        edges = np.searchsorted(self.fold[pick], np.arange(FOLDS + 1, dtype=np.int8))
        return Sample(self.standard(self.seen[pick]), self.bought[pick], weight, edges.tolist())

    def standard(self, seen: Floats) -> Floats:
        """Features of rows of this table or another in units of their spread here."""
        mean, wide = self.spread
        return (seen - mean) / wide

    @cached_property
    def place(self) -> NDArray[np.int64]:
        """Place of every row among those of its customer."""
        count = np.bincount(self.row, minlength=self.customers)
        return np.asarray(np.arange(len(self.row)) - np.repeat(np.cumsum(count) - count, count))

    @cached_property
    def found(self) -> Mask:
        """Whether the customer took up the item, boolean [customers × most rows of one]."""
        found = np.zeros((self.customers, int(self.place.max(initial=0)) + 1), bool)
        found[self.row, self.place] = self.bought > 0
        return found


@dataclass(frozen=True, slots=True)
class Sample:
    """
    Rows to learn from.

    Attributes:
        seen: Standardised features, float32 [rows × features].
        bought: 1 or 0, float32.
        weight: How many rows each stands for, float32.
        edges: First row of each fold of customers, and the number of rows.
    """

    seen: Floats
    bought: Floats
    weight: Floats
    edges: list[int]


@dataclass(frozen=True, slots=True)
class Weights:
    """
    A fitted logistic regression.

    Attributes:
        mean: Centre of every feature.
        spread: Spread of every feature.
        slope: Weight of every standardised feature; 0 for features left out.
        intercept: Log-odds at the centre.
    """

    mean: Floats
    spread: Floats
    slope: Floats
    intercept: float

    def value(self, seen: Floats) -> Floats:
        """Log-odds, float32 [rows]."""
        return values([self], seen, np.zeros(len(seen), np.int8))


def values(several: Sequence[Weights], seen: Floats, which: NDArray[np.integer]) -> Floats:
    """
    Log-odds by some weights of one centre and spread.

    Args:
        several: The weights.
        seen: Features, float32 [rows × features].
        which: Number of the weights for each row.

    Returns:
        float32 [rows].
    """
    mean, slopes = several[0].mean, np.stack([weights.slope / weights.spread for weights in several], axis=1)
    shift = np.array([weights.intercept for weights in several], np.float32)

    def work(some: slice) -> Floats:
        own = which[some]
        every: Floats = (seen[some] - mean) @ slopes + shift
        return np.asarray(every[np.arange(len(own)), own])

    return np.concatenate([np.zeros(0, np.float32), *each(work, slices(0, len(seen)))])


def thinned(bought: Floats) -> tuple[NDArray[np.intp], Floats]:
    """All rows that were bought and every so-manieth of the others, with weights that make up for it."""
    step = max(1, len(bought) // MOST_ROWS)
    rest = np.flatnonzero(bought == 0)[::step]
    pick = np.sort(np.concatenate([np.flatnonzero(bought > 0), rest]))
    return pick, np.where(bought[pick] > 0, 1, step).astype(np.float32)
