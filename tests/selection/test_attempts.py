"""Attempts: the way up, the best of them, and models made of them."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tests import worlds
from xsell.selection import attempts
from xsell.selection.plan import Plan, Trial
from xsell.selection.validation import Validation, validation


@cache
def judge() -> Validation:
    """Give the validation cut of the world of tastes."""
    found = validation(worlds.tastes(), "new", "", 0)
    assert found
    return found


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.data())
def test_the_way_ends_on_a_hill(heights: list[int], data: st.DataObject) -> None:
    """Nothing is tried twice, the answer is the best of what was tried, and both its neighbours were tried."""
    start = data.draw(st.integers(0, len(heights) - 1))
    first = data.draw(st.sampled_from([(0, 1), (0, 1, -1)]))
    tried: list[int] = []

    def worth(some: Sequence[int]) -> list[float]:
        tried.extend(some)
        return [float(heights[place]) for place in some]

    top = attempts.climb(range(len(heights)), start, worth, first)
    assert len(tried) == len(set(tried))
    assert heights[top] == max(heights[place] for place in tried)
    assert {start, top} <= set(tried)
    assert {place for place in (top - 1, top + 1) if 0 <= place < len(heights)} <= set(tried)


def test_what_surely_comes_is_tried_at_once() -> None:
    """The start and the next value are asked for together, later ones one by one."""
    asked: list[list[int]] = []

    def worth(some: Sequence[int]) -> list[float]:
        asked.append(list(some))
        return [-abs(value - 13.0) for value in some]

    assert attempts.climb((10, 11, 12, 13, 14, 15), 1, worth) == 13
    assert asked == [[11, 12], [13], [14]]


def test_the_best() -> None:
    """The best trial is the one with the highest quality, the first among equals, of one model if asked."""
    made = [Trial("a", {}, 0.1), Trial("b", {"x": 1}, 0.3), Trial("b", {"x": 2}, 0.3), Trial("a", {}, 0.2)]
    assert attempts.best(made) is made[1]
    assert attempts.best(made, "a") is made[3]


def test_the_seed_reaches_the_models() -> None:
    """Models with a random start get the seed of the plan, and factors are a whole number."""
    models = [attempts.make("als", {"factors": 4.0}, Plan("new", seed=seed)).fit(judge().part) for seed in (3, 3, 4)]
    scores = [model.score(judge().history) for model in models]
    assert np.array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[0], scores[2])
