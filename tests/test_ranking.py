"""From models to lists."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from tests import worlds
from tests.test_best import equal, number
from xsell import ranking
from xsell.contract.names import SCOPES
from xsell.contract.progress import silent
from xsell.data.training import Catalog, Floats, History, Mask
from xsell.errors import MemoryLimitError
from xsell.ranking import allowed, blocks, recommend


@dataclass(frozen=True)
class Fixed:
    """A model that says what it was told, for customers it knows by their number of purchases."""

    scores: Floats

    def score(self, history: History) -> Floats:
        """Look up the row that the profile names."""
        return self.scores[history.profile.indices]


@st.composite
def shops(draw: st.DrawFn) -> tuple[History, Catalog, Floats]:
    """Customers who own something, items of up to four categories or none, and scores."""
    customers, items = draw(st.integers(1, 6)), draw(st.integers(1, 40))
    category = np.array(draw(st.lists(st.integers(-1, 3), min_size=items, max_size=items)), np.int32)
    owned = draw(arrays.arrays(np.bool_, (customers, items), fill=st.just(False)))
    liked = owned & draw(arrays.arrays(np.bool_, (customers, items), fill=st.just(True)))
    history = History(worlds.sparse(liked), worlds.sparse(owned), (), worlds.sparse(np.eye(customers)))
    scores = draw(arrays.arrays(np.float32, (customers, items), elements=number, fill=st.just(0.5)))
    return history, Catalog(category, 4, worlds.sparse(np.zeros((items, 1)))), scores


@given(shops(), st.sampled_from(SCOPES), st.integers(1, 50))
def test_lists_keep_their_promises(case: tuple[History, Catalog, Floats], scope: str, k: int) -> None:
    """Nothing owned; under scope new no owned category and nothing without one; no gaps in the ranks, no repeats, scores never rise; no NaN."""
    history, catalog, scores = case
    found = recommend(Fixed(scores), history, catalog, scope, k, silent)
    owned = history.owned.toarray() > 0
    for row, items in enumerate(found.items):
        there = items >= 0
        assert not (np.diff(there.astype(int)) > 0).any()
        offered = items[there]
        assert len(set(offered.tolist())) == len(offered)
        assert not owned[row, offered].any()
        values = found.scores[row, there]
        assert not np.isnan(values).any()
        assert (values[1:] <= values[:-1]).all()
        assert (found.scores[row, ~there] == -np.inf).all()
        if scope in {"same", "dormant"}:
            assert set(catalog.category[offered].tolist()) <= set(catalog.category[owned[row]].tolist()) - {-1}
        if scope == "new":
            assert (catalog.category[offered] >= 0).all()
            assert not set(catalog.category[offered].tolist()) & set(catalog.category[owned[row]].tolist())


@given(shops(), st.sampled_from(SCOPES))
def test_everything_that_may_be_offered_is_offered_in_the_end(case: tuple[History, Catalog, Floats], scope: str) -> None:
    """A list as long as the catalogue holds all items that may be offered and have a score above -inf."""
    history, catalog, scores = case
    found = recommend(Fixed(scores), history, catalog, scope, catalog.n_items, silent)
    able = allowed(history, catalog, scope) & ~np.isnan(scores) & (scores > -np.inf)
    assert ((found.items >= 0).sum(axis=1) == able.sum(axis=1)).all()


@given(shops(), st.integers(1, 7), st.integers(1, 400))
def test_blocks_change_nothing(case: tuple[History, Catalog, Floats], largest: int, cells: int) -> None:
    """Customers in small blocks get the same lists as in one."""
    history, catalog, scores = case
    whole = recommend(Fixed(scores), history, catalog, "any", 5, silent)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ranking, "LARGEST_BLOCK", largest)
        patch.setattr(ranking, "BLOCK_CELLS", cells)
        assert equal(recommend(Fixed(scores), history, catalog, "any", 5, silent), whole)


@given(st.integers(0, 5000), st.integers(0, 10**7))
def test_blocks_cover_all_rows_once(rows: int, columns: int) -> None:
    """Blocks follow each other without gap or overlap, and none is empty."""
    found = list(blocks(rows, columns))
    assert [i for block in found for i in range(block.start, block.stop)] == list(range(rows))
    assert all(block.stop > block.start for block in found)


@pytest.mark.parametrize(("room", "cells"), [(1 << 40, ranking.BLOCK_CELLS), (ranking.PIECES + 2 * 40 * 1000, 1000), (0, None)])
def test_memory_bounds_the_scores_at_once(monkeypatch: pytest.MonkeyPatch, room: int, cells: int | None) -> None:
    """Workers share what is left; too little for a customer each is refused if it was asked for, and done all the same if it was not."""
    monkeypatch.setattr(ranking, "room", lambda _: room)
    monkeypatch.setattr(ranking, "workers", lambda: 2)
    assert ranking.cells_within("", 500) == (cells or 500)
    if cells:
        assert ranking.cells_within("1GB", 500) == cells
        return
    with pytest.raises(MemoryLimitError, match="more than --memory 1GB allows"):
        ranking.cells_within("1GB", 500)


def test_of_a_wide_catalogue_whole_tiles_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is room, blocks have as many customers as products of vectors are made of, unless that is very much."""
    monkeypatch.setattr(ranking, "room", lambda _: 1 << 40)
    assert [ranking.cells_within("", items) // items for items in (200_000, 1_000_000)] == [ranking.EVEN, 6]
    monkeypatch.setattr(ranking, "room", lambda _: ranking.PIECES + ranking.workers() * ranking.CELL * 1_000_000)
    assert ranking.cells_within("", 200_000) == 1_000_000


def test_nobody() -> None:
    """No customers give no lists."""
    history = worlds.table(np.eye(3)).history.rows(slice(0, 0))
    found = recommend(Fixed(np.zeros((0, 3), np.float32)), history, worlds.catalog([0, 1, 2]), "new", 4, silent)
    assert found.items.shape == found.scores.shape == (0, 4)


def test_a_model_is_told_what_may_be_offered_if_it_wants_to_know() -> None:
    """A model with `score_allowed` is asked through it, with the mask of the scope."""
    told: list[NDArray[np.bool_]] = []

    class Curious:
        def score_allowed(self, history: History, free: Mask, wanted: Mask | None = None) -> Floats:
            told.extend([free] if wanted is None else [free, wanted])
            return np.ones((len(history), free.shape[1]), np.float32)

    made = worlds.table([[1, 0, 0, 0], [0, 0, 1, 0]], [0, 0, 1, 2])
    assert recommend(Curious(), made.history, made.catalog, "new", 2, silent).items.tolist() == [[2, 3], [0, 1]]
    assert np.concatenate(told).tolist() == [[False, False, True, True], [True, True, False, True]]
