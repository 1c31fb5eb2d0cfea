"""The words of `evaluate` that need checking before any work: which models to judge, and which gates their quality must pass."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

from xsell.contract.names import METRICS, MODELS
from xsell.contract.options import Evaluate
from xsell.errors import UsageError

BASELINE = "popular"
"""Every model is compared with this one."""


@dataclass(frozen=True, slots=True)
class Gate:
    """
    A metric that must not be lower than a value.

    Attributes:
        metric: Name and length of the lists, such as `precision@10`.
        least: Lowest value that passes.
    """

    metric: str
    least: float


def models(text: str) -> tuple[str, ...]:
    """
    Names of the models to judge, in the order given and without repeats; the baseline is always there, last unless it was named.

    Raises:
        UsageError: A name is unknown, or there is none.
    """
    named = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    unknown = [name for name in named if name not in MODELS]
    if unknown or not named:
        raise UsageError(f"There is no model called {', '.join(unknown) or 'nothing'}.", f"Choose from {', '.join(MODELS)}.")
    return named if BASELINE in named else (*named, BASELINE)


def gates(texts: tuple[str, ...], k: int) -> tuple[Gate, ...]:
    """
    Read conditions such as `precision@10=0.05`; a text may hold several with commas.

    Args:
        texts: As typed.
        k: Length of the lists of this run.

    Raises:
        UsageError: A condition cannot be read, names no metric, another length, or a value outside 0..1.
    """
    return tuple(_gate(part.strip(), k) for text in texts for part in text.split(","))


def _gate(text: str, k: int) -> Gate:
    metric, _, value = (part.strip() for part in text.partition("="))
    name, _, length = metric.partition("@")
    example = f"Write it like --fail-under precision@{k}=0.05."
    if name not in METRICS:
        raise UsageError(f"{text!r} names no metric that could be checked.", f"{example} Metrics are {', '.join(METRICS)}.")
    if length and length != str(k):
        raise UsageError(f"{text!r} is about lists of {length}, and this run makes lists of {k}.", f"{example} Or set -k {length}.")
    try:
        least = float(value)
    except ValueError:
        least = math.nan
    if not 0 <= least <= 1:
        raise UsageError(f"{text!r} has no value between 0 and 1.", example)
    return Gate(f"{name}@{k}", least)


def check(options: Evaluate) -> None:
    """
    Refuse words that `evaluate` would not understand.

    Raises:
        UsageError: A model, a metric or a value is none.
    """
    models(options.model)
    gates(options.fail_under, options.k)


def closed(conditions: tuple[Gate, ...], found: Mapping[str, float]) -> str:
    """
    Why the gates do not let a model pass, one sentence, or nothing.

    Args:
        conditions: What must hold.
        found: Metrics of the model by name and length; a missing one or NaN never passes.
    """
    low = [(g, found.get(g.metric, math.nan)) for g in conditions if not found.get(g.metric, math.nan) >= g.least]
    return "; ".join(f"{gate.metric} is {value:.4g}, under the {gate.least:g} asked for" for gate, value in low) + "." if low else ""
