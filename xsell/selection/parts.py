"""The models that `hybrid` may be made of, and how they are fitted together."""

from collections.abc import Mapping, Sequence

import numpy as np

from xsell.contract.progress import Tell
from xsell.data.training import Training
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression, enriched, solve, sums
from xsell.selection import tuning
from xsell.selection.plan import Plan, Trial

PREFIXES = "cross on prefixes"
REGRESSIONS = ("cross", "ease", PREFIXES)


def parts(training: Training, plan: Plan) -> list[str]:
    """Models that hybrid may be made of here, the most useful first."""
    names = ["cross", "ease"] if plan.scope == "new" else ["ease"]
    if training.log.timed and plan.scope == "new":
        names.append(PREFIXES)
    names.append("als")
    if training.catalog.content.nnz:
        names.append("content")
    return names


def together(trials: Sequence[Trial], names: Sequence[str]) -> dict[str, Trial]:
    """The best trial of every part; cross and ease take the setting of the better of them, so that they share an inverse."""
    best = {name: tuning.best(trials, name) for name in names if name != PREFIXES}
    pair = [name for name in ("cross", "ease") if name in best]
    lead = max((best[name] for name in pair), key=lambda t: t.ndcg)
    for name in pair:
        best[name] = next(t for t in trials if t.model == name and t.parameters == lead.parameters)
    if PREFIXES in names:
        best[PREFIXES] = Trial(PREFIXES, best["cross"].parameters, np.nan)
    return best


def with_better(usual: Mapping[str, Trial], better: Mapping[str, Trial]) -> dict[str, Trial]:
    """The trials of all parts where some were replaced; cross on prefixes has the setting of cross."""
    found = {**usual, **better}
    if PREFIXES in found:
        found[PREFIXES] = Trial(PREFIXES, found["cross"].parameters, np.nan)
    return found


def fitted(training: Training, names: Sequence[str], best: Mapping[str, Trial], plan: Plan, tell: Tell) -> dict[str, Recommender]:
    """Fit parts; regressions with the same λ, ρ and beginnings share one inverse."""
    found: dict[str, Recommender] = {}
    for prefixes in (False, True):
        members = [name for name in names if name in REGRESSIONS and (name == PREFIXES) == prefixes]
        if members:
            tell(f"fitting {' and '.join(members)}")
            found |= _family(training, members, best[members[0]], prefixes, plan)
    for name in names:
        if name not in found:
            tell(f"fitting {name}")
            found[name] = tuning.make(name, best[name].parameters, plan).fit(training)
    return {name: found[name] for name in names}


def _family(training: Training, members: Sequence[str], trial: Trial, prefixes: bool, plan: Plan) -> dict[str, Recommender]:
    p = trial.parameters
    beta = p.get("beta", 0.0)
    known = sums(training, p["rho"], prefixes, plan.regressors, plan.targets)
    solved = solve(enriched(known, training.catalog, beta), p["regularization"])
    found: dict[str, Recommender] = {}
    for name in members:
        exclude = "item" if name == "ease" else "category"
        model = Regression(exclude, p["regularization"], p["rho"], prefixes, beta, plan.regressors, plan.targets)
        found[name] = model.fit_solved(solved, training)
    return found
