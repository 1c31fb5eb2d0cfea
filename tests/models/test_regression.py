"""`cross` and `ease` against ridge regressions solved product by product, and against the published formula."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import worlds
from xsell.data.training import History, Training
from xsell.errors import MemoryLimitError, XsellError
from xsell.models.regression import MOST_REGRESSORS, MOST_TARGETS, Regression, within

Dense = NDArray[np.float64]


def small(seed: int = 0, categories: int = 3) -> Training:
    """Forty customers, eleven items (the last without a category), views, searches and profiles."""
    dice = np.random.default_rng(seed)
    taste = dice.random(40) < 0.5
    chance = np.where(taste[:, None] == (np.arange(11) % 2 == 0), 0.6, 0.15)
    user, item = np.nonzero(dice.random((40, 11)) < chance)
    seen = [(u, i, 0.0) for u, i in zip(*np.nonzero(dice.random((40, 11)) < 0.3), strict=True)]
    asked = [(u, w, 0.0) for u, w in zip(*np.nonzero(dice.random((40, 4)) < 0.3), strict=True)]
    category = [*(np.arange(10) % categories), -1]
    streams = (worlds.views(seen, 11), worlds.views(asked, 4, "search"))
    people = np.eye(3)[dice.integers(3, size=40)]
    content = dice.random((11, 5)) * (dice.random((11, 5)) < 0.4)
    return worlds.training(worlds.log(user, item), worlds.catalog(category, content), 40, streams, people)


def regressors(history: History, rho: float) -> tuple[Dense, NDArray[np.int64]]:
    """Scaled purchases, views, searches, profile and a column of ones, and the item that each column is an event of (-1: none)."""
    bought = history.purchases.toarray().astype(np.float64)
    degree = np.maximum(bought.sum(axis=1, keepdims=True), 1)
    parts = [bought * degree**-rho, *(s.toarray() for s in history.streams), history.profile.toarray(), np.ones((len(history), 1))]
    items = np.arange(bought.shape[1])
    of = [items, *(items if s.shape[1] == len(items) else np.full(s.shape[1], -1) for s in history.streams)]
    return np.concatenate(parts, axis=1), np.concatenate([*of, np.full(history.profile.shape[1] + 1, -1)])


def by_hand(made: Training, asked: History, exclude: str, regularization: float, rho: float, beta: float = 0.0) -> Dense:
    """Solve a ridge regression for every product on what lies outside its category (or itself), with terms as more customers, and predict."""
    Z, of = regressors(made.history, rho)
    wide, _ = regressors(asked, rho)
    bought = made.history.purchases.toarray().astype(np.float64)
    unit = np.mean(np.maximum(bought.sum(axis=1), 1) ** (-2 * rho))
    penalty = np.full(Z.shape[1], regularization)
    penalty[: bought.shape[1]] *= unit
    penalty[-1] = 1e-2
    category = made.catalog.category
    terms = np.zeros((made.catalog.content.shape[1], Z.shape[1]))
    terms[:, : bought.shape[1]] = np.sqrt(beta) * made.catalog.content.toarray().T
    predicted = np.zeros((len(asked), bought.shape[1]))
    for item in range(bought.shape[1]):
        own = of == item
        if exclude == "category" and category[item] >= 0:
            own = (of >= 0) & (category[np.maximum(of, 0)] == category[item])
        stay = ~own & ((Z > 0).sum(axis=0) >= min(2, len(Z)))
        X = np.concatenate([Z, terms])[:, stay]
        y = np.concatenate([bought[:, item], terms[:, item]])
        predicted[:, item] = wide[:, stay] @ np.linalg.solve(X.T @ X + np.diag(penalty[stay]), X.T @ y)
    return predicted


@pytest.mark.parametrize("exclude", ["category", "item"])
@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("regularization", [1.0, 30.0, 3000.0])
def test_scores_are_those_of_regressions_one_by_one(exclude: str, rho: float, regularization: float) -> None:
    """Every score is that of a ridge regression on the customer's other events and profile, for known customers and for strangers."""
    made, others = small(), small(7)
    model = Regression(exclude, regularization, rho).fit(made)
    for asked in (made.history, others.history, worlds.strangers(made.history)):
        assert np.allclose(model.score(asked), by_hand(made, asked, exclude, regularization, rho), atol=1e-4)


