"""The few parameters that matter, chosen on the validation cut."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
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


def climb(values: Sequence[Value], start: int, worth: Callable[[Value], float]) -> Value:
    """Try values from a start on, towards the better neighbour, until both neighbours of the best have been tried; give the best."""
    found = {start: worth(values[start])}
    while True:
        best = max(found, key=lambda place: (found[place], -abs(place - start)))
        left = [place for place in (best + 1, best - 1) if 0 <= place < len(values) and place not in found]
        if not left:
            return values[best]
        found[left[0]] = worth(values[left[0]])


def regressions(names: set[str], judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Climb towards the best λ for every ρ; `cross` and `ease` share one inverse each time, and the better of them leads."""
    trials: list[Trial] = []
    met: dict[float, Sums] = {}
    lambdas, start = (LAMBDAS, START) if plan.regularization is None else ((plan.regularization,), 0)
    for rho in RHOS if plan.rho is None else (plan.rho,):
        known = sums(judge.part, rho, False, min(plan.regressors, HEAD), min(plan.targets, HEAD))

        def worth(regularization: float, rho: float = rho, known: Sums = known) -> float:
            tell(f"choosing λ and ρ: trying {regularization:g} and {rho:g}")
            trials.extend(_attempts(names, judge, known, {"regularization": regularization, "rho": rho}))
            return max(t.ndcg for t in trials[-len(names) :])

        climb(lambdas, start, worth)
        met[rho] = known
    given = plan.regularization is not None and plan.rho is not None
    return trials if given else trials + _with_content(names, judge, met, best(trials).parameters, tell)


def _with_content(names: set[str], judge: Validation, met: Mapping[float, Sums], lead: Parameters, tell: Tell) -> list[Trial]:
    """Climb towards the best weight of what items are, beside the best λ and ρ without it."""
    trials: list[Trial] = []

    def worth(beta: float) -> float:
        tell(f"choosing β: trying {beta:g}")
        known = enriched(met[lead["rho"]], judge.part.catalog, beta)
        trials.extend(_attempts(names, judge, known, {**lead, "beta": beta}))
        return max(t.ndcg for t in trials[-len(names) :])

    if judge.part.catalog.content.nnz:
        climb(BETAS, 1, worth)
    return trials


def _attempts(names: set[str], judge: Validation, known: Sums, parameters: Parameters) -> Iterator[Trial]:
    solved = solve(known, parameters["regularization"])
    for name in sorted(names):
        model = Regression(BLOCK_OF[name], parameters["regularization"], parameters["rho"], beta=parameters.get("beta", 0.0))
        yield Trial(name, dict(parameters), float(judge.judge(model.fit_solved(solved, judge.part)).mean()))


