"""Where tuning looks: in the ranges, not at what was given, and near a setting if asked."""

import numpy as np
import pytest

from tests import worlds
from xsell.models import MODELS
from xsell.models.regression import Regression
from xsell.selection.plan import Plan
from xsell.selection.ranges import SPACES, drawn, full, short, space
from xsell.selection.validation import Validation, validation


def judge(timed: bool = True) -> Validation:
    """Give a validation cut."""
    found = validation(worlds.tastes(timed=timed), "new", "", 0)
    assert found
    return found


@pytest.mark.parametrize("family", SPACES)
def test_settings_are_parameters_of_the_model(family: str) -> None:
    """Whatever is drawn, anywhere or near the usual setting, a model can be made with it, in full and without usual values."""
    where, dice = space(family, judge(), Plan("new"), beginnings=True), np.random.default_rng(1)
    make = Regression if family == "regressions" else MODELS[family]
    for centre in (None, full(family, {})):
        for setting in drawn(where, dice, centre):
            made = make(**short(family, setting))
            assert {name: getattr(made, name) for name in setting} == setting


def test_near_is_a_step_away() -> None:
    """Near a setting of the ranges every value is that of the setting or one next to it; one off the ranges counts as the nearest value."""
    where = SPACES["svd"]
    for setting in drawn(where, np.random.default_rng(0), {"factors": 33, "rho": 0.25, "gamma": 0.75}):
        assert setting["factors"] in {24, 32, 48}
        assert setting["rho"] in {0.0, 0.25, 0.5}
        assert setting["gamma"] in {0.5, 0.75}


def test_what_is_given_or_impossible_is_not_drawn() -> None:
    """λ, ρ and factors that were given are in every setting; without words there is no β, without times no beginnings."""
    plan = Plan("new", regularization=7.0, rho=0.1, factors=3)
    assert all(
        s["factors"] == 3
        for name in ("als", "svd", "ratings")
        for s in drawn(space(name, judge(), plan, True), np.random.default_rng(0), None)
    )
    found = list(drawn(space("regressions", judge(timed=False), plan, True), np.random.default_rng(0), None))
    assert {(s["regularization"], s["rho"], s["prefixes"]) for s in found} == {(7.0, 0.1, False)}
    assert len({s["beta"] for s in found}) > 1
    wordless = validation(worlds.twins(), "new", "", 0)
    assert wordless
    assert {s["beta"] for s in drawn(space("regressions", wordless, plan, True), np.random.default_rng(0), None)} == {0.0}
