"""The regressors: which there are, and histories as they stood earlier."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import worlds
from tests.data import shops
from xsell.data.training import History, Log, Training
from xsell.models import design


def prefix(log: Log, bought: set[tuple[int, int]], fraction: float) -> set[tuple[int, int]]:
    """One customer and one product at a time: those whose basket began before the fraction of the customer's products was reached."""
    early = set()
    for user in {u for u, _ in bought}:
        begun = {item: min(_when(log, user, item)) for u, item in bought if u == user}
        for item, moment in begun.items():
            before = sum(other < moment for other in begun.values())
            if (before + 0.5) / len(begun) <= fraction:
                early.add((user, item))
    return early


def _when(log: Log, user: int, item: int) -> list[float]:
    return [-np.inf if np.isnan(t) else float(t) for u, i, t in zip(log.user, log.item, log.at, strict=True) if (u, i) == (user, item)]


def entries(matrix: object) -> set[tuple[int, int]]:
    """Rows and columns of a matrix's entries."""
    row, column = matrix.nonzero()  # type: ignore[attr-defined]  # a sparse array
    return set(zip(row.tolist(), column.tolist(), strict=True))


@given(shops.events(), st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 6).map(float)), max_size=12))
def test_prefixes_are_those_of_a_loop(made: Log, seen: list[tuple[int, int, float]]) -> None:
    """A history at a fraction holds the products whose basket began by then, and the views up to the last of them."""
    known = shops.training(made, seen, customers=shops.CUSTOMERS)
    bought = entries(known.history.purchases)
    views = known.streams[0]
    for fraction, found in zip(design.FRACTIONS, design.prefixes(known, everybody(known)), strict=True):
        wanted = prefix(made, bought, fraction)
        assert entries(found.purchases) == wanted
        last = {user: max(min(_when(made, u, i)) for u, i in wanted if u == user) for user, _ in wanted}
        early = {(u, c) for u, c, t in zip(views.user, views.column, views.at, strict=True) if t <= last.get(int(u), -np.inf)}
        assert entries(found.streams[0]) == early


def everybody(known: Training) -> list[NDArray[np.float64]]:
    """Every fraction of all customers."""
    return [np.full(known.n_users, fraction) for fraction in design.FRACTIONS]


def test_everybody_shows_two_beginnings() -> None:
    """Two of each customer, never the same twice, and each fraction of as many customers."""
    taken = np.array(design.shares(10))
    assert taken.shape == (2, 10)
    assert (taken[0] != taken[1]).all()
    assert dict(zip(*np.unique(taken, return_counts=True), strict=True)) == dict.fromkeys(design.FRACTIONS, 4)


def test_shares_may_differ_between_customers() -> None:
    """Each history is that of the customer at the own share; of none of the products nothing is left but the profile."""
    known = world()
    one, other = design.prefixes(known, [np.array([0.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])])
    whole = known.history.purchases.toarray()
    assert (one.purchases.toarray() == whole * [[0], [1], [0]]).all()
    assert (other.purchases.toarray() == whole * [[1], [0], [1]]).all()


def test_a_basket_stays_whole() -> None:
    """Products bought at the same moment are in a prefix together or not at all."""
    made = worlds.training(worlds.log([0] * 6, range(6), [1, 1, 2, 2, 2, 3]), worlds.catalog(range(6)), 1)
    found = [set(h.purchases.indices.tolist()) for h in design.prefixes(made, everybody(made))]
    assert found == [{0, 1}, {0, 1}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4}]


def world() -> Training:
    """Three customers, three items, views and searches, a profile."""
    streams = (worlds.views([(0, 0, 1.0), (1, 0, 1.0), (2, 1, 1.0)], 3), worlds.views([(0, 0, 1.0), (1, 0, 1.0), (2, 1, 1.0)], 2, "search"))
    owned = worlds.log([0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2])
    return worlds.training(owned, worlds.catalog([0, 0, 1]), 3, streams, [[1, 0], [1, 0], [0, 1]])


def test_rare_regressors_stay_out() -> None:
    """Purchases, views, search terms and profile columns of a single customer are no regressors; items of purchases and views are known."""
    chosen = design.columns(world(), 100)
    assert chosen.take.tolist() == [0, 1, 3, 6, 8]
    assert chosen.item.tolist() == [0, 1, 0, -1, -1]
    assert (chosen.purchases, len(chosen)) == (2, 5)


def test_the_most_frequent_are_kept() -> None:
    """With room for few, those with the most customers are kept, purchases first among equals."""
    assert design.columns(world(), 1).take.tolist() == [0]
    assert design.columns(world(), 3).take.tolist() == [0, 1, 3]


@pytest.mark.parametrize("rho", [0.0, 0.5, 1.0])
def test_a_row(rho: float) -> None:
    """A row holds purchases weighted by the customer's number of products, other events and profile at 1, and 1 at the end."""
    made = world()
    found = design.rows(made.history, design.columns(made, 100), rho).toarray()
    w = np.array([1.0, 2.0, 3.0]) ** -rho
    assert np.allclose(found, [[w[0], 0, 1, 1, 1, 1], [w[1], w[1], 1, 1, 1, 1], [w[2], w[2], 0, 0, 0, 1]])
    assert np.array_equal(made.history.purchases.data, np.ones(6, np.float32))


def test_a_customer_without_purchases_weighs_one() -> None:
    """No history is not divided by."""
    assert design.scaling(worlds.strangers(world().history).purchases, 0.5).tolist() == [1.0]


def test_blocks() -> None:
    """For cross the block of an item is its category, or itself where it has none; for ease it is always itself."""
    made = worlds.catalog([1, 0, 1, -1, -1])
    cross = design.blocks_of(made, "category")
    assert cross[0] == cross[2]
    assert len(set(cross.tolist())) == 4
    assert len(set(design.blocks_of(made, "item").tolist())) == 5


def test_prefixes_leave_the_profile() -> None:
    """A profile is known from the start."""
    made = world()
    found: list[History] = design.prefixes(made, everybody(made))
    assert all((h.profile != made.history.profile).nnz == 0 for h in found)
