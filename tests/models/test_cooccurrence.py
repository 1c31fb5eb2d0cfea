"""Sums over customers against the whole product."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests import worlds
from xsell import parallel
from xsell.data.training import Floats
from xsell.models import cooccurrence, gram
from xsell.models.cooccurrence import leading, strongest

few = st.sampled_from([-1.0, 0.0, 0.0, 0.25, 0.5, 2.0])
WAYS = {"all sums": {"MOST_SUMS": 10**8, "PANEL_CELLS": 100}, "blocks": {"MOST_SUMS": 0, "BLOCK_PRODUCTS": 300}}


def take(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let sums be made in one way, in small portions."""
    for name, value in WAYS[way].items():
        monkeypatch.setattr(cooccurrence, name, value)
    monkeypatch.setattr(gram, "SCATTERED", 1e9)


def shop(customers: int, items: int, share: float, seed: int = 0) -> sp.csr_array:
    """Purchases at random."""
    return worlds.table(np.random.default_rng(seed).random((customers, items)) < share).history.purchases


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("threads", [1, 2])
def test_everything_where_there_is_room(way: str, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With room for all sources the result is the product of the matrices, in whatever portions and with any threads."""
    take(way, monkeypatch)
    bought = shop(83, 31, 0.2)
    with parallel.limit(threads):
        found = strongest(bought, bought, 31)
    assert np.array_equal(found.toarray(), (bought.T @ bought).toarray())
    assert found.has_sorted_indices


@pytest.mark.parametrize("way", WAYS)
def test_the_strongest_of_every_target(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every target keeps its largest weights, as many as asked for, and weights of 0 or less are not kept."""
    take(way, monkeypatch)
    bought = shop(83, 31, 0.2)
    pull = np.random.default_rng(1).random((31, 31)).astype(np.float32) - np.float32(0.3)
    found = strongest(bought, bought, 4, lambda target, source, total: total * pull[source, target]).toarray()
    whole = np.maximum((bought.T @ bought).toarray() * pull, 0)
    for target in range(31):
        kept = found[:, target] > 0
        assert kept.sum() == min(4, (whole[:, target] > 0).sum())
        assert np.allclose(found[kept, target], np.sort(whole[:, target])[::-1][: kept.sum()][np.argsort(np.argsort(-found[kept, target]))])


def test_two_kinds_of_events() -> None:
    """Sources may be other columns than the targets."""
    seen, bought = shop(40, 9, 0.3, 1), shop(40, 13, 0.2, 2)
    assert np.array_equal(strongest(seen, bought, 13).toarray(), (seen.T @ bought).toarray())


@pytest.mark.parametrize("shape", [(1, 1), (5, 1), (1, 5), (4, 3)])
def test_nothing_meets(shape: tuple[int, int]) -> None:
    """Where nobody has anything, nothing is kept and nothing fails."""
    empty = sp.csr_array(shape, dtype=np.float32)
    found = strongest(empty, empty, 3)
    assert found.shape == (shape[1], shape[1])
    assert not found.nnz


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 4), st.integers(1, 90)), elements=few), st.integers(1, 8))
def test_the_largest_of_every_row(weights: Floats, most: int) -> None:
    """The places are those of the largest positive entries; among equal ones those further left."""
    wanted = [
        row * weights.shape[1] + column
        for row, values in enumerate(weights)
        for column in sorted(np.argsort(-values, kind="stable")[:most].tolist())
        if values[column] > 0
    ]
    assert leading(weights, most).tolist() == wanted
