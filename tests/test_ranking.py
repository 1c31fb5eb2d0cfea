"""From scores to lists."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from numpy.typing import NDArray

from tests import worlds
from xsell import ranking
from xsell.contract.names import SCOPES
from xsell.contract.progress import silent
from xsell.data.training import Catalog, Floats, History, Mask
from xsell.ranking import Ranking, allowed, blocks, recommend, rounded, top

SPECIAL = [0.0, -0.0, 1.0, 1.0000001, 1.0000004, 0.99999994, -1.0, np.inf, -np.inf, np.nan, 1e-42, 3.4e38]
"""Scores that tie, nearly tie, or are no numbers."""

number = st.one_of(st.sampled_from(SPECIAL), st.floats(width=32, allow_nan=False, allow_infinity=False))


@dataclass(frozen=True)
class Fixed:
    """A model that says what it was told, for customers it knows by their number of purchases."""

    scores: Floats

    def score(self, history: History) -> Floats:
        """Look up the row that the profile names."""
        return self.scores[history.profile.indices]


@st.composite
def tables(draw: st.DrawFn) -> tuple[Floats, Mask]:
    """Scores and what may be offered, up to 5 × 60; many scores tie."""
    shape = (draw(st.integers(1, 5)), draw(st.integers(1, 60)))
    fill = draw(st.sampled_from([0.0, 1.0, -np.inf]))
    scores = draw(arrays.arrays(np.float32, shape, elements=number, fill=st.just(fill)))
    free = draw(arrays.arrays(np.bool_, shape, fill=st.just(True)))
    return scores, free


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


def naive(scores: Floats, free: Mask, k: int) -> Ranking:
    """Sort everything, one row at a time."""
    items, best = np.full((len(scores), k), -1, np.int32), np.full((len(scores), k), -np.inf, np.float32)
    for row, values in enumerate(rounded(scores)):
        able = [i for i in range(len(values)) if free[row, i] and not np.isnan(values[i]) and values[i] > -np.inf]
        for place, item in enumerate(sorted(able, key=lambda i: (-values[i], i))[:k]):
            items[row, place], best[row, place] = item, values[item]
    return Ranking(items, best)


def equal(left: Ranking, right: Ranking) -> bool:
    """Whether two rankings are the same in every place."""
    return np.array_equal(left.items, right.items) and np.array_equal(left.scores, right.scores)


def test_nobody_gets_no_lists() -> None:
    """A block in which a rule leaves nothing to anybody is ranked like any other, also in a catalogue so large that it is looked at in groups."""
    assert top(np.empty((0, 5000), np.float32), np.empty((0, 5000), bool), 10).items.shape == (0, 10)


@given(tables(), st.integers(1, 12))
def test_top_is_what_sorting_everything_gives(case: tuple[Floats, Mask], k: int) -> None:
    """The list is that of a full sort by rounded score, then by item number, without NaN and -inf, padded with -1 and -inf."""
    scores, free = case
    before = scores.copy()
    assert equal(top(scores, free, k), naive(scores, free, k))
    assert np.array_equal(scores, before, equal_nan=True)


@given(tables(), st.integers(1, 12))
def test_a_longer_list_begins_like_a_shorter_one(case: tuple[Floats, Mask], k: int) -> None:
    """The first k places of k + 1 are the k places of k."""
    shorter, longer = top(*case, k), top(*case, k + 1)
    assert equal(shorter, Ranking(longer.items[:, :k], longer.scores[:, :k]))


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


@given(arrays.arrays(np.float32, 20, elements=number))
def test_rounding(scores: Floats) -> None:
    """Rounding moves a number by at most half a unit of its sixth digit, keeps the order, and does nothing the second time."""
    once = rounded(scores)
    assert once.dtype == np.float32
    assert np.array_equal(rounded(once), once, equal_nan=True)
    real = np.isfinite(scores)
    assert np.array_equal(once[~real], scores[~real], equal_nan=True)
    error = np.abs(once[real].astype(np.float64) - scores[real])
    assert (error <= 5.1e-6 * np.abs(scores[real]) + 1e-45).all()
    order = np.argsort(scores[real], kind="stable")
    assert (np.diff(once[real][order]) >= 0).all()


@pytest.mark.parametrize(("score", "wanted"), [(0.12345649, 0.123456), (-123456.7, -123457.0), (9.9999999, 10.0), (0.0, 0.0)])
def test_six_digits(score: float, wanted: float) -> None:
    """Six significant digits stay."""
    assert rounded(np.array([score], np.float32))[0] == np.float32(wanted)


def test_ties_go_to_the_lower_number() -> None:
    """Scores that differ in the seventh digit only are tied, and the item with the lower number comes first."""
    scores = np.array([[0.5, 0.70000005, 0.7, 0.70000002]], np.float32)
    assert top(scores, np.ones((1, 4), bool), 4).items.tolist() == [[1, 2, 3, 0]]


@pytest.mark.parametrize("width", [5, 100, 3000])
@pytest.mark.parametrize("k", [1, 10, 200])
def test_many_equal_scores(width: int, k: int) -> None:
    """Where all items score the same, the first k are the list, however many there are."""
    found = top(np.full((2, width), 0.25, np.float32), np.ones((2, width), bool), k)
    assert found.items[0, : min(k, width)].tolist() == list(range(min(k, width)))
    assert (found.items[:, width:] == -1).all()


@pytest.mark.parametrize("k", [1, 10, 40])
def test_wide_rows(k: int) -> None:
    """Among thousands of items with many near ties the list is that of a full sort."""
    dice = np.random.default_rng(k)
    scores = np.round(dice.normal(size=(6, 4000)), 2).astype(np.float32)
    scores[1] = np.sort(scores[1])
    scores[2] = -np.sort(-scores[2])
    scores[3] = np.where(dice.random(4000) < 0.99, -np.inf, scores[3])
    scores[4] += dice.normal(0, 1e-7, 4000).astype(np.float32)
    free = dice.random(scores.shape) < 0.7
    assert equal(top(scores, free, k), naive(scores, free, k))


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
