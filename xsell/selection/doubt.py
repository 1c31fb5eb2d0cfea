"""Whether categories look as if they had been taken out of the data, so that time teaches the wrong thing."""

import numpy as np

from xsell.data.cuts import owned_categories
from xsell.data.training import Floats, Mask, Training

MOST_CUSTOMERS = 20_000
MOST_CATEGORIES = 1000
PENALTY = 10.0
HIGH = 0.99
MIDDLE = (0.8, 0.9)
FEWEST = 20
SURE = 2.0


def taken_out(full: Training, part: Training, seed: int) -> bool:
    """
    Whether those who most should have a category, and do not, take it up less often than others.

    In a natural history a customer who, by the other categories, is most likely to have a category and does not have it yet is also the one
    most likely to take it up next. Where categories were hidden from the data (as in a test of new categories), those customers lack it
    because it was hidden, and never take it up.

    Args:
        full: Everything known.
        part: What was known at a moment before.
        seed: Seed of the sample of customers.

    Returns:
        False also where too little happened to tell.
    """
    before, after = owned_categories(part), owned_categories(full)
    there = np.flatnonzero(before.any(axis=1))
    if len(there) > MOST_CUSTOMERS:
        there = np.sort(np.random.default_rng(seed).choice(there, MOST_CUSTOMERS, replace=False))
    common = np.argsort(-before[there].sum(axis=0), kind="stable")[:MOST_CATEGORIES]
    before, after = before[np.ix_(there, common)], after[np.ix_(there, common)]
    likely = _likely(before)[~before]
    taken = after[~before]
    if not len(taken):
        return False
    low, high, top = np.quantile(likely, [*MIDDLE, HIGH])
    middle, first = taken[(likely >= low) & (likely < high)], taken[likely >= top]
    if middle.sum() < FEWEST:
        return False
    rate = float(middle.mean())
    noise = np.sqrt(rate * (1 - rate) / max(len(first), 1))
    return bool(first.mean() < rate - SURE * noise)


def _likely(owned: Mask) -> Floats:
    """Ridge regression of every category on all others with an intercept, float32 [customers × categories]."""
    Z = np.hstack([owned, np.ones((len(owned), 1), bool)]).astype(np.float32)
    A = (Z.T @ Z).astype(np.float64)
    k = np.arange(len(A))
    A[k, k] += PENALTY
    A[-1, -1] += 1e-2 - PENALTY
    P = np.linalg.inv(A)
    B = -P / np.diag(P)
    B[k, k] = 0
    return (Z @ B[:, :-1].astype(np.float32)).astype(np.float32)
