"""Sums over rows against the plain products."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import worlds
from xsell import parallel
from xsell.models import gram

WAYS = {
    "scattered": {"SCATTERED": 0},
    "half sparse": {"SCATTERED": 1e9, "FULL": 2.0},
    "full": {"SCATTERED": 1e9, "FULL": -1.0},
    "as it comes": {},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("share", [0.0, 0.003, 0.2])
@pytest.mark.parametrize("threads", [1, 2])
def test_sums_are_the_same_in_every_way(way: str, share: float, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scattered, half sparse or full, in small tiles and chunks, with any threads: the sums are those of NumPy, and symmetric to the bit."""
    for name, value in ({"TILE": 4, "CHUNK_CELLS": 900} | WAYS[way]).items():
        monkeypatch.setattr(gram, name, value)
    dice = np.random.default_rng(1)
    left = worlds.sparse(dice.random((700, 9)) * (dice.random((700, 9)) < share))
    right = worlds.sparse(dice.random((700, 5)) < 0.3)
    with parallel.limit(threads):
        across, own = gram.product(left, right), gram.gram(left)
        gram.add_gram(own, left[:300])
    assert across.dtype == own.dtype == np.float32
    assert np.allclose(across, left.toarray().T @ right.toarray(), atol=1e-3)
    assert np.array_equal(own, own.T)
    assert np.allclose(own, left.toarray().T @ left.toarray() + left[:300].toarray().T @ left[:300].toarray(), atol=1e-3)


@given(st.integers(0, 12), st.integers(0, 9), st.integers(0, 9))
def test_any_shape(rows: int, n: int, m: int) -> None:
    """Matrices without rows or columns have sums too."""
    dice = np.random.default_rng(rows)
    left, right = (worlds.sparse(dice.random((rows, width)) < 0.5) for width in (n, m))
    assert np.array_equal(gram.product(left, right), left.toarray().T @ right.toarray())
    assert np.array_equal(gram.gram(left), left.toarray().T @ left.toarray())


def test_the_way_is_chosen_by_what_there_is_to_do() -> None:
    """Where hardly any columns meet sums are scattered, where many do they are not."""
    dice = np.random.default_rng(0)
    few, many = (worlds.sparse(dice.random((500, 400)) < share) for share in (0.002, 0.2))
    assert gram.scattered(few, few)
    assert not gram.scattered(many, many)


@pytest.mark.parametrize("threads", [1, 2])
def test_through_a_matrix(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A product of three matrices is that of NumPy, in small tiles and chunks."""
    monkeypatch.setattr(gram, "TILE", 4)
    monkeypatch.setattr(gram, "CHUNK_CELLS", 900)
    dice = np.random.default_rng(3)
    left, right = (worlds.sparse(dice.random((700, width)) < 0.1) for width in (9, 6))
    P = dice.normal(size=(9, 11)).astype(np.float32)
    with parallel.limit(threads):
        found = np.ones((right.shape[1], P.shape[1]), np.float32)
        gram.add_through(found, P, left, right)
        found -= 1
    assert found.dtype == np.float32
    assert np.allclose(found, right.toarray().T @ (left.toarray() @ P), atol=1e-3)
