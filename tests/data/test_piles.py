"""Histories put together from those of some customers at a time."""

import numpy as np
import pytest

from tests import worlds
from tests.data.test_events import reader, shop
from xsell.data import events
from xsell.data.piles import Ground, Histories, Pile
from xsell.data.training import NEVER, build


@pytest.mark.parametrize("since", [NEVER, 10 * worlds.DAY])
@pytest.mark.parametrize("rated", [True, False])
def test_histories_are_those_of_the_whole(monkeypatch: pytest.MonkeyPatch, *, since: float, rated: bool) -> None:
    """What customers have is the same whether it is made from all events or from those of some customers at a time."""
    monkeypatch.setattr(events, "SLICE", 10)
    monkeypatch.setattr(events, "PIECE", 20)
    table = shop()
    known = reader(table if rated else table.filter(table["event"] != "rating"))
    searched = (worlds.views([(3, 1, 0.0), (39, 0, 1.0)], 2, "search"),)
    profile = worlds.sparse(np.eye(40)[:, :5])
    ground = Ground(worlds.catalog([0, 1, 1]), profile, searched, 3.0, since)
    log, streams = known.whole()
    whole = build(log, (*streams, *searched), ground.catalog, profile, ground.like, since=since).history
    found = Histories()
    parts = list(found.parts(known, ground, float(known.times().max())))
    assert len(parts) > 2
    assert sum(part.n_users for part in parts) == 40
    made = found.whole(ground).rows(slice(None))
    for name in ("purchases", "owned", "profile", "recent", "ratings"):
        one, other = getattr(made, name), getattr(whole, name)
        assert (one is None) == (other is None)
        if one is not None:
            assert one.dtype == np.float32
            assert one.shape == other.shape
            assert all(np.array_equal(getattr(one, part), getattr(other, part)) for part in ("indptr", "indices", "data"))
    assert all((one != other).nnz == 0 for one, other in zip(made.streams, whole.streams, strict=True))


def test_a_pile_of_ones_is_of_bytes() -> None:
    """Rows of ones are held in a byte each; one other number, be it 0, and all numbers are kept."""
    ones, other = worlds.sparse([[1, 0, 1]]), worlds.sparse([[0, 2, 0]])
    pile = Pile()
    pile.add(ones)
    pile.add(ones)
    assert pile.whole(3).dtype == np.int8
    pile = Pile()
    pile.add(ones)
    pile.add(other)
    assert pile.whole(3).toarray().tolist() == [[1, 0, 1], [0, 2, 0]]
