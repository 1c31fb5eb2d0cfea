"""The closed form against regressions solved one by one."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from xsell.errors import XsellError
from xsell.models import closed_form

Dense = NDArray[np.float64]


def positive(n: int, seed: int, strength: float = 1.0) -> Dense:
    """A symmetric positive definite matrix."""
    rows = np.random.default_rng(seed).normal(size=(2 * n, n))
    return rows.T @ rows + strength * np.eye(n)


def one_by_one(A: Dense, C: Dense, of: NDArray[np.int32], targets: NDArray[np.int32], blocks: NDArray[np.int32]) -> Dense:
    """Solve for every target the normal equations of the regressors outside its block."""
    block = np.full(len(A), -1)
    block[: len(of)][of >= 0] = blocks[of[of >= 0]]
    B = np.zeros(C.shape)
    for place, target in enumerate(targets):
        stay = np.flatnonzero(block != blocks[target])
        B[stay, place] = np.linalg.solve(A[np.ix_(stay, stay)], C[stay, place])
    return B


@st.composite
def regressions(draw: st.DrawFn) -> tuple[Dense, Dense, NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]:
    """Sums of some regression: regressors that belong to items or to none, several to one item, and items that are no regressors."""
    items = draw(st.integers(1, 7))
    of = np.array(draw(st.lists(st.integers(-1, items - 1), min_size=1, max_size=12)), np.int32)
    targets = np.array(sorted(draw(st.sets(st.integers(0, items - 1), min_size=1))), np.int32)
    blocks = np.array(draw(st.lists(st.integers(0, 4), min_size=items, max_size=items)), np.int32)
    n, seed = len(of) + draw(st.integers(1, 2)), draw(st.integers(0, 99))
    return positive(n, seed), np.random.default_rng(seed).normal(size=(n, len(targets))), of, targets, blocks


@given(regressions())
def test_leaving_a_block_out_is_solving_without_it(
    case: tuple[Dense, Dense, NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]],
) -> None:
    """The weights are those of regressions solved without the regressors of the target's block, whose own weights are exactly 0."""
    A, C, of, targets, blocks = case
    P = closed_form.inverse(A.astype(np.float32))
    T = np.ascontiguousarray((P @ C).astype(np.float32).T)
    known = np.full(len(targets), -1), of, targets, blocks
    B = closed_form.weights(P, T, *known)
    assert np.array_equal(T, (P @ C).astype(np.float32).T)
    assert np.array_equal(B, closed_form.weights(P, T, *known, spare=False))
    wanted = one_by_one(A, C, of, targets, blocks)
    assert np.abs(B - wanted).max() <= 2e-3 * max(np.abs(wanted).max(), 1)
    assert not B[wanted == 0].any()


def test_four_by_four_by_hand() -> None:
    """With A = 2I + ones, leaving a regressor out of two others' equal sums gives what paper and pencil give."""
    A = np.full((3, 3), 1.0) + 2 * np.eye(3)
    P = closed_form.inverse(A.astype(np.float32))
    assert np.allclose(P, np.eye(3) / 2 - 0.1, atol=1e-6)
    T = (P @ (A - 2 * np.eye(3))).astype(np.float32).T
    items = np.arange(3, dtype=np.int32)
    for others, place in ((T, np.full(3, -1)), (T[:0], np.arange(3)), (T[1:2], np.array([0, -1, 2]))):
        B = closed_form.weights(P, others, place, items, items, items)
        assert np.allclose(B, (1 - np.eye(3)) / 4, atol=1e-6)
        pair = closed_form.weights(P, others, place, items, items, np.array([0, 0, 1], np.int32))
        assert np.allclose(pair, [[0, 0, 0.25], [0, 0, 0.25], [1 / 3, 1 / 3, 0]], atol=1e-6)


