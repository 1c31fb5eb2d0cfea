"""What is in a list, whatever its hits: how known, how varied, and how near to the categories that customers want. NaN where a list cannot tell."""

import numpy as np
import scipy.sparse as sp

from xsell.data.training import Floats
from xsell.metrics import ranking
from xsell.metrics.ground import Look, share

ALPHA = np.float32(0.01)


def novelty(look: Look) -> ranking.Values:
    """Mean self-information of the items, -log2 of the share of the customers who have one; an item of nobody counts as one of one (Vargas and Castells 2011)."""
    ground = look.ground
    bits = -np.log2(np.maximum(ground.owners, 1) / max(ground.customers, 1))
    return share((bits[look.items] * look.real).sum(1), look.length)


def popularity_lift(look: Look) -> tuple[ranking.Values, ranking.Values]:
    """How much more popular items in lists are than items in histories: mean over customers of the mean number of owners, lists over histories, minus 1 (Abdollahpouri et al. 2019)."""
    owners, bought = look.ground.owners, look.ground.purchases[look.block]
    listed = share((owners[look.items] * look.real).sum(1), look.length)
    profile = share(bought @ owners, np.diff(bought.indptr))
    both = np.isfinite(listed) & np.isfinite(profile)
    return np.where(both, listed - profile, 0.0), np.where(both, profile, 0.0)


def content_diversity(look: Look) -> ranking.Values:
    """Mean over pairs of items with words of 1 minus the cosine of their TF-IDF; undefined for fewer than two (Ziegler et al. 2005)."""
    content = look.ground.catalog.content
    worded = look.real & (np.diff(content.indptr) > 0)[look.items]
    row, place = np.nonzero(worded)
    ends = np.r_[0, np.cumsum(worded.sum(1))]
    chosen = sp.csr_array((np.ones(len(row), np.float32), look.items[row, place], ends), shape=(len(worded), content.shape[0]))
    total = chosen @ content
    total.data **= 2
    n = worded.sum(1)
    return share(n * (n - 1) - (total.sum(1) - n), n * (n - 1)).clip(0, 1)


def category_diversity(look: Look) -> ranking.Values:
    """Share of the pairs of items with a category whose categories differ; undefined for fewer than two."""
    n = look.shelves.sum(1, dtype=np.float64)
    return share(n * n - (look.shelves**2).sum(1), n * (n - 1))


def category_entropy(look: Look) -> ranking.Values:
    """Entropy of the categories of a list over the most it could be, log2 of min(items, categories): 1 is one item a category; undefined for fewer than two."""
    n = look.shelves.sum(1, dtype=np.float64)
    q = look.shelves / np.maximum(n, 1)[:, None]
    bits = -(q * np.log2(np.where(q > 0, q, 1))).sum(1)
    return share(bits, np.log2(np.maximum(np.minimum(n, q.shape[1]), 1)))


def calibration(look: Look) -> ranking.Values:
    """Kullback-Leibler divergence of a list's categories, smoothed by 0.01, from their target: under scope new what all customers took up of the categories new to this one, else the customer's own history (Steck 2018); 0 is best."""
    n = look.shelves.sum(1)
    p = _target(look)
    q = (1 - ALPHA) * look.shelves / np.maximum(n, 1)[:, None] + ALPHA * p
    there = p > 0
    distance = (p * np.log(np.divide(p, q, out=np.ones_like(p), where=there))).sum(1)
    return np.where((n > 0) & there.any(1), np.maximum(distance, 0), np.nan)


def _target(look: Look) -> Floats:
    """Shares of the categories that each list should have, float32 [customers × categories]; all 0 where there is nothing to go by."""
    if len(look.ground.target):
        weight = np.where(look.had[:, :-1], np.float32(0), look.ground.target)
    else:
        catalog, bought = look.ground.catalog, look.ground.purchases[look.block]
        row = np.repeat(np.arange(bought.shape[0]), np.diff(bought.indptr))
        known = catalog.category[bought.indices] >= 0
        cells = row[known] * catalog.n_categories + catalog.category[bought.indices][known]
        weight = np.bincount(cells, minlength=bought.shape[0] * catalog.n_categories)
        weight = weight.reshape(bought.shape[0], catalog.n_categories).astype(np.float32)
    total = weight.sum(1, keepdims=True)
    out: Floats = np.zeros_like(weight)
    np.divide(weight, total, out=out, where=total > 0)
    return out
