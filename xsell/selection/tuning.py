"""The few parameters that matter, chosen on the validation cut."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from typing import Any

from xsell.contract.progress import Tell
from xsell.models import MODELS
from xsell.models.regression import Regression, Sums, enriched, solve, sums
from xsell.models.rules import SCORINGS, Rules
from xsell.selection.attempts import BLOCK_OF, best, climb, quality
from xsell.selection.factors import als, ratings, svd
from xsell.selection.plan import Parameters, Plan, Trial
from xsell.selection.validation import Validation

LAMBDAS = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0)
START = 4
RHOS = (0.0, 0.5)
BETAS = (1.0, 10.0, 100.0)
WEIGHTINGS: tuple[dict[str, Any], ...] = (
    {"weighting": "cosine"},
    {"weighting": "tfidf"},
    {"weighting": "bm25", "k1": 0.2, "b": 0.2},
    {"weighting": "bm25", "k1": 0.2, "b": 0.75},
    {"weighting": "bm25", "k1": 1.2, "b": 0.2},
    {"weighting": "bm25", "k1": 1.2, "b": 0.75},
)
NEIGHBOURS = (200, 50, 1000)
SHRINKAGE = 10.0
MOST_NEIGHBOURS = 50_000_000
"""Neighbours of all products together up to which a number of neighbours is tried."""
HEAD = 1000
"""Regressions are tuned on the products that most customers have, as many as this: λ and ρ hardly depend on their number, the time does."""


def regressions(names: set[str], judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Climb towards the best λ for every ρ; `cross` and `ease` share one inverse each time, and the better of them leads."""
    lambdas, start = (LAMBDAS, START) if plan.regularization is None else ((plan.regularization,), 0)

    def attempts(known: Sums, settings: Sequence[Parameters]) -> list[list[Trial]]:
        """By setting, the trials of all models; weights of what items are need sums of their own."""

        def attempt(setting: Parameters) -> list[Trial]:
            tell(f"choosing λ, ρ and β: trying {setting['regularization']:g}, {setting['rho']:g} and {setting.get('beta', 0):g}")
            return list(_attempts(names, judge, known, setting))

        return plan.fits(attempt, settings)

    def climbed(rho: float) -> tuple[Sums, list[Trial]]:
        known = plan.fits(lambda rho: sums(judge.part, rho, False, min(plan.regressors, HEAD), min(plan.targets, HEAD)), [rho])[0]
        trials: list[Trial] = []

        def worth(some: Sequence[float]) -> list[float]:
            found = attempts(known, [{"regularization": regularization, "rho": rho} for regularization in some])
            trials.extend(trial for together in found for trial in together)
            return [_lead(together) for together in found]

        climb(lambdas, start, worth)
        return known, trials

    rhos = RHOS if plan.rho is None else (plan.rho,)
    found = dict(zip(rhos, plan.jobs([partial(climbed, rho) for rho in rhos]), strict=True))
    trials = [trial for _, some in found.values() for trial in some]
    if (plan.regularization is not None and plan.rho is not None) or not judge.part.catalog.content.nnz:
        return trials
    lead = best(trials).parameters

    def worth(betas: Sequence[float]) -> list[float]:
        tried = attempts(found[lead["rho"]][0], [{**lead, "beta": beta} for beta in betas])
        trials.extend(trial for together in tried for trial in together)
        return [_lead(together) for together in tried]

    climb(BETAS, 1, worth)
    return trials


def _lead(trials: Sequence[Trial]) -> float:
    return max(trial.ndcg for trial in trials)


def _attempts(names: set[str], judge: Validation, known: Sums, parameters: Parameters) -> Iterator[Trial]:
    solved = solve(enriched(known, judge.part.catalog, parameters.get("beta", 0.0)), parameters["regularization"])
    for name in sorted(names):
        model = Regression(BLOCK_OF[name], parameters["regularization"], parameters["rho"], beta=parameters.get("beta", 0.0))
        yield Trial(name, dict(parameters), quality(judge, model.fit_solved(solved, judge.part)))


def knn(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Try the weightings, then fewer and more neighbours and some shrinkage beside the best."""

    def attempt(parameters: dict[str, Any]) -> Trial:
        tell(f"choosing knn: {', '.join(f'{k} {v}' for k, v in parameters.items())}")
        model = MODELS["knn"](**parameters).fit(judge.part)
        return Trial("knn", parameters, quality(judge, model))

    trials = plan.fits(attempt, [weighting | {"neighbours": NEIGHBOURS[0]} for weighting in WEIGHTINGS])
    lead = best(trials).parameters
    trials += plan.fits(attempt, [lead | {"neighbours": n} for n in _neighbours(judge)[1:]])
    return [*trials, *plan.fits(attempt, [best(trials).parameters | {"shrinkage": SHRINKAGE}])]


def _neighbours(judge: Validation) -> list[int]:
    """Numbers of neighbours to try: those that leave some out, and whose lists fit into memory."""
    items = judge.part.n_items
    return [NEIGHBOURS[0], *(n for n in NEIGHBOURS[1:] if n < items and n * items <= MOST_NEIGHBOURS)]


def rules(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Try every way to score with every number of neighbours."""

    def attempt(parameters: dict[str, Any]) -> Trial:
        tell(f"choosing rules: {parameters['scoring']} of {parameters['neighbours']}")
        return Trial("rules", parameters, quality(judge, Rules(**parameters).fit(judge.part)))

    settings = product(_neighbours(judge), SCORINGS)
    return plan.fits(attempt, [{"scoring": scoring, "neighbours": neighbours} for neighbours, scoring in settings])


def plain(names: Sequence[str], judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Judge models that have nothing to choose."""

    def attempt(name: str) -> Trial:
        tell(f"judging {name}")
        return Trial(name, {}, quality(judge, MODELS[name]().fit(judge.part)))

    return plan.fits(attempt, names)


def trials_of(names: set[str], judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Everything tried for some models."""
    jobs: dict[str, Callable[[], list[Trial]]] = {
        "als": lambda: als(judge, plan, tell),
        "svd": lambda: svd(judge, plan, tell),
        "ratings": lambda: ratings(judge, plan, tell),
        "knn": lambda: knn(judge, plan, tell),
        "rules": lambda: rules(judge, plan, tell),
    }
    wanted: list[Callable[[], list[Trial]]] = (
        [partial(regressions, names & set(BLOCK_OF), judge, plan, tell)] if names & set(BLOCK_OF) else []
    )
    wanted += [job for name, job in jobs.items() if name in names]
    wanted.append(partial(plain, sorted(names & {"content", "popular"}), judge, plan, tell))
    return [trial for trials in plan.jobs(wanted) for trial in trials]
