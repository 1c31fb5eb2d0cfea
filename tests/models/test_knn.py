"""`knn` against implicit, and by hand."""

import numpy as np
import pytest

from tests import worlds
from xsell.models.knn import WEIGHTINGS, Knn

SHOP = [
    [1, 1, 0, 0, 0, 0],
    [1, 1, 1, 0, 0, 0],
    [0, 1, 1, 0, 0, 0],
    [1, 0, 1, 1, 0, 0],
    [0, 1, 0, 1, 1, 0],
    [1, 1, 0, 0, 1, 1],
    [0, 0, 0, 1, 1, 0],
]
GOLDEN = {
    "cosine": [
        [1.0, 0.67082, 0.57735, 0.28868, 0.28868, 0.5],
        [0.67082, 1.0, 0.5164, 0.2582, 0.5164, 0.44721],
        [0.57735, 0.5164, 1.0, 0.33333, 0.0, 0.0],
        [0.28868, 0.2582, 0.33333, 1.0, 0.66667, 0.0],
        [0.28868, 0.5164, 0.0, 0.66667, 1.0, 0.57735],
        [0.5, 0.44721, 0.0, 0.0, 0.57735, 1.0],
    ],
    "tfidf": [
        [1.0, 0.6423, 0.39821, 0.1991, 0.04398, 0.19863],
        [0.6423, 1.0, 0.62323, 0.15889, 0.20867, 0.15851],
        [0.39821, 0.62323, 1.0, 0.20315, 0.0, 0.0],
        [0.1991, 0.15889, 0.20315, 1.0, 0.87051, 0.0],
        [0.04398, 0.20867, 0.0, 0.87051, 1.0, 0.22141],
        [0.19863, 0.15851, 0.0, 0.0, 0.22141, 1.0],
    ],
    "bm25": [
        [0.68669, 0.49496, 0.30338, 0.15169, 0.03067, 0.04168],
        [0.49496, 0.8648, 0.53284, 0.13585, 0.16331, 0.03732],
        [0.30338, 0.53284, 0.84526, 0.17172, 0.0, 0.0],
        [0.15169, 0.13585, 0.17172, 0.84526, 0.67355, 0.0],
        [0.03067, 0.16331, 0.0, 0.67355, 0.70827, 0.04718],
        [0.04168, 0.03732, 0.0, 0.0, 0.04718, 0.06411],
    ],
}
"""Similarities of implicit 0.7.3 (CosineRecommender, TFIDFRecommender, BM25Recommender with K1=1.2 and B=0.75; K=6) on SHOP, five digits."""


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_similarities_are_those_of_implicit(weighting: str) -> None:
    """What one product says of all others is what implicit says."""
    made = worlds.table(SHOP)
    model = Knn(weighting, k1=1.2, b=0.75).fit(made)
    alone = np.concatenate([model.score(worlds.owner(made.history, item)) for item in range(6)])
    assert np.allclose(alone, GOLDEN[weighting], atol=1e-5)


def test_four_by_four_by_hand() -> None:
    """Three customers have 0, two of them 1 too, which one more has: their cosine is 2/3; scores add up over what is owned."""
    made = worlds.table([[1, 1, 0, 0], [1, 1, 0, 1], [1, 0, 1, 0], [0, 1, 0, 0]])
    root = np.sqrt(1 / 3)
    wanted = [[1, 2 / 3, root, root], [2 / 3, 1, 0, root], [root, 0, 1, 0], [root, root, 0, 1]]
    model = Knn("cosine").fit(made)
    assert np.allclose(model.score(made.history), made.history.purchases @ np.array(wanted), atol=1e-6)


def test_shrinkage_by_hand() -> None:
    """With a shrinkage of 3 two common customers of products with three each are 2 / (3 + 3)."""
    made = worlds.table([[1, 1], [1, 1], [1, 0], [0, 1]])
    assert np.allclose(Knn("cosine", shrinkage=3).fit(made).score(worlds.owner(made.history, 0)), [[3 / 6, 2 / 6]])


def test_a_target_listens_to_its_nearest_only() -> None:
    """With two neighbours a product is scored by itself and the one product most like it."""
    made = worlds.table([[1, 1, 0], [1, 1, 0], [0, 1, 1], [1, 1, 1], [0, 0, 1]])
    scores = Knn("cosine", neighbours=2).fit(made).score(worlds.owner(made.history, 2))
    assert scores[0, 0] == 0
    assert scores[0, 1] == 0
    assert Knn("cosine", neighbours=3).fit(made).score(worlds.owner(made.history, 2))[0, 0] > 0


def test_who_has_everything_says_nothing() -> None:
    """A customer with the whole catalogue weighs nothing in `tfidf` and `bm25`."""
    made = worlds.table([[1, 1, 1, 1], [1, 1, 0, 0]])
    for weighting in ("tfidf", "bm25"):
        scores = Knn(weighting).fit(made).score(worlds.owner(made.history, 0))
        assert scores[0, 1] > 0
        assert not scores[0, 2:].any()


def test_shares_add_up() -> None:
    """The shares of all owned products in a score add up to the score."""
    made = worlds.table(np.random.default_rng(4).random((30, 9)) < 0.4)
    model = Knn("bm25", neighbours=4).fit(made)
    row, owned = (x.astype(np.int32) for x in made.history.purchases.nonzero())
    share = model.explain(made.history, row, owned, np.full(len(row), 2, np.int32))
    assert np.allclose(np.bincount(row, weights=share, minlength=30), model.score(made.history)[:, 2], atol=1e-5)
