"""Logistic regression beside that of scikit-learn."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from xsell import parallel
from xsell.selection import logistic as module
from xsell.selection.logistic import Floats, apart, logistic


def rows(n: int, features: int, seed: int = 0) -> tuple[Floats, Floats, Floats]:
    """Features of unlike spread, what was taken up as they say, and weights."""
    dice = np.random.default_rng(seed)
    seen = (dice.normal(size=(n, features)) * np.geomspace(0.1, 3, features)).astype(np.float32)
    odds = seen @ np.linspace(-1, 1, features) - 2
    bought = (dice.random(n) < 1 / (1 + np.exp(-odds))).astype(np.float32)
    return seen, bought, np.where(bought > 0, 1, 3).astype(np.float32)


@pytest.mark.parametrize("strength", [0.001, 0.1, 10.0, np.inf])
@pytest.mark.parametrize(("n", "features"), [(50, 1), (3000, 6), (20_000, 20)])
def test_the_minimum_is_that_of_another_implementation(n: int, features: int, strength: float) -> None:
    """Slopes and intercept are those of scikit-learn, from nothing on and from far away."""
    seen, bought, weight = rows(n, features)
    wanted = LogisticRegression(C=strength, tol=1e-10, max_iter=1000).fit(seen.astype(np.float64), bought, sample_weight=weight)
    far = (np.full(features, 3, np.float32), -5.0)
    for start in (None, far):
        slopes, intercept = logistic(seen, bought, weight, strength, start)
        assert slopes.dtype == np.float32
        assert np.allclose(slopes, wanted.coef_[0], atol=2e-3)
        assert intercept == pytest.approx(wanted.intercept_[0], abs=2e-3)


def test_rows_in_pieces_are_rows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number of rows looked at in a row changes nothing but the last digits."""
    seen, bought, weight = rows(1000, 4)
    slopes, intercept = logistic(seen, bought, weight, 1.0)
    monkeypatch.setattr(module, "ROWS", 7)
    other, beside = logistic(seen, bought, weight, 1.0)
    assert np.allclose(slopes, other, atol=1e-4)
    assert intercept == pytest.approx(beside, abs=1e-4)


@pytest.mark.parametrize("start", [None, (np.ones(4, np.float32), -2.0), (np.full(4, 30, np.float32), 50.0)])
@pytest.mark.parametrize("size", [7, 8192])
def test_without_a_group_is_what_the_others_teach(monkeypatch: pytest.MonkeyPatch, size: int, start: tuple[Floats, float] | None) -> None:
    """Slopes and intercept without each group, one of them empty, are those of the rows of the others alone."""
    monkeypatch.setattr(module, "ROWS", size)
    seen, bought, weight = rows(1000, 4)
    edges = [0, 300, 300, 650, 1000]
    found = apart(seen, bought, weight, edges, 1.0, start)
    assert len(found) == 4
    for first, last, one in zip(edges[:-1], edges[1:], found, strict=True):
        rest = np.r_[0:first, last:1000]
        slopes, intercept = logistic(seen[rest], bought[rest], weight[rest], 1.0)
        assert one is not None
        assert np.allclose(one[0], slopes, atol=1e-3)
        assert one[1] == pytest.approx(intercept, abs=1e-3)


def test_without_the_only_group_that_bought_there_is_nothing_to_learn() -> None:
    """Where the others hold no purchase, or no rows, there are no slopes."""
    seen, bought, weight = rows(90, 2)
    bought[:60], bought[60:] = 0, np.arange(30) % 2
    first, second, third = apart(seen, bought, weight, [0, 30, 60, 90], 1.0)
    assert first is not None
    assert second is not None
    assert third is None
    assert apart(seen, bought, weight, [0, 90], 1.0) == [None]


@pytest.mark.parametrize("strength", [0.1, np.inf])
def test_equal_and_constant_features_do_no_harm(strength: float) -> None:
    """A feature that is there twice, and one that never changes, leave values as they are without them."""
    seen, bought, weight = rows(500, 3)
    wide = np.concatenate([seen, seen[:, :1], np.zeros((500, 1), np.float32), np.ones((500, 1), np.float32)], axis=1)
    slopes, intercept = logistic(wide, bought, weight, strength)
    plain, beside = logistic(seen, bought, weight, strength)
    assert np.isfinite(slopes).all()
    assert np.allclose(wide @ slopes + intercept, seen @ plain + beside, atol=0.05 if strength < 1 else 1e-3)


