"""Models: matrices in, scores out. They know no ids and no files, and never rank, mask or sort."""

from collections.abc import Callable
from functools import partial
from typing import Any

from xsell.models.als import Als
from xsell.models.content import Content
from xsell.models.explicit import Explicit
from xsell.models.knn import Knn
from xsell.models.popular import Popular
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression
from xsell.models.rules import Rules
from xsell.models.svd import Svd

MODELS: dict[str, Callable[..., Recommender]] = {
    "cross": partial(Regression, exclude="category"),
    "ease": partial(Regression, exclude="item"),
    "als": Als,
    "svd": Svd,
    "knn": Knn,
    "rules": Rules,
    "content": Content,
    "ratings": Explicit,
    "popular": Popular,
}
"""The models that stand alone; `hybrid` is fused from them in the selection room."""


def freeze(model: object) -> dict[str, Any]:
    """Parameters and fitted arrays of a model as plain values, without what is made of them on demand."""
    return {name: value for name, value in vars(model).items() if not name.startswith("_")}


def thaw(name: str, frozen: dict[str, Any]) -> Recommender:
    """
    A fitted model from plain values.

    Args:
        name: Its name in MODELS.
        frozen: What `freeze` gave.
    """
    model = MODELS[name](**{k: v for k, v in frozen.items() if not k.endswith("_") and not (name in {"cross", "ease"} and k == "exclude")})
    vars(model).update(frozen)
    return model
