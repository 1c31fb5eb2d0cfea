"""Returns undo what was bought last."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from xsell.data.schema import INSTANT, PURCHASE, RETURN
from xsell.prep.returns import match_returns

MOVES = st.lists(st.tuples(st.sampled_from("ab"), st.integers(-3, 3).filter(bool)), max_size=30)
START = datetime(2020, 1, 1, tzinfo=UTC)
SCHEMA = {"user_id": pl.String, "item_id": pl.String, "event": pl.String, "quantity": pl.Float32, "at": INSTANT}


def log(moves: list[tuple[str, int]], *, timed: bool = True) -> pl.DataFrame:
    """Events of customers with one item, a minute apart."""
    rows = [
        (user, "x", PURCHASE if q > 0 else RETURN, q, START + timedelta(minutes=n) if timed else None) for n, (user, q) in enumerate(moves)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def by_hand(moves: list[tuple[str, int]]) -> tuple[dict[int, int], int]:
    """Keep a pile a customer: a return takes pieces from its top. Gives the return that emptied each purchase, and the short returns."""
    piles: dict[str, list[list[int]]] = {}
    undone, short = {}, 0
    for n, (user, quantity) in enumerate(moves):
        pile = piles.setdefault(user, [])
        if quantity > 0:
            pile.append([n, quantity])
        left = max(-quantity, 0)
        while left and pile:
            taken = min(left, pile[-1][1])
            pile[-1][1] -= taken
            left -= taken
            if not pile[-1][1]:
                undone[pile.pop()[0]] = n
        short += left > 0
    return undone, short


@settings(deadline=None)
@given(moves=MOVES)
def test_the_pile_done_by_hand_agrees(moves: list[tuple[str, int]]) -> None:
    """The marks are those of a pile from which returns take the last pieces first."""
    events = log(moves)
    marked, short = match_returns(events)
    undone, expected = by_hand(moves)
    assert {n: at for n, at in enumerate(marked["undone_at"]) if at} == {n: events["at"][back] for n, back in undone.items()}
    assert marked["undone"].to_list() == [n in undone for n in range(len(moves))]
    assert short == expected


def test_without_times_any_purchase_may_be_undone() -> None:
    """A return without a time undoes a purchase wherever it stands in the file, at a time unknown."""
    marked, short = match_returns(log([("a", -1), ("a", 1), ("a", 2)], timed=False))
    assert marked["undone"].to_list() == [False, False, False]
    assert short == 0
    marked, _ = match_returns(log([("a", -2), ("a", 1), ("a", 2)], timed=False))
    assert marked["undone"].to_list() == [False, False, True]
    assert marked["undone_at"].null_count() == 3
