"""`popular`: shares of the customers."""

import numpy as np
import pytest

from tests import worlds
from xsell.data.training import Training
from xsell.models.popular import KINDS, Popular


def test_share_of_the_customers() -> None:
    """Every customer gets the same scores: the share of all customers who have the item, customers without purchases among them."""
    made = worlds.table([[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]])
    scores = Popular().fit(made).score(made.history)
    assert np.allclose(scores, np.tile([0.75, 0.25, 0], (4, 1)))
    assert np.array_equal(Popular().fit(made).score(worlds.strangers(made.history)), scores[:1])


def test_buying_twice_counts_once() -> None:
    """A customer who bought an item three times is one customer."""
    made = worlds.training(worlds.log([0, 0, 0, 1], [0, 0, 0, 1]), worlds.catalog([0, 1]), 2)
    assert np.allclose(Popular().fit(made).score(made.history), 0.5)


def test_nothing_owned_is_a_reason() -> None:
    """What everybody has is nobody's reason."""
    made = worlds.table([[1, 1]])
    assert not Popular().fit(made).explain(made.history, *(np.array([n], np.int32) for n in (0, 0, 1))).any()


def kinds(made: Training) -> dict[str, Popular]:
    """Fit every kind."""
    return {kind: Popular(kind).fit(made) for kind in KINDS}


def test_kinds_by_hand() -> None:
    """Of three products with ten buyers each, one is bought early, one evenly, one late: what is recent and trending is the late one."""
    days = [*range(10), *(10 * n for n in range(10)), *range(90, 100)]
    made = worlds.training(worlds.log(list(range(10)) * 3, np.repeat([0, 1, 2], 10), days), worlds.catalog([0, 1, 2]), 10)
    found = {kind: model.share_ for kind, model in kinds(made).items()}
    assert np.allclose(found["all"], 1)
    assert np.allclose(found["recent"], [0, 0, 0.3])
    expected = np.array([10, 10, 7]) * 3 / 27
    assert np.allclose(found["trending"], (np.array([0, 0, 3]) - expected) / np.sqrt(expected + 1))
    assert np.argmax(found["entry"]) == 2


def test_entries_are_by_those_who_had_nothing_of_the_category() -> None:
    """Of two products taken up as often lately, the one taken up by customers new to its category has the higher entry rate."""
    early = [(u, 0, u) for u in range(20)]
    late = [(u, 1, 200.0) for u in range(5)] + [(u, 2, 200.0) for u in range(5)]
    user, item, at = (np.array(x) for x in zip(*early, *late, strict=True))
    model = Popular("entry").fit(worlds.training(worlds.log(user, item, at), worlds.catalog([0, 0, 1]), 20))
    assert model.kind_ == "entry"
    assert model.share_[2] > model.share_[1] == model.share_[0] == 0


@pytest.mark.parametrize("at", [None, [5.0] * 3], ids=["no times", "one time"])
def test_without_times_all_time_counts(at: list[float] | None) -> None:
    """Where there is no before and after, every kind counts all time, and says so."""
    made = worlds.training(worlds.log([0, 0, 1], [0, 1, 0], at), worlds.catalog([0, 1]), 2)
    for model in kinds(made).values():
        assert model.kind_ == "all"
        assert np.allclose(model.share_, [1, 0.5])


def test_entry_needs_categories() -> None:
    """Without categories nobody can enter one, so that all time counts."""
    made = worlds.training(worlds.log([0, 1], [0, 1], [1.0, 2.0]), worlds.catalog([-1, -1]), 2)
    assert Popular("entry").fit(made).kind_ == "all"
    assert Popular("recent").fit(made).kind_ == "recent"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_finite_and_moves_with_time(kind: str) -> None:
    """Items that nobody has get a finite number, and another unit of time or beginning of it changes nothing."""
    made = worlds.tastes()
    items = worlds.catalog([*made.catalog.category, 0, -1])
    log = made.log
    scores = [
        Popular(kind).fit(worlds.training(worlds.log(log.user, log.item, at), items, made.n_users)).share_
        for at in (log.at, 4 * log.at + 8)
    ]
    assert np.isfinite(scores[0]).all()
    assert np.allclose(*scores)
