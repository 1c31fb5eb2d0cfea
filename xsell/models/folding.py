"""
Vectors of customers from what they have, and their products with the vectors of items.

Nobody's bits depend on who else is asked about: customers are put beside others in blocks of one shape, and solved with rows of their own length only.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Floats, Ints

Real = NDArray[np.float64]
Float = NDArray[np.floating]
Penalty = Callable[[NDArray[np.integer]], Real]
"""Number of entries of some rows in, weight of the squared length of their vectors out."""

TILE = 128
"""Rows of a block; BLAS takes another way through smaller ones, and a multiple of its own step makes the way the same for every row."""
CELLS = 1 << 20
LEAST_SINGLE = 0.01
"""Least α for which single precision is enough, and steps of conjugate gradients are few."""
REST = np.float32(1e-7)
"""Length of what is left of a right-hand side, of its own, from which on rounding hides it."""
TINY = np.float32(1e-30)
MOST_STEPS = 200
"""Twice the steps that the largest condition asks for."""
LADDER = np.unique(np.r_[0:17, 20:65:4, np.ceil(64 * 1.15 ** np.arange(110)).astype(np.int64)])
"""Lengths to which rows are filled up."""
FLIGHT = np.unique(np.r_[0:9, np.ceil(8 * 1.35 ** np.arange(60)).astype(np.int64)])
"""The same where the work grows with the length and no faster: fewer and larger pieces of it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """
    Items that some customers are asked about.

    Attributes:
        who: Rows of the customers, ascending.
        first: Where the items of each begin.
        count: How many they are.
        item: The items, and a last one whose vector is zero.
    """

    who: NDArray[np.integer]
    first: NDArray[np.intp]
    count: NDArray[np.intp]
    item: NDArray[np.integer]


class Product:
    """
    Products with the vectors of all items, in single precision.

    Attributes:
        across: Vectors of the items, float32 [factors × items], laid out as BLAS reads them fastest.
    """

    def __init__(self, items: NDArray[np.floating]) -> None:
        self.across = np.ascontiguousarray(items.T, np.float32)

    def of(self, vectors: NDArray[np.floating]) -> Floats:
        """
        Multiply.

        Args:
            vectors: [customers × factors].

        Returns:
            float32 [customers × items].
        """
        found = np.empty((len(vectors), self.across.shape[1]), np.float32)
        whole = len(vectors) - len(vectors) % TILE
        single = vectors.astype(np.float32, copy=False)
        for start in range(0, whole, TILE):
            np.matmul(single[start : start + TILE], self.across, out=found[start : start + TILE])
        if whole < len(vectors):
            last = np.zeros((TILE, len(self.across)), np.float32)
            last[: len(vectors) - whole] = single[whole:]
            found[whole:] = (last @ self.across)[: len(vectors) - whole]
        return found


