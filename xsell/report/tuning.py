"""What `--tune` did, in words and tables."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from xsell.contract.reports import Grid
from xsell.contract.trials import Attempt
from xsell.contract.wording import listed

RUNGS = 3
SHOWN = 5
NAMES = {"regularization": "λ", "rho": "ρ", "beta": "β", "gamma": "γ", "iterations": "sweeps", "prefixes": "prefixes"}


def sentences(name: str, attempts: Sequence[Attempt], planned: int, changed: Sequence[str], budget: str) -> Iterator[str]:
    """Say how much was tried, whether time ran out, and what came of it."""
    if not attempts and name == "ratings":
        yield "Too few ratings were held out to tell settings apart, so tuning tried nothing."
        return
    if not attempts:
        yield f"Tuning has nothing to try for {name} that is not tried anyway."
        return
    if len(attempts) < planned:
        yield f"The budget of {budget} ended tuning after {len(attempts)} of at most {planned} trials; a longer --budget may find more."
    else:
        yield f"Tuning made {len(attempts)} trials."
    if changed:
        yield f"It found {settings(changed)}: better than the usual by more than chance on the customers kept out of the search."
    else:
        yield "No other setting proved better by more than chance on the customers kept out of the search, so the usual ones stay."


def settings(names: Sequence[str]) -> str:
    """Write which models have new settings."""
    return f"a setting of {names[0]}" if len(names) == 1 else f"settings of {listed(names)}"


def grids(attempts: Sequence[Attempt]) -> Iterator[Grid]:
    """Draw the best trials in full of every model, and its usual setting."""
    in_full = [a for a in attempts if a.rung == RUNGS]
    if not in_full:
        return
    order = {name: place for place, name in enumerate(dict.fromkeys(a.model for a in in_full))}
    best = sorted(in_full, key=lambda a: (order[a.model], -a.worth))
    kept = [a for a in best if a.role or sum(b.model == a.model and b.worth > a.worth for b in best) < SHOWN]
    rows = tuple((a.model, words(a.parameters), a.role or None, abs(a.worth)) for a in kept)
    bold = tuple(place for place, a in enumerate(kept) if a.role == "chosen")
    note = f"Trials on all {kept[0].customers:,} customers; the file models/NAME.json has every trial."
    measure = "NDCG@10" if math.isnan(kept[0].rmse) else "RMSE"
    yield Grid("Tuning", ("model", "setting", "", measure), rows, bold=bold, note=note)


def words(parameters: Mapping[str, Any]) -> str:
    """Write a setting in one line."""
    return ", ".join(_word(NAMES.get(name, name), value) for name, value in parameters.items())


def _word(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return name if value else f"no {name}"
    return value if isinstance(value, str) else f"{name} {value:g}"


def _unknown(value: Any) -> bool:
    return isinstance(value, float) and math.isnan(value)


def facts(attempts: Sequence[Attempt], planned: int) -> dict[str, Any]:
    """Every trial, for scripts."""
    tried = [{"ndcg@10" if name == "ndcg" else name: value for name, value in asdict(a).items() if not _unknown(value)} for a in attempts]
    return {"tuning": {"trials_planned": planned, "trials": tried}} if attempts else {}
