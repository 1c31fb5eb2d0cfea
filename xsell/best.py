"""The best of every row: found in a few passes over the scores, without sorting or copying whole rows."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats, Ints, Mask

DIGITS = 6
NEAR = np.float32(1e-5)
"""Relative distance beyond which rounding cannot make two scores equal."""
GROUP, FEWEST_GROUPS = 32, 128
CROWD = 8
CELLS = 1 << 20
"""Scores that are looked through at once, four megabytes: what is looked at twice should be in the cache still."""
SAMPLE, SAMPLE_EACH, RUN, SPREAD = 1024, 64, 64, 8
MOST_SEEN = 100

Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Ranking:
    """
    Lists of some customers, one row each.

    Attributes:
        items: Item numbers by rank, -1 where a list is shorter, int32 [customers × k].
        scores: Scores by rank, -inf where a list is shorter, float32 [customers × k].
    """

    items: Ints
    scores: Floats


def rounded(scores: Floats) -> Floats:
    """Keep six significant digits, so that the last bits of BLAS decide nothing."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        exponent = np.floor(np.log10(np.abs(scores, dtype=np.float64)))
        unit = 10.0 ** np.where(np.isfinite(exponent), DIGITS - 1 - exponent, 0)
        return np.where(np.isfinite(scores), np.round(scores * unit) / unit, scores).astype(np.float32)


def reaching(scores: Floats, k: int) -> Mask:
    """
    Mark at least the k best entries of every row, and few more: all that reach a floor found from the maxima of small groups.

    Args:
        scores: float32 [rows × items]; -inf entries are never marked.
        k: How many.
    """
    groups = _groups(scores.shape[1], k)
    if groups >= scores.shape[1]:
        return scores > -np.inf
    return np.asarray(scores >= _floor(_maxima(scores, groups), k))


