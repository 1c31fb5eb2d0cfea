"""The models that `hybrid` may be made of, and how they are fitted together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from xsell.contract.progress import Tell
from xsell.data.training import Training
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression
from xsell.selection import attempts
from xsell.selection.plan import Parameters, Plan, Trial

PREFIXES = "cross on prefixes"
LIGHT = (2000, 6000)
"""Regressors and targets while a fusion is learnt, whose weights hardly depend on their number, while the time does."""
FEWEST, COVERED = 3000, 0.8
"""
Regressors in the end: so many at least, and as many as so large a share of all purchases is of.

With all of 5,148 products as regressors training takes a fifth longer for lists as good; of 61,452, 3,000 are too few (NDCG@10 -.6 %).
"""


def parts(training: Training, plan: Plan) -> list[str]:
    """Models that hybrid may be made of here, the most useful first."""
    names = ["cross" if plan.scope == "new" else "ease"]
    if training.log.timed and plan.scope == "new":
        names.append(PREFIXES)
    names.append("als")
    if training.catalog.content.nnz:
        names.append("content")
    return names


def light(plan: Plan) -> Plan:
    """The plan for windows that a fusion is learnt on."""
    return replace(plan, regressors=min(plan.regressors, LIGHT[0]), targets=min(plan.targets, LIGHT[1]))


def together(trials: Sequence[Trial], names: Sequence[str]) -> dict[str, Trial]:
    """The best trial of every part; prefixes take the setting of cross."""
    best = {name: attempts.best(trials, name) for name in names if name != PREFIXES}
    if PREFIXES in names:
        best[PREFIXES] = Trial(PREFIXES, best["cross"].parameters, np.nan)
    return best


def with_better(usual: Mapping[str, Trial], better: Mapping[str, Trial]) -> dict[str, Trial]:
    """The trials of all parts where some were replaced; cross on prefixes has the setting of cross."""
    found = {**usual, **better}
    if PREFIXES in found:
        found[PREFIXES] = Trial(PREFIXES, found["cross"].parameters, np.nan)
    return found


def fitted(
    training: Training, names: Sequence[str], best: Mapping[str, Trial], plan: Plan, tell: Tell, *, tried: bool = False
) -> dict[str, Recommender]:
    """Fit parts, in the order of their names; `tried` says that the training is what settings were tried on, so that a model kept from there will do."""

    def fit(name: str) -> Recommender:
        kept = best[name].fitted
        if tried and kept is not None:
            return kept
        tell(f"fitting {name}")
        return _part(name, best[name].parameters, plan, training).fit(training)

    return dict(zip(names, plan.fits(fit, names), strict=True))


def regressors(training: Training, most: int) -> int:
    """How many regressors a part of a fusion has in the end, `most` at most."""
    bought = np.cumsum(np.sort(np.bincount(training.history.purchases.indices, minlength=1))[::-1])
    return min(most, max(FEWEST, int(np.searchsorted(bought, COVERED * bought[-1])) + 1))


def _part(name: str, parameters: Parameters, plan: Plan, training: Training) -> Recommender:
    """A part; `cross on prefixes` takes one more inverse, so it is always light."""
    if name != PREFIXES:
        return attempts.make(name, parameters, replace(plan, regressors=regressors(training, plan.regressors)))
    return Regression(**parameters, prefixes=True, regressors=min(plan.regressors, LIGHT[0]), targets=plan.targets)
