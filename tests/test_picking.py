"""Lists under caps and with variety."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests import worlds
from xsell import picking
from xsell.best import rounded
from xsell.data.training import Catalog, Floats, Ints, Mask
from xsell.picking import Cap, Policy, pick

Case = tuple[Floats, Mask, tuple[Cap, ...], Catalog, Ints]


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Scores, what may be offered, up to two caps, a catalogue with words, and how many customers have each item."""
    rows, width = draw(st.integers(1, 4)), draw(st.integers(1, 40))
    scores = draw(arrays.arrays(np.float32, (rows, width), elements=st.sampled_from([0.0, 0.25, 0.5, 1.0, -1.0, -np.inf, np.nan])))
    free = draw(arrays.arrays(np.bool_, (rows, width), fill=st.just(True)))
    group = arrays.arrays(np.int32, width, elements=st.integers(-1, 4))
    caps = tuple(Cap(draw(group), draw(st.integers(1, 3))) for _ in range(draw(st.integers(0, 2))))
    words = draw(arrays.arrays(np.float32, (width, 3), elements=st.sampled_from([0.0, 1.0])))
    norm = np.maximum(np.linalg.norm(words, axis=1, keepdims=True), 1)
    buyers = draw(arrays.arrays(np.int32, width, elements=st.integers(0, 3)))
    return scores, free, caps, Catalog(draw(group), 5, worlds.sparse(words / norm)), buyers


def within(items: Ints, caps: tuple[Cap, ...], item: int) -> bool:
    """Whether one more item breaks no cap."""
    return all(cap.group[item] < 0 or (cap.group[items] == cap.group[item]).sum() < cap.most for cap in caps)


def greedy(scores: Floats, free: Mask, n: int, caps: tuple[Cap, ...], buyers: Ints) -> list[list[int]]:
    """Take items one by one in the order of their scores; of those that score 0 what more customers have goes first."""
    found = []
    for row, value in enumerate(rounded(scores)):
        able = [i for i in range(len(value)) if free[row, i] and not np.isnan(value[i]) and value[i] > -np.inf]
        chosen: list[int] = []
        for item in sorted(able, key=lambda i: (-value[i], 0 if value[i] else -buyers[i], i)):
            if len(chosen) < n and within(np.array(chosen, np.int32), caps, item):
                chosen.append(item)
        found.append(chosen + [-1] * (n - len(chosen)))
    return found


@given(cases(), st.integers(1, 8))
def test_caps_hold_and_nothing_better_is_left_out(case: Case, n: int) -> None:
    """A list under caps is that of going through all items in the order of their scores and taking what breaks no cap."""
    scores, free, caps, catalog, buyers = case
    found = pick(scores, free, n, Policy(caps, 0.0, catalog, buyers))
    assert found.items.tolist() == greedy(scores, free, n, caps, buyers)


@given(cases(), st.integers(1, 8), st.sampled_from([0.25, 0.5, 1.0]))
def test_with_variety_the_same_promises_hold(case: Case, n: int, diversity: float) -> None:
    """With diversity too nothing is offered that may not be or twice, no cap is broken, ranks have no gap, and the best comes first."""
    scores, free, caps, catalog, buyers = case
    found, plain = (pick(scores, free, n, Policy(*some, catalog, buyers)) for some in ((caps, diversity), ((), 0.0)))
    for row, items in enumerate(found.items):
        offered = items[items >= 0]
        assert (items[len(offered) :] == -1).all()
        assert free[row, offered].all()
        assert len(set(offered.tolist())) == len(offered)
        assert all(within(offered[:place], caps, item) for place, item in enumerate(offered))
        assert found.scores[row, : len(offered)].tolist() == rounded(scores[row, offered]).tolist()
        if not caps:
            assert len(offered) == (plain.items[row] >= 0).sum()
        assert found.items[row, 0] == plain.items[row, 0]


@given(cases(), st.sampled_from([0.0, 0.5]))
def test_a_customer_alone_gets_the_same_list(case: Case, diversity: float) -> None:
    """A list does not depend on who else is asked for, nor on how many words are compared at once."""
    scores, free, caps, catalog, buyers = case
    policy = Policy(caps, diversity, catalog, buyers)
    whole = pick(scores, free, 6, policy)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(picking, "CELLS", 1)
        assert np.array_equal(pick(scores, free, 6, policy).items, whole.items)
    for row in range(len(scores)):
        assert np.array_equal(pick(scores[row : row + 1], free[row : row + 1], 6, policy).items[0], whole.items[row])


def test_a_full_group_is_passed_over_however_long_it_is() -> None:
    """Where the best thousand items are of one group, a cap of one finds the others behind them."""
    group = np.zeros(1200, np.int32)
    group[1000:] = np.arange(1, 201)
    scores = np.linspace(1, 0.1, 1200, dtype=np.float32)[None]
    found = pick(scores, np.ones((1, 1200), bool), 5, Policy((Cap(group, 1),), 0.0, worlds.catalog([0] * 1200), np.zeros(1200, np.int32)))
    assert found.items.tolist() == [[0, 1000, 1001, 1002, 1003]]


def test_the_less_alike_goes_first() -> None:
    """Of the nearly best, the one with other words and another category than the first takes the second place, as the formula says."""
    catalog = worlds.catalog([0, 0, 1, 1], [[1, 0], [1, 0], [0, 1], [0, 1]])
    scores, buyers = np.array([[1.0, 0.9, 0.8, 0.0]], np.float32), np.zeros(4, np.int32)
    assert pick(scores, np.ones((1, 4), bool), 4, Policy((), 0.0, catalog, buyers)).items.tolist() == [[0, 1, 2, 3]]
    assert pick(scores, np.ones((1, 4), bool), 4, Policy((), 0.5, catalog, buyers)).items.tolist() == [[0, 2, 1, 3]]
    assert pick(scores, np.ones((1, 4), bool), 4, Policy((), 0.01, catalog, buyers)).items.tolist() == [[0, 1, 2, 3]]
