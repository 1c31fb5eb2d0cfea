"""Numbering."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from xsell.data.ids import numbering


@given(st.lists(st.text(max_size=3)), st.lists(st.one_of(st.none(), st.text(max_size=3))))
def test_ids_are_sorted_and_different(left: list[str], right: list[str | None]) -> None:
    """All ids of all columns appear once, in the order of their code points, and null is none."""
    made = numbering(pl.Series("a", left, pl.String), pl.Series("b", right, pl.String)).to_list()
    assert made == sorted({*left, *(name for name in right if name is not None)})
