"""Choosing models: what is given is obeyed, what is free is chosen, and hybrid is never worse than its parts."""

from functools import cache

import numpy as np
import pytest

from tests import worlds
from xsell.contract.names import MODELS as NAMES
from xsell.contract.progress import silent
from xsell.data.training import Training
from xsell.models import MODELS
from xsell.models.als import Als
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression
from xsell.models.svd import Svd
from xsell.selection import fusion, mixing
from xsell.selection.choose import choose
from xsell.selection.hybrid import Hybrid
from xsell.selection.plan import Chosen, Plan
from xsell.selection.validation import validation

ALONE = tuple(name for name in NAMES if name != "hybrid")


@cache
def world() -> Training:
    """Give the world of tastes and fashions."""
    return worlds.tastes()


@cache
def all_of_them() -> dict[str, Chosen]:
    """Choose every model on it."""
    return choose(world(), NAMES, Plan("new"), silent)


def noise(seed: int, words: bool) -> Training:
    """Customers who buy at random."""
    rows = np.random.default_rng(seed).random((80, 24)) < 0.2
    category = (np.arange(24) % 6).tolist()
    return worlds.table(rows, category, np.eye(6)[category] if words else None)


def parameters(model: Recommender, names: set[str]) -> dict[str, float]:
    """Give parameters of a model by name."""
    return {name: getattr(model, name) for name in names}


def test_one_answer_a_name_in_their_order() -> None:
    """Every name gets an answer, judged by the same rule beside popular: hybrid on an earlier window, the others on the same customers."""
    assert tuple(all_of_them()) == NAMES
    assert {chosen.rule for chosen in all_of_them().values()} == {"temporal"}
    assert len({(c.customers, c.popular) for name, c in all_of_them().items() if name != "hybrid"}) == 1
    assert all(0 <= chosen.ndcg <= 1 for chosen in all_of_them().values())


@pytest.mark.parametrize("name", NAMES)
def test_a_model_chosen_alone_is_the_same(name: str) -> None:
    """A model does not depend on which others are chosen beside it."""
    alone, beside = choose(world(), (name,), Plan("new"), silent)[name], all_of_them()[name]
    assert (alone.parameters, alone.ndcg) == (beside.parameters, beside.ndcg)
    assert np.array_equal(alone.model.score(world().history), beside.model.score(world().history))


@pytest.mark.parametrize("name", ALONE)
def test_parameters_are_those_of_the_best_trial_and_of_the_model(name: str) -> None:
    """The parameters named are those of the best trial, and the model has them; it is fitted on everything, not on the part."""
    chosen = all_of_them()[name]
    assert max(t.ndcg for t in chosen.trials) == chosen.ndcg
    assert chosen.parameters in [t.parameters for t in chosen.trials if t.ndcg == chosen.ndcg]
    assert parameters(chosen.model, set(chosen.parameters)) == chosen.parameters
    again = chosen.model.score(world().history)
    assert np.array_equal(chosen.model.fit(world()).score(world().history), again)


def test_planted_tastes_are_found() -> None:
    """Where customers of one taste buy from its categories only, cross and hybrid are several times as good as popular."""
    for name in ("cross", "hybrid"):
        assert all_of_them()[name].ndcg > 2 * all_of_them()[name].popular


def test_a_fashion_is_worth_a_fusion() -> None:
    """Where tastes and fashions count together, hybrid is a fusion, better than every model alone, and says of what it is made."""
    chosen = all_of_them()["hybrid"]
    assert isinstance(chosen.model, Hybrid)
    assert chosen.ndcg > max(all_of_them()[name].ndcg for name in ALONE)
    assert all(part in " ".join(chosen.sentences) for part in chosen.model.parts)


@pytest.mark.parametrize("scope", ["new", "any"])
@pytest.mark.parametrize("seed", range(6))
def test_hybrid_is_never_below_its_parts(seed: int, scope: str) -> None:
    """On noise, where nothing can be learnt, hybrid is as good as the best of its parts, and where it is that part, it says so."""
    made = noise(seed, words=seed % 2 == 0)
    names = ("ease", "popular", *(("cross",) if scope == "new" else ()), *(("content",) if seed % 2 == 0 else ()))
    chosen = choose(made, ("hybrid", *names), Plan(scope), silent)
    hybrid = chosen["hybrid"]
    assert hybrid.ndcg >= max(chosen[name].ndcg for name in names)
    if not isinstance(hybrid.model, Hybrid):
        assert "not better than the best of them" in " ".join(hybrid.sentences)
        assert f"hybrid is {hybrid.stand_in} here" in " ".join(hybrid.sentences)
        assert parameters(hybrid.model, set(hybrid.parameters)) == hybrid.parameters


