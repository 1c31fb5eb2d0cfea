"""The few parameters that matter, chosen on the validation cut."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import product
from typing import Any, TypeVar

import numpy as np

from xsell.contract.progress import Tell
from xsell.models import MODELS
from xsell.models.explicit import Explicit
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression, Sums, enriched, solve, sums
from xsell.models.rules import SCORINGS, Rules
from xsell.models.svd import Svd
from xsell.selection.plan import Parameters, Plan, Trial
from xsell.selection.validation import Validation

LAMBDAS = (10.0, 30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0, 30000.0)
START = 4
RHOS = (0.0, 0.5)
BETAS = (1.0, 10.0, 100.0)
FACTORS = (8, 16, 32, 64, 128)
USUAL_FACTORS = 2
SCALINGS = ((0.0, 0.0), (0.0, 0.25), (0.5, 0.25), (0.5, 0.5))
"""Exponents of svd for customers and for items."""
RANKS = (2, 4, 6, 8, 12, 16, 24, 40, 64)
PENALTIES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.14, 0.2)
SHRINKAGES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
USUAL_SHRINKAGE = 2
LENGTHS = (32, 64, 128)
WORTH_MORE = 1.01
"""More factors cost twice the time and are told from noise by this much only."""
ALPHAS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
USUAL_ALPHA = 2
STRENGTHS = (0.0003, 0.00055, 0.001, 0.0017, 0.003, 0.0055, 0.01, 0.017, 0.03, 0.055, 0.1, 0.17, 0.3)
"""
Penalty times weight of what is not owned: what holds the factors of als back, whichever of the two does it.

Between a strength that keeps all factors and one that leaves the first alone lies a factor of ten, and the best lists come from there: so the steps
are small, and taken two at a time before one at a time.
"""
USUAL_STRENGTH = 4
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
HEAD = 2000
"""Regressions are tuned on the products that most customers have, as many as this: λ and ρ hardly depend on their number, the time does."""
SWEEPS = (4, 12)
"""Als is tuned with these sweeps, in large steps and in small ones; the last is what it has unless told otherwise."""
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
        yield Trial(name, dict(parameters), _value(judge, model.fit_solved(solved, judge.part)))


def als(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """
    Climb towards the best strength of the penalty and weight of what is not owned, in turns and smaller steps, then try more and fewer factors.

    The first steps are judged after few sweeps, which may be better than many where factors are about to vanish: what leads then keeps them.
    """
    trials: list[Trial] = []
    met: dict[tuple[float, float, int], float] = {}
    lengths = LENGTHS if plan.factors is None else (plan.factors,)
    middle = len(lengths) // 2

    def attempt(parameters: Parameters) -> Trial:
        shown = f"weight {parameters['alpha']:g}, penalty {parameters['regularization']:g}, {parameters['factors']} factors"
        tell(f"choosing als: {shown}")
        model = MODELS["als"](**parameters, seed=plan.seed).fit(judge.part)
        return Trial("als", dict(parameters), _value(judge, model))

    def worth(pairs: Sequence[tuple[float, float]], sweeps: int) -> list[float]:
        fewer = {} if sweeps == SWEEPS[-1] else {"iterations": sweeps}
        new = [pair for pair in pairs if (*pair, sweeps) not in met]
        settings = [
            {"factors": lengths[middle], "alpha": alpha, "regularization": float(f"{strength / alpha:.3g}"), **fewer}
            for strength, alpha in new
        ]
        found = plan.fits(attempt, settings)
        trials.extend(found)
        met.update(((*pair, sweeps), trial.ndcg) for pair, trial in zip(new, found, strict=True))
        return [met[(*pair, sweeps)] for pair in pairs]

    def turn(strength: float, alpha: float, step: int, sweeps: int) -> tuple[float, float]:
        some = STRENGTHS[STRENGTHS.index(strength) % step :: step]
        found = climb(some, some.index(strength), lambda values: worth([(value, alpha) for value in values], sweeps))
        return found, climb(ALPHAS, ALPHAS.index(alpha), lambda values: worth([(found, value) for value in values], sweeps), (0, 1, -1))

    strength, alpha = turn(STRENGTHS[USUAL_STRENGTH], ALPHAS[USUAL_ALPHA], 2, SWEEPS[0])
    turn(strength, alpha, 1, SWEEPS[1])
    lead = best(trials)
    others = [factors for factors in lengths if factors != lengths[middle]]
    found = plan.fits(attempt, [{**lead.parameters, "factors": factors} for factors in others])
    gains = [WORTH_MORE if factors > lengths[middle] else 1.0 for factors in others]
    return trials + [trial for trial, gain in zip(found, gains, strict=True) if trial.ndcg > lead.ndcg * gain]


def svd(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Climb towards the best number of factors for every scaling; one decomposition serves all numbers."""
    numbers, start = (FACTORS, USUAL_FACTORS) if plan.factors is None else ((plan.factors,), 0)

    def scaled(scaling: tuple[float, float]) -> list[Trial]:
        tell(f"choosing svd: scaling {scaling[0]:g} of customers, {scaling[1]:g} of items")
        whole = Svd(max(numbers), *scaling, plan.seed).fit(judge.part)
        trials: list[Trial] = []

        def worth(some: Sequence[int]) -> list[float]:
            tried = [Trial("svd", {"factors": n, "rho": scaling[0], "gamma": scaling[1]}, _value(judge, whole.leading(n))) for n in some]
            trials.extend(tried)
            return [trial.ndcg for trial in tried]

        climb(numbers, start, worth)
        return trials

    return [trial for trials in plan.fits(scaled, SCALINGS) for trial in trials]


