"""
Half a sweep of alternating least squares: every row's vector improved by preconditioned conjugate gradients, many rows at a time.

Both sides are turned so that the Gram matrix of the fixed side is diagonal. That changes no product of two vectors and no length, but then the
diagonal says almost all of every row's normal matrix: two preconditioned steps end nearer to the exact solution than three plain ones, and no
matrix of factors × factors is built for any row. What remains is gathering vectors and multiplying with them, in pieces that stay in the cache.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg import eigh

from xsell.data.training import Floats

CELLS = 1_048_576
"""Numbers gathered at once, four megabytes: shorter calls hand the interpreter from thread to thread more often than they work."""
WASTE = 1.5
PIECES = 8
TINY = np.float32(1e-30)

Spread = Callable[[Callable[["Work"], None], Iterable["Work"]], object]
Work = list["Batch"]


@dataclass(frozen=True, slots=True)
class Batch:
    """
    Some rows of like length.

    Attributes:
        rows: Which.
        columns: The columns of their entries, [rows × longest]; shorter rows are filled with the number of columns, where a vector of zeros is.
        wanted: What products of vectors shall be, [rows × longest], or 1 for all.
    """

    rows: slice
    columns: NDArray[np.int32]
    wanted: Floats | int = 1


def batches(known: sp.csr_array, factors: int, *, valued: bool = False) -> list[Batch]:
    """
    Put rows together.

    Args:
        known: Matrix with rows of ascending length.
        factors: Length of the vectors that will be gathered.
        valued: Whether products of vectors shall be the numbers in the matrix, and not 1.
    """
    size, found = np.diff(known.indptr), []
    columns = known.indices.astype(np.int32, copy=False)
    start = int(np.searchsorted(size, 0, "right"))
    while start < len(size):
        stop = int(np.searchsorted(size, max(size[start] * WASTE, size[start] + 2), "right"))
        stop = min(stop, start + max(1, CELLS // (factors * int(size[stop - 1]))))
        place = np.arange(size[stop - 1])
        at = np.minimum(known.indptr[start:stop, None] + place, known.nnz - 1)
        wanted = known.data[at].astype(np.float32) if valued else 1
        found.append(Batch(slice(start, stop), np.where(place < size[start:stop, None], columns[at], np.int32(known.shape[1])), wanted))
        start = stop
    return found


@dataclass(frozen=True, slots=True)
class Side:
    """
    Customers or items, those with few entries first.

    Attributes:
        vectors: One a row and a last one of zeros, float32 [rows + 1 × factors]; changed in place.
        size: Entries of every row, float32.
        groups: All rows that have entries, each in one batch.
    """

    vectors: Floats
    size: Floats
    groups: list[Batch]

    @property
    def pieces(self) -> int:
        """In how many pieces to work: what is smaller than two calls' worth gains less from a second thread than it loses by handing over."""
        cells: int = sum(batch.columns.size for batch in self.groups) * self.vectors.shape[1]
        return min(PIECES, len(self.groups), max(cells // CELLS, 1))

    @classmethod
    def of(cls, known: sp.csr_array, factors: int, *, valued: bool = False) -> Self:
        """Side of the rows of a matrix, of ascending length, with vectors of zeros; `valued` is that of `batches`."""
        size = np.diff(known.indptr).astype(np.float32)
        return cls(np.zeros((len(size) + 1, factors), np.float32), size, batches(known, factors, valued=valued))


class Table:
    """
    A matrix put together for any number of fits with so many factors, rows and columns with few entries first.

    Args:
        known: The matrix.
        factors: Length of the vectors.
        valued: That of `batches`.

    Attributes:
        order: Which column went where.
    """

    def __init__(self, known: sp.csr_array, factors: int, *, valued: bool = False) -> None:
        rows = np.argsort(np.diff(known.indptr), kind="stable")
        self.order = np.argsort(np.bincount(known.indices, minlength=known.shape[1]), kind="stable")
        by_row = sp.csr_array(known[rows][:, self.order])
        self._sides = [Side.of(sp.csr_array(way), factors, valued=valued) for way in (by_row, by_row.T)]

    @property
    def small(self) -> bool:
        """Whether a fit has no use for a second thread."""
        return all(side.pieces < 2 for side in self._sides)

    def sides(self) -> tuple[Side, Side]:
        """The rows and the columns, with vectors of zeros."""
        rows, columns = (replace(side, vectors=np.zeros_like(side.vectors)) for side in self._sides)
        return rows, columns


def improve(one: Side, other: Side, alpha: float, penalty: Floats, spread: Spread, fixed: int | None = None) -> None:
    """
    Two steps of conjugate gradients towards the least-squares vector of every row of one side given the other's, both turned before.

    The equations of row u are `(V_uᵀV_u + D_u) x = V_uᵀy_u` with the vectors `V_u` of what it has, what is wanted of their products `y_u` and
    `D_u = αVᵀV + penalty_u`.

    Args:
        one: The side to improve.
        other: The other.
        alpha: Weight of what is not owned.
        penalty: Penalty of every row, [rows] or [rows × factors].
        spread: A map over pieces of work.
        fixed: With α = 0, a number of the vectors that stays as it is, 0 or 1; the first two are then no factors and are not turned.
    """
    _turn(one.vectors, other.vectors, 0 if fixed is None else 2)
    squares = other.vectors[:-1] ** 2
    common, own_penalty = np.float32(alpha) * squares.sum(axis=0), penalty.reshape(len(one.size), -1)
    typical = other.size @ squares / max(other.size.sum(), np.float32(1))
    factors = one.vectors.shape[1]

    def work(piece: Work) -> None:
        room = np.empty(max(batch.columns.size for batch in piece) * factors, np.float32)
        for batch in piece:
            part = room[: batch.columns.size * factors].reshape(*batch.columns.shape, factors)
            own = np.take(other.vectors, batch.columns, axis=0, out=part, mode="clip")
            x, diagonal = one.vectors[batch.rows], common + own_penalty[batch.rows]
            scale = 1 / np.maximum(diagonal + one.size[batch.rows, None] * typical, TINY)
            if fixed is not None:
                scale[:, fixed] = 0
            # Kernels of BLAS may read past the end of a row, and what they find there raises a flag though it goes into no sum.
            with np.errstate(invalid="ignore", over="ignore"):
                _two_steps(x, -diagonal * x, own, batch.wanted, diagonal, scale)

    pieces = one.pieces
    spread(work, [one.groups[i::pieces] for i in range(pieces)])


def _turn(one: Floats, other: Floats, start: int) -> None:
    """Rotate the vectors of both sides from a column on so that their Gram matrix becomes diagonal in the second; products of the sides and lengths stay."""
    ones, others = one[:, start:], other[:, start:]
    if ones.shape[1]:
        axes = eigh(others.T @ others, check_finite=False, driver="evd")[1]
        ones[:] = ones @ axes
        others[:] = others @ axes


def _two_steps(x: Floats, rest: Floats, own: Floats, wanted: Floats | int, diagonal: Floats, scale: Floats) -> None:
    """Improve `x` in place; `rest` holds the residual but for the part of the row's own vectors."""
    rest += np.vecmat(wanted - np.matvec(own, x), own)
    way = rest * scale
    slope = np.vecdot(rest, way)
    pull = np.vecmat(np.matvec(own, way), own)
    pull += diagonal * way
    length = (slope / np.maximum(np.vecdot(way, pull), TINY))[:, None]
    x += length * way
    rest -= length * pull
    after = rest * scale
    steep = np.vecdot(rest, after)
    way *= (steep / np.maximum(slope, TINY))[:, None]
    way += after
    bend = np.matvec(own, way)
    way_length = steep / np.maximum(np.vecdot(bend, bend) + np.vecdot(diagonal * way, way), TINY)
    x += way_length[:, None] * way
