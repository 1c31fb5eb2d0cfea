"""Fitted models as plain values, and back."""

from typing import Any

from xsell.models import MODELS, freeze, thaw
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression
from xsell.selection.hybrid import Hybrid, Model


def to_values(model: Model) -> dict[str, Any]:
    """Plain values of a fitted model: dictionaries, numbers, words and arrays."""
    if isinstance(model, Hybrid):
        values = freeze(model)
        return {"kind": "hybrid", "values": values | {"parts": {name: to_values(part) for name, part in model.parts.items()}}}
    return {"kind": _kind(model), "values": freeze(model)}


def from_values(frozen: dict[str, Any]) -> Model:
    """A fitted model from what `to_values` gave."""
    values = frozen["values"]
    if frozen["kind"] != "hybrid":
        return _alone(frozen)
    parts = {name: _alone(part) for name, part in values["parts"].items()}
    model = Hybrid(parts, values["window"], values["mean"], values["weights"], values["intercept"])
    vars(model).update({name: value for name, value in values.items() if name.endswith("_")})
    return model


def _alone(frozen: dict[str, Any]) -> Recommender:
    return thaw(frozen["kind"], frozen["values"])


def _kind(model: Model) -> str:
    if isinstance(model, Regression):
        return "cross" if model.exclude == "category" else "ease"
    return next(name for name, make in MODELS.items() if make is type(model))
