"""Customers' vectors against normal equations one by one, and products whose bits depend on nobody else."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tests import worlds
from tests.models.test_als import one_by_one
from xsell.models import folding as module
from xsell.models.folding import FLIGHT, LADDER, TILE, Folding, Product

DICE = np.random.default_rng(0)


@pytest.mark.parametrize("factors", [1, 3, 16, 40])
@pytest.mark.parametrize("cells", [1, 200, module.CELLS])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
@pytest.mark.parametrize(("alpha", "off"), [(0.4, 1e-5), (0.0, 1e-9)])
def test_folding_in_is_normal_equations_row_by_row(
    monkeypatch: pytest.MonkeyPatch, factors: int, cells: int, share: float, alpha: float, off: float
) -> None:
    """Vectors of customers are those of the normal equations of each, however they are put together; those without entries are 0."""
    monkeypatch.setattr(module, "CELLS", cells)
    known = worlds.sparse(np.random.default_rng(2).random((37, 60)) < share)
    items = np.random.default_rng(1).normal(size=(60, factors)).astype(np.float32)
    wanted = one_by_one(known.toarray(), items.astype(np.float64), alpha, 0.05)
    folding = Folding(items, alpha)
    found = folding.vectors(known, lambda size: 0.05 * (size + alpha * 60))
    assert np.allclose(found @ folding.axes.T, wanted, atol=off)


@pytest.mark.parametrize("factors", [1, 6, 40])
@pytest.mark.parametrize("alpha", [0.0, 0.4])
def test_values_and_shares(factors: int, alpha: float) -> None:
    """Vectors answer the equations of any values, and what single entries add to a product adds up to the product."""
    known = worlds.sparse(np.random.default_rng(2).random((37, 60)) < 0.2)
    known.data = DICE.integers(-2, 3, known.nnz).astype(np.float32)
    items = np.random.default_rng(1).normal(size=(60, factors)).astype(np.float32)
    folding, wanted = Folding(items, alpha), np.zeros((37, factors))
    for row, (start, stop) in enumerate(pairwise(known.indptr)):
        own, V = items[known.indices[start:stop]].astype(np.float64), items.astype(np.float64)
        left = own.T @ own + alpha * V.T @ V + 0.05 * (1 + stop - start) * np.eye(factors)
        wanted[row] = np.linalg.solve(left, own.T @ known.data[start:stop])
    found = folding.vectors(known, lambda size: 0.05 * (1.0 + size))
    assert np.allclose(found @ folding.axes.T, wanted, atol=1e-4)
    row, column = np.repeat(np.arange(37), np.diff(known.indptr)).astype(np.int32), known.indices.astype(np.int32)
    share = folding.shares(known, row, column, np.full(len(row), 7, np.int32), lambda size: 0.05 * (1.0 + size))
    assert np.allclose(np.bincount(row, share * known.data, 37), wanted @ items[7], atol=1e-4)


@pytest.mark.parametrize("factors", [2, 16, 33])
def test_vectors_depend_on_nobody_else(factors: int) -> None:
    """The vector of a customer has the same bits alone, among others and in another order."""
    known = worlds.sparse(np.random.default_rng(3).random((50, 90)) < np.linspace(0, 0.9, 50)[:, None])
    folding = Folding(DICE.normal(size=(90, factors)).astype(np.float32), 0.3)
    whole = folding.vectors(known, lambda size: 0.01 * (size + 27.0))
    order = np.random.default_rng(4).permutation(50)
    assert np.array_equal(folding.vectors(known[order], lambda size: 0.01 * (size + 27.0)), whole[order])
    for row in range(50):
        assert np.array_equal(folding.vectors(known[[row]], lambda size: 0.01 * (size + 27.0))[0], whole[row])


@pytest.mark.parametrize("alpha", [module.LEAST_SINGLE, 0.3])
def test_single_precision_loses_only_last_bits(alpha: float) -> None:
    """Where single precision is used, rows short and long that weigh far more than all others together end within its rounding, with any threads."""
    dice = np.random.default_rng(6)
    items = (dice.normal(size=(700, 48)) * np.geomspace(1, 0.01, 48) * np.exp(dice.normal(size=(700, 1)))).astype(np.float32)
    known = worlds.sparse(dice.random((12, 700)) < np.geomspace(0.002, 1, 12)[:, None])
    folding, V = Folding(items, alpha), items.astype(np.float64)
    with threadpool_limits(1):
        found = folding.vectors(known, lambda size: 1e-3 * (size + 700.0 * alpha))
    with threadpool_limits(2):
        assert np.array_equal(folding.vectors(known, lambda size: 1e-3 * (size + 700.0 * alpha)), found)
    wanted = one_by_one(known.toarray(), V, alpha, 1e-3) @ folding.axes
    assert np.abs(found - wanted).max() <= 5e-6 * np.abs(wanted).max()


@pytest.mark.parametrize("factors", [1, 5, 40])
@pytest.mark.parametrize("cells", [1, 300, module.CELLS])
def test_shares_are_those_of_the_normal_equations(monkeypatch: pytest.MonkeyPatch, factors: int, cells: int) -> None:
    """What each entry adds to each product asked about is what the inverse of the customer's normal matrix says, with the same bits alone."""
    monkeypatch.setattr(module, "CELLS", cells)
    dice, penalty = np.random.default_rng(5), lambda size: 0.05 * (size + 18.0)
    dense = dice.random((30, 60)) < np.linspace(0, 0.9, 30)[:, None]
    items = dice.normal(size=(60, factors)).astype(np.float32)
    asked = [(row, item) for row in range(30) for item in dice.choice(60, dice.integers(1, 6), replace=False)]
    row, owned, target = np.array([(r, own, item) for r, item in asked for own in np.flatnonzero(dense[r])], np.int32).T
    folding, known = Folding(items, 0.3), worlds.sparse(dense)
    found = folding.shares(known, row, owned, target, penalty)
    V = items.astype(np.float64)
    inverse = [np.linalg.inv(V[own].T @ V[own] + 0.3 * V.T @ V + penalty(own.sum()) * np.eye(factors)) for own in dense]
    assert np.allclose(found, [V[t] @ inverse[r] @ V[o] for r, o, t in zip(row, owned, target, strict=True)], atol=1e-5)
    some = np.flatnonzero(dice.random(len(row)) < 0.5)
    assert np.allclose(folding.shares(known, row[some], owned[some], target[some], penalty), found[some], atol=1e-6)
    for alone in (7, 29):
        mine = row == alone
        again = folding.shares(known[[alone]], row[mine] * 0, owned[mine], target[mine], penalty)
        assert np.array_equal(again, found[mine])


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 130), st.integers(1, 700), st.integers(1, 70), st.integers(0, 2**31))
def test_products_depend_on_nobody_else(customers: int, items: int, factors: int, seed: int) -> None:
    """A row of a product has the same bits alone, in any order and with one or two threads, and is the row that float64 gives."""
    dice = np.random.default_rng(seed)
    vectors, of_items = (dice.normal(size=(n, factors)).astype(np.float32) for n in (customers, items))
    product = Product(of_items)
    whole = product.of(vectors)
    order = dice.permutation(customers)
    for threads in (1, 2):
        with threadpool_limits(threads):
            assert np.array_equal(product.of(vectors[order]), whole[order])
            assert np.array_equal(product.of(vectors[order[:1]])[0], whole[order[0]])
    assert np.allclose(whole, vectors.astype(np.float64) @ of_items.T, atol=1e-4)


def test_items_with_equal_vectors_tie_wherever_they_stand() -> None:
    """Products with the same vector get the same bits, at the beginning, in the middle and at the end."""
    items = DICE.normal(size=(1013, 64)).astype(np.float32)
    items[[500, 1000, 1012]] = items[3]
    scores = Product(items).of(DICE.normal(size=(TILE + 1, 64)))
    assert (scores[:, [500, 1000, 1012]] == scores[:, [3]]).all()


@pytest.mark.parametrize(("lengths", "most"), [(LADDER, 1.25), (FLIGHT, 1.4)])
def test_lengths_are_filled_up_to_little_more(lengths: NDArray[np.int64], most: float) -> None:
    """Every number of entries has a length to be filled up to, little or three more, and reaching far beyond any catalogue."""
    size = np.arange(1, 100_000)
    length = lengths[np.searchsorted(lengths, size)]
    assert (length >= size).all()
    assert (length <= np.maximum(size + 3, most * size)).all()
    assert lengths[-1] > 1e8