class Folding:
    """
    The least-squares vectors `(V_uᵀV_u + αVᵀV + p_u)⁻¹ V_uᵀy_u` of customers u who have y_u of the items of the rows V_u.

    Worked out, and given, along the axes of `VᵀV`, where `D_u = αVᵀV + p_u` is diagonal. By the matrix inversion lemma they are
    `D⁻¹V_uᵀ (1 + V_u D⁻¹ V_uᵀ)⁻¹ y_u`: systems whose condition is at most `1 + 1/α`, so that a few steps of conjugate gradients solve them.

    Attributes:
        axes: The axes, [factors × factors]; with α = 0 those that there are.
        stretch: `αVᵀV` along them.
        items: The vectors of the items along them, and a last one of zeros, [items + 1 × factors].
    """

    def __init__(self, items: Floats, alpha: float) -> None:
        vectors = items.astype(np.float64)
        squares: Real
        axes: Real
        squares, axes = np.linalg.eigh(vectors.T @ vectors) if alpha else (np.zeros(vectors.shape[1]), np.eye(vectors.shape[1]))
        self.axes = axes
        self.stretch = alpha * np.maximum(squares, 0)
        turned = np.concatenate([vectors @ axes, np.zeros((1, len(squares)))])
        self.items: Float = turned.astype(np.float32 if alpha >= LEAST_SINGLE else np.float64)

    def vectors(self, known: sp.csr_array, penalty: Penalty) -> Float:
        """
        Solve for all rows, with the last bits of single precision left open unless α is next to nothing.

        Args:
            known: Customers × items with `y`, which may be 0.
            penalty: `p` of rows with some numbers of entries, [rows] or [rows × factors] with α = 0; more than nothing.

        Returns:
            Along the axes, [customers × factors]; zeros for those who have nothing.
        """
        size, factors, steps = np.diff(known.indptr), len(self.stretch), self.items.dtype == np.float32
        lengths = FLIGHT if steps else LADDER
        length = lengths[np.searchsorted(lengths, size)]
        indices, wanted = np.append(known.indices, len(self.items) - 1), np.append(known.data, 0).astype(self.items.dtype)
        found = np.zeros((len(size), factors), self.items.dtype)
        for wide in np.unique(length[length > 0]).tolist():
            solve = _stepwise if steps else _lemma if wide <= factors else _normal
            alike = np.flatnonzero(length == wide)
            step = max(1, CELLS // (factors * max(wide, factors if solve is _normal else 0)))
            for start in range(0, len(alike), step):
                rows = alike[start : start + step]
                at = np.where(np.arange(wide) < size[rows, None], known.indptr[rows, None] + np.arange(wide), known.nnz)
                own = np.take(self.items, indices[at], axis=0, mode="clip")
                found[rows] = solve(own, wanted[at], self._diagonal(size[rows], penalty))
        return found

    def _diagonal(self, size: NDArray[np.integer], penalty: Penalty) -> Float:
        return np.asarray((self.stretch + penalty(size).reshape(len(size), -1)).astype(self.items.dtype))

    def shares(self, known: sp.csr_array, row: Ints, owned: Ints, target: Ints, penalty: Penalty) -> Float:
        """
        `v_targetᵀ (normal matrix)⁻¹ v_owned`: what an entry of 1 adds to the product of a customer's vector and an item's (Hu et al. 2008, §5).

        Args:
            known: Customers × items.
            row: The customer, int32 [m].
            owned: An item that the customer has, int32 [m].
            target: The item whose product is shared out, int32 [m].
            penalty: As for `vectors`.
        """
        width = len(self.items)
        key = row.astype(np.int64) * width + target
        start = np.flatnonzero(np.diff(key, prepend=-1))
        long = np.diff(start, append=len(key))
        offers, back = np.unique(key[start], return_inverse=True)
        who, first, count = np.unique(offers // width, return_index=True, return_counts=True)
        asked = np.append(offers % width, width - 1)
        table, begin, deep = self._tables(known, _Asked(who, first, count, asked), penalty)
        customer = np.searchsorted(who, row[start])
        place = _places(known, row, owned, np.arange(len(key)) - np.repeat(start, long))
        return np.asarray(table[np.repeat(begin[customer] + back - first[customer], long) + place * np.repeat(deep[customer], long)])

    def _tables(self, known: sp.csr_array, asked: _Asked, penalty: Penalty) -> tuple[Float, NDArray[np.int64], NDArray[np.int64]]:
        """
        Shares of all that customers have in all that is asked, customers of like length together.

        Returns:
            The tables one after the other, items of the customer × items asked about, filled up; where each customer's begins; how wide it is.
        """
        size, factors = np.diff(known.indptr)[asked.who], len(self.stretch)
        long, deep = (LADDER[np.searchsorted(LADDER, number)] for number in (size, asked.count))
        order = np.lexsort((deep, long))
        cells = (long * deep)[order]
        begin = np.empty_like(cells)
        begin[order] = np.cumsum(cells) - cells
        indices, found = np.append(known.indices, len(self.items) - 1), [np.zeros(0, self.items.dtype)]
        for alike in np.split(order, np.flatnonzero(np.diff(long[order]) | np.diff(deep[order])) + 1):
            wide, most = (int(number[alike].max(initial=1)) for number in (long, deep))
            step = max(1, CELLS // (factors * max(wide, most, factors if wide > factors else 0)))
            for start in range(0, len(alike), step):
                some = alike[start : start + step]
                at = np.where(np.arange(wide) < size[some, None], known.indptr[asked.who[some], None] + np.arange(wide), known.nnz)
                of = np.where(np.arange(most) < asked.count[some, None], asked.first[some, None] + np.arange(most), len(asked.item) - 1)
                shares = _lemma_shares if wide <= factors else _normal_shares
                found.append(shares(self.items[indices[at]], self.items[asked.item[of]], self._diagonal(size[some], penalty)).ravel())
        return np.concatenate(found), begin, deep


def _places(known: sp.csr_array, row: Ints, owned: Ints, guess: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where items stand among what their owners have; a guess that is right need not be looked up."""
    entry = known.indptr[row] + guess
    wrong = np.flatnonzero((entry >= known.indptr[row + 1]) | (known.indices[np.minimum(entry, known.nnz - 1)] != owned))
    if len(wrong):
        width = known.shape[1]
        every = np.repeat(np.arange(known.shape[0]) * width, np.diff(known.indptr)) + known.indices
        guess[wrong] = np.searchsorted(every, row[wrong].astype(np.int64) * width + owned[wrong]) - known.indptr[row[wrong]]
    return guess


def _stepwise(own: Float, wanted: Float, diagonal: Float) -> Float:
    """
    Vectors of rows by conjugate gradients on systems as large as their number of entries, [rows × factors].

    A row whose rest is next to nothing stays as it is, however many steps others take.
    """
    weights, rest, way = np.zeros_like(wanted), wanted.copy(), wanted.copy()
    soft, square = 1 / diagonal, np.vecdot(wanted, wanted)
    end = square * REST**2
    for _ in range(MOST_STEPS):
        if not (open_ := square > end).any():
            break
        pull = np.matvec(own, soft * np.vecmat(way, own))
        pull += way
        length = np.where(open_, square / np.maximum(np.vecdot(way, pull), TINY), np.float32(0))[:, None]
        weights += length * way
        pull *= length
        rest -= pull
        before, square = square, np.vecdot(rest, rest)
        way *= (square / np.maximum(before, TINY))[:, None]
        way += rest
    return np.asarray(soft * np.vecmat(weights, own))


def _lemma(own: Float, wanted: Float, diagonal: Float) -> Float:
    """Vectors of rows by systems as large as their number of entries, [rows × factors]."""
    soft = 1 / np.sqrt(diagonal)
    own *= soft[:, None]
    inner = own @ own.transpose(0, 2, 1)
    place = np.arange(inner.shape[1])
    inner[:, place, place] += 1
    weights = np.linalg.solve(inner, wanted[:, :, None])[:, :, 0]
    return np.asarray(np.vecmat(weights, own) * soft)


def _normal(own: Float, wanted: Float, diagonal: Float) -> Float:
    """Vectors of rows by systems as large as the number of factors, [rows × factors]."""
    return np.asarray(np.linalg.solve(_squares(own, diagonal), np.vecmat(wanted, own)[:, :, None])[:, :, 0])


def _lemma_shares(own: Float, asked: Float, diagonal: Float) -> Float:
    """Shares of what customers have in what is asked by systems as large as what they have, [rows × entries × asked]."""
    soft = 1 / np.sqrt(diagonal)[:, None]
    own *= soft
    asked *= soft
    inner = own @ own.transpose(0, 2, 1)
    place = np.arange(inner.shape[1])
    inner[:, place, place] += 1
    return np.asarray(np.linalg.solve(inner, own @ asked.transpose(0, 2, 1)))


def _normal_shares(own: Float, asked: Float, diagonal: Float) -> Float:
    """The same by systems as large as the number of factors."""
    return np.asarray(own @ np.linalg.solve(_squares(own, diagonal), asked.transpose(0, 2, 1)))


def _squares(own: Float, diagonal: Float) -> Float:
    """Normal matrices, [rows × factors × factors]."""
    left = own.transpose(0, 2, 1) @ own
    place = np.arange(left.shape[1])
    left[:, place, place] += diagonal
    return left
