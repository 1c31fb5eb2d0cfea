"""
Lists held against what customers took up, before any judgement: in one window, and over several.

Where customers were asked in several windows, each counts once, with the mean over the windows in which a metric is defined for the customer: what
one customer does in two windows hangs together, so intervals and tests draw customers, not windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Ints
from xsell.metrics import QUOTIENTS, TOGETHER, parts, ranking
from xsell.metrics.ground import Ground, Look
from xsell.parallel import each

Table = ranking.Values
ROWS, CELLS = 4096, 1_000_000
"""Most customers at a time, and most of their places or categories: enough that the work outweighs the calls."""


@dataclass(frozen=True, slots=True)
class Counted:
    """
    Lists of one length held against what customers took up, before any judgement.

    Attributes:
        found: By model what each customer adds to the two sums of every metric, customers × `PARTS`.
        rival: The same for the lists of `popular` among new categories only, or None.
        together: By model the metrics of all lists together.
    """

    found: dict[str, tuple[Table, Table]]
    rival: tuple[Table, Table] | None
    together: dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What was measured in one window.

    Attributes:
        users: The customers, ascending, int32.
        relevant: How many items were hidden of each.
        hits: By model whether each place is a hit, customers × the largest length.
        at: By length of the lists; the first one leads.
    """

    users: Ints
    relevant: ranking.Counts
    hits: dict[str, ranking.Hits]
    at: dict[int, Counted]


def measure(lists: Mapping[str, Ints], ground: Ground, lengths: Sequence[int], rival: Ints | None = None) -> Measured:
    """
    Hold lists of the same customers against what was hidden, in one pass for all lengths.

    Args:
        lists: For every model its lists, customers × the largest length in the order of the ground, -1 where a list has ended.
        ground: What they are held against; at least one customer.
        lengths: How many of the first places count.
        rival: Lists of `popular` among new categories only, for the lift; None where there are no categories.
    """
    found = {name: _parts(items, ground, lengths) for name, items in lists.items()}
    rivals = _parts(rival, ground, lengths)[0] if rival is not None else {}
    at = {
        k: Counted(
            {name: tables[k] for name, (tables, _) in found.items()},
            rivals.get(k),
            {name: {metric: of(items[:, :k], ground) for metric, of in TOGETHER.items()} for name, items in lists.items()},
        )
        for k in lengths
    }
    return Measured(ground.heldout.user, ranking.relevant(ground.heldout), {name: hits for name, (_, hits) in found.items()}, at)


def customers(windows: Sequence[Measured]) -> Ints:
    """Customers of any window, ascending: the order of the values of `judge`."""
    return np.unique(np.concatenate([window.users for window in windows]))


def rows(windows: Sequence[Measured]) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """In how many windows each customer is, and which customer each row of all windows is."""
    _, row, times = np.unique(np.concatenate([window.users for window in windows]), return_inverse=True, return_counts=True)
    return times, row


def pooled(windows: Sequence[Counted], times: NDArray[np.int64], row: NDArray[np.intp]) -> Counted:
    """
    Put all windows together, one row a customer.

    Args:
        windows: What was counted in each.
        times: In how many windows each customer is.
        row: Which customer each row of all windows is.
    """
    rivals = [window.rival for window in windows if window.rival]
    names = windows[0].found
    return Counted(
        {name: _once([window.found[name] for window in windows], times, row) for name in names},
        _once(rivals, times, row) if rivals else None,
        {name: {metric: float(np.mean([window.together[name][metric] for window in windows])) for metric in TOGETHER} for name in names},
    )


def _once(tables: Sequence[tuple[Table, Table]], times: NDArray[np.int64], row: NDArray[np.intp]) -> tuple[Table, Table]:
    """One row a customer: of means the mean over windows, of quotients of sums the mean of either sum."""
    if len(tables) == 1:
        return tables[0]
    member = sp.csr_array((np.ones(len(row)), (row, np.arange(len(row)))), shape=(len(times), len(row)))
    above, below = (np.asarray(member @ np.concatenate(side)) for side in zip(*tables, strict=True))
    means = below.shape[1] - len(QUOTIENTS)
    divisor = np.hstack([np.maximum(below[:, :means], 1), np.repeat(times[:, None], len(QUOTIENTS), 1)])
    return above / divisor, below / divisor


def _parts(items: Ints, ground: Ground, lengths: Sequence[int]) -> tuple[dict[int, tuple[Table, Table]], ranking.Hits]:
    """What each customer adds to the sums of every metric, customers × `PARTS`, by length; and the hits."""

    def work(block: slice) -> tuple[list[tuple[Table, Table]], ranking.Hits]:
        look = Look(ground, items, block)
        return [parts(look.first(k)) for k in lengths], look.hits

    step = max(1, min(ROWS, CELLS // max(items.shape[1], ground.catalog.n_categories)))
    done = each(work, [slice(start, start + step) for start in range(0, len(items), step)])
    above, below = ([np.concatenate([found[place][side] for found, _ in done]) for place in range(len(lengths))] for side in (0, 1))
    return dict(zip(lengths, zip(above, below, strict=True), strict=True)), np.concatenate([hits for _, hits in done])
