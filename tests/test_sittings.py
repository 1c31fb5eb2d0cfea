"""Windows that become one result."""

import numpy as np
import pytest

from tests.stages import shop
from xsell import sittings
from xsell.assemble import World, world
from xsell.contract.options import Evaluate, Fit
from xsell.contract.progress import silent
from xsell.data.training import Training
from xsell.exam import by_windows, decided
from xsell.selection.plan import Plan
from xsell.sittings import Done


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give the shop of two tastes."""
    return world(shop.directory(tmp_path_factory.mktemp("sittings")), Fit(scope="any"))


def done(known: World, split: str = "rolling") -> Done:
    """Judge popular."""
    exams = by_windows(known, decided(known, split))
    return sittings.through(known, exams, ("popular",), Plan("any"), Evaluate(model="popular", k=(5,)), silent)


def test_what_is_asked_adds_up(known: World) -> None:
    """Customers and pairs of the account are those of the windows, each customer once; every customer of every window is judged or counted by cause."""
    made = done(known)
    account = made.account
    assert account.pairs == sum(len(one.asked.item) for one in made.sat)
    assert account.times == sum(len(one.asked.user) for one in made.sat) > account.customers
    assert account.customers == len(sittings.asked(made.sat)) == len(sittings.boards(made.sat, 0)[5]["popular"].values["ndcg"])
    assert (account.windows, account.missed) == (3, 0)
    assert made.exam.moment == made.sat[-1].moment
    there = sum(len(np.unique(exam.whole.log.user)) for exam in by_windows(known, decided(known, "rolling")))
    assert account.times + sum(account.skipped.values()) == there


def test_guards_and_twins_are_those_of_all_windows(known: World) -> None:
    """A guard is the mean over windows, and only a model that is a twin in every window is one."""
    made = done(known)
    name = "popular.top_item_share@5"
    assert sittings.guards(made.sat)[name] == pytest.approx(sum(one.guards[name] for one in made.sat) / 3)
    assert sittings.twins(made.sat) == frozenset()


def test_models_of_a_window_learn_from_what_is_before_it(known: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every window chooses and fits its own models, on more than the window before."""
    seen: list[int] = []
    real = sittings.choose

    def watched(training: Training, *words: object) -> object:
        seen.append(len(training.log))
        return real(training, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(sittings, "choose", watched)
    done(known, "rolling:4")
    assert len(seen) == 4
    assert seen == sorted(set(seen))
    assert seen[-1] < len(known.training.log)


def test_added_keeps_the_causes() -> None:
    """Numbers of one cause add up, and a cause that only one window has stays."""
    assert sittings.added([{"a": 1, "b": 2}, {"b": 3, "c": 0}]) == {"a": 1, "b": 5, "c": 0}
