"""Earlier evaluations, to compare with: the JSON that `evaluate` wrote, and the values of every customer beside it."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs

from xsell.contract.reports import FileFact
from xsell.errors import InputError

Ends = tuple[float, float, float]
"""Mean, lower and upper end."""

OFF = 1e-9
HINT = "Name the evaluation/NAME.json of an earlier `xsell evaluate`."


@dataclass(frozen=True, slots=True)
class Earlier:
    """
    What an evaluation found.

    Attributes:
        path: As the user gave it.
        question: What was asked: split, scope, length of the lists, and whatever else the answer depends on.
        customers: How many were judged.
        models: Mean and interval of every metric with its length, of every model, in the order in which they were judged.
        values: The metrics of every customer as `evaluate` writes them, or None where that file is not there.
        fact: The file.
    """

    path: str
    question: dict[str, Any]
    customers: int
    models: dict[str, dict[str, Ends]]
    values: pl.DataFrame | None
    fact: FileFact


def read_earlier(path: str) -> Earlier:
    """
    Read an evaluation.

    Args:
        path: Its JSON file.

    Raises:
        InputError: It is missing, damaged, no evaluation, or the values beside it are of another one.
    """
    try:
        data = Path(path).read_bytes()
    except FileNotFoundError:
        raise InputError(f"There is no earlier evaluation {path}.", HINT) from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", HINT) from None
    try:
        earlier = _understood(path, json.loads(data), FileFact(path, hashlib.sha256(data).hexdigest(), None))
    except (ValueError, RecursionError):
        raise InputError(f"{path} is damaged: it is no whole JSON object.", HINT) from None
    except (KeyError, TypeError, AttributeError):
        raise InputError(f"{path} is no evaluation that could be compared with.", HINT) from None
    return earlier


def _understood(path: str, facts: Mapping[str, Any], fact: FileFact) -> Earlier:
    models = {str(name): {str(m): _ends(path, v) for m, v in _named(found)} for name, found in facts["models"].items()}
    question = {"split": str(facts["split"]["rule"]), "scope": str(facts["scope"]), "k": int(facts["k"]), **facts.get("question", {})}
    first = next(iter(models.values()), {})
    if not first:
        raise KeyError(path)
    return Earlier(path, question, int(facts["counts"]["customers"]), models, _values(Path(path).with_suffix(".parquet"), models), fact)


def _named(found: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Only metrics with an interval."""
    return [(name, value) for name, value in found["metrics"].items() if isinstance(value, dict)]


def _ends(path: str, value: Mapping[str, Any]) -> Ends:
    mean, low, high = (value[end] for end in ("mean", "low", "high"))
    numbers = all(isinstance(end, int | float) and math.isfinite(end) for end in (mean, low, high))
    if not numbers or not low <= mean <= high:
        raise InputError(f"{path} holds a metric without a number or an interval.", HINT)
    return float(mean), float(low), float(high)


def _values(place: Path, models: Mapping[str, Mapping[str, Ends]]) -> pl.DataFrame | None:
    """The values beside the JSON, if they are there, held against it."""
    if not place.is_file():
        return None
    odd = InputError(
        f"{place} is damaged, or not of the evaluation beside it.", "Copy both files again, or only the JSON under another name."
    )
    try:
        values = pl.read_parquet(place)
        means = {row["model"]: row for row in values.group_by("model").agg(cs.numeric().mean()).iter_rows(named=True)}
        whole = all(abs(means[name][metric] - ends[0]) <= OFF for name, found in models.items() for metric, ends in found.items())
    except (OSError, pl.exceptions.PolarsError, KeyError, TypeError):
        raise odd from None
    if not whole:
        raise odd
    return values
