"""`ratings` against normal equations solved customer by customer and item by item."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from tests import worlds
from xsell.data.training import Training
from xsell.models.explicit import START, Explicit, rated

Dense = NDArray[np.float64]
BLANK = np.nan


def table(rows: object, like: float = 0.0) -> Training:
    """Ratings from a table of customers and items, NaN where there is none."""
    value = np.atleast_2d(np.asarray(rows, np.float64))
    user, item = np.nonzero(np.isfinite(value))
    plain = worlds.training(worlds.log([], []), worlds.catalog(range(value.shape[1])), value.shape[0])
    events = worlds.log(user.tolist(), item.tolist())
    given = {"rated": np.ones(len(user), bool), "value": value[user, item].astype(np.float32)}
    return worlds.replace_log(plain, events.__class__(**{name: given.get(name, getattr(events, name)) for name in events.__slots__}), like)


def some(customers: int = 40, items: int = 25, share: float = 0.4, seed: int = 0) -> Dense:
    """Ratings from 1 to 5 with planted means and tastes, some customers and items without any."""
    dice = np.random.default_rng(seed)
    taste = dice.normal(size=(customers, 2)) @ dice.normal(size=(2, items))
    rows = 3 + dice.normal(0, 0.5, (customers, 1)) + dice.normal(0, 0.5, items) + 0.7 * taste + dice.normal(0, 0.2, taste.shape)
    rows = np.clip(np.round(rows), 1, 5)
    rows[dice.random(rows.shape) > share] = BLANK
    rows[5], rows[:, 7] = BLANK, BLANK
    return rows


def one_by_one(rows: Dense, bias: Dense, other: Dense, model: Explicit) -> tuple[Dense, Dense]:
    """What every row adds and its vector, given these of the columns: a loop over normal equations."""
    y = (rows - model.mean_) / model.unit_
    added, vectors = np.zeros(len(rows)), np.zeros((len(rows), other.shape[1]))
    for row, values in enumerate(y):
        there = np.isfinite(values)
        n = int(there.sum())
        if n:
            ways = np.column_stack([np.ones(n), other[there]])
            penalty = np.diag([model.shrinkage, *[model.regularization * n] * other.shape[1]])
            found = np.linalg.solve(ways.T @ ways + penalty, ways.T @ (values[there] - bias[there]))
            added[row], vectors[row] = found[0], found[1:]
    return added, vectors


def guesses(model: Explicit, rows: Dense) -> Dense:
    """Expected ratings of all pairs, customers solved by the loop."""
    bias, vectors = model.items_[:, 0].astype(np.float64), model.items_[:, 1:].astype(np.float64)
    added, own = one_by_one(rows, bias, vectors, model)
    return model.mean_ + model.unit_ * (added[:, None] + bias + own @ vectors.T)


def objective(model: Explicit, rows: Dense) -> float:
    """What the class says it minimises, with the customers' part that is best for the items'."""
    bias, vectors = model.items_[:, 0].astype(np.float64), model.items_[:, 1:].astype(np.float64)
    added, own = one_by_one(rows, bias, vectors, model)
    there = np.isfinite(rows)
    error = (rows - guesses(model, rows))[there] / model.unit_
    shrunk = model.shrinkage * ((added**2).sum() + (bias**2).sum())
    long = (there.sum(1) * (own**2).sum(1)).sum() + (there.sum(0) * (vectors**2).sum(1)).sum()
    return float((error**2).sum() + shrunk + model.regularization * long)


@pytest.mark.parametrize("factors", [0, 1, 3, 12, 40])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_customers_are_the_answers_of_their_normal_equations(factors: int, share: float) -> None:
    """Scores are those of customers solved one by one by their normal equations, what they add and their vectors together."""
    rows = some(share=share)
    made = table(rows)
    model = Explicit(factors, iterations=3).fit(made)
    assert np.allclose(model.score(made.history), guesses(model, rows), atol=1e-4)


def test_at_rest_items_solve_their_own_equations() -> None:
    """After many sweeps what items add and their vectors answer their equations given the customers', whose answers are those folded in."""
    rows = some()
    model = Explicit(2, regularization=0.1, iterations=300).fit(table(rows))
    bias, vectors = model.items_[:, 0].astype(np.float64), model.items_[:, 1:].astype(np.float64)
    found = one_by_one(rows.T, *one_by_one(rows, bias, vectors, model), model)
    assert np.allclose(found[0], bias, atol=2e-3)
    assert np.allclose(found[1], vectors, atol=2e-3)


