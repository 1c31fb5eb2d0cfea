"""How each split cuts a log: the one place where it is decided which events are hidden, for the evaluation and for the choice of models alike."""

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from xsell.contract.spans import DAY
from xsell.contract.splits import COUNTS, ROLLING, SHARES, Split
from xsell.data.cuts import Cut, Sees
from xsell.data.scopes import categories_each
from xsell.data.streams import Stream
from xsell.data.training import Catalog, Log, Mask, Times
from xsell.errors import InputError

Keys = NDArray[np.int64]
Rule = Callable[[Log, Catalog, int, float], Cut]
"""Events, items, a seed and how much or when in, a cut out."""

FIRST_SHARE = 0.5
"""Rolling windows of no given length share the time after the first half of the events, so that there is something to learn from before the first."""
LAST_SHARE = 0.2
"""Of the history of a customer whom no model has met, the last fifth is to be found."""


def temporal(log: Log, catalog: Catalog, seed: int, how: float = SHARES["temporal"]) -> Cut:
    """Learn from the first 80% of the events in time, or from those before a date, and judge on the later ones."""
    del catalog, seed
    known = log.at[np.isfinite(log.at)]
    if not len(known):
        raise _no_times("temporal")
    last = float(known.max())
    moment = float(np.quantile(known, how, method="nearest")) if how < 1 else _last_before(known, how)
    if moment >= last:
        earlier = known[known < last]
        if not len(earlier):
            raise InputError("A temporal split needs events at different times, and all have the same one.", "Use --split random.")
        moment = float(earlier.max())
    return Cut("temporal", ~(log.at > moment), moment, last - moment)


def windows(split: Split, log: Log) -> Iterator[tuple[Mask, Cut]]:
    """
    Give windows of equal length, the last one up to the last event: what is known at the end of each, and the cut of that at its begin.

    Args:
        split: How many, and how long each is if that is given.
        log: The events; those without a time are known in all windows.

    Yields:
        One boolean an event of the log, and a cut of the events where it is true. Windows may have no event.

    Raises:
        InputError: There are no times, or nothing lies before the first window.
    """
    known = log.at[np.isfinite(log.at)]
    if not len(known):
        raise _no_times(ROLLING)
    end, count = known.max(), int(split.how)
    start = end - count * split.each if split.each else float(np.quantile(known, FIRST_SHARE, method="nearest"))
    if start < known.min() or start == end:
        raise InputError(
            f"{count} windows{f' of {split.each / DAY:g} days' * bool(split.each)} do not fit into the {(end - known.min()) / DAY:.1f} days of the events.",
            "Ask for fewer or shorter windows, such as --split rolling:2, or use --split temporal.",
        )
    for begin, until in pairwise(np.linspace(start, end, count + 1).tolist()):
        there = ~(log.at > until)
        yield there, Cut(ROLLING, ~(log.at[there] > begin), begin, until - begin)


def _no_times(name: str) -> InputError:
    return InputError(f"A {name} split needs times, and no event has one.", "Use --split random, or name the column with --map at=COLUMN.")


def _last_before(known: Times, date: float) -> float:
    earlier = known[known < date]
    if not len(earlier) or len(earlier) == len(known):
        side = "before" if not len(earlier) else "from then on"
        raise InputError(
            f"The date of the temporal split leaves nothing: no event is {side}.", "Type a date within the data, see clean/report.json."
        )
    return float(earlier.max())


