"""`svd` against the full decomposition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tests import worlds
from xsell.models import svd as module
from xsell.models.svd import Svd


@pytest.mark.parametrize(("rho", "gamma"), [(0.0, 0.0), (0.5, 0.25), (1.0, 0.7)])
def test_projection_on_the_leading_vectors(rho: float, gamma: float) -> None:
    """Scores are the projection of a history, scaled and scaled back, on the leading right singular vectors of the whole scaled matrix."""
    dice = np.random.default_rng(0)
    made = worlds.table((dice.random((50, 3)) @ dice.random((3, 12)) + dice.normal(0, 0.05, (50, 12))) > 0.8)
    Y = made.history.purchases.toarray().astype(np.float64)
    items, customers = np.maximum(Y.sum(axis=0), 1) ** gamma, np.maximum(Y.sum(axis=1), 1) ** rho
    whole = Svd(11, rho, gamma).fit(made)
    for factors in (1, 2, 5, 11):
        V = np.linalg.svd(Y / items / customers[:, None], full_matrices=False)[2][:factors].T
        for model in (Svd(factors, rho, gamma).fit(made), whole.leading(factors)):
            assert np.allclose(model.score(made.history), Y / items @ V @ V.T * items, atol=1e-4)


@pytest.mark.parametrize("gamma", [0.0, 0.5])
def test_many_items(monkeypatch: pytest.MonkeyPatch, gamma: float) -> None:
    """Where there are many items random projections find nearly the same scores."""
    made = worlds.checkerboard()[0]
    exact = Svd(3, 0.5, gamma).fit(made).score(made.history)
    monkeypatch.setattr(module, "SMALL", 1)
    assert np.abs(Svd(3, 0.5, gamma).fit(made).score(made.history) - exact).max() < 0.05 * np.abs(exact).max()


def test_four_by_four_by_hand() -> None:
    """Two pairs of like customers are two vectors, and each customer's own products score 1, the others 0."""
    made = worlds.table([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    model = Svd(2).fit(made)
    assert np.allclose(model.score(made.history), made.history.purchases.toarray(), atol=1e-5)
    assert np.allclose(model.score(worlds.owner(made.history, 0)), [[0.5, 0.5, 0, 0]], atol=1e-5)


@pytest.mark.parametrize("rows", [[[1]], [[1, 1, 1]], [[1], [1]], [[0, 0], [0, 1]], [[0, 0], [0, 0]]])
def test_more_factors_than_rows_or_columns(rows: list[list[int]]) -> None:
    """One customer, one item, or more factors than either still project what is owned on itself; what nobody has scores 0."""
    made = worlds.table(rows)
    assert np.allclose(Svd(64).fit(made).score(made.history), made.history.purchases.toarray(), atol=1e-5)


def test_shares_add_up() -> None:
    """The shares of all owned products in a score add up to the score."""
    made = worlds.table(np.random.default_rng(4).random((30, 9)) < 0.4)
    model = Svd(3, 0.5, 0.5).fit(made)
    row, owned = (x.astype(np.int32) for x in made.history.purchases.nonzero())
    share = model.explain(made.history, row, owned, np.full(len(row), 2, np.int32))
    assert np.allclose(np.bincount(row, weights=share, minlength=30), model.score(made.history)[:, 2], atol=1e-5)


@given(arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7))), st.integers(1, 9), st.sampled_from([0.0, 0.5]))
@settings(max_examples=60)
def test_any_table_gives_finite_scores(rows: NDArray[np.bool_], factors: int, gamma: float) -> None:
    """Whatever is bought by whomever, scores are finite, and with all factors what is owned scores 1 and the rest 0."""
    made = worlds.table(rows)
    scores = Svd(factors, 0.5, gamma).fit(made).score(made.history)
    assert np.isfinite(scores).all()
    if factors >= np.linalg.matrix_rank(rows) and min(rows.shape) > np.linalg.matrix_rank(rows):
        assert np.allclose(scores, rows, atol=1e-4)