@pytest.mark.parametrize("exclude", ["category", "item"])
@pytest.mark.parametrize(("rho", "beta"), [(0.0, 2.0), (0.5, 30.0)])
def test_terms_are_more_customers(exclude: str, rho: float, beta: float) -> None:
    """With β the regressions are those with one more customer for every term, who has the products it describes by its weight in each."""
    made = small()
    scores = Regression(exclude, 30.0, rho, beta=beta).fit(made).score(made.history)
    assert np.allclose(scores, by_hand(made, made.history, exclude, 30.0, rho, beta), atol=1e-4)
    few = Regression(exclude, 30.0, rho, beta=beta, regressors=8).fit(made).score(made.history)
    assert np.isfinite(few).all()


def test_ease_is_the_published_formula() -> None:
    """With one-item blocks the weights are −P/diag(P), 0 on the diagonal (Steck 2019), for purchases with a column of ones beside them."""
    dice = np.random.default_rng(2)
    X = (dice.random((60, 8)) < 0.4).astype(np.float64)
    Z = np.concatenate([X, np.ones((60, 1))], axis=1)
    P = np.linalg.inv(Z.T @ Z + np.diag([25.0] * 8 + [1e-2]))
    wanted = -P / np.diag(P)
    np.fill_diagonal(wanted, 0)
    made = worlds.table(X)
    scores = Regression("item", 25.0).fit(made).score(made.history)
    assert np.allclose(scores, Z @ wanted[:, :8], atol=1e-4)


def test_four_by_four_by_hand() -> None:
    """
    Two customers have a and b, two have c and d; without ones to help, b is foreseen from a by 2/(2 + λ), centred.

    With categories {a, c} and {b, d} and λ = 2, half of the distance to the mean remains: 1/2 ± 1/4.
    """
    made = worlds.table([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]], [0, 1, 0, 1])
    scores = Regression("category", 2.0).fit(made).score(made.history)
    assert np.allclose(scores, np.where(made.history.purchases.toarray() > 0, 0.75, 0.25), atol=0.01)


def test_own_category_has_no_say() -> None:
    """What a customer has or has seen in a product's category changes nothing in the product's score in cross."""
    made = small()
    model = Regression("category", 5.0).fit(made)
    base = model.score(worlds.strangers(made.history))[0]
    category = made.catalog.category
    for item in range(10):
        moved = np.abs(model.score(worlds.owner(made.history, item))[0] - base) > 0
        assert not moved[category == category[item]].any()
        assert moved[category != category[item]].any()


@pytest.mark.parametrize("category", [[0] * 6, [-1] * 6])
def test_without_categories_cross_is_ease(category: list[int]) -> None:
    """Where there is one category or none, every product is its own block."""
    dice = np.random.default_rng(3)
    made = worlds.table(dice.random((30, 6)) < 0.4, category)
    cross, ease = (Regression(exclude, 10.0).fit(made).score(made.history) for exclude in ("category", "item"))
    assert np.array_equal(cross, ease)
    assert np.ptp(cross, axis=0).min() > 0


def test_a_strong_penalty_is_popularity() -> None:
    """As λ grows, every score becomes the share of the customers who have the product."""
    made = small()
    share = made.history.purchases.toarray().mean(axis=0)
    for exclude in ("category", "item"):
        assert np.allclose(Regression(exclude, 1e7).fit(made).score(made.history), share, atol=1e-3)


