"""Tables to matrices and back."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from xsell.data.ids import numbering
from xsell.data.matrix import codes, pair_counts

IDS = st.text(alphabet="abcü", max_size=2)


@given(st.lists(st.one_of(st.none(), IDS)), st.lists(IDS))
def test_a_code_is_the_place_of_its_id(asked: list[str | None], known: list[str]) -> None:
    """The code of a known id is its place in the numbering, that of another one -1."""
    order = numbering(pl.Series(known, dtype=pl.String))
    place = {name: number for number, name in enumerate(order)}
    made = codes(pl.Series(asked, dtype=pl.String), order)
    assert made.dtype == np.int32
    assert made.tolist() == [place.get(name, -1) if name is not None else -1 for name in asked]


@given(st.sets(st.tuples(st.sampled_from("uvwxyz"), st.sampled_from("ABCD"))), st.integers(1, 3))
def test_pairs_are_counted_like_one_by_one(owners: set[tuple[str, str]], minimum: int) -> None:
    """Every pair of categories has the number of customers who own both, in both directions, from the minimum up."""
    numbers = [("uvwxyz".index(user), "ABCD".index(category)) for user, category in sorted(owners)]
    frame = pl.DataFrame(numbers, schema={"customer": pl.Int64, "category": pl.Int32}, orient="row")
    having = {name: {user for user, category in owners if category == name} for name in "ABCD"}
    expected = [
        (start, end, len(having[start] & having[end]), len(having[start]), len(having[end]))
        for start in "ABCD"
        for end in "ABCD"
        if start != end and len(having[start] & having[end]) >= minimum
    ]
    made = pair_counts(frame, pl.Series(list("ABCD")), minimum)
    assert made.rows() == expected
    assert made.schema == {"from": pl.String, "to": pl.String, "n": pl.Int64, "n_from": pl.Int64, "n_to": pl.Int64}
