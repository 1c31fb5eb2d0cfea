"""Sums of products of columns over many rows, all of them: half sparse, by additions of whole rows, or by BLAS where rows are full."""

import numpy as np
import scipy.sparse as sp

from xsell.data.training import Floats
from xsell.parallel import each

CHUNK_CELLS = 50_000_000
TILE = 512
SCATTERED = 28
"""Additions in a row that take as long as one at a scattered place."""
FULL = 1 / 16
"""Share of filled cells above which a product of full matrices is faster than the additions that are needed."""


def ranges(width: int, step: int) -> list[slice]:
    """Parts of a range, of one length but for the last."""
    return [slice(start, min(start + step, width)) for start in range(0, width, step)]


def scattered(left: sp.csr_array, right: sp.csr_array) -> bool:
    """Whether so few columns meet that adding up what is not zero, at scattered places, is faster than adding up everything."""
    met = float(np.diff(left.indptr).astype(np.float64) @ np.diff(right.indptr))
    return SCATTERED * met < right.nnz * left.shape[1] / (2 if left is right else 1)


def gram(matrix: sp.csr_array) -> Floats:
    """Give `ZᵀZ`, float32 [columns × columns]: one half of the sums is made, the other is its mirror."""
    total = np.zeros((matrix.shape[1], matrix.shape[1]), np.float32)
    add_gram(total, matrix)
    return total


def add_gram(total: Floats, matrix: sp.csr_array) -> None:
    """Add `ZᵀZ` to a matrix, which is float32 [columns × columns]."""
    if scattered(matrix, matrix):
        found = sp.coo_array(matrix.T @ matrix)
        total[found.row, found.col] += found.data
        return
    tiles = ranges(len(total), TILE)
    for rows in ranges(matrix.shape[0], max(1, CHUNK_CELLS // max(len(total), 1))):
        some = matrix[rows]
        right, left = _tiles(some, tiles), sp.csr_array(some.T)
        full = _full(some)

        def add(row: int, right: list[Floats] = right, left: sp.csr_array = left, full: bool = full) -> None:
            factor = right[row].T if full else left[tiles[row]]
            for column in range(row, len(tiles)):
                more = factor @ right[column]
                if column > row:
                    total[tiles[column], tiles[row]] += more.T
                elif full:
                    more = np.triu(more) + np.triu(more, 1).T
                total[tiles[row], tiles[column]] += more

        each(add, range(len(tiles)))


def product(left: sp.csr_array, right: sp.csr_array) -> Floats:
    """
    Give `LᵀR`.

    Args:
        left: float32 CSR [rows × n].
        right: float32 CSR [rows × m].

    Returns:
        float32 [n × m], laid out by columns.
    """
    if scattered(left, right):
        return np.asarray((right.T @ left).todense(), np.float32).T
    total = np.zeros((right.shape[1], left.shape[1]), np.float32)
    for rows in ranges(left.shape[0], max(1, CHUNK_CELLS // max(left.shape[1], 1))):
        some = right[rows]
        factor = some.toarray().T if _full(some) else sp.csr_array(some.T)
        beside = left[rows]

        def add(tile: slice, factor: sp.csr_array | Floats = factor, beside: sp.csr_array = beside) -> None:
            total[:, tile] += factor @ beside[:, tile].toarray()

        each(add, ranges(left.shape[1], TILE))
    return total.T


def add_through(total: Floats, P: Floats, left: sp.csr_array, right: sp.csr_array) -> None:
    """
    Add `RᵀLP` to a matrix by additions of whole rows: less than what `LᵀR` times `P` takes where few cells are filled.

    Args:
        total: float32 [m × k].
        P: float32 [n × k].
        left: float32 CSR [rows × n].
        right: float32 CSR [rows × m].
    """
    for rows in ranges(left.shape[0], CHUNK_CELLS // TILE):
        some, across = left[rows], sp.csr_array(right[rows].T)

        def add(tile: slice, some: sp.csr_array = some, across: sp.csr_array = across) -> None:
            total[:, tile] += across @ (some @ np.ascontiguousarray(P[:, tile]))

        each(add, ranges(P.shape[1], TILE))


def _tiles(matrix: sp.csr_array, tiles: list[slice]) -> list[Floats]:
    return each(lambda tile: matrix[:, tile].toarray(), tiles)


def _full(matrix: sp.csr_array) -> bool:
    return bool(matrix.nnz > FULL * matrix.shape[0] * matrix.shape[1])