def test_only_frequent_regressors_and_targets() -> None:
    """With few regressors and targets allowed, the most frequent are kept, and other products score their share of the customers."""
    made = small()
    buyers = made.history.purchases.toarray().sum(axis=0)
    few = Regression("item", 5.0, regressors=4, targets=3).fit(made)
    scores = few.score(made.history)
    constant = np.ptp(scores, axis=0) == 0
    assert constant.sum() >= 8
    assert np.allclose(scores[:, constant], buyers[constant] / 40, atol=1e-6)
    assert buyers[~constant].min() >= buyers[constant].max()
    row, owned = (x.astype(np.int32) for x in made.history.purchases.nonzero())
    target = np.full(len(row), np.flatnonzero(constant)[0], np.int32)
    assert not few.explain(made.history, row, owned, target).any()


def test_prefixes_learn_from_the_beginnings() -> None:
    """On prefixes, what is bought first foretells what comes later more than the other way round; on whole histories both count alike."""
    rows = [(u, item, float(time)) for u in range(60) for time, item in enumerate([0, 1] if u < 30 else [2, 3])]
    user, item, at = (list(column) for column in zip(*rows, strict=True))
    made = worlds.training(worlds.log(user, item, at), worlds.catalog([0, 1, 2, 3]), 60)
    gains = []
    for prefixes in (False, True):
        model = Regression("item", 5.0, prefixes=prefixes).fit(made)
        nobody, first, last = (model.score(worlds.owner(made.history, *owned))[0] for owned in ((), (0,), (1,)))
        gains.append((first[1] - nobody[1], last[0] - nobody[0]))
    assert gains[0][0] == pytest.approx(gains[0][1], abs=1e-5)
    assert gains[1][0] > gains[1][1] + 0.05


@pytest.mark.parametrize("exclude", ["category", "item"])
@pytest.mark.parametrize(
    "rows",
    [
        [[1]],
        [[1, 1]],
        [[1], [0], [1]],
        [[1, 1, 0], [1, 1, 1], [0, 0, 1]],
        [[1, 1, 0], [1, 0, 1], [1, 1, 1]],
        [[0, 0], [0, 1]],
    ],
    ids=["one of each", "one customer", "one item", "equal columns", "a constant column", "a customer and an item without"],
)
def test_odd_tables(rows: list[list[int]], exclude: str) -> None:
    """One customer, one item, equal and constant columns give the scores of regressions solved one by one."""
    made = worlds.table(rows)
    assert np.allclose(Regression(exclude, 2.0).fit(made).score(made.history), by_hand(made, made.history, exclude, 2.0, 0.0), atol=1e-4)


def test_equal_columns_without_a_penalty() -> None:
    """Two products always bought together and λ = 0 leave no unique answer, and the sentence says which option helps."""
    made = worlds.table([[1, 1, 0], [1, 1, 1], [0, 0, 1], [0, 0, 0]])
    with pytest.raises(XsellError, match="no unique answer") as caught:
        Regression("item", 0.0).fit(made)
    assert "--lambda" in caught.value.hint


@given(st.integers(21, 36), st.integers(1, 200_000))
def test_memory_bounds_the_regressions(power: int, items: int) -> None:
    """What is allowed grows with memory, is never more than there are items, and for plenty of memory is all that is ever used."""
    regressors, targets = within(1 << power, items, items)
    assert 1 <= regressors <= items
    assert 1 <= targets <= items
    more = within(2 << power, items, items)
    assert more[0] >= regressors
    assert more[1] >= targets
    if power == 36:
        assert (regressors, targets) == (min(MOST_REGRESSORS, items), min(MOST_TARGETS, items))


def test_too_little_memory_is_said() -> None:
    """Where not even a hundred products fit, the sentence names the option that gives more."""
    with pytest.raises(MemoryLimitError) as caught:
        within(10_000, 1000, 1000)
    assert "--memory" in caught.value.hint