@pytest.mark.parametrize("panel", [1, 3, 1024])
def test_panels_change_nothing(monkeypatch: pytest.MonkeyPatch, panel: int) -> None:
    """The size of the panels in which matrices are walked through changes neither the inverse nor the weights."""
    A = positive(11, 5).astype(np.float32)
    items = np.arange(11, dtype=np.int32)
    monkeypatch.setattr(closed_form, "PANEL", panel)
    monkeypatch.setattr(closed_form, "TILE", panel)
    P = closed_form.inverse(A)
    assert np.allclose(P, np.linalg.inv(A.astype(np.float64)), atol=1e-5)
    assert np.array_equal(P, P.T)
    for targets, blocks in product((items, items[[1, 4, 9]]), (items, items // 2, items // 8)):
        C = np.ones((11, len(targets)), np.float32)
        B = closed_form.weights(P, (P @ C).T, np.full(len(targets), -1), items, targets, blocks)
        assert np.allclose(B, one_by_one(A.astype(np.float64), C.astype(np.float64), items, targets, blocks), atol=1e-4)
        own = closed_form.weights(P, P[:0], targets.astype(np.int64), items, targets, blocks)
        sums = A[:, targets].astype(np.float64)
        assert np.allclose(own, one_by_one(A.astype(np.float64), sums, items, targets, blocks), atol=1e-4)


@pytest.mark.parametrize("penalty", [0.0, 2.0, np.arange(5, dtype=np.float32)])
def test_the_matrix_given_is_not_touched(penalty: float | NDArray[np.float32]) -> None:
    """Inverting with a penalty is inverting the sum, and leaves the matrix as it was: others may be inverting it at the same time."""
    A = positive(5, 1).astype(np.float32)
    before = A.copy()
    A.setflags(write=False)
    assert np.allclose(closed_form.inverse(A, penalty), np.linalg.inv(before + np.diag(np.broadcast_to(penalty, 5))), rtol=1e-3, atol=1e-5)
    assert np.array_equal(A, before)


@pytest.mark.parametrize("penalty", [0.0, 2.0])
@pytest.mark.parametrize(
    "A",
    [positive(2500, 3), np.array([[1.0, 1.0 - 2**-24], [1.0 - 2**-24, 1.0]]), np.array([[5_000_001, 5_000_001], [5_000_001, 5_000_002]])],
    ids=["float32 does", "float32 cannot factor it", "float32 is not accurate"],
)
def test_an_inverse_in_place_is_the_same(A: Dense, penalty: float) -> None:
    """Where the matrix need not be spared, the bits of its inverse are the same, and its memory is used where single precision does."""
    matrix = A.astype(np.float32)
    wanted = closed_form.inverse(matrix, penalty)
    found = closed_form.inverse(matrix, penalty, spare=False)
    assert np.array_equal(found, wanted)
    assert np.shares_memory(found, matrix) or len(A) == 2
    assert np.array_equal(found, found.T)


def test_where_float32_is_not_enough_float64_is() -> None:
    """A matrix that float32 cannot factor, though it is positive definite, is inverted to the accuracy that its numbers allow."""
    A = np.array([[1.0, 1.0 - 2**-24], [1.0 - 2**-24, 1.0]], np.float32)
    wanted = np.linalg.inv(A.astype(np.float64))
    assert np.allclose(closed_form.inverse(A), wanted, rtol=1e-5)


def test_a_bad_float32_inverse_is_noticed() -> None:
    """An inverse whose product with the matrix is far from the identity is thrown away for one in float64."""
    many = 5_000_001
    P = closed_form.inverse(np.array([[many, many], [many, many + 1]], np.float32))
    assert np.allclose(P, [[1 + 1 / many, -1], [-1, 1]], rtol=1e-6)


@pytest.mark.parametrize(
    "A",
    [
        np.ones((2, 2)),
        np.zeros((3, 3)),
        -np.eye(2),
        np.array([[1, np.nan], [np.nan, 1]]),
        np.array([[np.nan]]),
    ],
    ids=["equal columns", "nothing", "negative", "NaN", "only NaN"],
)
def test_no_unique_answer_is_said(A: Dense) -> None:
    """A singular, indefinite or damaged matrix gives a sentence that names the option to change, never numbers."""
    with pytest.raises(XsellError, match="no unique answer") as caught:
        closed_form.inverse(A.astype(np.float32))
    assert "--lambda" in caught.value.hint


@given(st.integers(2, 12), st.integers(0, 50))
def test_equal_columns_without_a_penalty_are_said(n: int, seed: int) -> None:
    """Sums of a table in which two columns are equal, without a penalty, are never inverted into noise."""
    dice = np.random.default_rng(seed)
    rows = (dice.random((3 * n, n)) < 0.4).astype(np.float32)
    rows[:, n - 1] = rows[:, 0]
    with pytest.raises(XsellError, match="no unique answer"):
        closed_form.inverse(rows.T @ rows)


@pytest.mark.parametrize("many", [1, 6, 7, 22, 23, 37])
def test_one_equal_pair_among_many_is_said(many: int) -> None:
    """Two equal columns are found wherever they stand among many others."""
    A = np.diag(np.arange(2, 122)).astype(np.float32)
    A[50:53:2, 50:53:2] = many
    with pytest.raises(XsellError, match="no unique answer"):
        closed_form.inverse(A)


@pytest.mark.parametrize("targets", [1, 255, 256, 600])
def test_a_product_in_panels_is_the_plain_one(targets: int) -> None:
    """Weights laid out in panels give sparse rows the bits of a plain product, whether or not targets fill the last panel."""
    dice = np.random.default_rng(targets)
    B = dice.normal(size=(40, targets)).astype(np.float32)
    rows = sp.random_array((9, 40), density=0.2, rng=dice, dtype=np.float32, format="csr")
    laid = closed_form.panels(B)
    assert np.array_equal(closed_form.product(rows, laid, targets), rows @ B)
    assert laid.nbytes == 4 * 40 * closed_form.TILE * len(laid)