def test_every_sweep_lowers_what_is_minimised() -> None:
    """More sweeps never make the stated objective larger, and the first ones make it smaller."""
    rows = some()
    values = [objective(Explicit(3, iterations=n, seed=3).fit(table(rows)), rows) for n in (1, 2, 4, 8, 16, 32)]
    assert all(after <= before * (1 + 1e-4) for before, after in pairwise(values))
    assert values[-1] < 0.95 * values[0]


@pytest.mark.parametrize("factors", [2, 6, 16])
def test_as_good_as_solving_every_row(factors: int) -> None:
    """After the usual sweeps the objective is at most one percent above that of as many sweeps of normal equations row by row."""
    rows = some(80, 40)
    model, peer = Explicit(factors).fit(table(rows)), Explicit(factors, iterations=1).fit(table(rows))
    V = np.random.default_rng(0).normal(0, START / np.sqrt(factors), (40, factors)) * np.isfinite(rows).any(0)[:, None]
    bias = np.zeros(40)
    for _ in range(model.iterations):
        bias, V = one_by_one(rows.T, *one_by_one(rows, bias, V, model), model)
    peer.items_ = np.column_stack([bias, V]).astype(np.float32)
    assert objective(model, rows) <= objective(peer, rows) * 1.01


def test_two_by_two_by_hand() -> None:
    """
    Without factors, two customers who rate one product 2 and the other 4: the mean is 3 and the deviation 1.

    Customers add nothing; with κ = 2 an item adds the sum of what is left over n + κ, that is ∓2/4: ratings of 2.5 and 3.5 are expected.
    """
    made = table([[2, 4], [2, 4]])
    model = Explicit(0, shrinkage=2.0).fit(made)
    assert np.allclose(model.score(made.history), [[2.5, 3.5], [2.5, 3.5]], atol=1e-5)
    assert np.allclose(model.score(worlds.strangers(made.history)), [[2.5, 3.5]], atol=1e-5)


def test_one_factor_by_hand() -> None:
    """
    Customers of two opposite tastes with nothing that anybody or anything adds: y = ±1 = u·v with n = 2 on either side.

    At rest u = 2v/(2v² + 2λ), so u² = v² = 1 − λ: with λ = 0.2 the expected ratings are 3 ± 0.8.
    """
    made = table([[2, 4], [4, 2]])
    found = Explicit(1, regularization=0.2, shrinkage=1e6, iterations=200).fit(made).score(made.history)
    assert np.allclose(found, [[2.2, 3.8], [3.8, 2.2]], atol=1e-3)


def test_expected_ratings_stay_within_those_seen() -> None:
    """Expected ratings of pairs are scores held to the range of the ratings learnt from."""
    rows = some(seed=2)
    made = table(rows)
    model = Explicit(8, regularization=0.001, shrinkage=0.1).fit(made)
    user, item = (x.ravel() for x in np.indices(rows.shape))
    scores = model.score(made.history)[user, item]
    assert scores.min() < 1
    assert scores.max() > 5
    assert np.allclose(model.predict(made.history, user, item), np.clip(scores, 1, 5), atol=1e-3)


@pytest.mark.parametrize("factors", [0, 3])
def test_the_scale_does_not_matter(factors: int) -> None:
    """On another scale the same tastes give the same expectations on that scale."""
    rows = some()
    one, other = (Explicit(factors).fit(table(each)) for each in (rows, 20 * rows - 7))
    assert np.allclose(20 * one.score(table(rows).history) - 7, other.score(table(20 * rows - 7).history), atol=5e-2)


