"""Metrics within groups, and whether groups differ."""

import numpy as np
import pytest
from scipy.stats import f_oneway

from tests.metrics.grounds import heldout
from xsell.metrics.segments import OF_PRODUCTS, Grouping, heterogeneity, of_products, quotients


def test_means_of_groups_have_intervals_of_student() -> None:
    """A mean within a group has the mean, the number and the t interval that the textbook gives; a group of one has no interval, of none no mean."""
    values = np.array([0.2, 0.4, 0.9, 0.1, 0.5])
    found = quotients(np.array([0, 0, 0, 1, -1], np.int32), values[:, None], np.ones((5, 1)), 3)
    assert found.customers.ravel().tolist() == [3, 1, 0]
    assert found.mean.ravel() == pytest.approx([0.5, 0.1, np.nan], nan_ok=True)
    half = 4.302652729911275 * values[:3].std(ddof=1) / np.sqrt(3)
    assert found.low.ravel() == pytest.approx([0.5 - half, np.nan, np.nan], nan_ok=True)
    assert found.high.ravel() == pytest.approx([0.5 + half, np.nan, np.nan], nan_ok=True)


def test_intervals_of_quotients_hold_the_truth() -> None:
    """Over 1,000 worlds about 95% of the intervals of a quotient of sums hold the true one."""
    dice, customers, worlds = np.random.default_rng(2), 150, 1000
    below = dice.integers(1, 10, (customers, worlds)).astype(float)
    above = dice.binomial(below.astype(int), dice.beta(2, 6, (customers, worlds))).astype(float)
    found = quotients(np.zeros(customers, np.int32), above, below, 1)
    assert np.mean((found.low <= 0.25) & (found.high >= 0.25)) == pytest.approx(0.95, abs=0.02)


def test_groups_of_products_by_hand() -> None:
    """Two lists over a group of two products and one of three: hits, places and wanted items are counted where they belong."""
    kinds = Grouping("kind", ("a", "b"), np.array([0, 0, 1, 1, 1, -1], np.int32))
    found = of_products([(np.array([[0, 2, 5], [3, 1, -1]], np.int32), heldout([[0, 1, 2], [3, 4]]), kinds)])
    mean = dict(zip(OF_PRODUCTS, found.mean.T, strict=True))
    assert mean["recall"] == pytest.approx([1 / 2, 2 / 3])
    assert mean["precision"] == pytest.approx([1 / 2, 1])
    assert mean["places"] == pytest.approx([1 / 2, 1 / 2])
    assert mean["wanted"] == pytest.approx([2 / 5, 3 / 5])
    assert dict(zip(OF_PRODUCTS, found.customers.T.tolist(), strict=True))["recall"] == [1, 2]


def test_luck_is_taken_for_a_difference_as_seldom_as_promised() -> None:
    """Where groups do not differ about one test in twenty says so at the 5% level, and where they do nearly all."""
    dice, code = np.random.default_rng(3), np.repeat(np.arange(4, dtype=np.int32), (40, 80, 200, 60))
    skewed = dice.beta(0.3, 4, (1500, len(code)))
    assert np.mean([heterogeneity(code, row, 4) <= 0.05 for row in skewed]) == pytest.approx(0.05, abs=0.03)
    assert np.mean([heterogeneity(code, row + 0.12 * (code == 1), 4) <= 0.05 for row in skewed[:100]]) > 0.95


def test_the_p_value_is_that_of_scipy() -> None:
    """The same as scipy.stats.f_oneway over the groups of at least thirty; groups that differ with certainty have the p value 0."""
    dice, code = np.random.default_rng(0), np.repeat(np.arange(4, dtype=np.int32), (40, 60, 50, 29))
    values = dice.random(len(code)) + 0.05 * (code == 1)
    assert heterogeneity(code, values, 4) == pytest.approx(f_oneway(*(values[code == group] for group in range(3))).pvalue)
    assert heterogeneity(code, (code == 1).astype(float), 4) == 0


def test_a_group_without_a_hit_is_not_certain() -> None:
    """Rare hits in equally good groups, one of which often has none, are taken for a difference no more often than promised."""
    dice, code = np.random.default_rng(6), np.repeat(np.arange(4, dtype=np.int32), (80, 150, 200, 150))
    found = [heterogeneity(code, row, 4) <= 0.05 for row in (dice.random((2000, len(code))) < 0.03).astype(float)]
    assert np.mean(found) < 0.065


@pytest.mark.parametrize("code", [[0] * 60, [0] * 40 + [1] * 20, [-1] * 60])
def test_one_group_is_no_comparison(code: list[int]) -> None:
    """With fewer than two groups of thirty customers, or without any differences at all, nothing is tested."""
    assert np.isnan(heterogeneity(np.array(code, np.int32), np.random.default_rng(0).random(60), 2))
    assert np.isnan(heterogeneity(np.repeat(np.arange(2, dtype=np.int32), 30), np.zeros(60), 2))
