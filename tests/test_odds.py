"""Probabilities of a model beside what customers did."""

import numpy as np
import pytest

from tests.stages import shop
from xsell import odds
from xsell.assemble import World, world
from xsell.contract.options import Fit
from xsell.data.training import Floats, History
from xsell.exam import Exam, by_split
from xsell.selection.plan import Chosen


class Sure:
    """A model that says of everything that it will be bought with one half."""

    def score(self, history: History) -> Floats:
        """One half everywhere."""
        return np.full(history.owned.shape, 0.5, np.float32)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> World:
    """Give the shop of two tastes."""
    return world(shop.directory(tmp_path_factory.mktemp("odds")), Fit())


def chosen(window: float) -> dict[str, Chosen]:
    """Give one model with a window and one without."""
    made = [Chosen(Sure(), {}, (), 0.0, 0.0, 0, "temporal", w) for w in (window, np.nan)]  # type: ignore[arg-type]
    return dict(zip(("hybrid", "ease"), made, strict=True))


def test_everybody_with_a_history_is_asked(known: World) -> None:
    """Customers who bought nothing afterwards count too, and only models whose scores are probabilities are checked."""
    exam = by_split(known, "temporal", 0)
    found = odds.checked([odds.promised(exam, known.scope, chosen(exam.window), 5, 0)])
    assert set(found) == {"hybrid"}
    there = int((np.diff(exam.part.history.owned.indptr) > 0).sum())
    assert len(exam.asked.user) < found["hybrid"].customers <= there
    assert found["hybrid"].expected == pytest.approx(2.5, abs=0.2)


def test_a_shorter_time_lowers_what_is_expected(known: World) -> None:
    """Where half of the time was held out that a probability is about, half is expected."""
    exam = by_split(known, "temporal", 0)
    whole, half = (odds.checked([odds.promised(exam, known.scope, chosen(times * exam.window), 5, 0)])["hybrid"] for times in (1, 2))
    assert half.expected == pytest.approx(whole.expected / 2)
    assert half.actual == whole.actual


def test_without_a_cut_in_time_there_is_nothing_to_check(known: World) -> None:
    """Purchases hidden at random happened at no particular time."""
    exam: Exam = by_split(known, "random", 0)
    assert odds.checked([odds.promised(exam, known.scope, chosen(1.0), 5, 0)]) == {}


def test_a_long_list_of_customers_is_sampled(known: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many customers a sample is asked, the same one for the same seed."""
    monkeypatch.setattr(odds, "MOST_CUSTOMERS", 20)
    exam = by_split(known, "temporal", 0)
    first, again = (odds.checked([odds.promised(exam, known.scope, chosen(exam.window), 5, 3)])["hybrid"] for _ in range(2))
    assert first.customers <= 20
    assert first == again
