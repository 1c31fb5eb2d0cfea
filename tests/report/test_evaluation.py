"""What was hidden and who was judged, in words."""

import numpy as np
import pytest

from xsell.data.cuts import CUTS, Cut, Heldout
from xsell.report import evaluation as words

K = 10


def test_every_split_can_be_told() -> None:
    """Each split says how many of how many events are hidden, and a cut in time also where it is."""
    assert set(words.HIDDEN) == set(CUTS)
    keep = np.arange(10) < 8
    for rule in CUTS:
        assert "2 of 10" in words.split(Cut(rule, keep), automatic=False)
    assert "2026-03-01 12:00, 30 days before" in words.split(Cut("temporal", keep, 1772366400.0, 30 * words.DAY), automatic=True)


@pytest.mark.parametrize(("rule", "missed"), [("random", ("times", "categories")), ("new-category", ("times",))])
def test_a_split_for_want_of_a_better_one_says_what_is_missing(rule: str, missed: tuple[str, ...]) -> None:
    """Where the data decided, the sentence says for want of what; where the user decided, it does not."""
    cut = Cut(rule, np.arange(10) < 8)
    assert all(word in words.split(cut, automatic=True) for word in missed)
    assert "for want" not in words.split(cut, automatic=False)


def test_only_causes_that_occurred_are_named() -> None:
    """What was left out is listed by cause, without zeros, and not at all if nothing was."""
    assert words.left_out("pairs", {"already owned": 1200, "without a category": 0}) == "Left out pairs: 1,200 already owned."
    assert words.left_out("pairs", {"already owned": 0}) == words.unseen(0) == ""


def test_one_is_not_many() -> None:
    """One customer with one product to find is in the singular."""
    one = Heldout(np.zeros(1, np.int32), np.array([0, 1]), np.zeros(1, np.int32))
    assert words.judged(one, K) == "Judged on 1 customer with 1 product to find, in lists of 10."
