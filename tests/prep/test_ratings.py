"""The scale of ratings is found and kept."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xsell.errors import UsageError
from xsell.prep.ratings import Scale, infer, parse_scale


@pytest.mark.parametrize(
    ("ratings", "scale"),
    [
        ([1, 2, 3, 4, 5], (1, 5)),
        ([1, 2, 3, 4, 5] * 20 + [7, 0], (1, 5)),
        ([0, 1, 2, 3, 4, 5], (0, 5)),
        ([0.5, 1, 2.5, 4, 5], (0.5, 5)),
        ([1, 1.5, 2.5, 5], (1, 5)),
        ([1, 4, 9, 10], (1, 10)),
        ([0, 4, 9, 10], (0, 10)),
        ([0, 1, 1], (0, 1)),
        ([-1, 1], (-1, 1)),
        ([3, 55, 100], (0, 100)),
        ([-500, 0, 500], (-500, 500)),
        ([300, 300], (299, 300)),
    ],
)
def test_the_narrowest_common_scale_is_found(ratings: list[float], scale: tuple[float, float]) -> None:
    """The narrowest common scale that holds nearly all ratings is chosen, else robust ends of the data."""
    assert infer(pl.Series(ratings, dtype=pl.Float64)) == scale


@settings(deadline=None)
@given(ratings=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50))
def test_clipped_ratings_fall_between_zero_and_one(ratings: list[float]) -> None:
    """Whatever the ratings, the scale has two ends, and what is clipped to it is normalised into 0 to 1."""
    column = pl.Series("r", ratings, dtype=pl.Float64)
    low, high = infer(column)
    assert low < high
    values = column.clip(low, high).to_frame().select(Scale(low, high, inferred=True, mode="minmax").normalise(pl.col("r"))).to_series()
    assert values.is_between(0, 1).all()


def test_details_tell_how_to_go_back() -> None:
    """A value is (rating - shift) / spread in every mode."""
    for mode, value in (("minmax", 0.75), ("zscore", 0.5), ("none", 4.0)):
        scale = Scale(1, 5, inferred=False, mode=mode, mean=3, sd=2)
        told = scale.details()
        assert (4 - told["shift"]) / told["spread"] == value
        assert pl.DataFrame({"r": [4.0]}).select(scale.normalise(pl.col("r"))).item() == value


@pytest.mark.parametrize("text", ["5,1", "1", "a,b", "1,1", "1,2,3", "nan,5", "1,inf"])
def test_ends_that_do_not_rise_are_a_usage_error(text: str) -> None:
    """Only two rising numbers are a scale."""
    assert parse_scale("1,5") == (1, 5)
    assert parse_scale("") is None
    with pytest.raises(UsageError):
        parse_scale(text)
