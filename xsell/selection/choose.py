"""Choosing and fitting the models that were asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from xsell.contract.progress import Tell
from xsell.contract.wording import listed
from xsell.data.training import Floats, Training
from xsell.models.popular import Popular
from xsell.selection import attempts, fusion, halving, mixing, parts, tuning
from xsell.selection.doubt import taken_out
from xsell.selection.hybrid import Hybrid, Model, feature_names
from xsell.selection.plan import Chosen, Plan, Trial, Tuned
from xsell.selection.table import Table, Weights
from xsell.selection.validation import Validation, quick, validation

UNTRIED = {"cross": {"regularization": 300.0}, "ease": {"regularization": 300.0}}
"""Where nothing can be tried, strong penalties keep near to popularity."""
WORTHWHILE = 0.7
"""Where more than this share of the items has an event, leaving out the others saves nothing."""
FELL_BACK = "The mix of models was not better than the best of them, so hybrid is {} here."
NO_GAIN = "Better settings of parts were found, but the mix of them was not better, so the parts are as usual."
DOUBT = "categories-missing"
DOUBTED = (
    "Customers who by everything else should know a category, and do not, took it up less often than others, as if categories had been taken "
    "out of the data; so choices were made by hiding categories, not by time (--split temporal insists on time)."
)


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
    known = _taken_up(training)
    judge = validation(known, plan.scope, plan.rule, plan.seed)
    if judge is None:
        return {name: _untried(training, name, plan, tell) for name in names}
    free = not plan.rule and judge.cut.rule == "temporal" and plan.scope == "new"
    if free and taken_out(known, judge.part, plan.seed):
        judge = validation(known, plan.scope, "new-category", plan.seed) or judge
    doubt = ((DOUBT, DOUBTED),) if free and judge.cut.rule != "temporal" else ()
    trials = _trials(training, names, judge, plan, tell)
    chosen = {}
    for name in names:
        if name == "hybrid":
            chosen[name] = _hybrid(training, judge, trials, plan, tell)
        else:
            lead, told = _lead(name, trials, judge, plan, tell)
            tell(f"fitting {name}")
            model = attempts.make(name, lead.parameters, plan).fit(training)
            answer = _answer(model, lead, [t for t in trials if t.model == name], attempts.best(trials, "popular").ndcg, judge)
            rated = len(judge.raters.rated.user) if name == "ratings" and judge.raters else 0
            chosen[name] = replace(answer, tuned=told, rated=rated, rmse=lead.rmse)
    return {name: replace(answer, warnings=(*answer.warnings, *doubt)) for name, answer in chosen.items()}


def _lead(name: str, trials: Sequence[Trial], judge: Validation, plan: Plan, tell: Tell) -> tuple[Trial, Tuned | None]:
    """The best trial of one model, and what tuning did."""
    usual = attempts.best(trials, name)
    if plan.budget is None:
        return usual, None
    told = halving.tuned({name}, {name: usual.parameters}, quick(judge, plan.seed), plan, tell)
    return told.better.get(name, usual), told


def _hybrid(training: Training, judge: Validation, trials: Sequence[Trial], plan: Plan, tell: Tell) -> Chosen:
    """Fuse the best of every part; where tuning found better settings of parts, give the better of both fusions."""
    usual = parts.together(trials, parts.parts(training, plan))
    fused = partial(_fused, training, judge, trials, plan=plan, tell=tell)
    if plan.budget is None:
        return fused(best=usual)
    settings = {name: trial.parameters for name, trial in usual.items()}
    told = halving.tuned(set(usual), settings, quick(judge, plan.seed), plan, tell)
    answers = [fused(best=best) for best in ([usual, parts.with_better(usual, told.better)] if told.better else [usual])]
    if len(answers) == 1 or answers[1].ndcg > answers[0].ndcg:
        return replace(answers[-1], tuned=told)
    return replace(answers[0], tuned=halving.dropped(told), sentences=(*answers[0].sentences, NO_GAIN))


def _taken_up(training: Training) -> Training:
    """The training without the items that nobody has, which no validation can ask for, where they are many."""
    there = np.zeros(training.n_items, bool)
    there[training.log.item] = True
    return training.of_items(there) if there.mean() < WORTHWHILE else training


def _trials(training: Training, names: Sequence[str], judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    wanted = (set(names) - {"hybrid"}) | {"popular"}
    if "hybrid" in names:
        wanted |= set(parts.parts(training, plan)) - {parts.PREFIXES}
    return tuning.trials_of(wanted, quick(judge, plan.seed), plan, tell)


def _answer(model: Model, best: Trial, own: Sequence[Trial], popular: float, judge: Validation, sentences: tuple[str, ...] = ()) -> Chosen:
    window = model.window if isinstance(model, Hybrid) else np.nan
    return Chosen(model, best.parameters, tuple(own), best.ndcg, popular, len(judge.history), judge.cut.rule, window, sentences)


def _untried(training: Training, name: str, plan: Plan, tell: Tell) -> Chosen:
    """A model with default parameters, where too few customers are there to choose on."""
    real = ("cross" if plan.scope == "new" else "ease") if name == "hybrid" else name
    given = {"regularization": plan.regularization, "rho": plan.rho} if real in {"cross", "ease"} else {}
    given |= {"factors": plan.factors} if real in {"als", "svd", "ratings"} else {}
    parameters = UNTRIED.get(real, {}) | {k: float(v) for k, v in given.items() if v is not None}
    tell(f"fitting {real}")
    model = attempts.make(real, parameters, plan).fit(training)
    said = "too few customers to choose on, so nothing was tried"
    sentence = f"There were {said}" + (f"; {real} stands in for hybrid." if name == "hybrid" else ".")
    return Chosen(model, parameters, (), np.nan, np.nan, 0, "", sentences=(sentence,), warnings=(("no-validation", sentence),))


@dataclass(frozen=True, slots=True)
class _Learnt:
    """
    A fusion before its parts are fitted to everything.

    Attributes:
        weights: Of all features.
        known: Features by what they tell of.
        kept: What of it is heard.
        shares: The plain mix that the weights are drawn towards, empty for none.
        leaning: Weight of that mix beside what was learnt.
        value: NDCG@10 of every customer who decided, fairly judged.
        alone: Likewise of each part alone.
        statics: What is known of items, by name.
        customers: Those who decided.
    """

    weights: Weights
    known: Mapping[str, NDArray[np.intp]]
    kept: set[str]
    shares: Mapping[str, float]
    leaning: float
    value: NDArray[np.float64]
    alone: Mapping[str, NDArray[np.float64]]
    statics: list[str]
    customers: Validation


def _fused(training: Training, judge: Validation, trials: Sequence[Trial], best: Mapping[str, Trial], plan: Plan, tell: Tell) -> Chosen:
    """Learn the fusion on the validation cut; where it is not better than its best part, that part is the answer."""
    names = list(best)
    learnt = _learnt(judge, names, best, plan, tell)
    lead = max(learnt.alone, key=lambda name: learnt.alone[name].mean())
    shown = [Trial(name, best[name].parameters if name in best else {}, float(v.mean())) for name, v in learnt.alone.items()]
    answer = partial(_answer, popular=float(learnt.alone["popular"].mean()), judge=learnt.customers)
    if not fusion.holds(learnt.value, learnt.alone[lead]):
        tell(f"fitting {lead}")
        model = Popular().fit(training) if lead == "popular" else parts.fitted(training, [lead], best, plan, tell)[lead]
        trial = next(t for t in shown if t.model == lead)
        return replace(answer(model, trial, [*trials, *shown], sentences=(FELL_BACK.format(lead),)), stand_in=lead)
    weights, total = learnt.weights, len(learnt.weights.slope)
    stay = [name for name in names if name in learnt.kept]
    use = fusion.left(learnt.known, {*stay, fusion.ITEMS, fusion.TIMES}, total)
    there = parts.fitted(training, stay, best, replace(plan, abreast=False), tell)
    fused = Hybrid(there, judge.cut.window, weights.mean[use], (weights.slope / weights.spread)[use], weights.intercept).fit(training)
    effects = dict(zip(feature_names(names, learnt.statics), (float(x) for x in weights.slope), strict=True))
    effect = Trial("hybrid", {name: x for name, x in effects.items() if x}, float(learnt.value.mean()))
    return answer(fused, effect, [*trials, *shown, effect], sentences=(_told(names, stay, learnt),))


def _learnt(judge: Validation, names: Sequence[str], best: Mapping[str, Trial], plan: Plan, tell: Tell) -> _Learnt:
    """Look at one or two windows, learn from them, and forget what was seen: the parts need its room."""
    earlier = _earlier(judge, plan)
    looks = plan.jobs([partial(_looked, window, names, best, plan, tell, tried=window is judge) for window in (judge, earlier) if window])
    late, court = looks[0], looks[-1]
    total = late.table.seen.shape[1]
    known = fusion.groups(names, late.statics)
    early = court.table if earlier else None
    whole, heard = fusion.learn(late.table, np.arange(total)), dict[bytes, Floats]()

    def fairly(use: NDArray[np.intp]) -> Floats:
        key = use.tobytes()
        if key not in heard:
            heard[key] = fusion.fair(late.table, early, use, whole)
        return heard[key]

    def referee(use: NDArray[np.intp]) -> NDArray[np.float64]:
        return fusion.judged(court.table, fairly(use))

    kept = fusion.prune(known, names[0], total, referee, tell)
    learnt = fusion.left(known, kept, total)
    weights = fusion.learn(late.table, learnt, start=whole, also=early)
    tell("fusion: trying plain mixes")
    shares = mixing.mixed(late.table, names, late.alone)
    plain = mixing.weights(late.table, weights, names, shares)
    # Learnt weights that held in another window may do without; without times what counts as refused was partly hidden.
    choices = mixing.LEANINGS if earlier else mixing.LEANINGS[1:]
    much, value = mixing.leaning(court.table, fairly(learnt), plain.value(court.table.seen), choices)
    if much:
        kept, weights = kept | set(shares), mixing.drawn(weights, plain, much)
    else:
        shares = {}
    if np.isfinite(judge.cut.window):
        weights = fusion.calibrated(weights, late.table, late.idle, fusion.activity(names), judge)
    return _Learnt(weights, known, kept, shares, much, value, court.alone, late.statics, earlier or judge)


@dataclass(frozen=True, slots=True)
class _Look:
    """What the parts say on one validation cut: of candidates of those who took up something and of others, and how good each part is alone."""

    table: Table
    idle: Floats
    alone: dict[str, NDArray[np.float64]]
    statics: list[str]


def _looked(judge: Validation, names: Sequence[str], best: Mapping[str, Trial], plan: Plan, tell: Tell, *, tried: bool = False) -> _Look:
    there = parts.fitted(judge.part, names, best, parts.light(plan), tell, tried=tried)
    blank = np.zeros(0, np.float32)
    draft = Hybrid(there, judge.cut.window, blank, blank, 0.0).fit(judge.part)
    table, alone = fusion.table(judge, draft, tell)
    alone["popular"] = judge.judge(Popular().fit(judge.part))
    idle = fusion.looked(judge, judge.idle, draft, tell)[2] if len(judge.idle) else table.seen[:0]
    return _Look(table, idle, alone, draft.names_)


def _earlier(judge: Validation, plan: Plan) -> Validation | None:
    """The window before a temporal validation window, which decides what is heard of what was learnt, and is learnt from in the end."""
    if judge.cut.rule != "temporal":
        return None
    earlier = validation(judge.part, plan.scope, "temporal", plan.seed)
    if earlier is None or earlier.cut.rule != "temporal":
        return None
    return replace(earlier, idle=earlier.idle.rows(slice(0, 0)))


def _told(names: Sequence[str], stay: Sequence[str], learnt: _Learnt) -> str:
    out, kept = [name for name in names if name not in stay], learnt.kept
    added = f" Lists are better without {listed(out)}." if out else ""
    heard = ["popularity"] * (fusion.ITEMS in kept) + ["what is recent"] * (kept >= {fusion.ITEMS, fusion.TIMES})
    mix = listed([f"{name} ({share:.0%})" for name, share in learnt.shares.items()])
    towards = f", drawn {learnt.leaning / (1 + learnt.leaning):.0%} of the way towards a plain mix of {mix}" if mix else ""
    return f"hybrid fuses {listed([*stay, *heard])}{towards}.{added}"
