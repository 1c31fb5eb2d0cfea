"""Fitted models as plain values."""

from typing import Any

import numpy as np
import pytest

from tests import worlds
from xsell.contract.progress import silent
from xsell.models import MODELS
from xsell.models.regression import Regression
from xsell.selection.choose import choose
from xsell.selection.frozen import from_values, to_values
from xsell.selection.plan import Plan


def is_plain(value: Any) -> bool:
    """Whether a value is made of numbers, words, arrays of numbers, lists and dictionaries."""
    if isinstance(value, dict):
        return all(isinstance(key, str) and is_plain(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return all(is_plain(part) for part in value)
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return value is None or isinstance(value, str | bool | int | float | np.generic)


@pytest.mark.parametrize("name", [*MODELS, "hybrid"])
def test_values_are_plain(name: str) -> None:
    """Values of a fitted model are numbers, words, arrays and dictionaries of them, and parts of hybrid are inside in the same form."""
    model = choose(worlds.tastes(), (name,), Plan("new", regularization=10.0, rho=0.5, factors=4), silent)[name].model
    values = to_values(model)
    assert is_plain(values)
    assert values["kind"] == name
    if name == "hybrid":
        assert all(part["kind"] in MODELS for part in values["values"]["parts"].values())


@pytest.mark.parametrize("exclude", ["category", "item"])
@pytest.mark.parametrize("prefixes", [True, False])
def test_parameters_come_back(exclude: str, prefixes: bool) -> None:
    """A thawed model has the parameters that the frozen one was made with, so that fitting it again gives the same."""
    made = worlds.tastes(40)
    model = Regression(exclude, 12.0, 0.5, prefixes, 30, 40).fit(made)
    again = from_values(to_values(model))
    assert isinstance(again, Regression)
    assert (again.exclude, again.regularization, again.rho, again.prefixes) == (exclude, 12.0, 0.5, prefixes)
    assert np.array_equal(again.fit(made).score(made.history), model.score(made.history))


def test_freezing_shares_no_dictionary() -> None:
    """Changing the values of a frozen model does not change the model."""
    model = MODELS["popular"]().fit(worlds.table([[1, 0], [1, 1]]))
    values = to_values(model)
    values["values"].clear()
    assert np.allclose(model.score(worlds.table([[0, 0]]).history), [[1, 0.5]])
