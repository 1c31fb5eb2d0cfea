"""Assembling a Training: what is known at a moment, and nothing later."""

from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.data.shops import LIKE, catalog, events, log, training
from xsell.data import training as module
from xsell.data.training import NEVER, Log, Training


def owned(made: Training) -> list[list[int]]:
    """Items owned, one list a customer."""
    return [row.indices.tolist() for row in made.history.owned]


def bought(made: Training) -> list[list[int]]:
    """Positives, one list a customer."""
    return [row.indices.tolist() for row in made.history.purchases]


def same(left: Training, right: Training) -> bool:
    """Whether two Trainings hold the same events and the same matrices."""
    logs = all(np.array_equal(getattr(left.log, f.name), getattr(right.log, f.name), equal_nan=f.name == "at") for f in fields(Log))
    matrices = zip(
        (left.history.owned, left.history.purchases, *left.history.streams),
        (right.history.owned, right.history.purchases, *right.history.streams),
        strict=True,
    )
    return logs and all((a != b).nnz == 0 for a, b in matrices)


def test_the_latest_rating_counts() -> None:
    """A like that was taken back is owned but no positive, and a dislike that was revised is one."""
    made = training(log((0, 0, 1.0, 0.9), (0, 0, 2.0, 0.1), (0, 1, 1.0, 0.1), (0, 1, 2.0, 0.9)))
    assert owned(made) == [[0, 1]]
    assert bought(made) == [[1]]


def test_the_latest_rating_is_not_the_last_row() -> None:
    """Time decides which rating is the latest, not the place in the file; without times the place does."""
    assert bought(training(log((0, 0, 2.0, 0.9), (0, 0, 1.0, 0.1)))) == [[0]]
    assert bought(training(log((0, 0, np.nan, 0.9), (0, 0, np.nan, 0.1)))) == [[]]


def test_ratings_are_the_latest_ones() -> None:
    """What customers said last of each item is kept, a rating of 0 too, and what they bought is no rating; where nobody rates there are none."""
    made = training(log((0, 2, 1.0, 0.9), (0, 2, 2.0, 0.0), (0, 1, 5.0, None), (1, 3, 1.0, 0.4), (0, 0, 3.0, 0.7)))
    ratings = made.history.ratings
    assert ratings is not None
    assert (ratings.indices.tolist(), ratings.indptr.tolist()) == ([0, 2, 3], [0, 2, 3])
    assert np.allclose(ratings.data, [0.7, 0.0, 0.4])
    assert made.history.rows(np.array([1])).ratings.indices.tolist() == [3]
    assert made.before(made.log.at < 2).history.ratings.data.tolist() == pytest.approx([0.9, 0.4])
    assert training(log((0, 1, 5.0, None))).history.ratings is None


def test_a_purchase_beside_a_bad_rating_stays_a_positive() -> None:
    """A purchase is a positive whatever the customer's rating of the same item says."""
    assert bought(training(log((0, 0, 1.0, None), (0, 0, 2.0, 0.1)))) == [[0]]


def test_an_undone_purchase_is_owned_but_no_positive() -> None:
    """What was sent back is never offered again and teaches nothing."""
    made = training(log((0, 0, 1.0, None), (0, 1, 1.0, None), undone_at=[5.0, NEVER]))
    assert (owned(made), bought(made)) == ([[0, 1]], [[1]])


@pytest.mark.parametrize(("returned", "positives"), [(3.0, [0, 1]), (1.5, [1]), (-np.inf, [1])])
def test_a_return_counts_from_its_moment_on(returned: float, positives: list[int]) -> None:
    """A purchase that is sent back after the cut still stands at the cut; one sent back at an unknown time never does."""
    whole = training(log((0, 0, 1.0, None), (0, 1, 2.0, None), (0, 2, 4.0, None), undone_at=[returned, NEVER, NEVER]))
    assert bought(whole.before(np.array([True, True, False]))) == [positives]


def test_no_later_cut_learns_of_a_return_after_an_earlier_one() -> None:
    """A Training made as of a moment has forgotten later returns, so that a second cut in it that is none in time cannot see them."""
    whole = training(log((0, 0, 1.0, None), (0, 1, 2.0, None), (0, 2, 9.0, None), undone_at=[5.0, NEVER, NEVER]))
    part = whole.before(np.array([True, True, False]))
    assert bought(part.before(np.array([True, False]))) == [[0]]


