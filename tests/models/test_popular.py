"""`popular`: shares of the customers."""

import numpy as np
import pytest

from tests import worlds
from xsell.data.training import Training
from xsell.models.popular import Popular

KINDS = ("all", "recent", "trending")


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
    assert np.allclose(found["recent"], [0.001, 0.001, 0.301])
    expected = np.array([10, 10, 7]) * 3 / 27
    assert np.allclose(found["trending"], (np.array([0, 0, 3]) - expected) / np.sqrt(expected + 1))


@pytest.mark.parametrize("at", [None, [5.0] * 3], ids=["no times", "one time"])
def test_without_times_all_time_counts(at: list[float] | None) -> None:
    """Where there is no before and after, every kind counts all time, and says so."""
    made = worlds.training(worlds.log([0, 0, 1], [0, 1, 0], at), worlds.catalog([0, 1]), 2)
    for model in kinds(made).values():
        assert model.kind_ == "all"
        assert np.allclose(model.share_, [1, 0.5])


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


def test_ties_lately_go_by_all_time() -> None:
    """Of two products that nobody took up lately the one that more customers have comes first, and both after what anybody took up lately."""
    user, item = [0, 1, 2, 3, 0, 1, 2, 3], [0, 0, 0, 1, 1, 2, 0, 3]
    log = worlds.log(user, item, [1.0, 2.0, 3.0, 3.0, 3.1, 3.2, 3.3, 9.0])
    share = Popular("recent").fit(worlds.training(log, worlds.catalog([0, 1, 2, 3]), 4)).share_
    assert np.argsort(-share)[0] == 3
    assert share[0] > share[1] > share[2] > 0
