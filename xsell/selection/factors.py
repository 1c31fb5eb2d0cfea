"""The settings of models with hidden factors: their number, what holds them back, and what is not owned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xsell.contract.progress import Tell
from xsell.data.training import Training
from xsell.models.als import Als, Way
from xsell.models.explicit import Explicit
from xsell.models.svd import Svd
from xsell.models.sweep import Table
from xsell.selection.attempts import best, climb, make, quality
from xsell.selection.plan import Parameters, Plan, Trial
from xsell.selection.validation import Validation, drawn

FACTORS = (8, 16, 32, 64, 128)
USUAL_FACTORS = 2
SCALINGS = ((0.0, 0.0), (0.0, 0.25), (0.5, 0.25), (0.5, 0.5))
"""Exponents of svd for customers and for items."""
RANKS = (2, 4, 6, 8, 12, 16, 24, 40, 64)
PENALTIES = (0.01, 0.02, 0.03, 0.04, 0.05, 0.07, 0.1, 0.14, 0.17, 0.2)
START_PENALTY = 4
SHRINKAGES = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
USUAL_SHRINKAGE = 2
LENGTHS = (32, 64, 128)
WORTH_MORE = 1.01
"""Twice the factors cost twice the time and are told from noise by this much only."""
ALPHAS = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
USUAL_ALPHA = 2
STRENGTHS = (0.0003, 0.00055, 0.001, 0.0017, 0.003, 0.0055, 0.01, 0.017, 0.03, 0.055, 0.1, 0.17, 0.3)
"""
Penalty times weight of what is not owned: what holds the factors of als back, whichever of the two does it.

Between a strength that keeps all factors and one that leaves the first alone lies a factor of ten, and the best lists come from there: so the steps
are small, and taken two at a time before one at a time.
"""
USUAL_STRENGTH = 4
Setting = tuple[float, float, int, int]
"""Strength, weight of what is not owned, factors, sweeps."""
SWEEPS = (4, 12)
"""Als is tuned with these sweeps, in large steps and in small ones; the last is what it has unless told otherwise."""
ENOUGH, ENOUGH_EACH = 1_000_000, 32
"""
Purchases that als is tuned on, at least the first and so many a product on average, by customers drawn at random.

