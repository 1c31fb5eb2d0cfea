"""What every model promises, `hybrid` as `train` makes it among them."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from tests import worlds
from xsell import parallel
from xsell.best import Ranking, top
from xsell.contract.names import MODELS as NAMES
from xsell.contract.progress import silent
from xsell.data.training import Catalog, Floats, History, Ints, Log, Training, build
from xsell.files.workspace import Workspace
from xsell.models import MODELS
from xsell.models.reasons import reasons
from xsell.ranking import allowed, recommend
from xsell.selection.choose import choose
from xsell.selection.frozen import from_values, to_values
from xsell.selection.hybrid import Hybrid, Model, voices, weighed
from xsell.selection.plan import Plan

ALONE = tuple(MODELS)
PERSONAL = tuple(name for name in NAMES if name != "popular")
GIVEN: dict[str, dict[str, Any]] = {
    "cross": {"regularization": 10.0, "rho": 0.5},
    "ease": {"regularization": 10.0},
    "als": {"factors": 4, "iterations": 200},
    "svd": {"factors": 40},
    "ratings": {"factors": 20, "regularization": 0.3, "iterations": 400},
}
CUSTOMERS = 151

every_model = pytest.mark.parametrize("name", NAMES)


@cache
def world(name: str) -> Training:
    """Give the world of tastes, once for all tests that only look at it."""
    return told(name, worlds.tastes(CUSTOMERS))


def told(name: str, made: Training) -> Training:
    """The same world as the model needs to hear of it: one of ratings for that which expects some."""
    return worlds.rated(made) if name == "ratings" else made


def fit(name: str, training: Training) -> Model:
    """Fit a model as it comes; `hybrid` is chosen."""
    if name == "hybrid":
        return choose(training, (name,), Plan("new"), silent)[name].model
    return MODELS[name](**GIVEN.get(name, {})).fit(training)


@cache
def fitted(name: str) -> Model:
    """Fit a model on the world of tastes, once for all tests that only look at it."""
    model = fit(name, world(name))
    assert isinstance(model, Hybrid) == (name == "hybrid")
    return model


def lists(model: Model, history: History, catalog: Catalog, k: int = 10) -> Ranking:
    """Rank what is new."""
    return recommend(model, history, catalog, "new", k, silent)


def same(left: Ranking, right: Ranking) -> bool:
    """Whether lists agree in every place, and scores in six digits."""
    return np.array_equal(left.items, right.items) and np.allclose(left.scores, right.scores, rtol=1e-5, atol=1e-7)


def close(left: Floats, right: Floats, off: float = 1e-4) -> bool:
    """Whether scores agree, measured by the largest of them; -inf agrees with -inf."""
    real = np.isfinite(left)
    scale = float(np.abs(left[real]).max(initial=1e-6))
    return bool((real == np.isfinite(right)).all() and np.abs(left[real] - right[real]).max(initial=0) <= off * scale)


def arrays(value: Any) -> Iterator[NDArray[Any]]:
    """Every array inside plain values."""
    if isinstance(value, np.ndarray):
        yield value
    for part in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        yield from arrays(part)


def permuted(known: Training, of_user: NDArray[np.intp], of_item: NDArray[np.intp]) -> Training:
    """The same training with customer u called of_user[u] and item i called of_item[i]."""
    back, log = np.argsort(of_item), known.log
    renamed = Log(of_user[log.user].astype(np.int32), of_item[log.item].astype(np.int32), log.at, log.value, log.rated, log.undone_at)
    rows = [(of_user[u], of_item[i], t) for s in known.streams for u, i, t in zip(s.user, s.column, s.at, strict=True)]
    items = worlds.catalog(known.catalog.category[back], known.catalog.content[back].toarray())
    people = known.history.profile[np.argsort(of_user)].toarray()
    return worlds.training(renamed, items, known.n_users, (worlds.views(rows, known.n_items),), people)


def everything(history: History) -> tuple[Ints, Ints]:
    """Row and column of all that customers have, and of what is the same for everybody."""
    row, column = history.wide().nonzero()
    who = np.arange(len(history))
    return np.r_[row, who].astype(np.int32), np.r_[column, np.full(len(who), history.width)].astype(np.int32)


class TestEveryModel:
    """Runs over the registry and `hybrid`, so that a new model is held to the same promises."""

    @every_model
    def test_scores_are_one_float32_for_every_customer_and_item(self, name: str) -> None:
        """Scores have a row a customer and a column an item, are float32, and finite wherever something may be offered."""
        history = world(name).history
        scores = fitted(name).score(history)
        assert scores.shape == (CUSTOMERS, world(name).n_items)
        assert scores.dtype == np.float32
        assert np.isfinite(scores[allowed(history, world(name).catalog, "any")]).all()

    @every_model
    def test_learning_again_changes_nothing(self, name: str) -> None:
        """A model fitted twice on the same training scores as one fitted once, and fitting and scoring leave the training as it was."""
        made = told(name, worlds.tastes(CUSTOMERS))
        model = fit(name, made)
        once = np.array(model.score(made.history))
        assert np.array_equal(model.fit(made).score(made.history), once)
        untouched = told(name, worlds.tastes(CUSTOMERS))
        for left, right in zip(_matrices(made), _matrices(untouched), strict=True):
            assert (left != right).nnz == 0

    @every_model
    def test_a_customer_alone_is_a_customer_in_a_batch(self, name: str) -> None:
        """A customer's scores have the same bits alone and among others, and so the list is the same."""
        history, model = world(name).history, fitted(name)
        batch, ranked = model.score(history), lists(model, history, world(name).catalog)
        for row in range(0, CUSTOMERS, 7):
            alone = history.rows(np.array([row]))
            assert np.array_equal(batch[[row]], model.score(alone))
            assert same(Ranking(ranked.items[[row]], ranked.scores[[row]]), lists(model, alone, world(name).catalog))

    @every_model
    def test_the_order_of_customers_does_not_matter_when_scoring(self, name: str) -> None:
        """Customers in another order get the same lists in that order."""
        order = np.random.default_rng(2).permutation(CUSTOMERS)
        model, ranked = fitted(name), lists(fitted(name), world(name).history, world(name).catalog)
        assert same(Ranking(ranked.items[order], ranked.scores[order]), lists(model, world(name).history.rows(order), world(name).catalog))

    @pytest.mark.parametrize("name", ALONE)
    def test_numbers_of_customers_and_items_are_only_names(self, name: str) -> None:
        """A model fitted under other numbers of customers and items gives the same scores under these numbers."""
        dice = np.random.default_rng(4)
        of_user, of_item = dice.permutation(CUSTOMERS), dice.permutation(world(name).n_items)
        other = permuted(world(name), of_user, of_item)
        scores = fit(name, other).score(other.history)
        assert close(fitted(name).score(world(name).history), scores[of_user][:, of_item])

    @every_model
    def test_nothing_known_of_a_customer(self, name: str) -> None:
        """A customer without any history has finite scores for all items."""
        assert np.isfinite(fitted(name).score(worlds.strangers(world(name).history, 3))).all()

    @every_model
    def test_items_nobody_has(self, name: str) -> None:
        """Items that nobody had in training, with and without a category, have finite scores, and owning one leaves the others finite."""
        known = world(name)
        category = [*known.catalog.category, 0, -1]
        words = sp.vstack([known.catalog.content, sp.csr_array((2, known.catalog.content.shape[1]))]).toarray()
        made = worlds.training(known.log, worlds.catalog(category, words), CUSTOMERS)
        model, new = fit(name, made), known.n_items
        asked = [made.history, worlds.owner(made.history, new), worlds.owner(made.history, 3, new, new + 1)]
        for history in asked:
            free = allowed(history, made.catalog, "any")
            assert np.isfinite(model.score(history)[free]).all()

    @pytest.mark.parametrize("name", ALONE)
    def test_nobody_likes_anything(self, name: str) -> None:
        """Where all ratings are dislikes there is nothing to learn from, and all scores are finite and tie."""
        rated = worlds.log([0, 1, 2], [0, 1, 1])
        rated = replace(rated, rated=np.ones(3, bool), value=np.zeros(3, np.float32))
        made = build(rated, (), worlds.catalog([0, 0, 1], np.eye(3)), worlds.sparse(np.ones((3, 1))), 0.5)
        assert not made.history.purchases.nnz
        scores = MODELS[name](**GIVEN.get(name, {})).fit(made).score(made.history)
        assert np.isfinite(scores).all()
        assert np.ptp(scores) == 0

    @every_model
    def test_products_that_tie_stay_tied(self, name: str) -> None:
        """Where every product has a twin that is always bought with it, a customer's list is still the same alone and among others."""
        made = told(name, worlds.twins())
        model = fit(name, made)
        ranked = lists(model, made.history, made.catalog)
        for row in range(made.n_users):
            alone = lists(model, made.history.rows(np.array([row])), made.catalog)
            assert np.array_equal(alone.items[0], ranked.items[row])

    @every_model
    def test_a_file_changes_nothing(self, name: str, tmp_path: Path) -> None:
        """A model written to a file and read again, or turned into plain values and back, gives the same scores and reasons to the last bit."""
        model, history = fitted(name), world(name).history
        shelf = Workspace(tmp_path)
        shelf.save_model(name, {"model": to_values(model)}, {})
        row, column = everything(history)
        target = (column + 5) % world(name).n_items
        for again in (from_values(to_values(model)), from_values(shelf.load_model(name)[0]["model"])):
            assert type(again) is type(model)
            assert np.array_equal(again.score(history), model.score(history))
            if isinstance(again, Hybrid):
                continue
            assert np.array_equal(again.explain(history, row, column, target), model.explain(history, row, column, target))

    @every_model
    def test_same_training_same_bytes(self, name: str, tmp_path: Path) -> None:
        """Two fits of the same training, seed and threads give files of the same bytes."""
        facts = [Workspace(tmp_path / place).save_model(name, {"model": to_values(fit(name, world(name)))}, {}) for place in ("one", "two")]
        assert [fact.sha256 for fact in facts[0]] == [fact.sha256 for fact in facts[1]]

    @every_model
    def test_threads_change_no_list(self, name: str) -> None:
        """One thread and two give the same lists, in fitting and in scoring."""
        made = []
        for threads in (1, 2):
            with parallel.limit(threads):
                made.append(lists(fit(name, world(name)), world(name).history, world(name).catalog))
        assert same(*made)

    @every_model
    def test_no_customers_inside(self, name: str) -> None:
        """A fitted model holds no array with an entry a customer or a purchase: customers come with their history."""
        kept = list(arrays(to_values(fitted(name))))
        assert kept
        sizes = {size for array in kept for size in array.shape}
        assert not sizes & {CUSTOMERS, world(name).history.purchases.nnz, len(world(name).log)}

    @pytest.mark.parametrize("name", PERSONAL)
    @pytest.mark.parametrize("scope", ["new", "any"])
    def test_checkerboard(self, name: str, scope: str) -> None:
        """Where customers own things of their own colour only, they are offered their colour first, all of it."""
        made, colour, of_item = worlds.rated_checkerboard() if name == "ratings" else worlds.checkerboard()
        model = choose(made, (name,), Plan(scope, factors=2), silent)[name].model
        ranked = recommend(model, made.history, made.catalog, scope, made.n_items, silent)
        free = allowed(made.history, made.catalog, scope)
        own = free & (colour[:, None] == of_item)
        assert own.any(axis=1).all()
        for row, items in enumerate(ranked.items):
            assert set(items[: own[row].sum()].tolist()) == set(np.flatnonzero(own[row]).tolist())

    @pytest.mark.parametrize("name", ALONE)
    def test_reasons_are_finite_and_each_for_itself(self, name: str) -> None:
        """The share of what a customer has is finite, has one entry a question, and does not depend on the other questions."""
        history, model = world(name).history, MODELS[name](**GIVEN.get(name, {})).fit(world(name))
        row, column = everything(history)
        target = (column + 7) % np.int32(world(name).n_items)
        whole = model.explain(history, row, column, target)
        assert whole.shape == row.shape
        assert np.isfinite(whole).all()
        some = np.arange(len(row))[::-13]
        assert np.allclose(model.explain(history, row[some], column[some], target[some]), whole[some], rtol=1e-4, atol=1e-6)

    @pytest.mark.parametrize("name", ALONE)
    def test_nothing_asked_is_nothing_explained(self, name: str) -> None:
        """No question gets no answer, and where nobody is offered anything there are no reasons."""
        none, model = np.zeros(0, np.int32), fitted(name)
        assert model.explain(world(name).history, none, none, none).shape == (0,)
        assert not len(reasons(voices(model, None, none, none), world(name).history, none, none).offer)

    @every_model
    def test_shares_of_reasons_add_up(self, name: str) -> None:
        """For every offer the shares of its reasons and of the rest add up to 1, or there are none; at most three are the customer's own."""
        history = world(name).history
        free = allowed(history, world(name).catalog, "any")
        scores, looked = weighed(fitted(name), history, free)
        row, place = np.nonzero(top(scores, free, 5).items >= 0)
        target = top(scores, free, 5).items[row, place]
        found = reasons(voices(fitted(name), looked, row.astype(np.int32), target), history, row.astype(np.int32), target)
        total = np.bincount(found.offer, weights=found.share, minlength=len(row)) + found.rest
        assert np.all(np.isclose(total, 1, atol=1e-5) | (total == 0))
        assert total.mean() > 0.9
        assert np.bincount(found.offer[found.column < history.width]).max(initial=0) <= 3


@pytest.mark.parametrize("name", ALONE)
@pytest.mark.parametrize("streams", [True, False], ids=["with views and profile", "purchases only"])
def test_reasons_add_up_to_the_score(name: str, streams: bool) -> None:
    """What a model says of all that a customer has, and of what is the same for everybody, adds up to its score."""
    made = told(name, worlds.tastes(60, timed=streams))
    model, history = fit(name, made), made.history
    row, column = everything(history)
    score = model.score(history)
    total = np.zeros(score.shape)
    for target in range(made.n_items):
        share = model.explain(history, row, column, np.full(len(row), target, np.int32))
        total[:, target] = np.bincount(row, weights=share, minlength=len(history))
    assert np.abs(total - score).max() <= 1e-4 * np.abs(score).max()


def _matrices(made: Training) -> list[sp.csr_array]:
    history = made.history
    return [
        history.purchases,
        history.owned,
        *(() if history.ratings is None else (history.ratings,)),
        *history.streams,
        history.profile,
        made.catalog.content,
    ]
