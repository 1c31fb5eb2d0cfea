"""Paths of categories at a level."""

import polars as pl
import pytest

from xsell.prep.levels import at_level, deepest, over

PATHS = pl.Series([["A > B > C", "A > D", "E"], None, ["A"]], dtype=pl.List(pl.String))


@pytest.mark.parametrize(
    ("level", "first"),
    [(None, ["A > B > C", "A > D", "E"]), (1, ["A", "E"]), (2, ["A > B", "A > D", "E"]), (9, ["A > B > C", "A > D", "E"])],
)
def test_paths_are_cut_and_not_repeated(level: int | None, first: list[str]) -> None:
    """The first levels stay, the main path stays first, and what has become equal is there once."""
    assert at_level(PATHS, level).to_list() == [first, None, ["A"]]


def test_the_longest_path() -> None:
    """Levels are those of the longest path; without categories there are none."""
    assert deepest(PATHS) == 3
    assert deepest(PATHS[1:2]) == deepest(PATHS[:0]) == 0


@pytest.mark.parametrize(
    ("column", "found"),
    [
        (["Food", "Food", "Food", "Home"], ("other", True)),
        (["a", "b", "c", "d"], ("other", False)),
        (["x", "x", "x", "x"], None),
        (["x", "y", "z", "x"], None),
        ([None, None, None, None], None),
    ],
)
def test_another_level_holds_or_is_held_by_the_categories(column: list[str | None], found: tuple[str, bool] | None) -> None:
    """A coarser column that holds them is above, a finer one that they hold below; one that crosses them, or says nothing, is no level."""
    items = pl.DataFrame({"category": ["Tea", "Tea", "Jam", "Pan"], "other": pl.Series(column, dtype=pl.String)})
    assert over(items, ["other"]) == found


def test_columns_that_cross_each_other_are_no_levels() -> None:
    """Where every value of the one occurs with every value of the other, neither holds the other."""
    pairs = [(a, b) for a in "abcdef" for b in "xyz"]
    assert over(pl.DataFrame(pairs, schema=["category", "other"], orient="row"), ["other"]) is None
