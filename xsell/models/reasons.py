"""Why a product is offered: what the customer has that speaks most for it."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.training import Floats, History, Ints
from xsell.models.recommender import Recommender

MOST = 3
CELLS = 1_000_000


@dataclass(frozen=True, slots=True)
class Voice:
    """
    A model that speaks for offers.

    Attributes:
        model: A fitted model.
        strength: How much it has to say for each offer, at least 0, float32 [offers], or None for the only one.
    """

    model: Recommender
    strength: Floats | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """
    The reasons for some offers, one entry a reason.

    For each offer the strongest of what the customer has, the strongest first, and then what is the same for all customers. Things of one name are one
    reason.

    Attributes:
        offer: Number of the offer, ascending, int32.
        column: What speaks for it: a column of `History.wide()`, or `History.width` for what is the same for everybody, int32; of several things of one name
            the strongest.
        share: Its share of all that speaks for the offer, 0..1.
        others: How many more things the customer has that speak for each offer, int32 [offers].
        rest: Their share, float32 [offers]; with the shares of an offer it adds up to 1, or all are 0.
    """

    offer: Ints
    column: Ints
    share: Floats
    others: Ints
    rest: Floats


def reasons(voices: Sequence[Voice], history: History, row: Ints, target: Ints, alike: Ints | None = None) -> Reasons:
    """
    Find the reasons for offers.

    Args:
        voices: The model, or the models that were fused; what each says is shared out in proportion to what adds to its score.
        history: The customers.
        row: Row of the customer of every offer, ascending, int32.
        target: Product offered, int32.
        alike: Number of the name of every column of `History.wide()` and of what is the same for everybody, or None where all differ: what has
            one name is one reason, whose shares are added.
    """
    has = sp.csr_array(sp.hstack([history.wide(), sp.csr_array(np.ones((len(history), 1), np.float32))], format="csr"))
    has = has if alike is None else _named(has, alike)
    ends = np.cumsum(np.diff(has.indptr)[row])
    parts, start = [], 0
    while start < len(row):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + CELLS, "right")), start + 1)
        parts.append(_some(voices, history, has, row, target, slice(start, stop), alike))
        start = stop
    return joined(parts)


def joined(parts: Sequence[Reasons], offers: Sequence[int] = ()) -> Reasons:
    """
    Put the reasons for several groups of offers together.

    Args:
        parts: Reasons of each group.
        offers: How many offers each group has, where their numbers begin from 0 in each.
    """
    if not parts:
        whole, real = np.zeros(0, np.int32), np.zeros(0, np.float32)
        return Reasons(whole, whole, real, whole, real)
    before = np.cumsum([0, *offers], dtype=np.int32)
    parts = [replace(part, offer=part.offer + start) for part, start in zip(parts, before, strict=False)] if offers else parts
    return Reasons(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Reasons)))


def _some(
    voices: Sequence[Voice], history: History, has: sp.csr_array, row: Ints, target: Ints, which: slice, alike: Ints | None
) -> Reasons:
    users = row[which]
    size = np.diff(has.indptr)[users]
    offer = np.repeat(np.arange(len(users)), size)
    place = np.arange(len(offer)) - np.repeat(np.cumsum(size) - size, size)
    column = has.indices[np.repeat(has.indptr[users], size) + place].astype(np.int32)
    weight = np.zeros(len(offer))
    for voice in voices:
        heard = np.arange(len(offer)) if voice.strength is None else np.flatnonzero(voice.strength[which][offer] > 0)
        said = np.maximum(voice.model.explain(history, users[offer[heard]], column[heard], target[which][offer[heard]]), 0)
        weight[heard] += said if voice.strength is None else _shared(said, offer[heard], voice.strength[which])
    share = _shared(weight, offer, np.ones(len(users)))
    told = _Told(offer, column, share, (share > 0).astype(np.int32))
    return _strongest(told if alike is None else _by_name(told, alike), history.width, which.start)


def _shared(weight: NDArray[np.floating], offer: NDArray[np.intp], strength: NDArray[np.floating]) -> NDArray[np.float64]:
    """Share out the strength of each offer in proportion to the weights."""
    total = np.bincount(offer, weights=weight, minlength=len(strength))
    each = np.divide(strength, total, out=np.zeros(len(strength)), where=total > 0)
    return np.asarray(weight * each[offer])


@dataclass(frozen=True, slots=True)
class _Told:
    """
    What speaks for some offers.

    Attributes:
        offer: Number of the offer, ascending.
        column: What speaks for it.
        share: Its share.
        things: How many things of the customer's are meant, those that say nothing not among them.
    """

    offer: NDArray[np.intp]
    column: Ints
    share: NDArray[np.float64]
    things: NDArray[np.integer]


def _named(has: sp.csr_array, alike: Ints) -> sp.csr_array:
    """Put what each customer has in the order of its names, so that things of one name stand side by side."""
    row = np.repeat(np.arange(has.shape[0]), np.diff(has.indptr))
    return sp.csr_array((has.data, has.indices[np.lexsort((alike[has.indices], row))], has.indptr), shape=has.shape)


def _by_name(told: _Told, alike: Ints) -> _Told:
    """Add up what stands side by side under one name, and keep the strongest of it."""
    if not len(told.offer):
        return told
    name = alike[told.column]
    starts = np.flatnonzero((np.diff(told.offer, prepend=-1) != 0) | (np.diff(name, prepend=-1) != 0))
    group = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(name)))
    best = np.flatnonzero(told.share == np.maximum.reduceat(told.share, starts)[group])
    first = best[np.diff(group[best], prepend=-1) > 0]
    share, things = (np.add.reduceat(values, starts) for values in (told.share, told.things))
    return _Told(told.offer[first], told.column[first], share, things)


def _strongest(told: _Told, common: int, first: int) -> Reasons:
    """Keep the strongest of what is the customer's own, and what is the same for everybody."""
    offer, column, share = told.offer, told.column, told.share
    rest = np.where(column < common, share, 0)
    starts, rounds = np.flatnonzero(np.diff(offer, prepend=-1)), []
    for _ in range(MOST):
        best = np.maximum.reduceat(rest, starts)
        hit = np.flatnonzero((rest == best[offer]) & (rest > 0))
        rounds.append(hit[np.diff(offer[hit], prepend=-1) > 0])
        rest[rounds[-1]] = 0
    found = np.concatenate([*rounds, np.flatnonzero((column >= common) & (share > 0))])
    kept = found[np.argsort(offer[found], kind="stable")]
    left = np.ones(len(share), bool)
    left[kept] = False
    count = int(offer[-1]) + 1 if len(offer) else 0
    return Reasons(
        (offer[kept] + first).astype(np.int32),
        column[kept],
        share[kept].astype(np.float32),
        np.bincount(offer[left], weights=told.things[left], minlength=count).astype(np.int32),
        np.bincount(offer[left], weights=share[left], minlength=count).astype(np.float32),
    )
