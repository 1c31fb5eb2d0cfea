"""Which lengths of lists are drawn."""

from hypothesis import given
from hypothesis import strategies as st

from xsell.dossier.lengths import MARKED, MOST_POINTS, picked


@given(st.integers(1, 10_000))
def test_lines_have_both_ends_and_few_points(n: int) -> None:
    """The first and the last place are drawn, every marked one too, in order and each once, and never more than some seventy."""
    places = picked(n)
    assert places == sorted(set(places))
    assert (places[0], places[-1]) == (0, n - 1)
    assert {m - 1 for m in MARKED if m <= n} <= set(places)
    assert len(places) <= MOST_POINTS + len(MARKED)
