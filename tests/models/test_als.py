"""`als` against normal equations solved customer by customer."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tests import worlds
from xsell.data.training import Training
from xsell.models.als import Als

Dense = NDArray[np.float64]


def one_by_one(known: Dense, other: Dense, alpha: float, regularization: float) -> Dense:
    """Solve for every row: owned entries are 1 with weight 1, all entries are 0 with weight alpha, the penalty grows with the entries."""
    k = other.shape[1]
    found = np.zeros((len(known), k))
    for row, values in enumerate(known):
        owned = other[values > 0]
        if len(owned):
            penalty = regularization * (len(owned) + alpha * known.shape[1])
            found[row] = np.linalg.solve(owned.T @ owned + alpha * other.T @ other + penalty * np.eye(k), owned.sum(axis=0))
    return found


def objective(model: Als, made: Training) -> float:
    """What the class says it minimises, with the customers' vectors that are best for the items' vectors."""
    Y, V = made.history.purchases.toarray().astype(np.float64), model.items_.astype(np.float64)
    U = one_by_one(Y, V, model.alpha, model.regularization)
    guess = U @ V.T
    users, items = Y.sum(axis=1) + model.alpha * Y.shape[1], Y.sum(axis=0) + model.alpha * Y.shape[0]
    penalty = (users * (U**2).sum(axis=1)).sum() + (items * (V**2).sum(axis=1)).sum()
    return float((Y * (1 - guess) ** 2).sum() + model.alpha * (guess**2).sum() + model.regularization * penalty)


def random_table(customers: int = 37, items: int = 23, share: float = 0.2, seed: int = 0) -> Training:
    """Purchases at random, some customers and items without any."""
    rows = np.random.default_rng(seed).random((customers, items)) < share
    rows[5], rows[:, 7] = False, False
    return worlds.table(rows)


def exactly(model: Als, made: Training, sweeps: int) -> NDArray[np.float64]:
    """Items' vectors after sweeps in which every row is solved exactly, from the same start."""
    Y = made.history.purchases.toarray().astype(np.float64)
    rank = min(model.factors, *Y.shape)
    V = np.random.default_rng(model.seed).normal(0, 0.1 / np.sqrt(rank), (Y.shape[1], rank)) * Y.any(axis=0)[:, None]
    for _ in range(sweeps):
        V = one_by_one(Y.T, one_by_one(Y, V, model.alpha, model.regularization), model.alpha, model.regularization)
    return V


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("alpha", [0.1, 0.3, 1.0])
def test_as_good_as_solving_every_row(seed: int, alpha: float) -> None:
    """After a dozen sweeps the objective is at most one percent above that of as many sweeps of normal equations row by row."""
    made = random_table(80, 40, 0.15, seed)
    model = Als(8, alpha=alpha).fit(made)
    peer = Als(8, alpha=alpha)
    peer.items_ = exactly(model, made, model.iterations).astype(np.float32)
    assert objective(model, made) <= objective(peer, made) * 1.01


def test_every_sweep_lowers_what_is_minimised() -> None:
    """More sweeps never make the stated objective larger, and the first ones make it smaller."""
    made = random_table()
    values = [objective(Als(4, iterations=n, seed=3).fit(made), made) for n in range(1, 9)]
    assert all(after <= before * (1 + 1e-5) for before, after in pairwise(values))
    assert values[-1] < 0.99 * values[0]


def test_going_on_is_as_if_it_had_never_stopped() -> None:
    """Sweeps made for a model with few of them count for one with more, to the bit, and one table serves any number of fits."""
    made = random_table()
    few, many = (Als(4, iterations=n, seed=3) for n in (2, 5))
    table = few.table(made)
    ways = few.start(table), few.start(table)
    assert np.array_equal(few.go_on(ways[0]).items_, Als(4, iterations=2, seed=3).fit(made).items_)
    whole = Als(4, iterations=5, seed=3).fit(made).items_
    assert np.array_equal(many.go_on(ways[0]).items_, whole)
    assert np.array_equal(many.go_on(ways[1]).items_, whole)


def test_at_rest_items_solve_their_own_equations() -> None:
    """After many sweeps the items' vectors are the answer of their equations given the customers', which are the answer of theirs."""
    made = random_table()
    model = Als(3, iterations=400).fit(made)
    Y, V = made.history.purchases.toarray(), model.items_.astype(np.float64)
    U = one_by_one(Y, V, model.alpha, model.regularization)
    assert np.allclose(one_by_one(Y.T, U, model.alpha, model.regularization), V, atol=2e-3)
    assert np.allclose(model.score(made.history), U @ V.T, atol=1e-4)


