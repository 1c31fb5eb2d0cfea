"""Predicted beside observed rates, in words and tables."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

from xsell.contract.reports import Grid, Warned
from xsell.contract.spans import DAY
from xsell.contract.wording import many
from xsell.metrics.intervals import FEWEST
from xsell.metrics.probability import Reliability


def sentences(found: Mapping[str, Reliability], k: int) -> Iterator[str]:
    """Say whether lists brought what their probabilities promised."""
    for model, one in found.items():
        if one.customers < FEWEST:
            continue
        low, high = one.actual.low, one.actual.high
        fits = "as" if kept(one) else "less than" if one.expected > high else "more than"
        yield (
            f"A list of {k} by {model} brought {one.actual.mean:.3f} purchases{_within(one)} (95% interval {low:.3f} to {high:.3f}) where its "
            f"probabilities add up to {one.expected:.3f}: {fits} the scores say."
        )


def _within(one: Reliability) -> str:
    return f" within {many(round(one.seconds / DAY), 'day')}" if one.seconds >= DAY else ""


def kept(one: Reliability) -> bool:
    """Whether lists brought what their probabilities promised, as far as can be told."""
    return one.customers < FEWEST or one.actual.low <= one.expected <= one.actual.high


def broken(found: Mapping[str, Reliability], k: int) -> Iterator[Warned]:
    """Warn of models whose probabilities promise more or less than lists brought."""
    yield from (Warned("probabilities-off", said) for said in sentences({name: one for name, one in found.items() if not kept(one)}, k))


def grids(found: Mapping[str, Reliability]) -> Iterator[Grid]:
    """Draw what was predicted and what happened, from the least to the most probable offers."""
    for model, one in found.items():
        if one.customers < FEWEST:
            continue
        yield Grid(
            f"Are the probabilities of {model} right?",
            ("offers", "predicted", "observed", "95% interval"),
            tuple(
                (n, f"{p:.4f}", f"{seen.mean:.4f}", f"{seen.low:.4f} to {seen.high:.4f}")
                for n, p, seen in zip(one.offers, one.predicted, one.observed, strict=True)
            ),
            note=f"{many(one.customers, 'customer')} with a history, whether they bought anything{_within(one) or ' afterwards'} or not. Brier score {one.brier.mean:.5f}, "
            f"{one.skill:+.1%} saved of that of the mean rate.",
            aside=True,
        )


def facts(found: Mapping[str, Reliability]) -> dict[str, Any]:
    """Everything that was found, for scripts."""
    return {"probabilities": {model: asdict(one) for model, one in found.items()}}
