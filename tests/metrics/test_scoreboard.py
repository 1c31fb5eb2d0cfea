"""Several models on the same customers."""

import numpy as np
import pytest

from xsell.data.cuts import Heldout
from xsell.metrics import PER_CUSTOMER
from xsell.metrics.scoreboard import judge

CUSTOMERS = 60
PERFECT = np.tile(np.array([0, 1], np.int32), (CUSTOMERS, 1))
USELESS = np.full((CUSTOMERS, 2), 7, np.int32)
HELDOUT = Heldout(np.arange(CUSTOMERS, dtype=np.int32), np.arange(CUSTOMERS + 1) * 2, np.tile(np.array([0, 1], np.int32), CUSTOMERS))


def test_the_best_and_the_worst() -> None:
    """Lists that find everything score 1 in every metric, lists that find nothing 0, and the difference is certain."""
    board = judge({"ease": PERFECT, "popular": USELESS}, HELDOUT, 8, "popular", 0)
    assert {m.mean for m in board["ease"].means.values()} == {1.0}
    assert {m.mean for m in board["popular"].means.values()} == {0.0}
    assert set(board["ease"].verdict.values()) == {"better than popular"}
    assert board["ease"].difference["ndcg"].low == 1.0
    assert (board["ease"].coverage, board["popular"].coverage) == (0.25, 0.125)


def test_the_baseline_is_not_compared_with_itself() -> None:
    """Popular has means and intervals like the others, but no difference and no verdict, wherever it stands."""
    board = judge({"popular": USELESS, "ease": PERFECT}, HELDOUT, 8, "popular", 0)
    assert list(board) == ["popular", "ease"]
    assert board["popular"].difference == board["popular"].verdict == {}
    assert tuple(board["popular"].means) == tuple(board["ease"].difference) == tuple(PER_CUSTOMER)


def test_equal_lists_are_not_shown_to_be_better() -> None:
    """A model whose lists are those of popular has a difference of exactly 0."""
    gap = judge({"svd": PERFECT, "popular": PERFECT}, HELDOUT, 8, "popular", 0)["svd"]
    assert (gap.difference["ndcg"].low, gap.difference["ndcg"].high) == (0.0, 0.0)
    assert gap.verdict["ndcg"] == "not shown to be better"


def test_per_customer_values_make_the_mean() -> None:
    """The mean that is reported is the mean of the values that are written down for every customer."""
    items = np.random.default_rng(0).integers(-1, 8, (CUSTOMERS, 2)).astype(np.int32)
    score = judge({"als": items, "popular": USELESS}, HELDOUT, 8, "popular", 0)["als"]
    for metric, values in score.values.items():
        assert len(values) == CUSTOMERS
        assert score.means[metric].mean == pytest.approx(values.mean(), abs=1e-15)