def test_a_rating_of_nought_is_a_rating() -> None:
    """On a scale that holds 0 the rating 0 counts like any other."""
    rows = some() - 3
    made = table(rows)
    assert (rated(made.history).data == 0).any()
    model = Explicit(2).fit(made)
    assert np.allclose(model.score(made.history), Explicit(2).fit(table(rows + 3)).score(table(rows + 3).history) - 3, atol=1e-3)


def test_a_customer_like_another_is_expected_to_rate_alike() -> None:
    """A new customer with the ratings of one who was learnt from gets the same scores to the last bit."""
    rows = some()
    made = table(rows)
    model = Explicit(4).fit(made)
    alone = table(rows[[9]]).history
    assert np.array_equal(model.score(alone), model.score(made.history)[[9]])


def test_factors_find_what_is_planted() -> None:
    """Where tastes are planted, factors expect hidden ratings far better than what customers and items add."""
    rows = some(200, 60, 0.5, seed=4)
    hidden = np.random.default_rng(1).random(rows.shape) < 0.2
    made = table(np.where(hidden, BLANK, rows))
    user, item = np.nonzero(hidden & np.isfinite(rows))
    error = {n: np.mean((Explicit(n).fit(made).predict(made.history, user, item) - rows[user, item]) ** 2) for n in (0, 2)}
    assert error[2] < 0.5 * error[0]


@pytest.mark.parametrize(
    "rows",
    [[[4]], [[3, 3], [3, 3]], [[1, 5, 2]], [[1], [5], [2]], [[BLANK, BLANK], [BLANK, 2]], [[BLANK]]],
    ids=["one rating", "all equal", "one customer", "one item", "nearly nothing", "nothing"],
)
@pytest.mark.parametrize("factors", [0, 2, 50])
def test_hardly_any_data(rows: list[list[float]], factors: int) -> None:
    """One rating, equal ratings, one customer, one item, nothing, and more factors than any: scores are finite, and equal ratings are expected again."""
    made = table(rows)
    scores = Explicit(factors).fit(made).score(made.history)
    assert np.isfinite(scores).all()
    known = np.asarray(rows, np.float64)
    if np.ptp(known[np.isfinite(known)], axis=None) == 0 if np.isfinite(known).any() else False:
        assert np.allclose(scores, np.nanmax(known))


@given(arrays(np.int8, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(-1, 5)), st.integers(0, 9))
@settings(max_examples=60, deadline=None)
def test_any_table_gives_finite_scores(rows: NDArray[np.int8], factors: int) -> None:
    """Whatever is rated by whomever, scores and reasons are finite, and expectations lie within the ratings."""
    value = np.where(rows < 0, BLANK, rows.astype(np.float64))
    made = table(value)
    model = Explicit(factors).fit(made)
    user, item = (x.ravel().astype(np.int32) for x in np.indices(value.shape))
    assert np.isfinite(model.score(made.history)).all()
    assert np.isfinite(model.explain(made.history, user, item, item)).all()
    guess = model.predict(made.history, user, item)
    assert (guess >= model.low_).all()
    assert (guess <= model.high_).all()


def test_low_ratings_speak_against_what_is_like_it() -> None:
    """A product rated below what is expected speaks against a product that the same people rate alike."""
    rows = np.array([[5, 5, 1, 1], [1, 1, 5, 5]] * 10, np.float64)
    rows[0] = [BLANK, 1, 5, 5]
    made = table(rows)
    model = Explicit(1).fit(made)
    asked = (np.array(x, np.int32) for x in ([0, 0], [1, 2], [0, 0]))
    share = model.explain(made.history, *asked)
    assert (share < 0).all()


def test_the_seed_decides() -> None:
    """The same seed gives the same vectors, another seed others."""
    made = table(some())
    first, again, other = (Explicit(3, iterations=1, seed=seed).fit(made).items_ for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