def test_four_by_four_by_hand() -> None:
    """
    Two pairs of customers with two products each; with one vector a pair, each own product scores the same and the others 0.

    With α = 0 and λ = 0.25 both sides solve v = 2u/(2u² + 0.5), so that u² = 3/4: an own product scores 3/4.
    """
    made = worlds.table([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
    scores = Als(2, alpha=0.0, regularization=0.25, iterations=200).fit(made).score(made.history)
    own = made.history.purchases.toarray() > 0
    assert np.allclose(scores[own], 0.75, atol=1e-4)


def test_shares_add_up() -> None:
    """The shares of all owned products in a score add up to the score."""
    made = random_table()
    model = Als(4).fit(made)
    row, owned = (x.astype(np.int32) for x in made.history.purchases.nonzero())
    for target in range(made.n_items):
        share = model.explain(made.history, row, owned, np.full(len(row), target, np.int32))
        total = np.bincount(row, weights=share, minlength=made.n_users)
        assert np.allclose(total, model.score(made.history)[:, target], atol=1e-4)


def test_shares_of_many_customers() -> None:
    """Questions about more customers than are worked on at once are answered as if each were asked alone."""
    made = random_table(600, 12)
    model = Als(4, iterations=2).fit(made)
    row, owned = (x.astype(np.int32)[::-1] for x in made.history.purchases.nonzero())
    whole = model.explain(made.history, row, owned, np.full(len(row), 3, np.int32))
    for place in range(0, len(row), 97):
        alone = model.explain(made.history, row[[place]], owned[[place]], np.full(1, 3, np.int32))
        assert np.allclose(alone, whole[place], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("rows", [[[1]], [[1, 1, 1]], [[1], [1]], [[0, 0], [0, 1]]])
def test_more_factors_than_rows_or_columns(rows: list[list[int]]) -> None:
    """One customer, one item, or more factors than either give finite scores, higher for what is owned than for what nobody has."""
    made = worlds.table(rows)
    scores = Als(64).fit(made).score(made.history)
    own = made.history.purchases.toarray() > 0
    assert np.isfinite(scores).all()
    assert (scores[own] > 0.1).all()
    assert np.allclose(scores[:, ~own.any(axis=0)], 0)


@given(
    arrays(bool, st.tuples(st.integers(1, 7), st.integers(1, 7))),
    st.integers(1, 9),
    st.sampled_from([0.0, 0.3, 30.0]),
    st.sampled_from([1e-4, 0.01, 3.0]),
)
@settings(max_examples=60)
def test_any_table_gives_finite_vectors(rows: NDArray[np.bool_], factors: int, alpha: float, regularization: float) -> None:
    """Whatever is bought by whomever, vectors, scores and shares are finite, also where the factors vanish under their penalty."""
    made = worlds.table(rows)
    model = Als(factors, alpha, regularization).fit(made)
    assert np.isfinite(model.items_).all()
    assert np.isfinite(model.score(made.history)).all()
    row, owned = (x.astype(np.int32) for x in made.history.purchases.nonzero())
    assert np.isfinite(model.explain(made.history, row, owned, owned)).all()


def test_twins_and_what_everybody_has() -> None:
    """An item that is always bought with another scores like it, and one that everybody has spoils nothing."""
    rows = random_table().history.purchases.toarray() > 0
    rows[:, 4], rows[:, 9] = rows[:, 3], True
    made = worlds.table(rows)
    scores = Als(6, iterations=300).fit(made).score(made.history)
    assert np.isfinite(scores).all()
    assert np.allclose(scores[:, 3], scores[:, 4], atol=2e-3)
    assert scores[:, 9].min() > 0.5


def test_the_seed_decides() -> None:
    """The same seed gives the same vectors, another seed others."""
    made = random_table()
    first, again, other = (Als(4, iterations=1, seed=seed).fit(made).items_ for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)


def test_a_history_without_any_entry() -> None:
    """Customers without a purchase score 0 everywhere."""
    made = random_table()
    blank = worlds.strangers(made.history, 2)
    assert isinstance(blank.purchases, sp.csr_array)
    assert not Als(4).fit(made).score(blank).any()