def _groups(width: int, k: int) -> int:
    """Into how many groups items are put to find the k best; items that lie as many places apart are in the same."""
    return max(width // GROUP, min(width, 4 * k))


def _maxima(scores: Floats, groups: int) -> Floats:
    """Largest number of every group, float32 [rows × groups]; what does not fill the groups is left out."""
    whole = scores.shape[1] - scores.shape[1] % groups
    maxima: Floats = np.fmax.reduce(scores[:, :whole].reshape(len(scores), whole // groups, groups), axis=1)
    return maxima


def _floor(maxima: Floats, k: int) -> Floats:
    """What k numbers of a row reach for sure, less what rounding could hide; never so low that -inf reaches it. float32 [rows × 1]."""
    known = np.fmax(maxima, np.float32(-np.inf))
    floor = np.partition(known, maxima.shape[1] - k, axis=1)[:, maxima.shape[1] - k, None]
    with np.errstate(over="ignore"):
        floor -= NEAR * np.abs(floor, where=np.isfinite(floor), out=np.zeros_like(floor))
    return np.asarray(np.maximum(floor, np.finfo(np.float32).min))


def top(scores: Floats, free: Mask, k: int) -> Ranking:
    """
    The best k allowed items of every row; ties go to the lower item number.

    Looked at is what is allowed and reaches the floor of a sample of the items: some ten times the length of the lists, unless the sample tells
    nothing of a row.

    Args:
        scores: float32 [rows × items].
        free: Boolean [rows × items].
        k: Length of the lists.
    """
    if not len(scores):
        return Ranking(np.empty((0, k), np.int32), np.empty((0, k), np.float32))
    scores, width = np.ascontiguousarray(scores, np.float32), scores.shape[1]
    spread = min(SPREAD, width // max(SAMPLE, SAMPLE_EACH * k))
    if spread < 2:
        return _thorough(scores, free, k)
    step = max(1, CELLS // width)
    # What was written last is in the cache still, so the last rows come first.
    seen = [_seen(scores, free, slice(start, start + step), k, spread) for start in reversed(range(0, len(scores), step))]
    cell, value = (np.concatenate(parts[::-1]) for parts in zip(*seen, strict=True))
    count = _count(cell, scores.shape)
    vague = np.flatnonzero(count > MOST_SEEN * k)
    if len(vague):
        clear = np.repeat(count <= MOST_SEEN * k, count)
        cell, value = cell[clear], value[clear]
        count[vague] = 0
    filled = _filled(count)
    table = _table(value, filled)
    kept = (table >= _floor(table, min(k, table.shape[1])))[filled]
    found = _cut(cell[kept], value[kept], scores.shape, k)
    if len(vague):
        late = _thorough(scores[vague], free[vague], k)
        found.items[vague], found.scores[vague] = late.items, late.scores
    return found


def _seen(scores: Floats, free: Mask, tile: slice, k: int, spread: int) -> tuple[Places, Floats]:
    """Places and scores of what is allowed and reaches the floor of some of the items, in some of the rows."""
    some, able = scores[tile], free[tile]
    marked = some >= _sampled(some, able, k, spread)
    marked &= able
    place = np.flatnonzero(marked)
    return tile.start * scores.shape[1] + place, some.ravel()[place]


def _sampled(scores: Floats, free: Mask, k: int, spread: int) -> Floats:
    """Floor of some of the items: every so manieth run of them."""
    whole = scores.shape[1] - scores.shape[1] % (spread * RUN)
    shape = (len(scores), -1, spread, RUN)
    sample = _hidden(scores[:, :whole].reshape(shape)[:, :, 0], free[:, :whole].reshape(shape)[:, :, 0]).reshape(len(scores), -1)
    return _floor(_maxima(sample, min(max(4 * k, FEWEST_GROUPS), sample.shape[1])), k)


def _thorough(scores: Floats, free: Mask, k: int) -> Ranking:
    """Lists by the floor of all items, and by whole sorting for those of whom very many are equal."""
    masked = np.fmax(_hidden(scores, free), np.float32(-np.inf))
    marked = reaching(masked, k)
    count = np.count_nonzero(marked, axis=1)
    for row in np.flatnonzero(count > max(CROWD * k, GROUP * CROWD)):
        marked[row] &= leading(masked[row], k)
    cell = np.flatnonzero(marked)
    return _cut(cell, masked.ravel()[cell], scores.shape, k)


def _cut(cell: Places, value: Floats, shape: tuple[int, ...], k: int) -> Ranking:
    """
    Lists of candidates.

    Args:
        cell: Places of the candidates in the table of all scores, ascending.
        value: Their scores.
        shape: Of that table.
        k: Length of the lists.
    """
    filled = _filled(_count(cell, shape))
    pick = np.zeros(filled.shape, np.int32)
    pick[filled] = cell % shape[1]
    return _ordered(pick, rounded(_table(value, filled)), k)


def _count(cell: Places, shape: tuple[int, ...]) -> Places:
    """How many ascending places lie in each row of a table."""
    return np.diff(np.searchsorted(cell, np.arange(shape[0] + 1) * shape[1]))


def _filled(count: Places) -> Mask:
    """Where a table has values if each row begins with so many."""
    return np.asarray(np.arange(max(int(count.max()), 1)) < count[:, None])


def _table(value: Floats, filled: Mask) -> Floats:
    """Rows that begin with values and go on with -inf."""
    table = np.full(filled.shape, -np.inf, np.float32)
    table[filled] = value
    return table


def _hidden(scores: Floats, free: Mask) -> Floats:
    """Give the scores with NaN in place of what is not allowed."""
    held = veil(free)
    return veiled(scores, held, out=held)


def veil(free: Mask) -> Ints:
    """
    Bits that make a NaN of what is not allowed, for `veiled`.

    Setting all bits of a number, which makes it a NaN, takes a few passes of whole vectors of numbers, where a choice takes its time for every number.
    """
    return (free.view(np.int8) - np.int8(1)).astype(np.int32)


def veiled(scores: Floats, held: Ints, out: Ints | None = None) -> Floats:
    """
    Give the scores with NaN in place of what is not allowed.

    Args:
        scores: float32 [rows or 1 × items].
        held: What `veil` says, [rows × items].
        out: Takes the bits of what is given; it may be `held`.
    """
    hidden: Floats = np.bitwise_or(scores.view(np.int32), held, out=out).view(np.float32)
    return hidden


def leading(row: Floats, k: int) -> Mask:
    """Mark the k best of one row where many are equal: all above the k-th value, and of those equal to it the first."""
    value = rounded(row)
    last = np.partition(value, len(value) - k)[len(value) - k]
    above, equal = value > last, np.flatnonzero(value == last)
    above[equal[: k - int(above.sum())]] = True
    return np.asarray(above)


def _ordered(pick: Ints, value: Floats, k: int) -> Ranking:
    """Candidates of ascending item number by value, then by number, cut or padded to k."""
    order = np.argsort(-value, axis=1, kind="stable")[:, :k]
    items = np.full((len(pick), k), -1, np.int32)
    best = np.full((len(pick), k), -np.inf, np.float32)
    items[:, : order.shape[1]] = np.take_along_axis(pick, order, axis=1)
    best[:, : order.shape[1]] = np.take_along_axis(value, order, axis=1)
    items[best == -np.inf] = -1
    return Ranking(items, best)
