"""Paths of categories at a level."""

import polars as pl
import pytest

from xsell.prep.levels import at_level, deepest

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
