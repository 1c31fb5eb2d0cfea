"""The few parameters that matter, chosen on the validation cut."""

from collections.abc import Iterator, Mapping

from xsell.contract.progress import Tell
from xsell.models import MODELS
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression, solve, sums
from xsell.selection.plan import Plan, Trial
from xsell.selection.validation import Validation

LAMBDAS = (30.0, 100.0, 300.0, 1000.0, 3000.0, 10000.0)
RHOS = (0.0, 0.5)
FACTORS = (16, 32, 64, 128)
ALPHAS = (0.1, 0.3, 1.0)
PENALTIES = (0.003, 0.01, 0.03)
HEAD = 2000
"""Regressions are tuned on the products that most customers have, as many as this: λ and ρ hardly depend on their number, the time does."""
SWEEPS = 5
"""Als is tuned with this many sweeps; the order of the settings is settled long before the last."""

Parameters = Mapping[str, float]


def regressions(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Try λ and ρ for `cross` and `ease`, which share one inverse each time; λ grows until both have become worse twice."""
    trials: list[Trial] = []
    rhos = RHOS if plan.rho is None else (plan.rho,)
    lambdas = LAMBDAS if plan.regularization is None else (plan.regularization,)
    for rho in rhos:
        known = sums(judge.part, rho, prefixes=False, regressors=HEAD, targets=HEAD)
        for regularization in lambdas:
            tell(f"choosing λ and ρ: trying {regularization:g} and {rho:g}")
            solved = solve(known, regularization)
            parameters = {"regularization": regularization, "rho": rho}
            for name in ("cross", "ease"):
                model = Regression("category" if name == "cross" else "item", regularization, rho).fit_solved(
                    solved, judge.part, reuse=name == "ease"
                )
                trials.append(Trial(name, parameters, float(judge.judge(model).mean())))
    return trials


def als(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Try the weight of what is not owned, then the penalty beside the best weight."""
    factors = plan.factors or 64

    def attempt(alpha: float, regularization: float) -> Trial:
        tell(f"choosing als: weight {alpha:g}, penalty {regularization:g}")
        parameters = {"factors": factors, "alpha": alpha, "regularization": regularization}
        model = MODELS["als"](**parameters, iterations=SWEEPS, seed=plan.seed).fit(judge.part)
        return Trial("als", parameters, float(judge.judge(model).mean()))

    trials = [attempt(alpha, PENALTIES[1]) for alpha in ALPHAS]
    alpha = best(trials).parameters["alpha"]
    return trials + [attempt(alpha, penalty) for penalty in (PENALTIES[0], PENALTIES[2])]


def svd(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Try the number of factors."""
    trials = []
    for factors in FACTORS if plan.factors is None else (plan.factors,):
        tell(f"choosing svd: {factors} factors")
        model = MODELS["svd"](factors=factors, seed=plan.seed).fit(judge.part)
        trials.append(Trial("svd", {"factors": factors}, float(judge.judge(model).mean())))
    return trials


def plain(name: str, judge: Validation, tell: Tell) -> list[Trial]:
    """Judge a model that has nothing to choose."""
    tell(f"judging {name}")
    return [Trial(name, {}, float(judge.judge(MODELS[name]().fit(judge.part)).mean()))]


def trials_of(names: set[str], judge: Validation, plan: Plan, tell: Tell) -> Iterator[Trial]:
    """Everything tried for some models."""
    if names & {"cross", "ease"}:
        yield from regressions(judge, plan, tell)
    if "als" in names:
        yield from als(judge, plan, tell)
    if "svd" in names:
        yield from svd(judge, plan, tell)
    for name in sorted(names & {"content", "popular"}):
        yield from plain(name, judge, tell)


def best(trials: list[Trial], name: str = "") -> Trial:
    """The best trial (of one model); the first among equals."""
    return max((t for t in trials if not name or t.model == name), key=lambda t: t.ndcg)


def make(name: str, parameters: Parameters, plan: Plan) -> Recommender:
    """A model with chosen parameters, not fitted yet."""
    whole = {k: int(v) if k == "factors" else v for k, v in parameters.items()}
    return MODELS[name](**whole, **({"seed": plan.seed} if name in {"als", "svd"} else {}))
