"""What the fusion looks at: the parts' scores among the candidates, and what is known of items and categories."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.best import NEAR, leading, reaching, veil, veiled
from xsell.data.training import Floats, Ints, Mask, Training
from xsell.models.takeup import buyers_between, entries
from xsell.ranking import blocks

CANDIDATES = 150
CROWD = 4
CACHED = 250_000
"""Scores looked at in a row of passes: they stay in the cache."""
COMPARED = 100_000
"""Candidates that all features are made of at once: the features stay in the cache, too."""
DAY = 86400.0
WINDOWS = (0.125, 0.5, 1.5)
HORIZON = 0.5
ENTRY_CUTS = 4
KINDS = ("score", "standardised score", "logarithm of the rank", "candidates behind", "standardised score of what is popular")
"""What is heard of a part; the last is that score times popularity, for a lead tells more of what everybody has, or less, than of what few have."""
TIMELESS = ("popularity", "share of its category")
OF_CUSTOMERS = ("propensity of the category", "logarithm of it", "products bought")


@dataclass(frozen=True, slots=True)
class Candidates:
    """
    Items worth a second look, one row a customer.

    Attributes:
        items: Item numbers, ascending, padded with 0, int32 [customers × widest].
        real: Where `items` is no padding.
        reference: Where the item is one of those that ranks and standard scores refer to, which business rules do not change.
    """

    items: Ints
    real: Mask
    reference: Mask

    def rows(self, some: slice) -> "Candidates":
        """Those of some of the customers, as wide as before."""
        return Candidates(self.items[some], self.real[some], self.reference[some])

    def of(self, values: Floats) -> Floats:
        """Take their values out of [customers × items], [customers × widest]."""
        return np.asarray(values.ravel()[np.arange(len(values))[:, None] * values.shape[1] + self.items])


def candidates(scores: list[Floats], popularity: Floats, free: Mask, wanted: Mask | None = None, most: int | None = None) -> Candidates:
    """
    Find the items worth a second look.

    Args:
        scores: Of each part, float32 [customers × items].
        popularity: float32 [items].
        free: What the scope allows, boolean [customers × items]: the reference.
        wanted: What may be offered in the end; the best of these are candidates too.
        most: How many of each part; None is CANDIDATES.
    """
    most = CANDIDATES if most is None else most
    reference = leaders(scores, popularity, free, most)
    picked = reference if wanted is None else reference | leaders(scores, popularity, free & wanted, most)
    cell = np.flatnonzero(picked)
    count = np.diff(np.searchsorted(cell, np.arange(len(free) + 1) * free.shape[1]))
    items = np.zeros((len(free), max(int(count.max(initial=0)), 1)), np.int32)
    real = np.arange(items.shape[1]) < count[:, None]
    items[real] = cell % free.shape[1]
    return Candidates(items, real, real if wanted is None else real & np.take_along_axis(reference, items, axis=1))


def leaders(scores: list[Floats], popularity: Floats, free: Mask, most: int) -> Mask:
    """Mark the best allowed items of each part and the popular ones; a part does not choose among many that tie, popularity takes the first."""
    picked = np.empty(free.shape, bool)
    for some in blocks(len(free), free.shape[1], CACHED):
        picked[some] = _leaders([*(score[some] for score in scores), popularity[None]], free[some], most)
    return picked


def _leaders(scores: list[Floats], free: Mask, most: int) -> Mask:
    """Do so for a few customers, with popularity as the last part."""
    picked, held, bits = np.zeros(free.shape, bool), veil(free), np.empty(free.shape, np.int32)
    for score in scores:
        masked = veiled(score, held, out=bits)
        found = reaching(masked, most)
        crowded = _counts(found) > CROWD * most
        if crowded.any():
            found[crowded] &= masked[crowded] > np.where(found[crowded], masked[crowded], np.inf).min(axis=1, keepdims=True)
        picked |= found
    for row in np.flatnonzero(_counts(picked) < most):
        if np.count_nonzero(picked[row]) < np.count_nonzero(free[row]):
            picked[row] |= free[row] & leading(np.where(free[row], scores[-1][0], -np.inf), most)
    return picked


def _counts(marked: Mask) -> NDArray[np.intp]:
    """How many are marked in each row; to count row by row takes a tenth of the time of a sum."""
    return np.array([np.count_nonzero(row) for row in marked], np.intp)


def of_scores(score: Floats, chosen: Candidates, fame: Floats) -> list[Floats]:
    """
    A part's scores of the candidates as KINDS says; sums in float64, so that padding changes no bit.

    Args:
        score: float32 [customers × items].
        chosen: The candidates.
        fame: How popular each item is, as `fame` gives it.

    Returns:
        Each float32 [customers × widest].
    """
    raw = chosen.of(score).astype(np.float32, copy=False)
    count = np.maximum(chosen.reference.sum(axis=1, keepdims=True), 1)
    mean = np.sum(raw, axis=1, keepdims=True, dtype=np.float64, where=chosen.reference) / count
    off = raw - mean
    spread = np.sqrt(np.sum(off * off, axis=1, keepdims=True, where=chosen.reference) / count)
    rank = _ranks(np.where(chosen.real, raw, np.float32(-np.inf)), chosen.reference)
    behind = np.maximum(count.astype(np.float32) - rank, 0)
    standard = (off / (spread + 1e-9)).astype(np.float32)
    return [raw, standard, np.log1p(rank), behind, standard * fame[chosen.items]]


def _ranks(score: Floats, reference: Mask) -> Floats:
    """How many of the reference have a higher score, float32 [customers × widest]; neighbours that rounding could exchange, such as twins, share a rank."""
    place = np.argsort(-score, axis=1)
    place += np.arange(len(score))[:, None] * score.shape[1]
    ordered, ahead = score.ravel()[place], np.cumsum(reference.ravel()[place], axis=1, dtype=np.int32)
    near = NEAR * np.abs(score, where=np.isfinite(score), out=np.zeros_like(score)).max(axis=1, keepdims=True)
    before, rank = np.zeros_like(ahead), np.empty(score.shape, np.float32)
    np.multiply(ahead[:, :-1], ordered[:, 1:] < ordered[:, :-1] - near, out=before[:, 1:])
    rank.ravel()[place] = np.maximum.accumulate(before, axis=1)
    return rank


def of_customers(
    score: Floats, free: Mask, chosen: Candidates, bought: NDArray[np.integer], category: Ints, n_categories: int
) -> list[Floats]:
    """
    What OF_CUSTOMERS names, each float32 [customers × widest]; the propensity of a category is the sum of its positive scores.

    Args:
        score: Of the first part, float32 [customers × items].
        free: What the scope allows, boolean [customers × items].
        chosen: The candidates.
        bought: Number of products of each customer.
        category: Of each item, int32 [items], -1 for none.
        n_categories: Number of categories.
    """
    wish = np.take_along_axis(hopes(score, free, category, n_categories), category[chosen.items], axis=1)
    activity = np.log1p(bought).astype(np.float32)
    return [wish, np.log(wish + np.float32(1e-3)), np.broadcast_to(activity[:, None], wish.shape)]


def hopes(score: Floats, free: Mask, category: Ints, n_categories: int) -> Floats:
    """Sum the positive scores of each category's allowed items, float32 [customers × (categories + 1)]; the last column is for items without one."""
    place = np.where(category >= 0, category, n_categories)
    member = sp.csr_array((np.ones(len(category), np.float32), (place, np.arange(len(category)))), shape=(n_categories + 1, len(category)))
    found = np.empty((len(score), n_categories + 1), np.float32)
    for some in blocks(len(free), free.shape[1], CACHED):
        found[some] = (member @ np.ascontiguousarray(np.fmax(veiled(score[some], veil(free[some])), 0).T)).T
    return found


