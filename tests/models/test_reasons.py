"""Why a product is offered."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests import worlds
from xsell.data.training import Floats, History, Ints, Training
from xsell.models import reasons as module
from xsell.models.popular import Popular
from xsell.models.reasons import Reasons, Voice, joined, reasons
from xsell.models.recommender import of_purchases

ITEMS = 7


@dataclass
class Told:
    """A model whose weights are given: weights[owned, target]."""

    weights: Floats
    asked: list[int] = field(default_factory=list)

    def fit(self, training: Training) -> "Told":
        """Know everything already."""
        assert training
        return self

    def score(self, history: History) -> Floats:
        """Sum the weights of what is owned."""
        return np.asarray(history.purchases @ self.weights, np.float32)

    @of_purchases
    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Give the weight, and only for what is owned."""
        assert (history.purchases.toarray()[row, owned] == 1).all()
        self.asked.append(len(row))
        return self.weights[owned, target]


weights = arrays.arrays(np.float32, (ITEMS, ITEMS), elements=st.sampled_from([-1.0, 0.0, 0.25, 0.5, 0.5, 2.0]))


def naive(weights: Floats, owned: Floats, row: list[int], target: list[int]) -> list[tuple[int, int, float]]:
    """Offer by offer: the three largest positive weights, ties by item, as shares of all positive ones."""
    found = []
    for offer, (customer, item) in enumerate(zip(row, target, strict=True)):
        speaks = [(float(weights[i, item]), i) for i in np.flatnonzero(owned[customer]) if weights[i, item] > 0]
        total = sum(w for w, _ in speaks)
        found += [(offer, int(i), w / total) for w, i in sorted(speaks, key=lambda x: (-x[0], x[1]))[:3]]
    return found


def as_list(found: Reasons) -> list[tuple[int, int, float]]:
    """Offer, owned item and share of every reason."""
    return list(zip(found.offer.tolist(), found.column.tolist(), found.share.tolist(), strict=True))


