"""The validation cut: what models are chosen on."""

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from tests import worlds
from xsell.data import splits
from xsell.data.training import Floats, History, Ints, Training
from xsell.selection import validation as module
from xsell.selection.validation import Validation, validation


class Oracle:
    """Scores what is wanted 1 and the rest 0, or the other way round."""

    def __init__(self, judge: Validation, right: bool = True) -> None:
        self.judge, self.right = judge, right

    def fit(self, training: Training) -> "Oracle":
        """Know everything already."""
        assert training
        return self

    def score(self, history: History) -> Floats:
        """Look up the answers."""
        assert len(history) == len(self.judge.history)
        answers = np.full(history.purchases.shape, not self.right, np.float32)
        answers[_rows(self.judge), self.judge.wanted.item] = self.right
        return answers

    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Give no reasons."""
        assert len(history)
        assert len(owned) == len(target)
        return np.zeros(len(row), np.float32)


def _rows(judge: Validation) -> NDArray[np.intp]:
    return np.repeat(np.arange(len(judge.wanted.user)), np.diff(judge.wanted.indptr))


def made(training: Training, scope: str = "new", rule: str = "", seed: int = 0) -> Validation:
    """Cut; there must be enough customers."""
    judge = validation(training, scope, rule, seed)
    assert judge
    return judge


@pytest.mark.parametrize("scope", ["new", "any"])
@pytest.mark.parametrize("rule", ["", *splits.CUTS])
def test_the_part_knows_nothing_of_what_is_wanted(rule: str, scope: str) -> None:
    """No hidden event is in the part; what is wanted is new to the customer, and under scope new so is its category."""
    whole = worlds.tastes()
    judge = made(whole, scope, rule)
    assert len(judge.part.log) == judge.cut.keep.sum() < len(whole.log)
    user = judge.wanted.user[_rows(judge)]
    owned = judge.part.history.owned.toarray() > 0
    assert not owned[user, judge.wanted.item].any()
    assert (whole.history.purchases.toarray()[user, judge.wanted.item] == 1).all()
    if scope == "new":
        category = whole.catalog.category
        entered = owned.astype(int) @ (category[:, None] == np.arange(whole.catalog.n_categories))
        assert not entered[user, category[judge.wanted.item]].any()


def test_streams_end_with_the_part() -> None:
    """With a cut in time, neither purchases nor views of the part are later than the cut, and what is wanted is."""
    whole = worlds.tastes()
    judge = made(whole)
    assert judge.cut.rule == "temporal"
    assert judge.part.log.at.max() <= judge.cut.moment
    assert judge.part.streams[0].at.max() <= judge.cut.moment
    assert whole.log.at[~judge.cut.keep].min() > judge.cut.moment


def test_histories_are_those_of_the_part() -> None:
    """The history of every validation customer is what the part knows of that customer."""
    judge = made(worlds.tastes())
    known = judge.part.history.rows(judge.wanted.user)
    assert (judge.history.purchases != known.purchases).nnz == 0
    assert (judge.history.streams[0] != known.streams[0]).nnz == 0


@pytest.mark.parametrize("rule", ["temporal", "new-category"])
def test_judging(rule: str) -> None:
    """Who offers what is wanted first gets 1 from every customer, who offers it last gets less, and labels say what is wanted."""
    judge = made(worlds.tastes(), rule=rule)
    assert np.allclose(judge.judge(Oracle(judge)), 1)
    assert judge.judge(Oracle(judge, right=False)).mean() < 0.5
    row, item = (x.ravel() for x in np.indices((len(judge.history), judge.part.n_items)))
    labels = judge.labels(row, item)
    assert labels.sum() == len(judge.wanted.item)
    assert labels[_rows(judge) * judge.part.n_items + judge.wanted.item].all()


@pytest.mark.parametrize(("timed", "scope", "rule"), [(True, "new", "temporal"), (False, "new", "new-category"), (True, "any", "temporal")])
def test_the_rule_nearest_to_real_use(timed: bool, scope: str, rule: str) -> None:
    """With times the cut is one in time, without them whole categories are hidden."""
    assert made(worlds.tastes(timed=timed), scope).cut.rule == rule


@pytest.mark.parametrize(("scope", "rule"), [("new", "new-category"), ("any", "random")])
def test_where_time_leaves_nobody_another_rule_is_taken(scope: str, rule: str) -> None:
    """If all customers bought everything before the cut but one who came later, products or categories are hidden instead."""
    whole = worlds.tastes(60)
    late = dataclasses.replace(whole.log, at=np.where(whole.log.user == 59, 1e9, 1.0))
    assert made(worlds.training(late, whole.catalog, 60), scope).cut.rule == rule


def test_too_few_customers() -> None:
    """With fewer than twenty customers who can be judged there is no validation."""
    assert validation(worlds.tastes(12), "new", "", 0) is None
    assert validation(worlds.table(np.eye(50)), "any", "", 0) is None


def test_a_sample_of_many_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many customers a random choice is judged, each with all that is wanted of them; the seed decides which."""
    whole = worlds.tastes()
    everybody = made(whole)
    monkeypatch.setattr(module, "MOST_CUSTOMERS", 30)
    few, again, other = (made(whole, seed=seed) for seed in (0, 0, 1))
    assert len(few.wanted.user) == len(few.history) == 30
    assert np.array_equal(few.wanted.user, again.wanted.user)
    assert not np.array_equal(few.wanted.user, other.wanted.user)
    all_wanted = set(zip(everybody.wanted.user[_rows(everybody)].tolist(), everybody.wanted.item.tolist(), strict=True))
    some = set(zip(few.wanted.user[_rows(few)].tolist(), few.wanted.item.tolist(), strict=True))
    assert some == {pair for pair in all_wanted if pair[0] in set(few.wanted.user.tolist())}
