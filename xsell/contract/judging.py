"""The words of `evaluate` that need checking before any work: which models to judge, and which gates their quality must pass."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xsell.contract.names import ERRORS, GUARDS, METRICS, MODELS, SHIPPED
from xsell.contract.options import Evaluate
from xsell.contract.wording import listed
from xsell.errors import UsageError

BASELINE = "popular"
"""Every model is compared with this one."""

EARLIER = "baseline"
"""What the evaluation of `--baseline` is called among the rivals."""


@dataclass(frozen=True, slots=True)
class Gate:
    """
    A metric that must not be lower, or not higher, than a value.

    Attributes:
        metric: Name and length of the lists, such as `precision@10`; errors of expected ratings have no length.
        bound: The last value that passes.
        over: Whether higher values fail, and not lower ones.
    """

    metric: str
    bound: float
    over: bool = False


@dataclass(frozen=True, slots=True)
class Rival:
    """
    What the first model must not be worse than.

    Attributes:
        name: A model, or `baseline` for an earlier evaluation.
        tolerance: How much worse is still taken.
    """

    name: str
    tolerance: float = 0.0


def models(text: str, also: tuple[Rival, ...] = ()) -> tuple[str, ...]:
    """
    Names of the models to judge, in the order given and without repeats; rivals and the baseline are always there, last unless named.

    Args:
        text: As typed.
        also: What the first model is held against.

    Raises:
        UsageError: A name is unknown, or there is none.
    """
    named = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",") if name.strip()))
    unknown = [name for name in named if name not in MODELS]
    if unknown or not named:
        raise UsageError(f"There is no model called {', '.join(unknown) or 'nothing'}.", f"Choose from {', '.join(MODELS)}.")
    return tuple(dict.fromkeys((*named, *(rival.name for rival in also if rival.name in MODELS), BASELINE)))


def rivals(texts: tuple[str, ...]) -> tuple[Rival, ...]:
    """
    Read what the first model must not be worse than, such as `popular` or `baseline=0.002`.

    Raises:
        UsageError: It is neither a model nor `baseline`, or its tolerance is no number from 0 to 1.
    """
    return tuple(_rival(part.strip()) for text in texts for part in text.split(","))


def _rival(text: str) -> Rival:
    name, sign, value = (part.strip() for part in text.partition("="))
    example = "Write it like --fail-worse-than popular, or with a tolerance like --fail-worse-than baseline=0.002."
    if name not in {EARLIER, *MODELS}:
        raise UsageError(
            f"--fail-worse-than {text} names nothing to compare with.", f"{example} Choose from {', '.join((EARLIER, *MODELS))}."
        )
    tolerance = _number(value) if sign else 0.0
    if not 0 <= tolerance <= 1:
        raise UsageError(f"--fail-worse-than {text} has no tolerance between 0 and 1.", example)
    return Rival(name, tolerance)


def gates(options: Evaluate) -> tuple[Gate, ...]:
    """
    Read conditions such as `precision@10=0.05`; a text may hold several with commas.

    Args:
        options: What was typed after `--fail-under` and `--fail-over`, and the lengths of the lists; a metric without one is about the first.

    Raises:
        UsageError: A condition cannot be read, names no metric, another length, or a value outside 0..1 of one that lies there.
    """
    typed = ((options.fail_under, False), (options.fail_over, True))
    return tuple(_gate(part.strip(), options.lengths, over) for texts, over in typed for text in texts for part in text.split(","))


def _gate(text: str, lengths: tuple[int, ...], over: bool) -> Gate:
    k = lengths[0]
    metric, _, value = (part.strip() for part in text.partition("="))
    name, _, length = metric.partition("@")
    example = f"Write it like {'--fail-over top_item_share' if over else f'--fail-under precision@{k}'}=0.05."
    if name not in (known := (*METRICS, *GUARDS, *SHIPPED, *ERRORS)):
        raise UsageError(f"{text!r} names no metric that could be checked.", f"{example} Metrics are {', '.join(known)}.")
    if name in ERRORS:
        return _gate_of_errors(text, Gate(metric, _number(value), over))
    if length and length not in map(str, lengths):
        made = listed([str(n) for n in lengths])
        raise UsageError(f"{text!r} is about lists of {length}, and this run makes lists of {made}.", f"{example} Or set -k {length}.")
    bound = _number(value)
    if not 0 <= bound <= 1:
        raise UsageError(f"{text!r} has no value between 0 and 1.", example)
    return Gate(f"{name}@{length or k}", bound, over)


def _gate_of_errors(text: str, gate: Gate) -> Gate:
    """Expected ratings are judged without lists, and may be off by any number."""
    if gate.metric not in ERRORS or not math.isfinite(gate.bound):
        raise UsageError(f"{text!r} needs a number, and no length of lists.", "Write it like --fail-over rmse=0.9.")
    return gate


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan


def check(options: Evaluate) -> None:
    """
    Refuse words that `evaluate` would not understand.

    Raises:
        UsageError: A model, a metric, a rival or a value is none, or there is nothing to compare with.
    """
    against = rivals(options.fail_worse_than)
    first = models(options.model)[0]
    odd = [gate.metric for gate in gates(options) if gate.metric.partition("@")[0] in SHIPPED and not options.recommendations]
    if odd:
        raise UsageError(f"{odd[0]} is measured on delivered lists only.", "Name them with --recommendations FILE --against FILE.")
    if any(rival.name == EARLIER for rival in against) and not options.baseline:
        raise UsageError("--fail-worse-than baseline needs an earlier evaluation.", "Name its file with --baseline FILE.json.")
    if bool(options.recommendations) != bool(options.against):
        raise UsageError(
            "--recommendations and --against belong together.", "Name the lists with the one and the purchases with the other."
        )
    if options.recommendations and any(rival.name != EARLIER for rival in against):
        raise UsageError("Lists that were delivered have no other model beside them.", "Compare with --fail-worse-than baseline.")
    if any(rival.name == first for rival in against):
        raise UsageError(f"--fail-worse-than {first} compares {first} with itself.", "Name another model first with --model.")


def closed(conditions: tuple[Gate, ...], found: Mapping[str, float]) -> Iterator[str]:
    """
    Say why gates do not let a model pass, one clause each.

    Args:
        conditions: What must hold.
        found: Metrics of the model by name and length; a missing one or NaN never passes.
    """
    for gate in conditions:
        value = found.get(gate.metric, math.nan)
        if not (value <= gate.bound if gate.over else value >= gate.bound):
            yield f"{gate.metric} is {value:.4g}, {'over' if gate.over else 'under'} the {gate.bound:g} asked for"
