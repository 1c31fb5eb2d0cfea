"""Several models on the same customers."""

import numpy as np
import pytest

from tests.metrics.grounds import ground
from xsell.metrics import ACCURACY, PAIRED, PARTS, TOGETHER
from xsell.metrics.ground import Ground
from xsell.metrics.scoreboard import LIFT, Score, judge

CUSTOMERS = 60
PERFECT = np.tile(np.array([0, 1], np.int32), (CUSTOMERS, 1))
USELESS = np.full((CUSTOMERS, 2), 7, np.int32)
GROUND: Ground = ground([[0, 1]] * CUSTOMERS, [[6]] * CUSTOMERS, [0, 1, 2, 2, 2, 2, 3, 4])


def board(**lists: np.ndarray) -> dict[str, Score]:
    """Judge lists against `popular`."""
    return judge(lists, GROUND, "popular", 0, lists["popular"])


def test_the_best_and_the_worst() -> None:
    """Lists that find everything score 1 in accuracy, lists that find nothing 0, and the difference is certain."""
    found = board(ease=PERFECT, popular=USELESS)
    assert {found["ease"].means[metric].mean for metric in PAIRED} == {1.0}
    assert {found["popular"].means[metric].mean for metric in PAIRED} == {0.0}
    assert found["ease"].versus
    assert found["ease"].versus.direction == 1
    assert found["ease"].versus.p == pytest.approx(1 / 10_001)
    assert found["ease"].difference["ndcg"].low == 1.0
    assert (found["ease"].together["coverage"], found["popular"].together["coverage"]) == (0.25, 0.125)
    assert not found["popular"].tied


def test_the_baseline_is_not_compared_with_itself() -> None:
    """Popular has means and intervals like the others, but no difference, wherever it stands, and so has the best no one before it."""
    found = board(popular=USELESS, ease=PERFECT)
    assert list(found) == ["popular", "ease"]
    assert (found["popular"].versus, found["ease"].behind) == (None, None)
    assert found["popular"].difference == {}
    assert (*found["popular"].means, *found["popular"].traits) == (*PARTS, LIFT)
    assert tuple(found["ease"].difference) == PAIRED
    assert tuple(found["ease"].together) == tuple(TOGETHER)


def test_equal_lists_are_tied() -> None:
    """A model whose lists are those of popular has a difference of exactly 0 and is tied with it."""
    found = board(svd=PERFECT, popular=PERFECT)
    gap = found["svd"]
    assert (gap.difference["ndcg"].low, gap.difference["ndcg"].high) == (0.0, 0.0)
    assert gap.versus
    assert (gap.versus.direction, gap.versus.p) == (0, 1.0)
    assert found["popular"].tied
    assert gap.traits[LIFT].mean == 1


def test_a_finding_needs_customers() -> None:
    """With fewer than thirty customers even the clearest difference is no finding."""
    few = ground([[0, 1]] * 29, [[6]] * 29, [0, 1, 2, 2, 2, 2, 3, 4])
    found = judge({"ease": PERFECT[:29], "popular": USELESS[:29]}, few, "popular", 0)
    assert found["ease"].versus
    assert found["ease"].versus.direction == 0


def test_per_customer_values_make_the_mean() -> None:
    """The mean that is reported is the mean of the values that are written down for every customer, those without a value left out."""
    items = np.random.default_rng(0).integers(-1, 8, (CUSTOMERS, 2)).astype(np.int32)
    score = board(als=items, popular=USELESS)["als"]
    for metric in (*PAIRED, "novelty", "category_diversity"):
        assert len(score.values[metric]) == CUSTOMERS
        assert (score.means | score.traits)[metric].mean == pytest.approx(np.nanmean(score.values[metric]), abs=1e-12)
    assert score.curve["precision"][-1] == pytest.approx(score.means["precision"].mean)
    assert score.curve["recall"][-1] == pytest.approx(score.means["recall"].mean)
    assert set(ACCURACY) < set(PARTS)