def _value(judge: Validation, model: Recommender) -> float:
    return float(judge.judge(model).mean())


def ratings(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """
    Climb towards the least error of expected ratings: the shrinkage without factors, then their penalty, number, and penalty again.

    What customers and items add is tried alone, so that factors must be of use. Where nothing rated is hidden, settings are the usual ones.
    """
    trials: dict[tuple[int, float, float], Trial] = {}

    def attempt(setting: tuple[int, float, float]) -> Trial:
        parameters: dict[str, Any] = dict(zip(("factors", "regularization", "shrinkage"), setting, strict=True))
        tell("choosing ratings: {} factors, penalty {:g}, shrinkage {:g}".format(*setting))
        return Trial("ratings", parameters, np.nan, judge.rmse(Explicit(**parameters, seed=plan.seed).fit(judge.part)))

    def worth(settings: Sequence[tuple[int, float, float]]) -> list[float]:
        new = [setting for setting in settings if setting not in trials]
        trials.update(zip(new, plan.fits(attempt, new), strict=True))
        return [trials[setting].worth for setting in settings]

    given = plan.factors
    if judge.rated is None:
        return [_judged(Trial("ratings", {} if given is None else {"factors": given}, np.nan), judge, plan)]
    ranks = RANKS if given is None else (given,)
    middle = len(ranks) // 2
    shrinkage = climb(SHRINKAGES, USUAL_SHRINKAGE, lambda some: worth([(given or 0, PENALTIES[START], value) for value in some]))
    penalty = climb(PENALTIES, START, lambda some: worth([(ranks[middle], value, shrinkage) for value in some]))
    factors = climb(ranks, middle, lambda some: worth([(value, penalty, shrinkage) for value in some]))
    climb(PENALTIES, PENALTIES.index(penalty), lambda some: worth([(factors, value, shrinkage) for value in some]))
    tried = list(trials.values())
    lead = best(tried)
    return [_judged(trial, judge, plan) if trial is lead else trial for trial in tried]


def _judged(trial: Trial, judge: Validation, plan: Plan) -> Trial:
    """The same trial with the quality of its lists."""
    return replace(trial, ndcg=_value(judge, make(trial.model, trial.parameters, plan).fit(judge.part)))


def knn(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Try the weightings, then fewer and more neighbours and some shrinkage beside the best."""

    def attempt(parameters: dict[str, Any]) -> Trial:
        tell(f"choosing knn: {', '.join(f'{k} {v}' for k, v in parameters.items())}")
        model = MODELS["knn"](**parameters).fit(judge.part)
        return Trial("knn", parameters, _value(judge, model))

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
        return Trial("rules", parameters, _value(judge, Rules(**parameters).fit(judge.part)))

    settings = product(_neighbours(judge), SCORINGS)
    return plan.fits(attempt, [{"scoring": scoring, "neighbours": neighbours} for neighbours, scoring in settings])


def plain(names: Sequence[str], judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Judge models that have nothing to choose."""

    def attempt(name: str) -> Trial:
        tell(f"judging {name}")
        return Trial(name, {}, _value(judge, MODELS[name]().fit(judge.part)))

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


def best(trials: Sequence[Trial], name: str = "") -> Trial:
    """The best trial (of one model); the first among equals."""
    return max((t for t in trials if not name or t.model == name), key=lambda t: t.worth)


def make(name: str, parameters: Parameters, plan: Plan) -> Recommender:
    """A model with chosen parameters, not fitted yet."""
    whole = {k: int(v) if k in {"factors", "iterations"} else v for k, v in parameters.items()}
    more = {"seed": plan.seed} if name in {"als", "svd", "ratings"} else {}
    more |= {"regressors": plan.regressors, "targets": plan.targets} if name in BLOCK_OF else {}
    return MODELS[name](**whole, **more)