def fame(popularity: Floats) -> Floats:
    """Logarithm of the number of customers who have each item against that of the average purchase, float32 [items]."""
    buyers = np.expm1(popularity.astype(np.float64))
    return popularity - np.float32(buyers @ popularity / max(float(buyers.sum()), 1.0))


def of_items(training: Training, window: float) -> tuple[list[str], Floats]:
    """
    What is known of every item at the end of a training.

    Args:
        training: What is known.
        window: Length of the window that is predicted in seconds, NaN where there are no times.

    Returns:
        Names, and float32 [items × names].
    """
    buyers = np.bincount(training.history.purchases.indices, minlength=training.n_items)
    category = training.catalog.category
    named = {TIMELESS[0]: np.log1p(buyers)}
    if training.catalog.n_categories > 1:
        total = np.bincount(category[category >= 0], weights=buyers[category >= 0], minlength=training.catalog.n_categories)
        named[TIMELESS[1]] = np.where(category >= 0, np.log((buyers + 0.1) / (total[category] + 1)), 0)
    if np.isfinite(window) and training.log.timed:
        named |= _of_time(training, window)
    return list(named), np.stack(list(named.values()), axis=1).astype(np.float32)


def _of_time(training: Training, window: float) -> dict[str, NDArray[np.float64]]:
    end = float(np.nanmax(training.log.at))
    named = {}
    for part in WINDOWS:
        recent = buyers_between(training, end - part * window, end)
        named[f"popularity of the last {part * window / DAY:.3g} days"] = np.log1p(recent)
    born = np.full(training.n_items, end)
    np.minimum.at(born, training.log.item, np.nan_to_num(training.log.at, nan=end))
    named["age of the item"] = (end - born) / window
    if training.catalog.n_categories > 1:
        named |= _entries(training, end, HORIZON * window)
    return named


def _entries(training: Training, end: float, horizon: float) -> dict[str, NDArray[np.float64]]:
    """How often those who had nothing of a category took up an item of it, or the category, within a horizon."""
    category, width = training.catalog.category, training.catalog.n_categories
    first, risk = entries(training, end, horizon, ENTRY_CUTS)
    known = np.maximum(category, 0)
    per_category = np.bincount(known, weights=np.where(category >= 0, first, 0), minlength=width)
    return {
        "entry rate of the item": np.log((first + 0.1) / (risk[known] + 10)),
        "entry rate of the category": np.log((per_category[known] + 1) / (risk[known] + 10)),
    }
