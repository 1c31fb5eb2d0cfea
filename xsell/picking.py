"""Lists under caps and with variety: one greedy pass for all customers at once."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.best import Ranking, top
from xsell.data.training import Catalog, Floats, Ints, Mask

DEEPER = 4
POOL = 100
CELLS = 8_000_000
FAINT = np.float32(1e-25)
"""Less than any score that says something: what the most popular item has in place of a score of 0."""


@dataclass(frozen=True, slots=True)
class Cap:
    """
    How many items of one group a list may hold.

    Attributes:
        group: Group of every item, -1 for none, int32 [items]; items without a group are not counted.
        most: How many.
    """

    group: Ints
    most: int


@dataclass(frozen=True, slots=True)
class Policy:
    """
    What a list must be besides good.

    Attributes:
        caps: All must hold.
        diversity: 0 is the order of the scores, 1 goes by variety only after the first place.
        catalog: Says how near items are to each other.
        buyers: How many customers have each item, [items]: those that most have come first where scores are 0.
    """

    caps: tuple[Cap, ...]
    diversity: float
    catalog: Catalog
    buyers: NDArray[np.integer]

    def filling(self, scores: Floats) -> Floats:
        """Put what most customers have first among what nothing speaks for, which has a score of 0."""
        share = FAINT * (self.buyers / max(self.buyers.max(initial=0), 1)).astype(np.float32)
        return np.where(scores == 0, share, scores)


def pick(scores: Floats, free: Mask, n: int, policy: Policy) -> Ranking:
    """
    Fill lists greedily: at each place the best item that no cap forbids.

    With diversity d, best is the maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): (1 - d) times the score on a scale from the
    worst to the best of the customer's candidates, less d times the likeness to the nearest item already in the list.

    Args:
        scores: float32 [customers × items].
        free: What may be offered, boolean [customers × items].
        n: Length of the lists.
        policy: Caps and diversity.

    Returns:
        Lists and their scores; where a list is short, no further item could be added.
    """
    if not policy.caps and not policy.diversity:
        return _top(scores, free, n, policy)
    items = np.full((len(scores), n), -1, np.int32)
    values = np.full((len(scores), n), -np.inf, np.float32)
    depth = min(max(POOL if policy.diversity else 0, DEEPER * n), scores.shape[1])
    left = np.arange(len(scores))
    while len(left):
        pool = _top(scores[left], free[left], depth, policy)
        for part in _parts(len(left), policy):
            rows = left[part]
            items[rows], values[rows] = _filled(Ranking(pool.items[part], pool.scores[part]), n, policy)
        more = (items[left, -1] < 0) & (pool.items[:, -1] >= 0) & (depth < scores.shape[1])
        left, depth = left[more], min(DEEPER * depth, scores.shape[1])
    return Ranking(items, values)


def _top(scores: Floats, free: Mask, k: int, policy: Policy) -> Ranking:
    """Take the best of every row; lists that reach down to scores of 0 are made anew, with the same scores at the same places."""
    found = top(scores, free, k)
    idle = np.flatnonzero(((found.items >= 0) & (found.scores == 0)).any(axis=1))
    if len(idle):
        found.items[idle] = top(policy.filling(scores[idle]), free[idle], k).items
    return found


def _parts(rows: int, policy: Policy) -> Iterator[slice]:
    """Row ranges whose words fit into memory as a full matrix."""
    step = max(CELLS // max(policy.catalog.content.shape[1], 1), 1) if policy.diversity else max(rows, 1)
    for start in range(0, rows, step):
        yield slice(start, start + step)


def _filled(pool: Ranking, n: int, policy: Policy) -> tuple[Ints, Floats]:
    rows = np.arange(len(pool.items))
    items = np.full((len(rows), n), -1, np.int32)
    values = np.full((len(rows), n), -np.inf, np.float32)
    free = pool.items >= 0
    worth = _relevance(pool) * np.float32(1 - policy.diversity)
    used = [np.zeros(pool.items.shape, np.int32) for _ in policy.caps]
    groups = [cap.group[pool.items] for cap in policy.caps]
    likeness = _Likeness(pool.items, policy.catalog) if policy.diversity else None
    near = np.zeros(pool.items.shape, np.float32)
    for place in range(n):
        best = np.where(free, worth - np.float32(policy.diversity) * near, -np.inf).argmax(axis=1)
        found = free[rows, best]
        items[found, place], values[found, place] = pool.items[rows, best][found], pool.scores[rows, best][found]
        free[rows, best] = False
        for cap, group, count in zip(policy.caps, groups, used, strict=True):
            np.add(count, (group == group[rows, best][:, None]) & (group >= 0) & found[:, None], out=count)
            free &= (count < cap.most) | (group < 0)
        if likeness:
            near = np.maximum(near, likeness.to(pool.items[rows, best]))
    return items, values


def _relevance(pool: Ranking) -> Floats:
    """Scores on a scale from the worst (0) to the best (1) in each row."""
    real = pool.scores > -np.inf
    best = np.where(real, pool.scores, -np.inf).max(axis=1, keepdims=True, initial=-np.inf)
    worst = np.where(real, pool.scores, np.inf).min(axis=1, keepdims=True, initial=np.inf)
    span = np.where(best > worst, best - worst, 1)
    return np.where(real, (np.where(real, pool.scores, 0) - np.where(real, worst, 0)) / span, 0).astype(np.float32)


class _Likeness:
    """
    How near the items of a pool are to one item a row: the mean of the cosine of their words and of whether they share the category.

    Attributes:
        items: The pool, int32 [rows × candidates].
        catalog: The words and the categories; what is not known of any item does not count.
    """

    def __init__(self, items: Ints, catalog: Catalog) -> None:
        self.items = items
        self.catalog = catalog
        self.words = catalog.content[np.maximum(items, 0).ravel()] if catalog.content.nnz else None

    def to(self, chosen: Ints) -> Floats:
        """Likeness to an item a row, float32 [rows × candidates]."""
        sides = []
        if self.words is not None:
            sides.append(self._cosine(self.words, self.catalog.content[np.maximum(chosen, 0)].toarray()))
        if self.catalog.n_categories > 1:
            category = self.catalog.category
            sides.append(((category[self.items] == category[chosen][:, None]) & (category[chosen] >= 0)[:, None]).astype(np.float32))
        return (sum(sides, np.zeros(self.items.shape, np.float32)) / np.float32(max(len(sides), 1))).astype(np.float32)

    def _cosine(self, words: sp.csr_array, chosen: Floats) -> Floats:
        entry = np.repeat(np.arange(self.items.size), np.diff(words.indptr))
        product = words.data * chosen[entry // self.items.shape[1], words.indices]
        return np.bincount(entry, weights=product, minlength=self.items.size).reshape(self.items.shape).astype(np.float32)