def new_category(log: Log, catalog: Catalog, seed: int, how: float = SHARES["new-category"]) -> Cut:
    """Hide all events in a random 30% of the categories of every customer who has at least two."""
    width = max(catalog.n_categories, 1)
    event, category = categories_each(catalog, log.item)
    groups, back = np.unique(log.user[event].astype(np.int64) * width + category, return_inverse=True)
    hidden = _share_of_each(groups // width, how, seed)
    keep = np.ones(len(log), bool)
    keep[event[hidden[back]]] = False
    return Cut("new-category", keep, sees=_outside_categories(groups[hidden], catalog, width))


def random(log: Log, catalog: Catalog, seed: int, how: float = SHARES["random"]) -> Cut:
    """Hide a random 20% of the items of every customer who has at least two, with all their events."""
    groups, back = np.unique(_key(log, catalog), return_inverse=True)
    hidden = _share_of_each(groups // catalog.n_items, how, seed)
    return Cut("random", ~hidden[back], sees=_outside_pairs(groups[hidden], catalog.n_items))


def leave_last(log: Log, catalog: Catalog, seed: int, how: float = COUNTS["leave-last"]) -> Cut:
    """Hide the items that each customer took up last, but never all; items without a time count as taken up first."""
    del seed
    if not log.timed:
        raise _no_times("leave-last")
    owner, after, back = _places(log, catalog)
    count = np.bincount(owner, minlength=1)[owner]
    hidden = (after < np.minimum(how, count - 1))[back]
    return Cut("leave-last", ~hidden, sees=_before_hidden(log, hidden))


def by_user(log: Log, catalog: Catalog, seed: int, how: float = SHARES["by-user"]) -> Cut:
    """Learn from some customers and judge on the others: of their histories the first part is shown, the last fifth of the items hidden."""
    groups, back = np.unique(_key(log, catalog), return_inverse=True)
    owner = groups // catalog.n_items
    able = np.flatnonzero(np.bincount(owner, minlength=1) > 1)
    few = max(round(how * len(able)), 1)
    if not len(able) or few >= len(np.unique(owner)):
        raise InputError("A by-user split needs several customers with several products.", "Use --split random.")
    apart = np.random.default_rng(seed).choice(able, few, replace=False)
    theirs = np.isin(log.user, apart)
    if log.timed:
        owner, after, back = _places(log, catalog)
        late = after < np.maximum(np.floor(np.bincount(owner, minlength=1)[owner] * LAST_SHARE + 0.5), 1)
        hidden = late[back] & theirs
        sees = _before_hidden(log, hidden)
    else:
        late = _share_of_each(owner, LAST_SHARE, seed) & np.isin(owner, apart)
        hidden, sees = late[back], _outside_pairs(groups[late], catalog.n_items)
    return Cut("by-user", ~theirs, sees=sees, shown=theirs & ~hidden)


CUTS: dict[str, Rule] = {
    "temporal": temporal,
    "new-category": new_category,
    "random": random,
    "leave-last": leave_last,
    "by-user": by_user,
}


def make(split: Split, log: Log, catalog: Catalog, seed: int) -> Cut:
    """
    Cut as a split says that cuts once.

    Raises:
        InputError: It cannot be made of these events.
    """
    return CUTS[split.name](log, catalog, seed, split.how)


def default_rule(log: Log, scope: str) -> str:
    """The split that comes nearest to real use: temporal, else new-category under scope `new`, else random."""
    if len(np.unique(log.at[np.isfinite(log.at)])) > 1:
        return "temporal"
    return "new-category" if scope == "new" else "random"


def _key(log: Log, catalog: Catalog) -> Keys:
    return log.user.astype(np.int64) * catalog.n_items + log.item


def _places(log: Log, catalog: Catalog) -> tuple[Keys, Keys, NDArray[np.intp]]:
    """
    How late each customer took up each item.

    Returns:
        Customer and number of items taken up later, one entry a customer and item; and the entry of every event.
    """
    groups, first, back = np.unique(_key(log, catalog), return_index=True, return_inverse=True)
    begun = np.full(len(groups), np.inf)
    np.minimum.at(begun, back, np.nan_to_num(log.at, nan=-np.inf))
    owner = groups // catalog.n_items
    order = np.lexsort((first, begun, owner))
    after = np.empty(len(groups), np.int64)
    after[order] = np.searchsorted(owner, owner, side="right") - 1 - np.arange(len(owner))
    return owner, after, back


def _before_hidden(log: Log, hidden: Mask) -> Sees:
    """Weaker events of a customer from the first hidden event on are hidden too."""
    until = np.full(int(log.user.max(initial=0)) + 2, np.inf)
    np.minimum.at(until, log.user[hidden], np.nan_to_num(log.at[hidden], nan=np.inf))

    def sees(stream: Stream) -> Mask:
        return ~(stream.at >= until[np.minimum(stream.user, len(until) - 1)])

    return sees


def _outside_pairs(pairs: Keys, width: int) -> Sees:
    """Weaker events on an item that is hidden from the customer are hidden too."""

    def sees(stream: Stream) -> Mask:
        if not stream.of_items:
            return np.ones(len(stream.user), bool)
        return np.isin(stream.user.astype(np.int64) * width + stream.column, pairs, invert=True)

    return sees


def _outside_categories(pairs: Keys, catalog: Catalog, width: int) -> Sees:
    """Weaker events on items of a category that is hidden from the customer are hidden too."""

    def sees(stream: Stream) -> Mask:
        seen = np.ones(len(stream.user), bool)
        if stream.of_items:
            event, category = categories_each(catalog, stream.column)
            seen[event[np.isin(stream.user[event].astype(np.int64) * width + category, pairs)]] = False
        return seen

    return sees


def _share_of_each(owner: Keys, share: float, seed: int) -> Mask:
    """Pick max(1, round(share × n)) of the n entries of every owner who has at least two, but never all; `owner` ascends."""
    order = np.lexsort((np.random.default_rng(seed).random(len(owner)), owner))
    count = np.bincount(owner, minlength=1)[owner]
    start = np.searchsorted(owner, owner)
    picked = np.zeros(len(owner), bool)
    place = np.arange(len(owner)) - start
    picked[order] = place < np.minimum(np.maximum(np.floor(count * share + 0.5), 1), count - 1)
    return picked
