"""Rows a fusion is learnt from, and values by its weights."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.selection import table as module
from xsell.selection.table import FOLDS, Floats, Table, Weights, values

ROWS = 20_000


def of(seen: Floats, share: float = 0.1) -> Table:
    """Candidates of many customers, ten each; so many of them were taken up."""
    one = np.arange(len(seen))
    bought = (np.random.default_rng(1).random(len(seen)) < share).astype(np.float32)
    return Table(one // 10, (one % 10).astype(np.int32), seen, bought, len(seen) // 10, np.ones(len(seen) // 10, np.int64))


def noise(width: int, middle: float = 0.0) -> Floats:
    """Features that say nothing, in several parts of rows."""
    return np.random.default_rng(0).normal(middle, 0.5, (ROWS, width)).astype(np.float32)


def test_a_feature_of_large_numbers_keeps_its_spread() -> None:
    """Mean and standard deviation are right where the one is many times the other."""
    seen = noise(2, 10_000)
    mean, wide = of(seen).spread
    assert mean == pytest.approx(seen.astype(np.float64).mean(axis=0), rel=1e-6)
    assert wide == pytest.approx(seen.astype(np.float64).std(axis=0), rel=1e-5)


def test_what_is_the_same_everywhere_has_a_spread_of_one() -> None:
    """Features that never change are not divided by nothing, and no rows have a spread, too."""
    assert of(np.full((ROWS, 1), 3, np.float32)).spread[1].tolist() == [1]
    assert of(np.zeros((0, 2), np.float32)).spread[1].tolist() == [1, 1]


def test_the_sample_stands_for_all_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    """All that was taken up is in it, fold after fold, and weights add up to about the number of rows."""
    monkeypatch.setattr(module, "MOST_ROWS", 1000)
    known = of(noise(3))
    sample = known.sample
    assert sample.bought.sum() == known.bought.sum()
    assert len(sample.bought) < ROWS / 4
    assert sample.weight.sum() == pytest.approx(ROWS, rel=0.01)
    assert sample.edges[0] == 0
    assert sample.edges[-1] == len(sample.bought)
    assert np.all(np.diff(sample.edges) == pytest.approx(len(sample.bought) / FOLDS, rel=0.2))
    own = (known.seen[known.fold == 2] - known.spread[0]) / known.spread[1]
    there = {row.tobytes() for row in own}
    assert all(row.tobytes() in there for row in sample.seen[sample.edges[2] : sample.edges[3]])


@given(st.integers(1, 4), st.integers(0, 30))
def test_values_by_several_weights_are_values_by_each(several: int, rows: int) -> None:
    """Each row has the value that the weights named for it give."""
    dice = np.random.default_rng(rows)
    seen, which = dice.normal(size=(rows, 3)).astype(np.float32), dice.integers(0, several, rows)
    mean, wide = np.array([1, 0, -1], np.float32), np.array([1, 2, 4], np.float32)
    each = [Weights(mean, wide, dice.normal(size=3).astype(np.float32), float(k)) for k in range(several)]
    wanted = [(seen[row] - mean) @ (each[k].slope / wide) + each[k].intercept for row, k in enumerate(which)]
    assert np.allclose(values(each, seen, which), wanted, atol=1e-5)
