"""Where `--tune` looks: a few values of every parameter, in their order."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from xsell.models.rules import SCORINGS
from xsell.selection.plan import Parameters, Plan
from xsell.selection.tuning import MOST_NEIGHBOURS
from xsell.selection.validation import Validation

Axis = tuple[dict[str, Any], ...]
Space = tuple[Axis, ...]

USUAL: dict[str, dict[str, Any]] = {
    "regressions": {"beta": 0.0, "prefixes": False},
    "als": {"iterations": 12},
    "knn": {"shrinkage": 0.0},
    "rules": {"least": 3},
    "ratings": {"iterations": 20},
}
"""Values that need not be named."""
DRAWS = 200
"""How often to look for a setting that was not drawn before."""


def axis(name: str, *values: Any) -> Axis:
    """One parameter and its values in their order."""
    return tuple({name: value} for value in values)


WEIGHTINGS: Axis = (
    {"weighting": "cosine"},
    {"weighting": "tfidf"},
    *({"weighting": "bm25", "k1": k1, "b": b} for k1 in (0.2, 0.6, 1.2, 2.0) for b in (0.0, 0.2, 0.5, 0.75, 1.0)),
)
FEW, MANY = (20, 50, 100, 200), (500, 1000)
SPACES: dict[str, Space] = {
    "regressions": (
        axis("regularization", *(float(f"{10 ** (step / 4):.2g}") for step in range(2, 21))),
        axis("rho", 0.0, 0.25, 0.5, 0.75),
        axis("beta", 0.0, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0),
        axis("prefixes", False, True),
    ),
    "als": (
        axis("factors", 16, 32, 48, 64, 96, 128, 192, 256),
        axis("alpha", 0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.6, 1.0, 3.0),
        axis("regularization", 0.0003, 0.001, 0.002, 0.004, 0.008, 0.016, 0.03, 0.06, 0.12, 0.25, 0.5),
        axis("iterations", 6, 12, 20),
    ),
    "svd": (
        axis("factors", 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256),
        axis("rho", 0.0, 0.25, 0.5, 0.75),
        axis("gamma", 0.0, 0.125, 0.25, 0.375, 0.5, 0.75),
    ),
    "knn": (WEIGHTINGS, axis("neighbours", *FEW, *MANY), axis("shrinkage", 0.0, 3.0, 10.0, 30.0, 100.0)),
    "ratings": (
        axis("factors", 0, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96),
        axis("regularization", 0.01, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.085, 0.1, 0.12, 0.14, 0.17, 0.2, 0.25),
        axis("shrinkage", 0.3, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 60.0, 100.0),
        axis("iterations", 10, 20, 40),
    ),
    "rules": (axis("scoring", *SCORINGS), axis("neighbours", *FEW, *MANY), axis("least", 2, 3, 5, 10)),
}


def space(family: str, judge: Validation, plan: Plan, beginnings: bool) -> Space:
    """
    What can be chosen for some models here: not what was given, and nothing that needs what is not there.

    Args:
        family: A key of SPACES.
        judge: The validation cut.
        plan: What was given.
        beginnings: Whether regressions may learn from beginnings of histories.
    """
    given = {"regularization": plan.regularization, "rho": plan.rho} if family == "regressions" else {}
    given |= {"factors": plan.factors} if family in {"als", "svd", "ratings"} else {}
    given |= {} if judge.part.catalog.content.nnz else {"beta": 0.0}
    given |= {} if beginnings and judge.part.log.timed else {"prefixes": False}
    return tuple(_left(values, given, judge.part.n_items) for values in SPACES[family])


def _left(values: Axis, given: Mapping[str, Any], items: int) -> Axis:
    name = next(iter(values[0]))
    if given.get(name) is not None:
        return ({name: given[name]},)
    return tuple(v for v in values if v.get("neighbours", 0) not in MANY or v["neighbours"] * items <= MOST_NEIGHBOURS)


def drawn(where: Space, dice: np.random.Generator, centre: Parameters | None) -> Iterator[Parameters]:
    """Settings at random: anywhere, or at most a step from a centre along each axis; settings may repeat."""
    sizes = np.array([len(values) for values in where])
    middle = np.array([_nearest(values, centre or {}) for values in where])
    for _ in range(DRAWS):
        place = dice.integers(sizes) if centre is None else np.clip(middle + dice.integers(-1, 2, len(sizes)), 0, sizes - 1)
        yield {name: value for values, k in zip(where, place.tolist(), strict=True) for name, value in values[k].items()}


def _nearest(values: Axis, centre: Parameters) -> int:
    """The place of the value that is nearest to that of a setting."""
    return min(range(len(values)), key=lambda k: sum(_apart(value, centre.get(name)) for name, value in values[k].items()))


def _apart(value: Any, other: Any) -> float:
    """How far two values of a parameter are from each other: numbers by their quotient."""
    if value == other:
        return 0.0
    if isinstance(value, str) or other is None or isinstance(other, str):
        return 10.0
    return abs(math.log((value + 1e-6) / (other + 1e-6)))


def short(family: str, parameters: Parameters) -> Parameters:
    """A setting without the values that need not be named."""
    usual = USUAL.get(family, {})
    return {name: value for name, value in parameters.items() if name not in usual or usual[name] != value}


def full(family: str, parameters: Parameters) -> Parameters:
    """A setting with all its values."""
    return {**USUAL.get(family, {}), **parameters}
