"""Several models on the same customers."""

from dataclasses import astuple, replace

import numpy as np
import pytest

from tests.metrics.grounds import ground
from xsell.metrics import ACCURACY, PAIRED, PARTS, TOGETHER
from xsell.metrics.ground import Ground
from xsell.metrics.measured import customers, measure
from xsell.metrics.scoreboard import LIFT, Score, judge

CUSTOMERS = 60
PERFECT = np.tile(np.array([0, 1], np.int32), (CUSTOMERS, 1))
USELESS = np.full((CUSTOMERS, 2), 7, np.int32)
GROUND: Ground = ground([[0, 1]] * CUSTOMERS, [[6]] * CUSTOMERS, [0, 1, 2, 2, 2, 2, 3, 4])


def board(**lists: np.ndarray) -> dict[str, Score]:
    """Judge lists against `popular`."""
    return judge([measure(lists, GROUND, [2], lists["popular"])], "popular", 0)[2]


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
    found = judge([measure({"ease": PERFECT[:29], "popular": USELESS[:29]}, few, [2])], "popular", 0)[2]
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


def test_a_second_window_of_the_same_is_no_more_evidence() -> None:
    """Where every customer does in a second window what he did in the first, numbers, intervals and verdicts are those of one window."""
    items = np.random.default_rng(0).integers(-1, 8, (CUSTOMERS, 2)).astype(np.int32)
    made = measure({"als": items, "popular": USELESS}, GROUND, [2], USELESS)
    one, two = (judge(windows, "popular", 0)[2] for windows in ([made], [made, made]))
    for model, score in one.items():
        for metric, interval in (score.means | score.traits).items():
            assert astuple((two[model].means | two[model].traits)[metric]) == pytest.approx(astuple(interval), nan_ok=True), metric
        assert np.allclose(list(two[model].curve.values()), list(score.curve.values()))
        assert two[model].together == pytest.approx(score.together)
    assert one["als"].versus == two["als"].versus


def test_each_customer_counts_once_however_often_asked() -> None:
    """A customer of two windows counts with the mean over both, one of a single window with that; the order is that of the numbers."""
    both = ground([[0, 1]] * 3, [[6]] * 3, [0, 1, 2, 2, 2, 2, 3, 4])
    later = ground([[0, 1]], [[6]], [0, 1, 2, 2, 2, 2, 3, 4])
    lists = np.array([[0, 1], [7, 5], [0, 5]], np.int32)
    first, second = measure({"popular": lists}, both, [2]), measure({"popular": lists[:1]}, later, [2])
    second = replace(second, users=np.array([1], np.int32))
    found = judge([first, second], "popular", 0)[2]["popular"]
    assert found.values["recall"].tolist() == [1.0, 0.5, 0.5]
    assert found.means["recall"].mean == pytest.approx(2 / 3)
    assert found.curve["recall"][-1] == pytest.approx(2 / 3)
    assert customers([first, second]).tolist() == [0, 1, 2]


def test_a_model_without_customers_in_common() -> None:
    """Windows of different customers are worth as much as one window of all of them."""
    items = np.random.default_rng(1).integers(-1, 8, (CUSTOMERS, 2)).astype(np.int32)
    half = CUSTOMERS // 2
    some = ground([[0, 1]] * half, [[6]] * half, [0, 1, 2, 2, 2, 2, 3, 4])
    whole = judge([measure({"popular": items}, GROUND, [2])], "popular", 0)[2]["popular"]
    early, late = (measure({"popular": items[side]}, some, [2]) for side in (slice(half), slice(half, None)))
    apart = judge([early, replace(late, users=late.users + half)], "popular", 0)[2]["popular"]
    assert apart.means == whole.means


def test_several_lengths_in_one_pass() -> None:
    """Lists of several lengths are worth to the last digit what they are worth when cut and judged alone, and only the first length has a verdict."""
    dice = np.random.default_rng(2)
    items = dice.permuted(np.tile(np.arange(8, dtype=np.int32), (CUSTOMERS, 1)), axis=1)[:, :5]
    lists = {"als": items, "popular": np.tile(np.array([7, 0, 5, 1, 2], np.int32), (CUSTOMERS, 1))}
    together = judge([measure(lists, GROUND, [3, 1, 5], lists["popular"])], "popular", 0)
    assert list(together) == [3, 1, 5]
    for k, found in together.items():
        short = {name: made[:, :k] for name, made in lists.items()}
        alone = judge([measure(short, GROUND, [k], short["popular"])], "popular", 0)[k]
        for name, score in found.items():
            for metric, interval in (score.means | score.traits).items():
                assert astuple(interval) == pytest.approx(astuple((alone[name].means | alone[name].traits)[metric]), nan_ok=True)
            assert score.together == alone[name].together
            assert len(score.curve["hit"]) == 5
        assert (found["als"].versus is not None) == (k == 3)