Its penalty grows with the number of customers, so the best setting does not depend on them, unless products are left with very few: with 21 purchases
a product instead of 42 the same settings won, with 10 the lists of the setting that won were a tenth worse.
"""


def als(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """
    Climb towards the best strength of the penalty and weight of what is not owned with the fewest factors and few sweeps, then let more of them in.

    With many sweeps the strength is tried again in small steps, the weaker one first: more factors are worth having where less holds them back, and
    few sweeps may be better than many where factors are about to vanish. Climbs try one neighbour at a time, so that the other side of a better one
    is left alone. A setting that was tried with few sweeps goes on from there when it is tried with many, which changes no bit of it.

    Where a fit has no use for a second thread, another setting is tried beside the next one: that which will be next if this one is no better,
    which most are not. What nobody asked for in the end is forgotten.
    """
    met: dict[Setting, Trial] = {}
    part, tables, begun = _fewer(judge.part, plan.seed), dict[int, Table](), dict[tuple[float, float, int], Way]()

    def attempt(setting: Setting) -> Trial:
        parameters = _named(*setting)
        shown = f"weight {parameters['alpha']:g}, penalty {parameters['regularization']:g}, {parameters['factors']} factors"
        tell(f"choosing als: {shown}")
        model = Als(**parameters, seed=plan.seed)
        way = begun.pop(setting[:3], None) or model.start(tables[model.factors])
        trial = Trial("als", dict(parameters), quality(judge, model.go_on(way)), fitted=model if part is judge.part else None)
        if setting[3] < SWEEPS[-1]:
            begun[setting[:3]] = way
        return trial

    lengths = LENGTHS if plan.factors is None else (plan.factors,)
    while True:
        search = _Search({setting: trial.ndcg for setting, trial in met.items()})
        factors, wanted = search.end(lengths)
        _lean(met, search.asked)
        if not wanted:
            return [met[setting] for setting in search.asked if setting[2] <= factors]
        for length in {setting[2] for setting in wanted} - set(tables):
            tables[length] = Als(length).table(part)
        if len(wanted) == 1 and tables[wanted[0][2]].small:
            guess = _Search({**search.met, wanted[0]: -np.inf}).end(lengths)[1]
            wanted += [setting for setting in guess[:1] if setting[2] in tables]
        met.update(zip(wanted, plan.fits(attempt, wanted), strict=True))


class _Untried(Exception):  # noqa: N818  # nothing went wrong
    """Settings whose worth must be known to go on."""


class _Search:
    """
    The search through the settings of als, as far as what was met leads.

    Args:
        met: Worth of the settings that were tried.

    Attributes:
        asked: Settings that the search led through.
    """

    def __init__(self, met: Mapping[Setting, float]) -> None:
        self.met = met
        self.asked: dict[Setting, None] = {}

    def end(self, lengths: Sequence[int]) -> tuple[int, list[Setting]]:
        """Factors that are best so far, and the settings to be tried next, none at the end."""
        self.factors = lengths[0]
        try:
            self._go(lengths)
        except _Untried as untried:
            return self.factors, list(untried.args)
        return self.factors, []

    def _go(self, lengths: Sequence[int]) -> None:
        few, many = SWEEPS
        strength = self._strongest(STRENGTHS[USUAL_STRENGTH], 2, (ALPHAS[USUAL_ALPHA], self.factors, few))
        alpha = self._heaviest(strength, ALPHAS[USUAL_ALPHA], (self.factors, few))
        for more in lengths[1:]:
            if not self._pays(strength, alpha, more):
                break
            self.factors = more
        self._strongest(strength, 1, (alpha, self.factors, many), -1)

    def _pays(self, strength: float, alpha: float, more: int) -> bool:
        """Whether more factors are better after few sweeps already, and worth their time after many."""
        for sweeps, gain in zip(SWEEPS, (1.0, WORTH_MORE), strict=True):
            least, value = self._worth([(strength, alpha, factors, sweeps) for factors in (self.factors, more)])
            if value <= least * gain:
                return False
        return True

    def _worth(self, settings: Sequence[Setting]) -> list[float]:
        untried = [setting for setting in settings if setting not in self.met]
        if untried:
            raise _Untried(*untried)
        self.asked.update(dict.fromkeys(settings))
        return [self.met[setting] for setting in settings]

    def _strongest(self, strength: float, step: int, rest: tuple[float, int, int], side: int = 1) -> float:
        some = STRENGTHS[STRENGTHS.index(strength) % step :: step]
        return climb(some, some.index(strength), lambda values: self._worth([(value, *rest) for value in values]), (0, side))

    def _heaviest(self, strength: float, alpha: float, rest: tuple[int, int]) -> float:
        return climb(ALPHAS, ALPHAS.index(alpha), lambda values: self._worth([(strength, value, *rest) for value in values]))


def _lean(met: dict[Setting, Trial], asked: Iterable[Setting]) -> None:
    """Of the settings that were asked for only the best with each number of factors keeps its model."""
    for factors in {setting[2] for setting in asked}:
        some = [setting for setting in asked if setting[2] == factors]
        lead = max(some, key=lambda setting: met[setting].worth)
        met.update((setting, replace(met[setting], fitted=None)) for setting in some if setting != lead)


def _named(strength: float, alpha: float, factors: int, sweeps: int) -> Parameters:
    """A setting of als by the names of its parameters."""
    fewer = {} if sweeps == SWEEPS[-1] else {"iterations": sweeps}
    return {"factors": factors, "alpha": alpha, "regularization": float(f"{strength / alpha:.3g}"), **fewer}


def enough(n_items: int) -> int:
    """How many purchases als is tuned on at most."""
    return max(ENOUGH, ENOUGH_EACH * n_items)


def _fewer(part: Training, seed: int) -> Training:
    """The same training with the histories of fewer customers, where they hold more than settings need."""
    share = enough(part.n_items) / max(part.history.purchases.nnz, 1)
    if share >= 1:
        return part
    some = drawn(np.arange(part.n_users), int(share * part.n_users), seed)
    return replace(part, history=part.history.rows(some))


def svd(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """Climb towards the best number of factors for every scaling; one decomposition serves all numbers."""
    numbers, start = (FACTORS, USUAL_FACTORS) if plan.factors is None else ((plan.factors,), 0)

    def scaled(scaling: tuple[float, float]) -> list[Trial]:
        tell(f"choosing svd: scaling {scaling[0]:g} of customers, {scaling[1]:g} of items")
        whole = Svd(max(numbers), *scaling, plan.seed).fit(judge.part)
        trials: list[Trial] = []

        def worth(some: Sequence[int]) -> list[float]:
            tried = [Trial("svd", {"factors": n, "rho": scaling[0], "gamma": scaling[1]}, quality(judge, whole.leading(n))) for n in some]
            trials.extend(tried)
            return [trial.ndcg for trial in tried]

        climb(numbers, start, worth)
        return trials

    return [trial for trials in plan.fits(scaled, SCALINGS) for trial in trials]


def ratings(judge: Validation, plan: Plan, tell: Tell) -> list[Trial]:
    """
    Climb towards the least error of expected ratings: the shrinkage without factors, then their penalty, number, and penalty again.

    What customers and items add is tried alone, so that factors must be of use. Where too few ratings are hidden, settings are the usual ones.
    """
    given, raters = plan.factors, judge.raters
    if raters is None:
        return [judged(Trial("ratings", {} if given is None else {"factors": given}, np.nan), judge, plan)]
    trials: dict[tuple[int, float, float], Trial] = {}

    def attempt(setting: tuple[int, float, float]) -> Trial:
        parameters: dict[str, Any] = dict(zip(("factors", "regularization", "shrinkage"), setting, strict=True))
        tell("choosing ratings: {} factors, penalty {:g}, shrinkage {:g}".format(*setting))
        return Trial("ratings", parameters, **raters.told(raters.judge(Explicit(**parameters, seed=plan.seed).fit(judge.part))))

    def worth(settings: Sequence[tuple[int, float, float]]) -> list[float]:
        new = [setting for setting in settings if setting not in trials]
        trials.update(zip(new, plan.fits(attempt, new), strict=True))
        return [trials[setting].worth for setting in settings]

    ranks = RANKS if given is None else (given,)
    middle = len(ranks) // 2
    shrinkage = climb(SHRINKAGES, USUAL_SHRINKAGE, lambda some: worth([(given or 0, PENALTIES[START_PENALTY], value) for value in some]))
    penalty = climb(PENALTIES, START_PENALTY, lambda some: worth([(ranks[middle], value, shrinkage) for value in some]))
    factors = climb(ranks, middle, lambda some: worth([(value, penalty, shrinkage) for value in some]))
    climb(PENALTIES, PENALTIES.index(penalty), lambda some: worth([(factors, value, shrinkage) for value in some]))
    tried = list(trials.values())
    lead = best(tried)
    return [judged(trial, judge, plan) if trial is lead else trial for trial in tried]


def judged(trial: Trial, judge: Validation, plan: Plan) -> Trial:
    """The same trial with the quality of its lists, if that was not measured."""
    if np.isfinite(trial.ndcg):
        return trial
    return replace(trial, ndcg=quality(judge, make(trial.model, trial.parameters, plan).fit(judge.part)))
