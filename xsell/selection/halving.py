"""
`--tune`: successive halving (Karnin et al. 2013; Jamieson and Talwalkar 2016) over the settings of a model.

Nine settings are judged cheaply, on few customers and with little fitting, the best three of them on more, and the best one in full. This is done
for settings near the usual one, for settings anywhere, and for settings near the best so far. Half of the validation customers are never looked
at in this search. They decide in the end, once, between the winner and the usual setting, so that many tries cannot win by luck.

What is judged are lists, by NDCG@10. `ratings` is judged by the error of the ratings held out, as `evaluate` judges it: it is asked how much a
product would please, and good lists of it, which hold what few have and love, would say nothing of that.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from xsell.contract.progress import Tell
from xsell.contract.trials import Attempt
from xsell.data.training import Training
from xsell.models.regression import Regression, Sums, enriched, solve, sums
from xsell.selection import attempts, factors, tuning
from xsell.selection.fusion import better
from xsell.selection.parts import PREFIXES
from xsell.selection.plan import Parameters, Plan, Trial, Tuned
from xsell.selection.ranges import SPACES, Space, drawn, full, short, space
from xsell.selection.validation import Judge, Validation, Values

Try = Callable[[Parameters, int], dict[str, Values]]

WIDTH = 9
ETA = 3
FULL = 3
ROUNDS = ("near the usual setting", "anywhere", "near the best")
PLANNED = 1 + len(ROUNDS) * (WIDTH + WIDTH // ETA + 1)
"""Trials of a family: the usual setting, and all rungs of all rounds."""
HEADS = {1: tuning.HEAD // 2, 2: tuning.HEAD, FULL: tuning.HEAD}
SWEEPS = {"als": {1: 2, 2: 4}, "ratings": {1: 10, 2: 20}}
"""Of models that are fitted in sweeps, at most so many on the first rungs."""
clock = time.monotonic


@dataclass(frozen=True, slots=True)
class Panel:
    """
    The validation customers, for the search and for the verdict.

    Attributes:
        rungs: The cut as each rung asks it: the first two hold customers of the search only, the last holds all.
        fresh: Which customers of the last were never looked at.
    """

    rungs: Mapping[int, Judge]
    fresh: NDArray[np.bool_]

    @classmethod
    def of(cls, judge: Judge, seed: int) -> "Panel":
        """Share the customers out at random."""
        count = len(judge.history)
        order = np.random.default_rng(seed).permutation(count)
        search, first = np.sort(order[: (count + 1) // 2]), np.sort(order[: (count + 5) // 6])
        fresh = np.ones(count, bool)
        fresh[search] = False
        return cls({1: judge.some(first), 2: judge.some(search), FULL: judge}, fresh)


@dataclass(slots=True)
class Race:
    """
    The trials of models that share their settings.

    Attributes:
        family: A key of SPACES.
        attempt: Fits and judges a setting on a rung: how good it is for every customer, by model.
        panel: The customers.
        deadline: When no trial may start any more, by `clock`.
        tell: Hears what is being tried.
        took: Seconds of a full trial.
        attempts: What was tried.
        finals: Settings tried in full, with the values of their better model; the usual one first.
        cut: Whether time ran out.
    """

    family: str
    attempt: Try
    panel: Panel
    deadline: float
    tell: Tell
    took: float = 0.0
    attempts: list[Attempt] = field(default_factory=list)
    finals: list[tuple[Parameters, Values, dict[str, Values]]] = field(default_factory=list)
    cut: bool = False

    def run(self, usual: Parameters, where: Space, dice: np.random.Generator) -> None:
        """Try the usual setting, then the rounds, as long as there is time."""
        start = clock()
        self._judge(usual, FULL, "usual")
        self.took = clock() - start
        met = {_key(full(self.family, usual))}
        for name in ROUNDS:
            centre = None if name == "anywhere" else full(self.family, usual if name == ROUNDS[0] else self.best()[0])
            self._round([short(self.family, p) for p in _fresh(drawn(where, dice, centre), met)])

    def best(self) -> tuple[Parameters, Values, dict[str, Values]]:
        """The final that is best on the customers of the search; the first among equals."""
        return max(self.finals, key=lambda final: float(final[1][~self.panel.fresh].mean()))

    def _round(self, settings: Sequence[Parameters]) -> None:
        """Judge settings, each time keep a third; where time runs out the best of what is known goes to the last rung while it fits."""
        left, seen = list(settings), False
        for rung in range(1, FULL):
            found: list[tuple[float, Parameters]] = []
            for setting in left:
                if self._late():
                    break
                found.append((self._judge(setting, rung), setting))
            seen = seen or bool(found)
            found.sort(key=lambda pair: -pair[0])
            left = [setting for _, setting in found[: max(1, len(left) // ETA)]] or left
        if seen and (not self._late() or (len(self.finals) == 1 and clock() < self.deadline)):
            self._judge(left[0], FULL)

    def _late(self) -> bool:
        """Whether the time left is needed for a full trial."""
        self.cut = self.cut or clock() + self.took >= self.deadline
        return self.cut

    def _judge(self, setting: Parameters, rung: int, role: str = "") -> float:
        self.tell(f"tuning {self.family}, rung {rung}: {', '.join(f'{name} {value}' for name, value in setting.items())}")
        found = self.attempt(setting, rung)
        count, told = len(next(iter(found.values()))), self.panel.rungs[rung].told
        self.attempts += [Attempt(name, setting, rung, count, role=role, **told(values)) for name, values in found.items()]
        searched = ~self.panel.fresh if rung == FULL else np.ones(count, bool)
        lead = max(found, key=lambda name: float(found[name][searched].mean()))
        if rung == FULL:
            self.finals.append((setting, found[lead], found))
        return float(found[lead][searched].mean())

    def verdict(self) -> dict[str, Trial]:
        """The winner by model, if it is better than the usual setting on the customers that nobody has looked at, and not worse on all."""
        winner, usual = self.best(), self.finals[0]
        fresh = self.panel.fresh
        if not better(winner[1][fresh], usual[1][fresh]) or winner[1].mean() <= usual[1].mean():
            return {}
        self.attempts = [replace(a, role="chosen") if a.rung == FULL and a.parameters == winner[0] else a for a in self.attempts]
        told = self.panel.rungs[FULL].told
        return {name: Trial(name, dict(winner[0]), **told(values)) for name, values in winner[2].items()}


def tuned(names: set[str], usual: Mapping[str, Parameters], judge: Validation, plan: Plan, tell: Tell) -> Tuned:
    """
    Look for better settings of some models.

    Args:
        names: The models; those without parameters are passed over, and `ratings` where too few were held out. Beside `cross on prefixes` cross
            learns from whole histories.
        usual: The setting chosen without this search, by model; the same for cross and ease.
        judge: The validation cut.
        plan: Has the budget; models that do not share their settings share the time, and what one leaves the others get.
        tell: Hears what is being tried.
    """
    start, families = clock(), _families(names if judge.raters else names - {"ratings"})
    attempts: list[Attempt] = []
    found: dict[str, Trial] = {}
    cut = False
    for place, (family, members) in enumerate(families.items()):
        panel = Panel.of(judge.raters if family == "ratings" and judge.raters else judge, plan.seed)
        deadline = clock() + (start + (plan.budget or 0.0) - clock()) / (len(families) - place)
        race = Race(family, _trier(family, members, judge.part, panel, plan), panel, deadline, tell)
        where = space(family, judge, plan, beginnings=len(members) == 1 and PREFIXES not in names)
        race.run(usual[members[0]], where, np.random.default_rng([plan.seed, place]))
        found |= {name: factors.judged(trial, judge, plan) for name, trial in race.verdict().items()}
        attempts += race.attempts
        cut = cut or race.cut
    return Tuned(tuple(attempts), sum(PLANNED * len(members) for members in families.values()) if cut else len(attempts), found)


def dropped(told: Tuned) -> Tuned:
    """The same search, of which nothing was taken."""
    return replace(told, better={}, attempts=tuple(replace(a, role="") if a.role == "chosen" else a for a in told.attempts))


def _families(names: set[str]) -> dict[str, list[str]]:
    pair = sorted(names & set(attempts.BLOCK_OF))
    alone = {name: [name] for name in sorted(names) if name in SPACES}
    return ({"regressions": pair} if pair else {}) | alone


def _trier(family: str, members: list[str], part: Training, panel: Panel, plan: Plan) -> Try:
    """How a setting is tried."""
    met: dict[tuple[float, bool, int], Sums] = {}

    def regressions(setting: Parameters, rung: int) -> dict[str, Values]:
        rho, prefixes, beta = setting["rho"], setting.get("prefixes", False), setting.get("beta", 0.0)
        key = rho, prefixes, HEADS[rung]
        if key not in met:
            met[key] = sums(part, rho, prefixes, min(plan.regressors, HEADS[rung]), min(plan.targets, HEADS[rung]))
        solved = solve(enriched(met[key], part.catalog, beta), setting["regularization"])
        found = {}
        for name in members:
            model = Regression(attempts.BLOCK_OF[name], setting["regularization"], rho, prefixes, beta)
            found[name] = panel.rungs[rung].judge(model.fit_solved(solved, part))
        return found

    def alone(setting: Parameters, rung: int) -> dict[str, Values]:
        most = SWEEPS.get(family, {}).get(rung)
        less = {"iterations": min(most, full(family, setting)["iterations"])} if most else {}
        return {family: panel.rungs[rung].judge(attempts.make(family, {**setting, **less}, plan).fit(part))}

    return regressions if family == "regressions" else alone


def _fresh(settings: Iterator[Parameters], met: set[tuple[object, ...]]) -> Iterator[Parameters]:
    """The first settings that were not met before."""
    count = 0
    for setting in settings:
        if _key(setting) not in met and count < WIDTH:
            met.add(_key(setting))
            count += 1
            yield setting


def _key(setting: Parameters) -> tuple[object, ...]:
    return tuple(sorted(setting.items()))