def test_where_the_fusion_does_not_help_it_is_one_of_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the fusion is not better than its best part by more than chance, hybrid is that part and says so."""
    monkeypatch.setattr(fusion, "holds", lambda *_: False)
    made, _, _ = worlds.checkerboard()
    chosen = choose(made, ("hybrid",), Plan("new"), silent)["hybrid"]
    assert not isinstance(chosen.model, Hybrid)
    assert "not better than the best of them" in " ".join(chosen.sentences)


@pytest.mark.parametrize("timed", [True, False])
def test_learnt_weights_are_drawn_towards_a_plain_mix(monkeypatch: pytest.MonkeyPatch, timed: bool) -> None:
    """Without times hybrid is drawn towards a mix of standardised scores, with times where that is better; parts of the mix stay, and it is said."""
    made = worlds.tastes() if timed else noise(0, words=True)
    monkeypatch.setattr(mixing, "mixed", lambda *_: {"ease": 0.7, "als": 0.3})
    monkeypatch.setattr(mixing, "leaning", lambda known, *_: (30.0, np.ones(known.customers)))
    chosen = choose(made, ("hybrid",), Plan("any"), silent)["hybrid"]
    assert isinstance(chosen.model, Hybrid)
    assert {"ease", "als"} <= set(chosen.model.parts)
    assert "drawn 97% of the way towards a plain mix of ease (70%) and als (30%)" in " ".join(chosen.sentences)
    assert not chosen.stand_in
    if timed:
        return
    free = made.history.purchases.toarray() == 0
    given = np.where(free, chosen.model.score_allowed(made.history, free), np.nan)
    wanted = np.zeros(free.shape)
    for name, share in (("ease", 0.7), ("als", 0.3)):
        score = np.where(free, chosen.model.parts[name].score(made.history), np.nan).astype(np.float64)
        wanted += share * (score - np.nanmean(score, axis=1, keepdims=True)) / np.nanstd(score, axis=1, keepdims=True)
    for own, mix in zip(given, np.where(free, wanted, np.nan), strict=True):
        both = np.isfinite(own) & np.isfinite(mix)
        assert both.sum() < 3 or np.corrcoef(np.argsort(np.argsort(own[both])), np.argsort(np.argsort(mix[both])))[0, 1] > 0.9


@pytest.mark.parametrize("name", ["cross", "ease"])
def test_given_penalty_and_scaling_are_obeyed(name: str) -> None:
    """λ and ρ that were given are those of the model, and nothing else is tried."""
    chosen = choose(world(), (name,), Plan("new", regularization=7.0, rho=0.25), silent)[name]
    assert isinstance(chosen.model, Regression)
    assert (chosen.model.regularization, chosen.model.rho) == (7.0, 0.25)
    assert len(chosen.trials) == 1


def test_given_factors_are_obeyed() -> None:
    """Factors that were given are those of the models."""
    chosen = choose(world(), ("als", "svd"), Plan("new", factors=3), silent)
    als, svd = chosen["als"].model, chosen["svd"].model
    assert isinstance(als, Als)
    assert isinstance(svd, Svd)
    assert als.factors == svd.factors == als.items_.shape[1] == svd.items_.shape[1] == 3


def test_given_values_reach_the_parts_of_hybrid() -> None:
    """λ, ρ and factors that were given are those of the parts of hybrid too."""
    model = choose(world(), ("hybrid",), Plan("new", regularization=7.0, rho=0.25, factors=3), silent)["hybrid"].model
    assert isinstance(model, Hybrid)
    for part in model.parts.values():
        if isinstance(part, Regression):
            assert (part.regularization, part.rho) == (7.0, 0.25)
        if isinstance(part, Als):
            assert part.factors == 3


@pytest.mark.parametrize(("scope", "rule"), [("new", "new-category"), ("any", "random"), ("any", "leave-last"), ("new", "temporal")])
def test_a_given_rule_is_obeyed(scope: str, rule: str) -> None:
    """The validation part is cut off by the rule that was given."""
    assert choose(world(), ("ease",), Plan(scope, rule=rule), silent)["ease"].rule == rule


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("scope", ["new", "any"])
def test_too_little_to_choose_on(name: str, scope: str) -> None:
    """With a dozen customers nothing is tried; a model comes all the same, with a warning of one sentence, and given values are obeyed."""
    made = worlds.tastes(12)
    chosen = choose(made, (name,), Plan(scope, regularization=50.0, factors=3), silent)[name]
    assert np.isfinite(chosen.model.score(made.history)).all()
    assert (chosen.trials, chosen.customers, chosen.rule) == ((), 0, "")
    assert np.isnan(chosen.ndcg)
    ((code, sentence),) = chosen.warnings
    assert code == "no-validation"
    assert "too few customers" in sentence
    assert sentence in chosen.sentences
    if isinstance(chosen.model, Regression):
        assert chosen.model.regularization == 50
    if isinstance(chosen.model, Als | Svd):
        assert chosen.model.factors == 3


@pytest.mark.parametrize("name", ALONE)
def test_one_customer_with_one_product(name: str) -> None:
    """One purchase is enough for a model."""
    made = worlds.table([[1]])
    assert np.isfinite(choose(made, (name,), Plan("any"), silent)[name].model.score(made.history)).all()


def test_everything_is_told() -> None:
    """What is being tried and fitted is told, in short phrases."""
    told: list[str] = []

    def tell(text: str, done: int = 0, total: int = 0) -> None:
        assert 0 <= done <= max(total, done)
        told.append(text)

    choose(world(), ("cross", "als"), Plan("new"), tell)
    assert any("cross" in text for text in told)
    assert any("als" in text for text in told)
    assert max(len(text) for text in told) < 80


def test_the_validation_number_is_that_of_the_best_trial_on_the_part() -> None:
    """The quality named for a model without parameters is that of the model fitted on the validation part."""
    judge = validation(world(), "new", "", 0)
    assert judge
    for name in ("popular", "content"):
        model = MODELS[name]().fit(judge.part)
        assert float(judge.judge(model).mean()) == pytest.approx(all_of_them()[name].ndcg)


def test_without_times_and_categories() -> None:
    """A bare table of customers and items is enough for hybrid: products are hidden at random."""
    dice = np.random.default_rng(0)
    taste = np.arange(100) % 2
    rows = dice.random((100, 20)) < np.where(taste[:, None] == np.arange(20) % 2, 0.4, 0.05)
    user, item = np.nonzero(rows)
    made = worlds.training(worlds.log(user, item), worlds.catalog([-1] * 20), 100)
    chosen = choose(made, ("hybrid",), Plan("any"), silent)["hybrid"]
    assert chosen.rule == "random"
    assert chosen.ndcg > 1.5 * chosen.popular
