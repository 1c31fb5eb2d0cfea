"""What was hidden and who was judged, in words."""

from typing import Any

import numpy as np
import pytest

from xsell.contract.splits import parse
from xsell.data.cuts import Cut
from xsell.data.splits import CUTS
from xsell.report import evaluation as words

K = 10


def told(text: str, automatic: bool = False, **more: Any) -> str:
    """Say how a cut of ten events was made."""
    split = parse(text)
    return words.split(Cut(split.name, np.arange(10) < 8, **more), split, automatic)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("temporal", "the events after the first 80% in time are"),
        ("temporal:2026-03-01", "the events from 2026-03-01 00:00 on are"),
        ("new-category:0.5", "a random 50% of each customer's categories are"),
        ("random", "a random 20% of each customer's products are"),
        ("leave-last", "the product that each customer took up last is"),
        ("leave-last:3", "the 3 products that each customer took up last are"),
        ("by-user", "of a random 20% of the customers the fifth"),
    ],
)
def test_every_split_can_be_told(text: str, hidden: str) -> None:
    """Each split says what is hidden, with what was asked for, and how many of how many events that are."""
    assert hidden in told(text)
    assert "2 of 10" in told(text)
    assert parse(text).name in CUTS


def test_where_a_cut_is_and_what_is_shown() -> None:
    """A cut in time says where it is, and one by customers what is shown of those held out."""
    assert "2026-03-01 12:00, 30 days before" in told("temporal", moment=1772366400.0, window=30 * words.DAY)
    assert "1 of 10 events; 1 other event of these customers is shown" in told("by-user", shown=np.arange(10) == 8)


@pytest.mark.parametrize(("rule", "missed"), [("random", ("times", "categories")), ("new-category", ("times",))])
def test_a_split_for_want_of_a_better_one_says_what_is_missing(rule: str, missed: tuple[str, ...]) -> None:
    """Where the data decided, the sentence says for want of what; where the user decided, it does not."""
    assert all(word in told(rule, automatic=True) for word in missed)
    assert "for want" not in told(rule)


def test_only_causes_that_occurred_are_named() -> None:
    """What was left out is listed by cause, without zeros, and not at all if nothing was."""
    assert words.left_out("pairs", {"already owned": 1200, "without a category": 0}) == "Left out pairs: 1,200 already owned."
    assert words.left_out("pairs", {"already owned": 0}) == words.unseen(0) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [("leave-last:3", "split leave-last:3"), ("random", "split random, for want of times and categories")],
)
def test_in_few_words(text: str, said: str) -> None:
    """One sentence says who was judged on what and how."""
    split = parse(text)
    how = words.how(Cut(split.name, np.arange(10) < 8), split, automatic=split.name == "random")
    account = words.Account((), 40, 40, 90, 0, {"without history": 2, "strange": 1}, {"already owned": 1}, how=how)
    assert (
        words.headline(account, "any", 10, 5)
        == f"Judged on 40 customers with 90 purchases or likes to find, in lists of 10 and 5: {said}, scope any."
    )


def test_what_nobody_had_is_told_first_where_it_is_most() -> None:
    """Half or more of what is to be found being new to all is said with what was left out; less is not."""
    said = [list(words.lacking(words.Account((), 40, 40, 90, unseen, {}, {}))) for unseen in (0, 44, 45, 90)]
    assert [any("nobody had before" in sentence for sentence in one) for one in said] == [False, False, True, True]
    assert "45 purchases or likes to find (50%) are of products" in said[2][-1]


@pytest.mark.parametrize(
    ("customers", "rule", "scope", "other"),
    [(29, "temporal", "new", "new-category"), (1, "rolling:3", "any", "random"), (30, "temporal", "new", ""), (2, "random", "any", "")],
)
def test_too_few_who_come_back_are_told_what_else_to_ask(customers: int, rule: str, scope: str, other: str) -> None:
    """A split in time that leaves too few customers for a verdict names one that asks more of them, and no other split does."""
    warned = [one.message for one in words.few(words.Account((), customers, customers, 90, 0, {}, {}), rule, scope)]
    assert len(warned) == bool(other)
    assert all(f"--split {other} " in message for message in warned)


def test_one_is_not_many() -> None:
    """One customer with one purchase to find is in the singular."""
    one = words.Account((), customers=1, times=1, pairs=1, unseen=0, skipped={}, dropped={})
    assert words.judged(one, K) == "Judged on 1 customer with 1 purchase or like to find, in lists of 10."


def test_a_hybrid_that_is_one_model_is_named() -> None:
    """Where hybrid is one of its parts, few words say which, and in how many windows; a mix needs none."""
    assert words.alone(["als"]) == "hybrid is als alone here: no mix of models was better."
    assert words.alone(["als", "", "als", "popular"]).startswith("hybrid is a model alone in 3 of 4 windows (als and popular)")
    assert words.alone(["", ""]) == words.alone([""]) == ""


def test_where_the_numbers_are() -> None:
    """The last line says where all numbers are, and how to see more only to those who do not see them yet."""
    assert words.kept("a.json", verbose=False) == "All numbers: a.json (-v shows more)"
    assert words.kept("a.json", verbose=True) == "All numbers: a.json"
