"""Choosing and fitting the models that were asked for."""

import numpy as np

from xsell.contract.progress import Tell
from xsell.data.training import Training
from xsell.models.popular import Popular
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression, solve, sums
from xsell.selection import fusion, tuning
from xsell.selection.hybrid import Hybrid, feature_names
from xsell.selection.plan import Chosen, Plan, Trial
from xsell.selection.validation import Validation, validation

PREFIXES = "cross on prefixes"
UNTRIED = {"cross": {"regularization": 300.0}, "ease": {"regularization": 300.0}}
"""Where nothing can be tried, strong penalties keep near to popularity."""


def choose(training: Training, names: tuple[str, ...], plan: Plan, tell: Tell) -> dict[str, Chosen]:
    """
    Choose the parameters of some models on a validation cut of the training, then fit them on all of it.

    Args:
        training: Everything known.
        names: Names of models, `hybrid` among them or not.
        plan: What lists may hold, and what was given and need not be chosen.
        tell: Hears what is being tried.

    Returns:
        One Chosen a name.
    """
    judge = validation(training, plan.scope, plan.rule, plan.seed)
    if judge is None:
        return {name: _untried(training, name, plan, tell) for name in names}
    wanted = (set(names) - {"hybrid"}) | {"popular"}
    if "hybrid" in names:
        wanted |= {name for name in _parts(training, plan) if name != PREFIXES}
    trials = list(tuning.trials_of(wanted, judge, plan, tell))
    chosen = {}
    for name in names:
        if name == "hybrid":
            chosen[name] = _fused(training, judge, trials, plan, tell)
        else:
            tell(f"fitting {name}")
            best = tuning.best(trials, name)
            model = tuning.make(name, best.parameters, plan).fit(training)
            chosen[name] = _answer(model, best, [t for t in trials if t.model == name], trials, judge)
    return chosen


def _answer(model: Recommender, best: Trial, own: list[Trial], trials: list[Trial], judge: Validation, *sentences: str) -> Chosen:
    popular = tuning.best(trials, "popular").ndcg
    return Chosen(model, best.parameters, tuple(own), best.ndcg, popular, len(judge.history), judge.cut.rule, sentences)


def _untried(training: Training, name: str, plan: Plan, tell: Tell) -> Chosen:
    """A model with default parameters, where too few customers are there to choose on."""
    real = ("cross" if plan.scope == "new" else "ease") if name == "hybrid" else name
    given = {"regularization": plan.regularization, "rho": plan.rho} if real in {"cross", "ease"} else {}
    given |= {"factors": plan.factors} if real in {"als", "svd"} else {}
    parameters = UNTRIED.get(real, {}) | {k: float(v) for k, v in given.items() if v is not None}
    tell(f"fitting {real}")
    model = tuning.make(real, parameters, plan).fit(training)
    said = "too few customers to choose on, so nothing was tried"
    sentence = f"There were {said}" + (f"; {real} stands in for hybrid." if name == "hybrid" else ".")
    return Chosen(model, parameters, (), np.nan, np.nan, 0, "", (sentence,), (("no-validation", sentence),))


def _parts(training: Training, plan: Plan) -> list[str]:
    """Models that hybrid may be made of here, the most useful first."""
    names = ["cross", "ease"] if plan.scope == "new" else ["ease"]
    if training.log.timed and plan.scope == "new":
        names.append(PREFIXES)
    names.append("als")
    if training.catalog.content.nnz:
        names.append("content")
    return names


def _fit_parts(training: Training, names: list[str], best: dict[str, Trial], plan: Plan, tell: Tell) -> dict[str, Recommender]:
    """Fit the parts; regressions with the same λ and ρ share one inverse."""
    fitted: dict[str, Recommender] = {}
    families: dict[tuple[float, float, bool], list[str]] = {}
    for name in names:
        if name in {"cross", "ease", PREFIXES}:
            p = best[name].parameters
            families.setdefault((p["regularization"], p["rho"], name == PREFIXES), []).append(name)
    for (regularization, rho, prefixes), members in families.items():
        tell(f"fitting {' and '.join(members)}")
        solved = solve(sums(training, rho, prefixes), regularization)
        for name in members:
            exclude = "item" if name == "ease" else "category"
            model = Regression(exclude, regularization, rho, prefixes)
            fitted[name] = model.fit_solved(solved, training, reuse=name == members[-1])
    for name in names:
        if name not in fitted:
            tell(f"fitting {name}")
            fitted[name] = tuning.make(name, best[name].parameters, plan).fit(training)
    return {name: fitted[name] for name in names}


def _together(trials: list[Trial], names: list[str]) -> dict[str, Trial]:
    """The best trial of every part; cross and ease take the setting that is best for the better of them, so that they share an inverse."""
    best = {name: tuning.best(trials, name) for name in names if name != PREFIXES}
    pair = [name for name in ("cross", "ease") if name in best]
    lead = max((best[name] for name in pair), key=lambda t: t.ndcg)
    for name in pair:
        best[name] = next(t for t in trials if t.model == name and t.parameters == lead.parameters)
    if PREFIXES in names:
        best[PREFIXES] = Trial(PREFIXES, best["cross"].parameters, np.nan)
    return best


def _fused(training: Training, judge: Validation, trials: list[Trial], plan: Plan, tell: Tell) -> Chosen:
    """Learn the fusion on the validation cut; where it is not better than its best part, that part is the answer."""
    names = _parts(training, plan)
    best = _together(trials, names)
    parts = _fit_parts(judge.part, names, best, plan, tell)
    alone = {name: float(judge.judge(part).mean()) for name, part in parts.items()}
    alone["popular"] = tuning.best(trials, "popular").ndcg
    tried = [*trials, *(Trial(name, best[name].parameters if name in best else {}, value) for name, value in alone.items())]
    blank = np.zeros(0, np.float32)
    draft = Hybrid(parts, judge.cut.window, blank, blank, 0.0).fit(judge.part)
    known = fusion.table(judge, draft, tell)
    kept, value = fusion.prune(known, names, tell)
    lead = max(alone, key=lambda name: alone[name])
    if value.mean() < alone[lead]:
        return _fall_back(training, judge, best, lead, tried, plan, tell)
    use = fusion.features_of(names, kept, known.seen.shape[1])
    weights = fusion.learn(known.seen, known.bought, use)
    stay = [name for name in names if name in kept]
    final = _fit_parts(training, stay, best, plan, tell)
    slope = (weights.slope / weights.spread)[use]
    model = Hybrid(final, judge.cut.window, weights.mean[use], slope, weights.intercept).fit(training)
    effect = Trial(
        "hybrid", dict(zip(feature_names(stay, model.names_), (float(x) for x in weights.slope[use]), strict=True)), float(value.mean())
    )
    dropped = [name for name in names if name not in kept]
    sentences = [f"hybrid fuses {', '.join(stay)}." + (f" {', '.join(dropped)} added nothing and stay out." if dropped else "")]
    return _answer(model, effect, [*tried, effect], trials, judge, *sentences)


def _fall_back(
    training: Training, judge: Validation, best: dict[str, Trial], lead: str, tried: list[Trial], plan: Plan, tell: Tell
) -> Chosen:
    if lead == "popular":
        model: Recommender = Popular().fit(training)
        trial = tuning.best(tried, "popular")
    else:
        model = _fit_parts(training, [lead], best, plan, tell)[lead]
        trial = tuning.best(tried, lead)
    sentence = f"The fusion was not better than its best part, so hybrid is {lead} here."
    return _answer(model, trial, tried, tried, judge, sentence)
