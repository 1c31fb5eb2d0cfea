"""Attempts at settings: climbing towards the best, judging one, making a model of it."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from xsell.models import MODELS
from xsell.models.recommender import Recommender
from xsell.selection.plan import Parameters, Plan, Trial
from xsell.selection.validation import Validation

BLOCK_OF = {"cross": "category", "ease": "item"}

Value = TypeVar("Value", int, float)


def climb(values: Sequence[Value], start: int, worth: Callable[[Sequence[Value]], Sequence[float]], first: Sequence[int] = (0, 1)) -> Value:
    """
    Try values from a start on, towards the better neighbour, until both neighbours of the best have been tried; give the best.

    Args:
        values: What can be tried, in order.
        start: Place of the first.
        worth: Tries some values at once; the more, the better.
        first: Which to try at once to begin with, places from the start.
    """
    places = [start + step for step in first if 0 <= start + step < len(values)]
    found = dict(zip(places, worth([values[place] for place in places]), strict=True))
    while True:
        best = max(found, key=lambda place: (found[place], -abs(place - start)))
        left = [place for place in (best + 1, best - 1) if 0 <= place < len(values) and place not in found]
        if not left:
            return values[best]
        found[left[0]] = worth([values[left[0]]])[0]


def quality(judge: Validation, model: Recommender) -> float:
    """NDCG@10 of a model, the mean over the validation customers."""
    return float(judge.judge(model).mean())


def best(trials: Sequence[Trial], name: str = "") -> Trial:
    """The best trial (of one model); the first among equals."""
    return max((t for t in trials if not name or t.model == name), key=lambda t: t.worth)


def make(name: str, parameters: Parameters, plan: Plan) -> Recommender:
    """A model with chosen parameters, not fitted yet."""
    whole = {k: int(v) if k in {"factors", "iterations"} else v for k, v in parameters.items()}
    more = {"seed": plan.seed} if name in {"als", "svd", "ratings"} else {}
    more |= {"regressors": plan.regressors, "targets": plan.targets} if name in BLOCK_OF else {}
    return MODELS[name](**whole, **more)
