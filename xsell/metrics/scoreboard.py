"""Several models judged on the same customers: means with intervals, coverage, and the paired difference to a baseline."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xsell.data.cuts import Heldout
from xsell.metrics import PER_CUSTOMER, ranking
from xsell.metrics.intervals import Interval, intervals, verdict

Lists = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Score:
    """
    What the lists of one model are worth.

    Attributes:
        values: Per metric one number a customer, in the order of the held-out customers.
        means: Per metric the mean over customers with its interval.
        coverage: Share of the products that could be offered which are in any list.
        difference: Per metric the paired difference to the baseline; empty for the baseline.
        verdict: Per metric what that difference shows; empty for the baseline.
    """

    values: dict[str, ranking.Values]
    means: dict[str, Interval]
    coverage: float
    difference: dict[str, Interval]
    verdict: dict[str, str]


def judge(lists: Mapping[str, Lists], heldout: Heldout, eligible: int, baseline: str, seed: int) -> dict[str, Score]:
    """
    Score lists of the same customers, all intervals on the same resamples.

    Args:
        lists: For every model its lists, customers × k in the order of `heldout.user`, -1 where a list has ended.
        heldout: What was hidden; at least one customer.
        eligible: Number of products that could be offered.
        baseline: The model the others are compared with; one of `lists`.
        seed: Seed of the resamples.
    """
    values = {name: _values(items, heldout) for name, items in lists.items()}
    rivals = [name for name in lists if name != baseline]
    gaps = [np.subtract(values[name], values[baseline]) for name in rivals]
    found = iter(intervals(np.vstack([*values.values(), *gaps]).T, seed))
    means = {name: _named(found) for name in lists}
    differences = {name: _named(found) for name in rivals}
    return {
        name: Score(
            values=dict(zip(PER_CUSTOMER, values[name], strict=True)),
            means=means[name],
            coverage=ranking.coverage(items, eligible),
            difference=(apart := differences.get(name, {})),
            verdict={metric: verdict(gap, len(items), baseline) for metric, gap in apart.items()},
        )
        for name, items in lists.items()
    }


def _values(items: Lists, heldout: Heldout) -> ranking.Values:
    """Metrics × customers."""
    hits, relevant = ranking.hits(items, heldout), ranking.relevant(heldout)
    return np.vstack([metric(hits, relevant) for metric in PER_CUSTOMER.values()])


def _named(found: Iterator[Interval]) -> dict[str, Interval]:
    return {metric: next(found) for metric in PER_CUSTOMER}
