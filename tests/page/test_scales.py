"""Axes: places in percent, and the round values at them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.page.scales import apart, linear, logarithmic

NUMBERS = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-9)


@given(st.lists(NUMBERS, min_size=1, max_size=8))
def test_every_value_is_on_the_axis(values: list[float]) -> None:
    """All values lie between the ends of an axis, its round values ascend from end to end, and places keep the order of values."""
    scale = linear(values)
    slack = 1e-6 * (scale.high - scale.low)
    assert scale.low - slack <= min(values)
    assert max(values) <= scale.high + slack
    assert 2 <= len(scale.ticks) <= 13
    assert list(scale.ticks) == sorted(set(scale.ticks))
    places = [scale.place(value) for value in sorted(values)]
    assert places == sorted(places)
    assert 0 <= min(places) <= max(places) <= 100


@pytest.mark.parametrize(
    ("values", "ticks"),
    [([0, 0.22], (0.0, 0.05, 0.1, 0.15, 0.2, 0.25)), ([-0.03, 0.19], (-0.05, 0.0, 0.05, 0.1, 0.15, 0.2)), ([0.0], (0.0, 0.2))],
)
def test_round_values(values: list[float], ticks: tuple[float, ...]) -> None:
    """The values at an axis are those that people count in."""
    assert linear(values).ticks == ticks


def test_whole_numbers() -> None:
    """An axis of whole numbers has no halves, and ends where the numbers do."""
    assert linear([0, 10], whole=True).ticks == (0, 2, 4, 6, 8, 10)
    assert linear([0, 1], whole=True).ticks == (0, 1)


def test_a_logarithmic_axis() -> None:
    """Ten times as much is the same step further, from 1 on."""
    scale = logarithmic(1000)
    assert scale.ticks == (1, 10, 100, 1000)
    assert [scale.place(x) for x in (1, 10, 100, 1000)] == [0, 33.33, 66.67, 100]
    assert logarithmic(3).ticks == (1, 10)


def test_labels_are_moved_to_both_sides() -> None:
    """Labels that would cover each other give way up and down alike; those at an end of the figure give way to the other side."""
    assert apart([50, 50], 8) == [46, 54]
    assert apart([50, 20, 51, 50], 8) == [42.33, 20, 58.33, 50.33]
    assert apart([100, 99], 8) == [100, 92]
    assert apart([0, 1], 8) == [0, 8]


@given(st.lists(st.floats(0, 100), min_size=1, max_size=7), st.floats(1, 12))
def test_labels_stand_apart(places: list[float], least: float) -> None:
    """Labels keep their distance and their order, and none leaves the top; where there is room none leaves the bottom by more than all need."""
    moved = apart(places, least)
    ordered = sorted(moved)
    assert all(after - before >= least - 0.02 for before, after in itertools.pairwise(ordered))
    assert max(moved) <= 100.01
    assert min(moved) >= min(0, 100 - least * (len(places) - 1)) - 0.02