def test_streams_end_with_a_cut_in_time_only() -> None:
    """Views after the moment of a temporal cut are unknown; a cut that is none in time keeps them all."""
    whole = training(log((0, 0, 1.0, None), (0, 1, 2.0, None), (0, 2, 1.5, None)), views=[(0, 0, 1.0), (0, 1, 3.0), (0, 2, np.nan)])
    assert whole.before(np.array([True, False, True])).history.streams[0].indices.tolist() == [0, 2]
    assert whole.before(np.array([False, True, True])).history.streams[0].indices.tolist() == [0, 1, 2]


@given(events(), st.integers(0, 99))
def test_before_is_building_from_what_is_left(made: Log, seed: int) -> None:
    """Cutting a Training equals assembling one from the kept events alone, with the streams up to the moment of the cut."""
    keep = np.random.default_rng(seed).random(len(made)) < 0.6
    whole = training(made, views=[(0, 0, 1.0), (0, 1, 3.0)])
    part = whole.before(keep)
    kept, dropped = made.at[keep & np.isfinite(made.at)], made.at[~keep & np.isfinite(made.at)]
    moment = kept.max() if len(kept) and len(dropped) and kept.max() < dropped.min() else NEVER
    views = [(0, i, t) for i, t in ((0, 1.0), (1, 3.0)) if t <= moment]
    assert same(part, training(made.take(keep), views, moment, whole.n_users))


@given(events())
def test_positives_are_owned_and_matrices_are_canonical(made: Log) -> None:
    """Every positive is owned; both matrices are binary with sorted indices and no repeats, one row a customer."""
    whole = training(made)
    assert whole.history.owned.shape == (whole.n_users, whole.n_items)
    assert (whole.history.purchases > whole.history.owned).nnz == 0
    for matrix in (whole.history.owned, whole.history.purchases):
        assert (matrix.data == 1).all()
        assert all((np.diff(row.indices) > 0).all() for row in matrix)


@given(events())
def test_one_latest_rating_for_every_rated_pair(made: Log) -> None:
    """Of each customer and item exactly one rating is the latest, if there is any, and none is later."""
    last = module.latest(made)
    rated = {(u, i) for u, i, r in zip(made.user.tolist(), made.item.tolist(), made.rated.tolist(), strict=True) if r}
    found = list(zip(made.user[last].tolist(), made.item[last].tolist(), strict=True))
    assert sorted(found) == sorted(rated)
    for user, item, at in zip(made.user[last], made.item[last], made.at[last], strict=True):
        others = made.at[made.rated & (made.user == user) & (made.item == item)]
        assert not (others > at).any()


def test_purchases_between_are_the_positives_of_a_window() -> None:
    """The window is open at its start and closed at its end; dislikes and undone purchases are not in it."""
    whole = training(
        log(
            (0, 0, 1.0, None),
            (0, 1, 2.0, None),
            (0, 2, 3.0, 0.1),
            (0, 3, 3.0, None),
            (0, 4, 4.0, None),
            undone_at=[NEVER, NEVER, NEVER, 5.0, NEVER],
        )
    )
    assert whole.purchases_between(1.0, 3.0).indices.tolist() == [1]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), max_size=20))
def test_pairs_forget_order_and_repeats(made: list[tuple[int, int]]) -> None:
    """A matrix of pairs has one 1 for every distinct pair."""
    array: NDArray[np.int32] = np.array(made, np.int32).reshape(-1, 2)
    matrix = module.pairs(array[:, 0], array[:, 1], (4, 5))
    assert sorted(zip(*(x.tolist() for x in matrix.nonzero()), strict=True)) == sorted(set(made))


def test_rows_keep_everything_of_a_customer() -> None:
    """Taking rows of a History takes them from every matrix alike."""
    whole = training(log((0, 0, 1.0, None), (1, 1, 1.0, None)), views=[(1, 2, 1.0)])
    some = whole.history.rows(np.array([1]))
    assert len(some) == 1
    assert (some.owned.indices.tolist(), some.streams[0].indices.tolist(), some.profile.shape[0]) == ([1], [2], 1)
    assert whole.like == LIKE
    assert catalog().n_items == whole.n_items