def test_what_is_told_apart_fully_stays_finite() -> None:
    """Where a feature separates all rows and no penalty holds back, slopes are large, not infinite, and in the right direction."""
    seen = np.linspace(-1, 1, 40, dtype=np.float32)[:, None]
    bought = (seen[:, 0] > 0).astype(np.float32)
    slopes, intercept = logistic(seen, bought, np.ones(40, np.float32), np.inf)
    assert np.isfinite([*slopes, intercept]).all()
    assert slopes[0] > 10


@pytest.mark.parametrize("size", [1e-3, 1e4])
def test_weights_count_beside_the_penalty_only(size: float) -> None:
    """Rows weighed so many times heavier want a penalty as many times larger, and then nothing changes."""
    seen, bought, weight = rows(400, 3)
    slopes, intercept = logistic(seen, bought, weight, 1.0)
    other, beside = logistic(seen, bought, weight * np.float32(size), 1.0 / size)
    assert np.allclose(slopes, other, atol=1e-3)
    assert intercept == pytest.approx(beside, abs=1e-3)


def test_the_number_of_threads_changes_no_bit() -> None:
    """A single piece of rows, which BLAS could share out between threads, and several pieces give the same bits with one thread and with two."""
    for n in (5000, 20_000):
        seen, bought, weight = rows(n, 30)
        found = []
        for threads in (1, 2):
            with parallel.limit(threads):
                found.append(logistic(seen, bought, weight, 1.0))
        assert np.array_equal(found[0][0], found[1][0])
        assert found[0][1] == found[1][1]


@pytest.mark.parametrize("size", [1e-6, 1e6, 1e15])
def test_a_feature_in_other_units_changes_its_own_slope_only(size: float) -> None:
    """Large and small features do not drown the others: without a penalty the slope is so many times smaller, the rest as it was."""
    seen, bought, weight = rows(400, 3)
    slopes, intercept = logistic(seen, bought, weight, np.inf)
    seen[:, 0] *= np.float32(size)
    other, beside = logistic(seen, bought, weight, np.inf)
    assert np.allclose(other * [size, 1, 1], slopes, rtol=1e-3)
    assert beside == pytest.approx(intercept, rel=1e-3)


@pytest.mark.parametrize("start", [(30.0, 0.0), (0.0, 30.0), (0.0, -100.0), (1000.0, 1000.0)])
def test_a_start_from_which_no_way_leads_down_is_not_taken(start: tuple[float, float]) -> None:
    """Where every chance is 0 or 1 nothing bends, and a step says nothing: zeros are nearer."""
    seen, bought, weight = rows(400, 3)
    slopes, intercept = logistic(seen, bought, weight, 0.1)
    other, beside = logistic(seen, bought, weight, 0.1, (np.full(3, start[0], np.float32), start[1]))
    assert np.allclose(other, slopes, atol=1e-3)
    assert beside == pytest.approx(intercept, abs=1e-3)


@pytest.mark.filterwarnings("ignore:overflow:RuntimeWarning")
def test_squares_beyond_single_precision_end_the_search() -> None:
    """Features whose squares overflow are not learnt from; LAPACK would never come back from an infinite matrix."""
    seen, bought, weight = rows(400, 3)
    seen[0, 0] = 1e30
    slopes, intercept = logistic(seen, bought, weight, 0.1)
    assert np.isfinite([*slopes, intercept]).all()


@pytest.mark.parametrize("apart", [1e-7, 1e-6, 1e-5, 1e-4, 1e-3])
def test_features_that_are_nearly_equal_do_no_harm(apart: float) -> None:
    """Where single precision hardly tells two features apart and no penalty holds back, values are as with one of them."""
    dice = np.random.default_rng(1)
    for _ in range(4):
        one = dice.normal(size=3000)
        seen = np.stack([one, 2 * one + apart * dice.normal(size=3000)], axis=1).astype(np.float32)
        bought = (dice.random(3000) < 1 / (1 + np.exp(2 - one))).astype(np.float32)
        slopes, intercept = logistic(seen, bought, np.ones(3000, np.float32), np.inf)
        alone, beside = logistic(seen[:, :1], bought, np.ones(3000, np.float32), np.inf)
        assert np.allclose(seen @ slopes + intercept, seen[:, :1] @ alone + beside, atol=0.01)
