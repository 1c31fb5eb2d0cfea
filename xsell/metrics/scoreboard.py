"""
Several models judged on the same customers: every metric with its interval, paired differences, and what they show.

Where customers were asked in several windows, each counts once, with the mean over the windows in which a metric is defined for the customer: what
one customer does in two windows hangs together, so intervals and tests draw customers, not windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Ints
from xsell.metrics import PAIRED, PARTS, QUOTIENTS, TOGETHER, parts, ranking
from xsell.metrics.ground import Ground, Look
from xsell.metrics.intervals import FEWEST, Interval, quotients
from xsell.metrics.significance import detectable, holm, sign_flip
from xsell.parallel import each
from xsell.ranking import blocks

LEADING = "ndcg"
"""The metric of the verdict: it uses every place of the list and the order, so it tells models apart with fewer customers than precision."""

LIFT = "xlift"
"""Recall of new categories over that of `popular` among the same categories."""

WITHIN = 0.05
"""Chance of taking luck for a difference, over all models together."""

Table = ranking.Values


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
        versus: What the difference to the baseline shows on the leading metric; None for the baseline.
        behind: The same for the difference to the best model; None for the best.
        curve: Precision, recall and hit rate of the first 1, 2, … places.
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


@dataclass(frozen=True, slots=True)
class Measured:
    """
    Lists held against what customers took up in one window, before any judgement.

    Attributes:
        users: The customers, ascending, int32.
        found: By model what each customer adds to the two sums of every metric, customers × `PARTS`.
        rival: The same for the lists of `popular` among new categories only, or None.
        together: By model the metrics of all lists together.
        hits: By model whether each place is a hit, customers × k.
        relevant: How many items were hidden of each customer.
    """

    users: Ints
    found: dict[str, tuple[Table, Table]]
    rival: tuple[Table, Table] | None
    together: dict[str, dict[str, float]]
    hits: dict[str, ranking.Hits]
    relevant: ranking.Counts


def measure(lists: Mapping[str, Ints], ground: Ground, rival: Ints | None = None) -> Measured:
    """
    Hold lists of the same customers against what was hidden.

    Args:
        lists: For every model its lists, customers × k in the order of the ground, -1 where a list has ended.
        ground: What they are held against; at least one customer.
        rival: Lists of `popular` among new categories only, for the lift; None where there are no categories.
    """
    return Measured(
        ground.heldout.user,
        {name: _parts(items, ground) for name, items in lists.items()},
        None if rival is None else _parts(rival, ground),
        {name: {metric: of(items, ground) for metric, of in TOGETHER.items()} for name, items in lists.items()},
        {name: ranking.hits(items, ground.heldout) for name, items in lists.items()},
        ranking.relevant(ground.heldout),
    )


def judge(windows: Sequence[Measured], baseline: str, seed: int) -> dict[str, Score]:
    """
    Score models, all intervals on the same resamples of customers.

    Args:
        windows: What was measured in each, of the same models.
        baseline: The model the others are compared with.
        seed: Seed of the resamples and of the signs.
    """
    names = list(windows[0].found)
    times, row = _rows(windows)
    found = {name: _once([window.found[name] for window in windows], times, row) for name in names}
    rivals = [window.rival for window in windows if window.rival is not None]
    leading = np.column_stack([above[:, PARTS.index(LEADING)] for above, _ in found.values()])
    best, base = int(leading.mean(0).argmax()), names.index(baseline)
    means, differences = _intervals(found, baseline, _once(rivals, times, row) if rivals else None, seed)
    relevant = np.concatenate([window.relevant for window in windows])
    versus, behind = (_versus(leading - leading[:, [against]], against, seed) for against in (base, best))
    return {
        name: Score(
            values=_values(*found[name]),
            means={metric: means[name].pop(metric) for metric in PAIRED},
            traits=means[name],
            together={metric: float(np.mean([window.together[name][metric] for window in windows])) for metric in TOGETHER},
            difference=differences.get(name, {}),
            versus=versus[place],
            behind=behind[place],
            curve=_curve([window.hits[name] for window in windows], relevant, 1 / (times[row] * len(times))),
        )
        for place, name in enumerate(names)
    }


def customers(windows: Sequence[Measured]) -> Ints:
    """Customers of any window, ascending: the order of the values of `judge`."""
    return np.unique(np.concatenate([window.users for window in windows]))


def _rows(windows: Sequence[Measured]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """In how many windows each customer is, and which customer each row of all windows is."""
    _, row, times = np.unique(np.concatenate([window.users for window in windows]), return_inverse=True, return_counts=True)
    return times, row


def _once(tables: Sequence[tuple[Table, Table]], times: NDArray[np.int64], row: NDArray[np.intp]) -> tuple[Table, Table]:
    """One row a customer: of means the mean over windows, of quotients of sums the mean of either sum."""
    if len(tables) == 1:
        return tables[0]
    member = sp.csr_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=(len(times), len(row)))
    above, below = (np.asarray(member @ np.concatenate(side)) for side in zip(*tables, strict=True))
    means = below.shape[1] - len(QUOTIENTS)
    divisor = np.hstack([np.maximum(below[:, :means], 1), np.repeat(times[:, None], len(QUOTIENTS), 1)])
    return above / divisor, below / divisor


def _parts(items: Ints, ground: Ground) -> tuple[Table, Table]:
    """What each customer adds to the sums of every metric, customers × `PARTS`."""
    wide = max(items.shape[1], ground.catalog.n_categories)
    above, below = zip(*each(lambda block: parts(Look(ground, items, block)), blocks(len(items), wide)), strict=True)
    return np.concatenate(above), np.concatenate(below)


def _values(above: Table, below: Table) -> dict[str, ranking.Values]:
    value = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return dict(zip(PARTS, value.T, strict=True))


def _intervals(
    found: Mapping[str, tuple[Table, Table]], baseline: str, rival: tuple[Table, Table] | None, seed: int
) -> tuple[dict[str, dict[str, Interval]], dict[str, dict[str, Interval]]]:
    """Means and differences to the baseline of every model, on the same resamples."""
    rivals = [name for name in found if name != baseline]
    recall = PARTS.index("xrecall")
    lifts = [] if rival is None else [(above[:, recall], rival[0][:, recall]) for above, _ in found.values()]
    gaps = [_gap(found[name], found[baseline]) for name in rivals]
    tables = (
        [*found.values(), *gaps, tuple(np.column_stack(side) for side in zip(*lifts, strict=True))] if lifts else [*found.values(), *gaps]
    )
    above, below = (np.hstack(side) for side in zip(*tables, strict=True))
    every = iter(quotients(above, below, seed))
    means = {name: {metric: next(every) for metric in PARTS} for name in found}
    differences = {name: {metric: next(every) for metric in PAIRED} for name in rivals}
    for name in found if lifts else ():
        means[name][LIFT] = next(every)
    return means, differences


def _gap(one: tuple[Table, Table], other: tuple[Table, Table]) -> tuple[Table, Table]:
    """Differences of the metrics that can be compared customer by customer."""
    width = len(PAIRED)
    return one[0][:, :width] - other[0][:, :width], one[1][:, :width]


def _versus(differences: Table, against: int, seed: int) -> list[Versus | None]:
    """What the differences to one model show, None for that model itself."""
    rest = [place for place in range(differences.shape[1]) if place != against]
    if not rest:
        return [None]
    apart = differences[:, rest]
    ends = quotients(apart, np.ones_like(apart), seed)
    p, found = holm(sign_flip(apart, seed)), detectable(apart)
    told = (Versus(*known, len(apart)) for known in zip(ends, p.tolist(), found.tolist(), strict=True))
    return [None if place == against else next(told) for place in range(differences.shape[1])]


def _curve(windows: Sequence[ranking.Hits], relevant: ranking.Counts, weight: ranking.Values) -> dict[str, list[float]]:
    """Means over customers down to every rank; `weight` is the share of each row of all windows."""
    so_far = np.cumsum(np.concatenate(windows), 1)
    precision = (weight @ so_far) / np.arange(1, so_far.shape[1] + 1)
    return {"precision": precision.tolist(), "recall": ((weight / relevant) @ so_far).tolist(), "hit": (weight @ (so_far > 0)).tolist()}
