"""Half sweeps against the normal equations of every row."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from xsell.models import sweep as module
from xsell.models.sweep import Side, batches, improve


def known(seed: int, rows: int = 31, columns: int = 17, share: float = 0.3) -> sp.csr_array:
    """A binary matrix with rows of ascending length, some without entries, and one that is full."""
    cells = np.random.default_rng(seed).random((rows, columns)) < share
    cells[3], cells[5] = False, True
    return sp.csr_array(cells[np.argsort(cells.sum(axis=1), kind="stable")].astype(np.float32))


def sides(matrix: sp.csr_array, factors: int, seed: int = 0) -> tuple[Side, Side]:
    """Rows with vectors of zeros, columns with vectors at random."""
    rows, columns = Side.of(matrix, factors), Side.of(sp.csr_array((matrix.shape[1], matrix.shape[0])), factors)
    columns.vectors[:-1] = np.random.default_rng(seed).normal(size=(matrix.shape[1], factors))
    columns.size[:] = np.asarray(matrix.sum(axis=0))
    return rows, columns


def excess(matrix: sp.csr_array, one: Side, other: Side, alpha: float, penalty: NDArray[np.float32]) -> float:
    """Largest distance of a row's vector from its least-squares solution, beside the length of the solutions."""
    V = other.vectors[:-1].astype(np.float64)
    far, long = 0.0, 1e-12
    for values, vector, weight in zip(matrix.toarray(), one.vectors[:-1], penalty, strict=True):
        own = V[values > 0]
        best = np.linalg.solve(own.T @ own + alpha * V.T @ V + weight * np.eye(V.shape[1]), own.sum(axis=0))
        far, long = max(far, float(np.abs(best - vector).max())), max(long, float(np.abs(best).max()))
    return far / long


def each_in_turn(work: module.Spread, items: list[list[module.Batch]]) -> None:
    """Work on pieces one by one."""
    for item in items:
        work(item)


@given(st.integers(0, 10_000), st.integers(1, 40), st.sampled_from([1, 50, 400, module.CELLS]))
def test_every_entry_is_in_one_batch(seed: int, factors: int, cells: int) -> None:
    """Batches hold all rows that have entries once, with their columns, and fill up with the column of zeros."""
    matrix = known(seed, 12, 9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", cells)
        groups = batches(matrix, factors)
    rows = np.concatenate([np.arange(batch.rows.start, batch.rows.stop) for batch in groups])
    assert rows.tolist() == np.flatnonzero(np.diff(matrix.indptr)).tolist()
    for batch in groups:
        for row, columns in zip(range(batch.rows.start, batch.rows.stop), batch.columns, strict=True):
            real = columns[columns < matrix.shape[1]]
            assert real.tolist() == matrix.indices[matrix.indptr[row] : matrix.indptr[row + 1]].tolist()
            assert (columns[len(real) :] == matrix.shape[1]).all()


@pytest.mark.parametrize("factors", [1, 4, 16])
@pytest.mark.parametrize("alpha", [0.1, 0.4, 3.0])
def test_steps_end_in_the_normal_equations(factors: int, alpha: float) -> None:
    """Again and again against the same vectors, steps come nearer to the solution of every row's normal equations, and reach it."""
    matrix = known(0)
    one, other = sides(matrix, factors)
    penalty = (0.5 + 0.05 * one.size).astype(np.float32)
    far = []
    for _ in range(40):
        improve(one, other, alpha, penalty, each_in_turn)
        far.append(excess(matrix, one, other, alpha, penalty))
    assert far[-1] < 1e-4
    assert all(after < before + 1e-4 for before, after in pairwise(far[::5]))


@pytest.mark.parametrize("fixed", [0, 1])
def test_what_is_fixed_stays_and_what_is_wanted_is_reached(fixed: int) -> None:
    """With values, also some of 0, and one number of every vector fixed, steps reach the answer of the other numbers, whatever their penalties."""
    matrix, dice = known(0), np.random.default_rng(3)
    other = sides(matrix, 5)[1]
    matrix.data = dice.integers(-2, 3, matrix.nnz).astype(np.float32)
    one = Side.of(matrix, 5, valued=True)
    one.vectors[:-1, fixed] = 1
    free = [k for k in range(5) if k != fixed]
    penalty = np.insert(0.1 + 0.05 * np.outer(one.size, [9.0, 1.0, 1.0, 1.0]), fixed, 0, axis=1).astype(np.float32)
    for _ in range(150):
        improve(one, other, 0.0, penalty, each_in_turn, fixed)
    V = other.vectors[:-1].astype(np.float64)
    assert (one.vectors[:-1, fixed] == 1).all()
    for row in np.flatnonzero(one.size):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        own, wanted = V[matrix.indices[part]], matrix.data[part]
        left = own[:, free].T @ own[:, free] + np.diag(penalty[row, free])
        assert np.allclose(one.vectors[row, free], np.linalg.solve(left, own[:, free].T @ (wanted - own[:, fixed])), atol=2e-3)


def test_the_answer_may_be_exact_already() -> None:
    """A row that is where it should be stays there: nothing is divided by a slope of zero."""
    matrix = sp.csr_array(np.eye(4, dtype=np.float32))
    one, other = sides(matrix, 1)
    other.vectors[:-1] = 1
    penalty = np.ones(4, np.float32)
    for _ in range(3):
        improve(one, other, 0.0, penalty, each_in_turn)
        assert np.allclose(one.vectors[:-1], 0.5)


def test_columns_without_vectors() -> None:
    """Against vectors of zeros all rows are zero, whatever the penalty."""
    matrix = known(1)
    one, other = sides(matrix, 3)
    other.vectors[:] = 0
    improve(one, other, 0.3, np.zeros(len(one.size), np.float32), each_in_turn)
    assert not one.vectors.any()


def test_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """However the work is cut, rows get the same vectors but for rounding, and with the same cut the same bits."""
    found = []
    for cells in (1, 60, module.CELLS, module.CELLS):
        monkeypatch.setattr(module, "CELLS", cells)
        one, other = sides(known(2), 5)
        improve(one, other, 0.3, np.ones(len(one.size), np.float32), each_in_turn)
        found.append(one.vectors)
    assert all(np.allclose(found[0], vectors, atol=1e-5) for vectors in found)
    assert np.array_equal(found[2], found[3])


def test_small_work_is_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are cut into pieces only where each has as much work as one call gathers."""
    table = module.Table(known(2), 5)
    assert table.small
    assert [side.pieces for side in table.sides()] == [1, 1]
    monkeypatch.setattr(module, "CELLS", 1)
    assert not table.small
    assert all(1 < side.pieces <= module.PIECES for side in table.sides())
