"""Successive halving: the same for the same seed, within its budget, fair to the usual setting."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from tests import worlds
from xsell.contract.progress import silent
from xsell.models import MODELS
from xsell.selection import halving, parts, tuning
from xsell.selection.halving import FULL, PLANNED, Panel, Race, Values, tuned
from xsell.selection.plan import Parameters, Plan
from xsell.selection.ranges import SPACES, axis
from xsell.selection.validation import FEWEST_CUSTOMERS, Validation, validation

WHERE = (axis("x", *range(100)), axis("y", *range(10)), axis("z", 1, 2, 3))
USUAL = {"x": 10, "y": 5, "z": 2}
FOREVER = 1e9


@cache
def judge() -> Validation:
    """Give the validation cut of the world of tastes."""
    found = validation(worlds.tastes(), "new", "", 0)
    assert found
    return found


@cache
def raters() -> Validation:
    """Give the validation cut of the world of tastes in which customers rate."""
    found = validation(worlds.rated(worlds.tastes()), "any", "random", 0)
    assert found
    return found


def race(worth: dict[str, float] | None = None, deadline: float = FOREVER, seed: int = 0) -> Race:
    """Give a race over x and y with noise of each customer, in which settings are worth what `worth` says of x, or all the same."""
    panel = Panel.of(judge(), 0)

    def attempt(setting: Parameters, rung: int) -> dict[str, Values]:
        customers = panel.rungs[rung].wanted.user
        noise = np.random.default_rng([seed, setting["x"], setting["y"], setting["z"]]).normal(0, 0.1, 1000)[customers]
        return {"made": 0.5 + noise + (worth or {}).get("x", 0.0) * setting["x"] / 100}

    return Race("made", attempt, panel, deadline, silent)


def test_customers_of_the_search_do_not_decide() -> None:
    """The first rung asks some of the customers of the second, neither asks the fresh ones, and the last asks all."""
    panel = Panel.of(judge(), 3)
    first, second, last = (set(panel.rungs[rung].wanted.user.tolist()) for rung in (1, 2, FULL))
    fresh = set(judge().wanted.user[panel.fresh].tolist())
    assert first < second < last
    assert fresh == last - second
    assert len(first) >= len(last) // 6
    assert [len(panel.rungs[r].history) for r in (1, 2, FULL)] == [len(first), len(second), len(last)]


def test_nine_three_one() -> None:
    """A round tries nine settings, the best three again on more customers, and the best in full; no setting is met twice on a rung."""
    made = race({"x": 1.0})
    made.run(USUAL, WHERE, np.random.default_rng(0))
    rungs = [a.rung for a in made.attempts]
    assert rungs == [FULL] + ([1] * 9 + [2] * 3 + [FULL]) * 3
    assert len(rungs) == PLANNED
    for rung in (1, 2, FULL):
        met = [tuple(a.parameters.values()) for a in made.attempts if a.rung == rung]
        assert len(met) == len(set(met))
    first, second = ([a for a in made.attempts[1:14] if a.rung == rung] for rung in (1, 2))
    assert sorted(a.ndcg for a in first)[-3:] == sorted(next(b.ndcg for b in first if b.parameters == a.parameters) for a in second)


def test_a_better_setting_is_found_and_named() -> None:
    """Where large x is better the verdict is a setting of large x, its worth that over all customers, and its trial is marked."""
    made = race({"x": 1.0})
    made.run(USUAL, WHERE, np.random.default_rng(0))
    found = made.verdict()["made"]
    assert found.parameters["x"] > 50
    (marked,) = [a for a in made.attempts if a.role == "chosen"]
    assert (marked.parameters, marked.ndcg, marked.rung) == (found.parameters, found.ndcg, FULL)
    assert [a.parameters for a in made.attempts if a.role == "usual"] == [USUAL]
    assert found.ndcg > made.attempts[0].ndcg


def test_luck_does_not_win() -> None:
    """Where all settings are worth the same, the best of many tries looks better on the search in most worlds, and is taken in few of them."""
    ahead = taken = 0
    for seed in range(60):
        made = race(seed=seed)
        made.run(USUAL, WHERE, np.random.default_rng(seed))
        ahead += made.best() is not made.finals[0]
        taken += bool(made.verdict())
    assert ahead > 45
    assert taken <= 20


def test_a_worse_world_keeps_the_usual() -> None:
    """Where everything else is worse the usual setting stays, and nothing is marked as chosen."""
    made = race({"x": -1.0})
    made.run({**USUAL, "x": 0}, WHERE, np.random.default_rng(0))
    assert made.verdict() == {}
    assert {a.role for a in made.attempts} == {"usual", ""}


@pytest.mark.parametrize("deadline", [0, 1, 2, 3, 4, 10, 13, 25, 39, 100])
def test_the_budget_ends_trials(monkeypatch: pytest.MonkeyPatch, deadline: int) -> None:
    """Where a trial takes a second, trials end in time but the usual setting's; one more is tried in full where there is time for three, and a cut is told."""
    now = [0.0]
    monkeypatch.setattr(halving, "clock", lambda: now[0])
    made = race({"x": 1.0}, deadline)
    real = made.attempt

    def slow(setting: Parameters, rung: int) -> dict[str, Values]:
        now[0] += 1
        return real(setting, rung)

    made.attempt = slow
    made.run(USUAL, WHERE, np.random.default_rng(0))
    assert now[0] <= max(deadline, 1)
    assert (len(made.finals) > 1) == (deadline >= 3)
    assert made.cut == (deadline < 100)
    assert (len(made.attempts) == PLANNED) == (deadline == 100)
    assert set(made.verdict()) <= {"made"}