@given(weights, arrays.arrays(np.bool_, (4, ITEMS)), st.lists(st.tuples(st.integers(0, 3), st.integers(0, ITEMS - 1)), max_size=8))
@pytest.mark.parametrize("cells", [1, 5, module.CELLS])
def test_the_strongest_three_as_shares_of_all_that_speaks_for_it(
    cells: int, weights: Floats, owned: Floats, offers: list[tuple[int, int]]
) -> None:
    """Reasons are the owned products with the largest positive weights, at most three, with shares of all positive weights."""
    offers.sort(key=lambda offer: offer[0])
    history = worlds.table(owned).history
    row, target = (np.array([offer[part] for offer in offers], np.int32) for part in (0, 1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", cells)
        found = reasons([Voice(Told(weights))], history, row, target)
    wanted = naive(weights, owned, row.tolist(), target.tolist())
    assert [r[:2] for r in as_list(found)] == [r[:2] for r in wanted]
    assert np.allclose(found.share, [share for *_, share in wanted])
    assert (np.diff(found.offer) >= 0).all()


def test_shares_are_at_most_one() -> None:
    """The shares of one offer add up to 1 where three products or fewer speak for it, to less where more do."""
    history = worlds.table([[1, 1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0]]).history
    found = reasons([Voice(Told(np.ones((ITEMS, ITEMS), np.float32)))], history, np.array([0, 1], np.int32), np.array([5, 6], np.int32))
    assert as_list(found) == [(0, 0, pytest.approx(0.2)), (0, 1, pytest.approx(0.2)), (0, 2, pytest.approx(0.2)), (1, 0, 0.5), (1, 1, 0.5)]


def test_what_is_left_is_counted() -> None:
    """What else speaks for an offer is counted, with its share."""
    history = worlds.table([[1, 1, 1, 1, 1, 0, 0], [1, 1, 0, 0, 0, 0, 0]]).history
    found = reasons([Voice(Told(np.ones((ITEMS, ITEMS), np.float32)))], history, np.array([0, 1], np.int32), np.array([5, 6], np.int32))
    assert found.others.tolist() == [2, 0]
    assert found.rest.tolist() == pytest.approx([0.4, 0])


@given(weights, arrays.arrays(np.bool_, (4, ITEMS)), arrays.arrays(np.int32, ITEMS, elements=st.integers(0, 2)))
@pytest.mark.parametrize("cells", [5, module.CELLS])
def test_things_of_one_name_are_one_reason(cells: int, weights: Floats, owned: Floats, names: Ints) -> None:
    """Their shares are added before the largest are looked for, the strongest of them stands for all, and what is left counts things."""
    history = worlds.table(owned).history
    row, target = np.arange(4, dtype=np.int32), np.array([0, 3, 6, 1], np.int32)
    alike = np.append(np.pad(names, (0, history.width - ITEMS), mode="wrap"), np.int32(3)).astype(np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "CELLS", cells)
        found = reasons([Voice(Told(weights))], history, row, target, alike)
    for offer in range(4):
        speaks = {int(i): max(float(weights[i, target[offer]]), 0.0) for i in np.flatnonzero(owned[offer])}
        total = sum(speaks.values())
        shares = {int(n): sum(w for i, w in speaks.items() if names[i] == n) / total for n in set(names.tolist()) if total}
        mine = found.offer == offer
        said = {int(names[c]): float(s) for c, s in zip(found.column[mine], found.share[mine], strict=True)}
        assert said == pytest.approx({name: share for name, share in shares.items() if share > 0})
        assert (np.diff(found.share[mine]) <= 1e-6).all()
        for column in found.column[mine].tolist():
            assert speaks[column] == max(w for i, w in speaks.items() if names[i] == names[column])
        assert found.others[offer] == 0
        assert not found.rest[offer]


def test_what_is_left_counts_things_and_not_names() -> None:
    """Two things of one name that are not among the largest three reasons are two things more."""
    history, same = worlds.table([[1, 1, 1, 1, 1, 0, 0]]).history, np.ones((ITEMS, ITEMS), np.float32)
    alike = np.array([0, 0, 1, 1, 2, 3, 3, 4], np.int32)
    found = reasons([Voice(Told(same))], history, np.zeros(1, np.int32), np.array([5], np.int32), alike)
    assert as_list(found) == [(0, 0, pytest.approx(0.4)), (0, 2, pytest.approx(0.4)), (0, 4, pytest.approx(0.2))]
    same[4] = 3
    two = np.array([0, 1, 2, 2, 3, 4, 4, 5], np.int32)
    same[[0, 1]] = 4
    found = reasons([Voice(Told(same))], history, np.zeros(1, np.int32), np.array([5], np.int32), two)
    assert found.column.tolist() == [0, 1, 4]
    assert (found.others.tolist(), found.rest.tolist()) == ([2], [pytest.approx(2 / 13)])


def test_voices_speak_as_strongly_as_they_may() -> None:
    """Each model shares out its strength among what adds to its score; popularity is the same for everybody and comes last."""
    made = worlds.table([[1, 1, 0], [0, 0, 1]])
    row, target = np.array([0], np.int32), np.array([2], np.int32)
    told = np.array([[0, 0, 3], [0, 0, 1], [0, 0, 0]], np.float32)
    found = reasons([Voice(Told(told), np.array([6.0])), Voice(Popular().fit(made), np.array([2.0]))], made.history, row, target)
    assert found.column.tolist() == [0, 1, made.history.width]
    assert found.share.tolist() == pytest.approx([0.75 * 0.75, 0.25 * 0.75, 0.25])


def test_nothing_speaks_for_it() -> None:
    """A customer without purchases gives a model that looks at purchases only no reason, nor does a question about nothing."""
    made = worlds.table([[1, 1, 0], [0, 0, 0]])
    row, target = np.array([0, 1], np.int32), np.array([2, 1], np.int32)
    assert as_list(reasons([Voice(Told(np.ones((3, 3), np.float32)))], made.history, row[1:], target[:1])) == []
    assert as_list(reasons([Voice(Popular().fit(made))], made.history, row[:0], target[:0])) == []


def test_few_questions_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Offers are explained in portions of a limited size; one offer is never split."""
    monkeypatch.setattr(module, "CELLS", 6)
    history = worlds.table(np.ones((5, 4))).history
    model = Told(np.ones((4, 4), np.float32))
    reasons([Voice(model)], history, np.arange(5, dtype=np.int32), np.zeros(5, np.int32))
    assert max(model.asked) <= 6
    assert sum(model.asked) == 20


def test_who_has_nothing_to_say_is_not_asked() -> None:
    """A model is asked only about the offers that it speaks for, and the others' reasons are those of the rest."""
    history, told = worlds.table(np.ones((3, 4))).history, Told(np.ones((4, 4), np.float32))
    other = Told(np.diag(np.ones(4, np.float32)))
    row, target = np.arange(3, dtype=np.int32), np.arange(3, dtype=np.int32)
    found = reasons([Voice(told, np.array([0.0, 1.0, 0.0])), Voice(other, np.array([1.0, 0.0, 1.0]))], history, row, target)
    assert (told.asked, other.asked) == ([4], [8])
    assert as_list(found) == [(0, 0, 1.0), *((1, item, 0.25) for item in range(3)), (2, 2, 1.0)]


def test_groups_of_offers_are_joined() -> None:
    """Reasons for two groups are those for all offers at once."""
    history, model = worlds.table(np.ones((5, 4))).history, Told(np.arange(16, dtype=np.float32).reshape(4, 4))
    row, target = np.arange(5, dtype=np.int32), np.array([0, 1, 2, 3, 0], np.int32)
    whole = reasons([Voice(model)], history, row, target)
    parts = [reasons([Voice(model)], history, row[some], target[some]) for some in (slice(0, 2), slice(2, 2), slice(2, 5))]
    together = joined(parts, [2, 0, 3])
    assert all(np.array_equal(getattr(together, name), getattr(whole, name)) for name in Reasons.__slots__)
