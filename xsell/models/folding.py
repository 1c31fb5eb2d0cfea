"""
Vectors of customers from what they have, and their products with the vectors of items.

Nobody's bits depend on who else is asked about: customers are put beside others in blocks of one shape, and solved with rows of their own length only.
"""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Floats

Real = NDArray[np.float64]
Float = NDArray[np.floating]
Penalty = Callable[[NDArray[np.integer]], Real]
"""Number of entries of some rows in, weight of the squared length of their vectors out."""

TILE = 128
"""Rows of a block; BLAS takes another way through smaller ones, and a multiple of its own step makes the way the same for every row."""
CELLS = 1 << 18
LEAST_SINGLE = 0.01
"""Least α for which single precision is enough."""
LADDER = np.unique(np.r_[0:17, 20:65:4, np.ceil(64 * 1.15 ** np.arange(110)).astype(np.int64)])
"""Lengths to which rows are filled up."""


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
    The least-squares vectors `(V_uᵀV_u + αVᵀV + p_u)⁻¹ V_uᵀ1` of customers u who have the items of the rows V_u.

    Worked out along the axes of `VᵀV`, where `D_u = αVᵀV + p_u` is diagonal. For fewer entries than factors by the matrix inversion lemma,
    `D⁻¹V_uᵀ (1 + V_u D⁻¹ V_uᵀ)⁻¹ 1`: systems as small as the number of entries, whose condition is at most `1 + 1/α`.

    Attributes:
        axes: The axes, [factors × factors].
        stretch: `αVᵀV` along them.
        items: The vectors of the items along them, and a last one of zeros, [items + 1 × factors].
    """

    def __init__(self, items: Floats, alpha: float) -> None:
        vectors = items.astype(np.float64)
        squares, self.axes = np.linalg.eigh(vectors.T @ vectors)
        self.stretch = alpha * np.maximum(squares, 0)
        turned = np.concatenate([vectors @ self.axes, np.zeros((1, len(squares)))])
        self.items = turned.astype(np.float32 if alpha >= LEAST_SINGLE else np.float64)

    def vectors(self, known: sp.csr_array, penalty: Penalty) -> Real:
        """
        Solve for all rows.

        Args:
            known: Customers × items.
            penalty: `p` of rows with some numbers of entries; more than nothing.

        Returns:
            float64 [customers × factors]; zeros for those who have nothing.
        """
        size, factors = np.diff(known.indptr), len(self.stretch)
        length = LADDER[np.searchsorted(LADDER, size)]
        indices = np.append(known.indices, len(self.items) - 1)
        found = np.zeros((len(size), factors))
        for wide in np.unique(length[length > 0]).tolist():
            alike = np.flatnonzero(length == wide)
            step = max(1, CELLS // (factors * max(wide, factors if wide > factors else 0)))
            for start in range(0, len(alike), step):
                rows = alike[start : start + step]
                at = np.where(np.arange(wide) < size[rows, None], known.indptr[rows, None] + np.arange(wide), known.nnz)
                diagonal = (self.stretch + penalty(size[rows])[:, None]).astype(self.items.dtype)
                found[rows] = (_lemma if wide <= factors else _normal)(self.items[indices[at]], diagonal)
        return np.asarray(np.vecmat(found, self.axes.T))


def _lemma(own: Float, diagonal: Float) -> Float:
    """Vectors of rows by systems as large as their number of entries, [rows × factors]."""
    soft = 1 / np.sqrt(diagonal)
    own *= soft[:, None]
    inner = own @ own.transpose(0, 2, 1)
    place = np.arange(inner.shape[1])
    inner[:, place, place] += 1
    weights = np.linalg.solve(inner, np.ones((*own.shape[:2], 1), own.dtype))[:, :, 0]
    return np.asarray(np.vecmat(weights, own) * soft)


def _normal(own: Float, diagonal: Float) -> Float:
    """Vectors of rows by systems as large as the number of factors, [rows × factors]."""
    left = own.transpose(0, 2, 1) @ own
    place = np.arange(left.shape[1])
    left[:, place, place] += diagonal
    return np.asarray(np.linalg.solve(left, own.sum(axis=1)[:, :, None])[:, :, 0])
