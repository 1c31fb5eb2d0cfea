"""How often products meet, against counting by hand, and what is beyond chance."""

from itertools import product

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from xsell.offers.meetings import REACH, STEPS, Baskets, deviation, least, meetings, steps

SHOPS = st.integers(1, 8).flatmap(
    lambda n: st.tuples(st.lists(st.lists(st.integers(0, 1), min_size=5, max_size=5), min_size=n, max_size=n), st.permutations(range(n)))
)


@given(shop=SHOPS, people=st.integers(1, 4))
def test_meetings_are_those_counted_by_hand(shop: tuple[list[list[int]], list[int]], people: int) -> None:
    """For every two products the baskets with both and the different customers of these are counted, whichever rows are asked for."""
    held, numbers = np.array(shop[0]), np.sort(np.array(shop[1]) % people)
    owner = np.unique(numbers, return_inverse=True)[1].astype(np.int32)
    for baskets in (Baskets(sp.csr_array(held.astype(np.int32)), owner), Baskets(sp.csr_array(held.astype(np.int32)))):
        parts = [np.stack(meetings(baskets, rows)) for rows in (slice(0, 2), slice(2, 5))]
        found = {(int(a), int(b)): (int(n), int(c)) for a, b, n, c in np.concatenate(parts, axis=1).T}
        for a, b in product(range(5), repeat=2):
            both = np.flatnonzero(held[:, a] & held[:, b])
            customers = len(both) if baskets.owner is None else len(np.unique(owner[both]))
            assert found.get((a, b), (0, 0)) == (len(both), customers)
        buyers = [len(np.unique(owner[held[:, a] > 0])) if baskets.owner is not None else held[:, a].sum() for a in range(5)]
        assert baskets.buyers.tolist() == buyers
        assert baskets.counts.tolist() == held.sum(0).tolist()


def test_chance_knows_that_baskets_differ_in_size() -> None:
    """Products put at random into baskets of very different sizes meet as often as `expected` says, far above a lift of 1."""
    dice = np.random.default_rng(3)
    sizes = np.where(dice.random(4000) < 0.1, 60, 2)
    held = np.zeros((4000, 200), np.int32)
    for basket, size in enumerate(sizes):
        held[basket, dice.choice(200, size, replace=False)] = 1
    baskets = Baskets(sp.csr_array(held))
    gram = held.T @ held
    row, column = np.nonzero(~np.eye(200, dtype=bool))
    assert baskets.chance > 3
    assert baskets.expected(row, column).sum() == pytest.approx(gram[row, column].sum(), rel=0.01)


def test_deviation_is_that_of_a_normal_variable() -> None:
    """Poisson counts deviate from their mean about as a standard normal variable does, and repeats by the same people make them deviate less."""
    counts = np.random.default_rng(5).poisson(30.0, 20_000)
    found = deviation(counts, np.full(len(counts), 30.0), np.ones(len(counts)))
    assert found.mean() == pytest.approx(0, abs=0.05)
    assert found.std() == pytest.approx(1, abs=0.03)
    assert np.array_equal(np.sign(found), np.sign(counts - 30.0))
    assert deviation(np.array([40]), np.array([10.0]), np.array([4.0]))[0] == pytest.approx(
        deviation(np.array([40]), np.array([10.0]), np.array([1.0]))[0] / 2
    )
    assert deviation(np.array([0]), np.array([2.0]), np.array([1.0]))[0] == pytest.approx(-2.0)


def test_few_of_what_is_sure_is_chance() -> None:
    """Among many pairs of chance and some true ones, what lies beyond the threshold is nearly all true; chance alone leaves nothing or next to it."""
    dice = np.random.default_rng(11)
    noise, true = dice.standard_normal(200_000), dice.normal(6, 1, 2_000)
    threshold = least(steps(np.r_[noise, true]), 202_000)
    assert (noise >= threshold).sum() <= 0.07 * ((noise >= threshold).sum() + (true >= threshold).sum())
    assert (true >= threshold).mean() > 0.9
    assert (noise >= least(steps(noise), 200_000)).sum() <= 5
    assert least(steps(np.zeros(0)), 0) == np.inf
    assert steps(np.array([1e9, -1.0])).nonzero()[0].tolist() == [0, REACH * STEPS]
