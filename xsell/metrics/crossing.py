"""Cross-selling proper: places, hits and categories that are new to the customer. NaN where a customer took up nothing of a new category."""

import numpy as np
import scipy.sparse as sp

from xsell.data.training import Ints
from xsell.metrics import ranking
from xsell.metrics.ground import Ground, Look, share
from xsell.metrics.spread import concentration
from xsell.parallel import each

SHARD = 16_384
"""Customers at a time, whatever the threads."""


def places(look: Look) -> tuple[ranking.Values, ranking.Values]:
    """Share of all places, over all lists together, that go to categories new to the customer."""
    return look.new.sum(1).astype(np.float64), look.length.astype(np.float64)


def precision(look: Look) -> ranking.Values:
    """Share of the k places that are hits in new categories, over customers who took up something of a new category."""
    return _where(look, ranking.precision(look.new_hits, look.relevant))


def recall(look: Look) -> ranking.Values:
    """Share of the relevant items of new categories that are in the list, over customers who have such items."""
    return share(look.new_hits.sum(1), look.wanted.sum(1))


def ndcg(look: Look) -> ranking.Values:
    """NDCG with only the items of new categories as relevant, at their ranks in the whole list, over customers who have such items."""
    return _where(look, ranking.ndcg(look.new_hits, np.maximum(look.wanted.sum(1), 1)))


def category_hit(look: Look) -> ranking.Values:
    """1 with any place in a new category that the customer took up, whatever the item, over customers who took up one."""
    return _where(look, np.asarray(((look.shelves > 0) & (look.wanted > 0)).any(1), np.float64))


def category_recall(look: Look) -> ranking.Values:
    """Share of the new categories that the customer took up which are in the list, over customers who took up one."""
    return share(((look.shelves > 0) & (look.wanted > 0)).sum(1), (look.wanted > 0).sum(1))


def pair_concentration(items: Ints, ground: Ground) -> float:
    """
    Gini of the places over pairs of a category had and a new category offered; each place counts once, shared by the categories had.

    Near 1, a few pairs make up most lists, as when popular categories are offered whatever the customer has.

    Args:
        items: Customers × k, -1 where a list has ended.
        ground: What was known.
    """
    n = ground.catalog.n_categories
    if n < 2:
        return np.nan

    def work(start: int) -> sp.csr_array:
        some = items[start : start + SHARD]
        row = np.repeat(np.arange(len(some)), some.shape[1])
        category = np.where(some >= 0, ground.catalog.category[some], -1).ravel()
        known = category >= 0
        offered = sp.csr_array((np.ones(int(known.sum())), (row[known], category[known])), shape=(len(some), n))
        return sp.csr_array(_shared(ground, slice(start, start + SHARD)).T @ offered)

    first, *rest = each(work, range(0, len(items), SHARD))
    pairs = sum(rest, start=first).tocoo()
    new = pairs.row != pairs.col
    return concentration(pairs.data[new], n * (n - 1))


def _shared(ground: Ground, block: slice) -> sp.csr_array:
    """Customers of a block × categories had, each row adding up to 1."""
    owned = ground.owned[block]
    shape = (owned.shape[0], ground.catalog.n_categories)
    row = np.repeat(np.arange(shape[0], dtype=np.int32), np.diff(owned.indptr))
    category = ground.catalog.category[owned.indices]
    known = category >= 0
    had = sp.csr_array((np.ones(int(known.sum())), (row[known], category[known])), shape=shape)
    had.sum_duplicates()
    count = np.diff(had.indptr)
    had.data = 1 / np.repeat(count, count)
    return had


def _where(look: Look, values: ranking.Values) -> ranking.Values:
    return np.where(look.wanted.any(1), values, np.nan)
