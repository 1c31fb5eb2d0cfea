"""Complements and substitutes of shops whose answer is obvious."""

import numpy as np
import pytest
import scipy.sparse as sp

from xsell.contract.progress import silent
from xsell.data.shelves import Shelves
from xsell.data.training import Ints
from xsell.offers import together
from xsell.offers.meetings import Baskets
from xsell.offers.substitutes import ALIKE, crowded, substitutes
from xsell.offers.together import complements, slices

CATEGORY = np.array([0, 0, 1, 1, 2, 2, 2, -1], np.int32)
BLOCK = np.array([0, 0, 1, 1, 2, 2, 2, 3], np.int32)


def shop(repeats: int = 1) -> Baskets:
    """Products 0 and 2 go together, 1 and 3 do, 4 and 5 are never bought together, 6 is random, 7 has no category and goes with 6."""
    dice = np.random.default_rng(1)
    held = (dice.random((900, 8)) < 0.15).astype(np.int32)
    held[:, 2] |= held[:, 0] & (dice.random(900) < 0.7)
    held[:, 3] |= held[:, 1] & (dice.random(900) < 0.7)
    held[:, 5] &= 1 - held[:, 4]
    held[:, 7] = held[:, 6] & (dice.random(900) < 0.8)
    owner = (np.arange(900) // repeats).astype(np.int32)
    return Baskets(sp.csr_array(held), owner)


def found(baskets: Baskets, block: Ints = BLOCK, n: int = 3) -> dict[int, list[int]]:
    """Complements by product."""
    pairs = complements(baskets, block, n, silent)
    return {int(item): pairs.other[pairs.item == item].tolist() for item in np.unique(pairs.item)}


def test_what_goes_together_is_found() -> None:
    """The planted partners are the first complements, in both directions, also where one has no category."""
    pairs = found(shop())
    assert {item: pairs[item][0] for item in (0, 1, 2, 3, 6, 7)} == {0: 2, 2: 0, 1: 3, 3: 1, 6: 7, 7: 6}


def test_one_block_holds_no_complements() -> None:
    """Two products of the same block are never complements, and nobody goes with himself."""
    one = found(shop(), np.zeros(8, np.int32))
    assert one == {}
    every = complements(shop(), np.arange(8, dtype=np.int32), 7, silent)
    assert (every.item != every.other).all()


def test_products_that_share_a_category_are_no_complements() -> None:
    """Where products belong to several categories, those that have one in common are not compared, and the others are as ever."""
    member = np.eye(4, dtype=np.float32)[BLOCK]
    alone = Shelves(np.arange(8, dtype=np.int32), sp.csr_array(member))
    plain, same = complements(shop(), BLOCK, 3, silent), complements(shop(), alone, 3, silent)
    assert all(np.array_equal(getattr(plain, name), getattr(same, name)) for name in ("other", "both", "tests"))
    member[0, 1] = 1
    both = complements(shop(), Shelves(np.arange(8, dtype=np.int32), sp.csr_array(member)), 3, silent)
    assert 2 in plain.other[plain.item == 0]
    assert 2 not in both.other[both.item == 0]
    assert both.tests == plain.tests - 4


def test_the_habit_of_one_customer_is_none() -> None:
    """A hundred baskets of two customers make no complements, the same baskets of many customers do."""
    held = np.zeros((300, 4), np.int32)
    held[:100, :2] = 1
    held[100:, 2] = 1
    held[100:, 3] = np.arange(200) % 2
    few = np.where(np.arange(300) < 100, np.arange(300) % 2, np.arange(300)).astype(np.int32)
    many = np.arange(300, dtype=np.int32)
    block = np.arange(4, dtype=np.int32)
    assert 0 not in found(Baskets(sp.csr_array(held), np.unique(few, return_inverse=True)[1].astype(np.int32)), block)
    assert found(Baskets(sp.csr_array(held), many), block)[0] == [1]


def test_ranks_have_no_gaps_and_strength_falls() -> None:
    """Of each product at most n rows, ranks 1, 2, …, the strongest first."""
    pairs = complements(shop(), BLOCK, 2, silent)
    for item in np.unique(pairs.item):
        own = pairs.item == item
        assert pairs.rank[own].tolist() == list(range(1, own.sum() + 1))
        assert own.sum() <= 2
        assert (np.diff(pairs.deviation[own]) <= 0).all()


def test_blocks_do_not_change_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pairs are the same however few products are compared at a time."""
    before = complements(shop(), BLOCK, 3, silent)
    monkeypatch.setattr(together, "WORK", 50)
    after = complements(shop(), BLOCK, 3, silent)
    assert all(np.array_equal(getattr(before, name), getattr(after, name)) for name in together.PER_PAIR)
    assert before.tests == after.tests == 8 * 8 - (4 + 4 + 9 + 1)


def test_slices_hold_all_rows_once() -> None:
    """Row ranges follow each other without gaps, also where one row is more than the work allowed."""
    ranges = slices(np.array([1, 1, 100, 1, 1, 1]), 3)
    assert [row for part in ranges for row in range(part.start, part.stop)] == list(range(6))
    assert slices(np.zeros(0, np.int64), 3) == []


NAMES = np.arange(8, dtype=np.int32)


def swaps(content: np.ndarray, n: int = 5) -> list[tuple[int, int, bool]]:
    """Substitutes as product, other, alike."""
    pairs = substitutes(shop(), CATEGORY, sp.csr_array(content.astype(np.float32)), NAMES, n, silent)
    return [(int(a), int(b), bool(c)) for a, b, c in zip(pairs.item, pairs.other, pairs.alike > 0, strict=True)]


def test_seldom_together_in_one_category_is_a_substitute() -> None:
    """Products of one category that never meet are found though no basket holds both, and stay within the category."""
    pairs = substitutes(shop(), CATEGORY, sp.csr_array(np.eye(8, dtype=np.float32)), NAMES, 5, silent)
    far = {(int(a), int(b)): d for a, b, d in zip(pairs.item, pairs.other, pairs.deviation, strict=True)}
    assert min(far, key=lambda pair: far[pair]) in {(4, 5), (5, 4)}
    assert far[4, 5] < -3
    assert all(CATEGORY[a] == CATEGORY[b] >= 0 for a, b in far)


def test_alike_comes_first() -> None:
    """Products described alike are substitutes however often they meet, and stand before those that meet seldom."""
    content = np.eye(8)
    content[6] = content[4]
    found = swaps(content)
    assert next(row for row in found if row[0] == 4) == (4, 6, True)
    assert (4, 5, False) in found
    content[5, 4], content[5, 5] = ALIKE - 0.05, 0.6
    assert (4, 5, True) not in swaps(content)


def test_products_of_one_name_do_not_replace_each_other() -> None:
    """What is listed twice under one name is no substitute of itself, neither as alike nor as seldom together."""
    content = np.eye(8)
    content[6] = content[4]
    name = NAMES.copy()
    name[5] = name[4]
    pairs = substitutes(shop(), CATEGORY, sp.csr_array(content.astype(np.float32)), name, 5, silent)
    found = set(zip(pairs.item.tolist(), pairs.other.tolist(), strict=True))
    assert (4, 6) in found
    assert not {(4, 5), (5, 4)} & found


def test_without_names_nothing_is_alike() -> None:
    """Products of which only the category is known are not described alike."""
    content = sp.csr_array(np.ones((8, 1), np.float32))
    pairs = substitutes(shop(), CATEGORY, content, np.full(8, -1, np.int32), 5, silent)
    assert not pairs.alike.any()


def test_large_categories_say_what_they_leave_out() -> None:
    """Products beyond the most that are compared are counted, those that too few have are not."""
    assert crowded(np.zeros(2100, np.int32), np.r_[np.full(2050, 3), np.full(50, 2)]) == 50
    assert crowded(np.full(5, -1, np.int32), np.full(5, 9)) == 0
