"""Several models judged on the same customers: every metric with its interval, paired differences, and what they show."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from xsell.metrics import PAIRED, PARTS, ranking
from xsell.metrics.curves import along
from xsell.metrics.intervals import FEWEST, Interval, several
from xsell.metrics.measured import Counted, Measured, Table, pooled, rows
from xsell.metrics.significance import detectable, holm, sign_flip

LEADING = "ndcg"
"""The metric of the verdict: it uses every place of the list and the order, so it tells models apart with fewer customers than precision."""

LIFT = "xlift"
"""Recall of new categories over that of `popular` among the same categories."""

WITHIN = 0.05
"""Chance of taking luck for a difference, over all models together."""

Spread = tuple[dict[str, dict[str, Interval]], dict[str, dict[str, Interval]]]
"""Intervals by model and metric: of means, and of differences to the baseline."""


@dataclass(frozen=True, slots=True)
class Versus:
    """
    What a paired difference on the leading metric shows.

    Attributes:
        difference: Model minus the other.
        p: By a sign-flip test, corrected for the number of models (Holm).
        detectable: The smallest true difference that would be found in four of five trials with so many customers.
        customers: How many it was measured on.
    """

    difference: Interval
    p: float
    detectable: float
    customers: int

    @property
    def direction(self) -> int:
        """1 where the model is shown to be better, -1 where worse, else 0: both the test and the interval must say so."""
        if self.customers < FEWEST or not self.p <= WITHIN:
            return 0
        return int(self.difference.low > 0) - int(self.difference.high < 0)


@dataclass(frozen=True, slots=True)
class Score:
    """
    What the lists of one model are worth.

    Attributes:
        values: Per metric one number a customer, in the order of the held-out customers; NaN where undefined.
        means: Per metric of `PAIRED` the mean over customers with its interval.
        traits: The same of the other metrics, means or quotients of two sums.
        together: Metrics of all lists together.
        difference: Per metric the paired difference to the baseline; empty for the baseline.
        versus: What the difference to the baseline shows on the leading metric; None for the baseline, and for lengths that do not lead.
        behind: The same for the difference to the best model; None for the best.
        curve: Precision, recall and hit rate of the first 1, 2, … places, as long as the longest lists.
    """

    values: dict[str, ranking.Values]
    means: dict[str, Interval]
    traits: dict[str, Interval]
    together: dict[str, float]
    difference: dict[str, Interval]
    versus: Versus | None
    behind: Versus | None
    curve: dict[str, list[float]]

    @property
    def tied(self) -> bool:
        """Whether nothing shows that the model is worse than the best."""
        return self.behind is not None and self.behind.direction >= 0


def judge(windows: Sequence[Measured], baseline: str, seed: int) -> dict[int, dict[str, Score]]:
    """
    Score models, all intervals on the same resamples of customers; the verdict is about the first length.

    Args:
        windows: What was measured in each, of the same models and lengths.
        baseline: The model the others are compared with.
        seed: Seed of the resamples and of the signs.

    Returns:
        The scores by length and model.
    """
    times, row = rows(windows)
    whole = {k: pooled([window.at[k] for window in windows], times, row) for k in windows[0].at}
    first = next(iter(whole.values()))
    leading = np.column_stack([above[:, PARTS.index(LEADING)] for above, _ in first.found.values()])
    names, best = list(first.found), int(leading.mean(0).argmax())
    base, behind = names.index(baseline), leading - leading[:, [best]]
    every = iter(several([*chain.from_iterable(_tables(one, baseline) for one in whole.values()), (behind, np.ones_like(behind))], seed))
    spreads = {k: _spread(one, baseline, every) for k, one in whole.items()}
    ahead = next(iter(spreads.values()))[1]
    chances = _chances(leading, base, best, seed)
    versus = _verdicts(leading, base, [ahead.get(name, {}).get(LEADING) for name in names], chances[0])
    known = dict(zip(names, zip(versus, _verdicts(leading, best, next(every), chances[1]), strict=True), strict=True))
    relevant, weight = np.concatenate([window.relevant for window in windows]), 1 / (times[row] * len(times))
    curves = {name: along(np.concatenate([window.hits[name] for window in windows]), relevant, weight) for name in names}
    return {
        k: {name: _score(name, one, spreads[k], curves[name], known[name] if one is first else (None, None)) for name in names}
        for k, one in whole.items()
    }


def _score(
    name: str, counted: Counted, spread: Spread, curve: dict[str, list[float]], verdicts: tuple[Versus | None, Versus | None]
) -> Score:
    means, differences = spread
    return Score(
        values=_values(*counted.found[name]),
        means={metric: means[name][metric] for metric in PAIRED},
        traits={metric: interval for metric, interval in means[name].items() if metric not in PAIRED},
        together=counted.together[name],
        difference=differences.get(name, {}),
        versus=verdicts[0],
        behind=verdicts[1],
        curve=curve,
    )


def _values(above: Table, below: Table) -> dict[str, ranking.Values]:
    value = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return dict(zip(PARTS, value.T, strict=True))


def _tables(counted: Counted, baseline: str) -> Iterator[tuple[Table, Table]]:
    """What intervals are wanted of: every model, its differences to the baseline, and its recall of new categories over that of the rival."""
    found, recall = counted.found, PARTS.index("xrecall")
    yield from found.values()
    for name in found:
        if name != baseline:
            yield _gap(found[name], found[baseline])
    if counted.rival:
        yield (
            np.column_stack([above[:, recall] for above, _ in found.values()]),
            np.column_stack([counted.rival[0][:, recall]] * len(found)),
        )


def _spread(counted: Counted, baseline: str, every: Iterator[list[Interval]]) -> Spread:
    """Take the intervals of `_tables` in turn: means by model, then differences to the baseline."""
    means = {name: dict(zip(PARTS, next(every), strict=True)) for name in counted.found}
    differences = {name: dict(zip(PAIRED, next(every), strict=True)) for name in counted.found if name != baseline}
    for name, lift in zip(means, next(every), strict=True) if counted.rival else ():
        means[name][LIFT] = lift
    return means, differences


def _gap(one: tuple[Table, Table], other: tuple[Table, Table]) -> tuple[Table, Table]:
    """Differences of the metrics that can be compared customer by customer."""
    width = len(PAIRED)
    return one[0][:, :width] - other[0][:, :width], one[1][:, :width]


def _chances(leading: Table, base: int, best: int, seed: int) -> tuple[dict[int, float], dict[int, float]]:
    """P values of every model against the baseline and against the best, each pair of models tested once."""
    places = range(leading.shape[1])
    asked = list(dict.fromkeys((max(one, rival), min(one, rival)) for rival in (base, best) for one in places if one != rival))
    if not asked:
        return {}, {}
    one, other = np.array(asked).T
    p = dict(zip(asked, sign_flip(leading[:, one] - leading[:, other], seed).tolist(), strict=True))
    against = ({place: p[max(place, rival), min(place, rival)] for place in places if place != rival} for rival in (base, best))
    versus, behind = against
    return versus, behind


def _verdicts(leading: Table, rival: int, ends: Sequence[Interval | None], chances: Mapping[int, float]) -> list[Versus | None]:
    """What the differences to one model show, None for that model itself."""
    corrected = dict(zip(chances, holm(np.array(list(chances.values()))).tolist(), strict=True))
    found = detectable(leading - leading[:, [rival]]).tolist()
    return [
        Versus(interval, corrected[place], found[place], len(leading)) if interval and place in corrected else None
        for place, interval in enumerate(ends)
    ]
