"""The interactions table as numbers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests.prep.shop_tables import day, event, interactions
from xsell.data import events
from xsell.data.events import Events
from xsell.data.matrix import codes, codes_of_runs
from xsell.data.training import NEVER, Log
from xsell.errors import XsellError

ITEMS = pl.Series(["a", "b", "t"])
SCALE = {"low": 1.0, "high": 5.0, "shift": 1.0, "spread": 4.0}


def shop(customers: int = 40, seed: int = 0) -> pl.DataFrame:
    """Events of every kind, more of some customers than of others."""
    dice = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for customer in range(0, customers, 3):
        for n in range(int(dice.integers(1, 30))):
            kind = ["purchase", "rating", "view", "cart", "return"][int(dice.integers(0, 5))]
            rows.append(event(f"u{customer:03}", str(dice.choice(ITEMS.to_list())), kind, at=day(n) if n % 3 else None))
            if kind == "purchase" and n % 2:
                rows[-1] |= {"undone": True, "undone_at": day(n + 1) if n % 4 == 1 else None}
            if kind == "rating":
                rows[-1] |= {"value": float(dice.integers(0, 5)) / 4}
    return interactions(*rows)


def reader(table: pl.DataFrame, customers: int = 40) -> Events:
    """Read a table; there are customers without events."""
    users = pl.Series([f"u{customer:03}" for customer in range(customers)])
    return Events(table.lazy(), users, ITEMS, ("purchase", "rating"), SCALE)


def columns(log: Log) -> Sequence[np.ndarray[Any, Any]]:
    """What a log holds."""
    return [log.user, log.item, log.at, log.value, log.rated, log.undone_at]


@pytest.mark.parametrize("size", [(1, 1), (7, 20), (1000, 1000)])
def test_pieces_are_the_whole(monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]) -> None:
    """However large they are, pieces hold the events of the whole in their order, each customer in one of them, and all customers in turn."""
    monkeypatch.setattr(events, "SLICE", size[0])
    monkeypatch.setattr(events, "PIECE", size[1])
    known = reader(shop())
    log, streams = known.whole()
    pieces = list(known.pieces())
    assert [place for piece in pieces for place in range(*piece.which.indices(40))] == list(range(40))
    for number, column in enumerate(columns(log)):
        parts = [columns(piece.log)[number] + (0 if number else piece.which.start) for piece in pieces]
        assert np.array_equal(np.concatenate(parts), column, equal_nan=number == 2)
    for place, stream in enumerate(streams):
        assert np.array_equal(np.concatenate([piece.streams[place].user + piece.which.start for piece in pieces]), stream.user)
        assert np.array_equal(np.concatenate([piece.streams[place].column for piece in pieces]), stream.column)
    assert [stream.name for stream in streams] == [stream.name for stream in known.none()[1]] == ["cart", "view"]
    assert len(known.none()[0]) == 0
    assert np.array_equal(known.times(), log.at[np.isfinite(log.at)])
    assert known.height == len(log)
    assert known.timed


def test_what_is_the_same_takes_no_memory() -> None:
    """Of purchases that nobody sent back, values and ends are one number each; a single rating or return makes them columns."""
    plain = [event(f"u{n:03}", "a") for n in range(5)]
    log, _ = reader(interactions(*plain)).whole()
    assert [column.strides for column in (log.value, log.rated, log.undone_at)] == [(0,)] * 3
    log, _ = reader(
        interactions(*plain, event("u006", "b", "rating", value=0.5), event("u007", "b", undone=True, undone_at=day(2)))
    ).whole()
    assert log.value.tolist() == [1, 1, 1, 1, 1, 3, 1]
    assert log.rated.tolist() == [False] * 5 + [True, False]
    assert log.undone_at.tolist() == [NEVER] * 6 + [day(2).timestamp()]


def test_a_table_out_of_order_is_refused() -> None:
    """Pieces are not made from a table whose customers are not in order, but said to be wrong."""
    with pytest.raises(XsellError, match="not sorted") as caught:
        list(reader(shop().reverse()).pieces())
    assert "xsell clean" in caught.value.hint


def test_runs_are_numbered_as_ids_are() -> None:
    """Numbers of runs of ids are those of the ids one by one; what is not known has -1."""
    known = pl.Series(["b", "d", "dd", "ä"])
    ids = pl.Series(["a", "b", "b", "c", "dd", "dd", "dd", "e", "ä", "ö"])
    assert codes_of_runs(ids, known).tolist() == codes(ids, known).tolist()
    assert codes_of_runs(ids.clear(), known).tolist() == []
