"""Where other libraries abort or give NaN: singular, empty, full and one-sided data end in a right answer or in a sentence."""

from collections.abc import Callable

import numpy as np
import pytest

from tests import worlds
from xsell.contract.names import MODELS as NAMES
from xsell.contract.progress import silent
from xsell.data.training import Training
from xsell.errors import XsellError
from xsell.models import MODELS
from xsell.models.recommender import Recommender
from xsell.ranking import recommend
from xsell.selection.choose import choose
from xsell.selection.plan import Plan

BASE = (np.random.default_rng(0).random((40, 8)) < 0.4).astype(np.float32)
ALONE = tuple(name for name in NAMES if name != "hybrid")

WORLDS: dict[str, Callable[[], Training]] = {
    "duplicated columns": lambda: worlds.table(np.repeat(BASE, 2, axis=1)),
    "duplicated columns in one category": lambda: worlds.table(np.repeat(BASE, 2, axis=1), [0] * 8 + [1] * 8),
    "a constant column": lambda: worlds.table(np.c_[np.ones(40), BASE]),
    "an empty column": lambda: worlds.table(np.c_[np.zeros(40), BASE]),
    "one customer": lambda: worlds.table([[1, 1, 0, 1, 0, 0]]),
    "one item": lambda: worlds.table(np.ones((30, 1))),
    "one customer with one item": lambda: worlds.table([[1]]),
    "everybody has everything": lambda: worlds.table(np.ones((30, 8))),
    "nobody shares anything": lambda: worlds.table(np.eye(30)),
    "all at one moment": lambda: worlds.training(
        worlds.log(*(part.tolist() for part in np.nonzero(BASE)), at=np.zeros(int(BASE.sum()))), worlds.catalog(range(8)), 40
    ),
    "one category": lambda: worlds.table(BASE, [0] * 8),
}

every_model = pytest.mark.parametrize("name", NAMES)
every_world = pytest.mark.parametrize("world", WORLDS)


def fitted(name: str, made: Training, scope: str = "any") -> Recommender:
    """Choose and fit a model as `train` does."""
    return choose(made, (name,), Plan(scope), silent)[name].model


@every_model
@every_world
def test_scores_are_finite_and_lists_hold_what_is_free(name: str, world: str) -> None:
    """Whatever the data, scores are finite, and a list holds every product that the customer does not have, each once, and no other."""
    made = WORLDS[world]()
    model = fitted(name, made)
    free = made.history.owned.toarray() == 0
    assert np.isfinite(model.score(made.history)[free]).all()
    ranked = recommend(model, made.history, made.catalog, "any", made.n_items, silent)
    for row, items in enumerate(ranked.items):
        assert sorted(items[items >= 0].tolist()) == np.flatnonzero(free[row]).tolist()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("world", ["duplicated columns", "duplicated columns in one category"])
def test_twins_are_worth_the_same(name: str, world: str) -> None:
    """Products that the same customers have get the same score from everybody who has neither."""
    made = WORLDS[world]()
    neither = made.history.owned.toarray()[:, ::2] == 0
    one, other = (fitted(name, made).score(made.history).astype(np.float64)[:, place::2][neither] for place in (0, 1))
    assert np.allclose(one, other, rtol=1e-4, atol=1e-5 * np.abs(one).max())


@pytest.mark.parametrize("name", ["cross", "ease", "popular"])
def test_what_everybody_has_comes_first(name: str) -> None:
    """A newcomer is offered first the product that everybody else has."""
    made = WORLDS["a constant column"]()
    ranked = recommend(fitted(name, made), worlds.strangers(made.history), made.catalog, "any", 1, silent)
    assert ranked.items.tolist() == [[0]]


@pytest.mark.parametrize("name", ["als", "svd"])
@pytest.mark.parametrize("factors", [7, 8, 9, 500])
def test_more_factors_than_products(name: str, factors: int) -> None:
    """As many factors as products, or more, are as good as there can be: scores are finite."""
    made = worlds.table(BASE)
    assert np.isfinite(MODELS[name](factors=factors).fit(made).score(made.history)).all()


@pytest.mark.parametrize("name", ["cross", "ease"])
@pytest.mark.parametrize("penalty", [1e-3, 1e12])
@every_world
def test_a_penalty_at_its_limits(name: str, penalty: float, world: str) -> None:
    """A tiny penalty and a huge one give finite scores whatever the data."""
    made = WORLDS[world]()
    assert np.isfinite(MODELS[name](regularization=penalty).fit(made).score(made.history)).all()


@pytest.mark.parametrize("name", ["cross", "ease"])
@pytest.mark.parametrize("world", ["duplicated columns", "one customer"])
def test_no_penalty_where_there_is_no_answer(name: str, world: str) -> None:
    """Without a penalty a singular regression is refused in a sentence with a hint, never answered with numbers that are none."""
    with pytest.raises(XsellError, match="no unique answer") as caught:
        MODELS[name](regularization=0.0).fit(WORLDS[world]())
    assert "--lambda" in caught.value.hint