@pytest.mark.parametrize("family", SPACES)
def test_same_seed_same_search(family: str) -> None:
    """With enough time two searches of the same seed make the same trials, all of them, with qualities from 0 to 1, whatever the clock."""
    names = {"cross", "ease"} if family == "regressions" else {family}
    usual = {"regularization": 100.0, "rho": 0.0} if family == "regressions" else {}
    usual |= {"factors": 8} if family in {"als", "svd", "ratings"} else {}
    plan = Plan("new", seed=5, budget=FOREVER)
    panel = raters() if family == "ratings" else judge()
    one, two = (tuned(names, dict.fromkeys(names, usual), panel, plan, silent) for _ in range(2))
    assert one == two
    assert len(one.attempts) == one.planned
    assert {a.model for a in one.attempts} == names
    assert all(0 <= a.rmse < 1 if family == "ratings" else 0 <= a.ndcg <= 1 for a in one.attempts)
    assert set(one.better) in (set(), names)


def test_the_search_judges_as_the_model_is_made() -> None:
    """What a full trial says of a setting is what the model with it gets on the validation customers."""
    found = tuned({"svd"}, {"svd": {"factors": 4}}, judge(), Plan("new", budget=FOREVER), silent)
    for attempt in [a for a in found.attempts if a.rung == FULL]:
        model = MODELS["svd"](**attempt.parameters).fit(judge().part)
        assert attempt.ndcg == pytest.approx(judge().judge(model).mean())


def test_expected_ratings_are_searched_by_their_error() -> None:
    """From a poor setting the search finds one with a smaller error of held-out ratings, which is told with the quality of its lists."""
    judge, poor = raters(), {"factors": 64, "regularization": 0.01, "shrinkage": 0.3}
    assert judge.raters
    found = tuned({"ratings"}, {"ratings": poor}, judge, Plan("any", budget=FOREVER), silent)
    usual, (chosen,) = found.attempts[0], [a for a in found.attempts if a.role == "chosen"]
    assert usual.parameters == poor
    assert chosen.rmse < usual.rmse
    model = MODELS["ratings"](**chosen.parameters).fit(judge.part)
    assert (found.better["ratings"].rmse, found.better["ratings"].ndcg) == pytest.approx((chosen.rmse, judge.judge(model).mean()))
    assert judge.raters.told(judge.raters.judge(model))["rmse"] == pytest.approx(chosen.rmse)


def test_beside_cross_on_prefixes_cross_learns_from_whole_histories() -> None:
    """Beginnings of histories are tried for cross alone, not where another part is learnt from them."""
    usual = {"regularization": 100.0, "rho": 0.0}
    for names in ({"cross"}, {"cross", parts.PREFIXES}):
        found = tuned(names, dict.fromkeys(names, usual), judge(), Plan("new", budget=FOREVER), silent)
        assert {a.model for a in found.attempts} == {"cross"}
        assert any(a.parameters.get("prefixes") for a in found.attempts) == (names == {"cross"})


def test_a_few_raters_do_not_choose() -> None:
    """Where fewer customers than it takes to judge lists rated something afterwards, settings of ratings are the usual ones."""
    made = worlds.rated(worlds.tastes())
    log = made.log
    late = (log.at > np.quantile(log.at, 0.7)) & (log.user >= FEWEST_CUSTOMERS - 1)
    found = validation(worlds.replace_log(made, replace(log, rated=~late)), "any", "temporal", 0)
    assert found
    assert found.raters is None
    (usual,) = tuning.trials_of({"ratings"}, found, Plan("any"), silent)[:1]
    assert usual.parameters == {}


def test_without_held_out_ratings_nothing_is_tried() -> None:
    """Where no rating is held out, there is nothing to judge expected ratings by."""
    found = tuned({"ratings"}, {"ratings": {}}, judge(), Plan("any", budget=FOREVER), silent)
    assert found == halving.Tuned((), 0, {})


def test_what_is_dropped_is_marked_nowhere() -> None:
    """A search of which nothing is taken has the same trials, and none of them is chosen."""
    made = race({"x": 1.0})
    made.run(USUAL, WHERE, np.random.default_rng(0))
    better = made.verdict()
    whole = halving.Tuned(tuple(made.attempts), PLANNED, better)
    assert better
    assert [a.ndcg for a in halving.dropped(whole).attempts] == [a.ndcg for a in whole.attempts]
    assert "chosen" not in {a.role for a in halving.dropped(whole).attempts}
    assert not halving.dropped(whole).better
