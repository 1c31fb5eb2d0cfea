"""Parameters: tried where they are free, obeyed where they are given."""

from functools import cache

import numpy as np
import pytest

from tests import worlds
from xsell.contract.progress import silent
from xsell.models import MODELS
from xsell.selection import attempts, tuning
from xsell.selection.plan import Plan, Trial
from xsell.selection.validation import Validation, validation

REGRESSION = {"regularization": 7.0, "rho": 0.25}
OBEYED = {"cross": REGRESSION, "ease": REGRESSION, "als": {"factors": 3}, "svd": {"factors": 3}, "ratings": {"factors": 3}}


@cache
def judge() -> Validation:
    """Give the validation cut of the world of tastes."""
    found = validation(worlds.tastes(), "new", "", 0)
    assert found
    return found


@cache
def trials(name: str) -> list[Trial]:
    """Try everything for one model."""
    return tuning.trials_of({name}, judge(), Plan("new"), silent)


@pytest.mark.parametrize("name", OBEYED)
def test_what_is_given_is_not_tried(name: str) -> None:
    """Where λ, ρ and factors are given, all trials have them."""
    found = list(tuning.trials_of({name}, judge(), Plan("new", regularization=7.0, rho=0.25, factors=3), silent))
    assert {t.model for t in found} >= {name}
    assert all(t.parameters.items() >= OBEYED[name].items() for t in found if t.model == name)


@pytest.mark.parametrize("name", MODELS)
def test_something_is_tried(name: str) -> None:
    """Every model has a trial, those with parameters have several different ones, and no trial of one model is made twice."""
    own = [tuple(sorted(t.parameters.items())) for t in trials(name) if t.model == name]
    assert len(own) == len(set(own))
    assert len(own) >= {"popular": 1, "content": 1, "ratings": 1, "rules": 2}.get(name, 3)
    assert all(0 <= t.ndcg <= 1 for t in trials(name))


@pytest.mark.parametrize("name", ["cross", "ease", "svd", "content", "popular"])
def test_a_trial_says_how_a_model_with_its_parameters_does(name: str) -> None:
    """A model made with the parameters of a trial and fitted on the part gets the quality that the trial names."""
    best = attempts.best(trials(name), name)
    model = attempts.make(name, best.parameters, Plan("new")).fit(judge().part)
    assert float(judge().judge(model).mean()) == pytest.approx(best.ndcg, abs=1e-3)


@cache
def raters() -> Validation:
    """Give the validation cut of the world of tastes in which customers rate."""
    found = validation(worlds.rated(worlds.tastes()), "any", "random", 0)
    assert found
    return found


@pytest.mark.parametrize("factors", [None, 3])
def test_ratings_are_chosen_by_their_error(factors: int | None) -> None:
    """Settings are tried by the error of the ratings hidden, what customers and items add alone among them unless factors are given; the best has lists too."""
    judge = raters()
    found = list(tuning.trials_of({"ratings"}, judge, Plan("any", factors=factors), silent))
    assert len(found) == len({tuple(t.parameters.values()) for t in found}) >= 5
    assert {t.parameters["factors"] for t in found} >= {factors or 0}
    assert factors is None or {t.parameters["factors"] for t in found} == {factors}
    lead = attempts.best(found, "ratings")
    assert lead.rmse == min(t.rmse for t in found)
    assert [t for t in found if np.isfinite(t.ndcg)] == [lead]
    model = attempts.make("ratings", lead.parameters, Plan("any")).fit(judge.part)
    assert judge.raters
    assert judge.raters.told(judge.raters.judge(model))["rmse"] == lead.rmse
    assert float(judge.judge(model).mean()) == lead.ndcg


def test_hidden_ratings_are_those_of_the_cut() -> None:
    """The error is that of the ratings hidden by the cut, customer by customer and product by product."""
    judge, whole = raters(), worlds.rated(worlds.tastes())
    assert judge.raters
    log = whole.log.take(judge.cut.hidden)
    assert sorted(zip(log.user, log.item, log.value, strict=True)) == list(
        zip(*(getattr(judge.raters.rated, n) for n in ("user", "item", "value")), strict=True)
    )
    model = attempts.make("ratings", {"factors": 2}, Plan("any")).fit(judge.part)
    guess = model.score(judge.part.history)[log.user, log.item].clip(3, 5)
    off = (guess - log.value) ** 2
    found = judge.raters.judge(model)
    assert judge.raters.told(found)["rmse"] == pytest.approx(np.sqrt(off.mean()), rel=1e-4)
    each = np.bincount(log.user, off)
    assert found / found.mean() == pytest.approx(each[np.unique(log.user)] / each[np.unique(log.user)].mean(), rel=1e-3)
    few = judge.raters.some(np.array([1, 4]))
    assert few.judge(model) / few.judge(model).sum() == pytest.approx(found[[1, 4]] / found[[1, 4]].sum())


@pytest.mark.parametrize("name", [*MODELS])
def test_side_by_side_is_as_in_turn(name: str) -> None:
    """Whether settings are tried side by side or one after the other changes neither what is tried nor how good it is found."""
    apart = tuning.trials_of({name}, judge(), Plan("new", abreast=False), silent)
    assert [(t.model, t.parameters) for t in apart] == [(t.model, t.parameters) for t in trials(name)]
    assert [t.ndcg for t in apart] == pytest.approx([t.ndcg for t in trials(name)], abs=1e-3)