def als(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """
    Climb towards the best strength of the penalty and weight of what is not owned, in turns and smaller steps, then try more and fewer factors.

    The first steps are judged after few sweeps, which may be better than many where factors are about to vanish: what leads then keeps them.
    """
    trials: list[Trial] = []
    lengths = LENGTHS if plan.factors is None else (plan.factors,)
    middle = len(lengths) // 2

    def attempt(parameters: Parameters) -> Trial:
        shown = f"weight {parameters['alpha']:g}, penalty {parameters['regularization']:g}, {parameters['factors']} factors"
        tell(f"choosing als: {shown}")
        model = MODELS["als"](**parameters, seed=plan.seed).fit(judge.part)
        return Trial("als", dict(parameters), float(judge.judge(model).mean()))

    @cache
    def worth(strength: float, alpha: float, sweeps: int) -> float:
        fewer = {} if sweeps == SWEEPS[-1] else {"iterations": sweeps}
        regularization = float(f"{strength / alpha:.3g}")
        trials.append(attempt({"factors": lengths[middle], "alpha": alpha, "regularization": regularization, **fewer}))
        return trials[-1].ndcg

    def turn(strength: float, alpha: float, step: int, sweeps: int) -> tuple[float, float]:
        some = STRENGTHS[STRENGTHS.index(strength) % step :: step]
        found = climb(some, some.index(strength), lambda value: worth(value, alpha, sweeps))
        return found, climb(ALPHAS, ALPHAS.index(alpha), lambda value: worth(found, value, sweeps))

    strength, alpha = turn(STRENGTHS[USUAL_STRENGTH], ALPHAS[USUAL_ALPHA], 2, SWEEPS[0])
    turn(strength, alpha, 1, SWEEPS[1])
    for others, gain in ((lengths[middle + 1 :], WORTH_MORE), (lengths[:middle][::-1], 1.0)):
        for factors in others:
            lead = best(trials)
            found = attempt({**lead.parameters, "factors": factors})
            if found.ndcg <= lead.ndcg * gain:
                break
            trials.append(found)
    return trials


def svd(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Climb towards the best number of factors for every scaling; one decomposition serves all numbers."""
    trials: list[Trial] = []
    numbers, start = (FACTORS, USUAL_FACTORS) if plan.factors is None else ((plan.factors,), 0)
    for rho, gamma in SCALINGS:
        tell(f"choosing svd: scaling {rho:g} of customers, {gamma:g} of items")
        whole = Svd(max(numbers), rho, gamma, plan.seed).fit(judge.part)

        def worth(factors: int, whole: Svd = whole) -> float:
            parameters = {"factors": factors, "rho": whole.rho, "gamma": whole.gamma}
            trials.append(Trial("svd", parameters, float(judge.judge(whole.leading(factors)).mean())))
            return trials[-1].ndcg

        climb(numbers, start, worth)
    return trials


def ratings(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """
    Climb towards the least error of expected ratings: the shrinkage without factors, then their penalty, number, and penalty again.

    What customers and items add is tried alone, so that factors must be of use. Where nothing rated is hidden, settings are the usual ones.
    """
    trials: dict[tuple[int, float, float], Trial] = {}

    def worth(factors: int, regularization: float, shrinkage: float) -> float:
        parameters: dict[str, Any] = {"factors": factors, "regularization": regularization, "shrinkage": shrinkage}
        key = factors, regularization, shrinkage
        if key not in trials:
            tell(f"choosing ratings: {factors} factors, penalty {regularization:g}, shrinkage {shrinkage:g}")
            model = Explicit(**parameters, seed=plan.seed).fit(judge.part)
            trials[key] = Trial("ratings", parameters, np.nan, judge.rmse(model))
        return trials[key].worth

    given = plan.factors
    if judge.rated is None:
        return [_judged(Trial("ratings", {} if given is None else {"factors": given}, np.nan), judge, plan)]
    ranks = RANKS if given is None else (given,)
    middle = len(ranks) // 2
    shrinkage = climb(SHRINKAGES, USUAL_SHRINKAGE, lambda shrinkage: worth(given or 0, PENALTIES[START], shrinkage))
    penalty = climb(PENALTIES, START, lambda penalty: worth(ranks[middle], penalty, shrinkage))
    factors = climb(ranks, middle, lambda factors: worth(factors, penalty, shrinkage))
    climb(PENALTIES, PENALTIES.index(penalty), lambda penalty: worth(factors, penalty, shrinkage))
    tried = list(trials.values())
    lead = best(tried)
    return [_judged(trial, judge, plan) if trial is lead else trial for trial in tried]


def _judged(trial: Trial, judge: Validation, plan: Plan) -> Trial:
    """The same trial with the quality of its lists."""
    return replace(trial, ndcg=float(judge.judge(make(trial.model, trial.parameters, plan).fit(judge.part)).mean()))


def knn(judge: Validation, tell: Tell) -> list[Trial]:
    """Try the weightings, then fewer and more neighbours and some shrinkage beside the best."""

    def attempt(parameters: dict[str, Any]) -> Trial:
        tell(f"choosing knn: {', '.join(f'{k} {v}' for k, v in parameters.items())}")
        model = MODELS["knn"](**parameters).fit(judge.part)
        return Trial("knn", parameters, float(judge.judge(model).mean()))

    trials = [attempt(weighting | {"neighbours": NEIGHBOURS[0]}) for weighting in WEIGHTINGS]
    lead = best(trials).parameters
    trials += [attempt(lead | {"neighbours": n}) for n in _neighbours(judge)[1:]]
    return [*trials, attempt(best(trials).parameters | {"shrinkage": SHRINKAGE})]


def _neighbours(judge: Validation) -> list[int]:
    """Numbers of neighbours to try: those that leave some out, and whose lists fit into memory."""
    items = judge.part.n_items
    return [NEIGHBOURS[0], *(n for n in NEIGHBOURS[1:] if n < items and n * items <= MOST_NEIGHBOURS)]


def rules(judge: Validation, tell: Tell) -> list[Trial]:
    """Try every way to score with every number of neighbours."""
    trials = []
    for neighbours in _neighbours(judge):
        for scoring in SCORINGS:
            tell(f"choosing rules: {scoring} of {neighbours}")
            model = Rules(scoring, neighbours).fit(judge.part)
            parameters = {"scoring": scoring, "neighbours": neighbours}
            trials.append(Trial("rules", parameters, float(judge.judge(model).mean())))
    return trials


def plain(name: str, judge: Validation, tell: Tell) -> list[Trial]:
    """Judge a model that has nothing to choose."""
    tell(f"judging {name}")
    return [Trial(name, {}, float(judge.judge(MODELS[name]().fit(judge.part)).mean()))]


def trials_of(names: set[str], judge: Validation, plan: Plan, tell: Tell) -> Iterator[Trial]:
    """Everything tried for some models."""
    if names & set(BLOCK_OF):
        yield from regressions(names & set(BLOCK_OF), judge, plan, tell)
    if "als" in names:
        yield from als(judge, plan, tell)
    if "svd" in names:
        yield from svd(judge, plan, tell)
    if "ratings" in names:
        yield from ratings(judge, plan, tell)
    if "knn" in names:
        yield from knn(judge, tell)
    if "rules" in names:
        yield from rules(judge, tell)
    for name in sorted(names & {"content", "popular"}):
        yield from plain(name, judge, tell)


def best(trials: Sequence[Trial], name: str = "") -> Trial:
    """The best trial (of one model); the first among equals."""
    return max((t for t in trials if not name or t.model == name), key=lambda t: t.worth)


def make(name: str, parameters: Parameters, plan: Plan) -> Recommender:
    """A model with chosen parameters, not fitted yet."""
    whole = {k: int(v) if k in {"factors", "iterations"} else v for k, v in parameters.items()}
    more = {"seed": plan.seed} if name in {"als", "svd", "ratings"} else {}
    more |= {"regressors": plan.regressors, "targets": plan.targets} if name in BLOCK_OF else {}
    return MODELS[name](**whole, **more)
