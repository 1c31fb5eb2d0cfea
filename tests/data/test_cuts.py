"""Cuts: nothing of the future is learnt, nothing is lost, and everything asked for can be found."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.data.shops import CATEGORIES, catalog, events, log, training
from xsell.contract import names
from xsell.contract.splits import parse
from xsell.data import cuts, splits
from xsell.data.training import Log, positives
from xsell.ranking import allowed

SEEDS = st.integers(0, 20)


def splittable(made: Log) -> bool:
    """Whether there are customers to learn from and others, with two products, to judge on."""
    owned = set(zip(made.user.tolist(), made.item.tolist(), strict=True))
    several = [user for user in {u for u, _ in owned} if sum(u == user for u, _ in owned) > 1]
    return bool(several) and len({u for u, _ in owned}) > 1


@given(events(), st.lists(st.booleans(), min_size=30, max_size=30))
def test_hidden_ratings_are_new(made: Log, kept: list[bool]) -> None:
    """Of hidden ratings the latest of every pair is asked for, and none of a pair that the training part has a rating of."""
    whole, keep = training(made), np.array(kept[: len(made)])
    cut = cuts.Cut("random", keep)
    found = cuts.rated(whole, cuts.known(whole, cut), cut)
    rated = list(zip(made.user.tolist(), made.item.tolist(), strict=True))
    known = {pair for pair, seen, is_rating in zip(rated, keep, made.rated, strict=True) if seen and is_rating}
    hidden = {pair for pair, seen, is_rating in zip(rated, keep, made.rated, strict=True) if not seen and is_rating}
    assert list(zip(found.user.tolist(), found.item.tolist(), strict=True)) == sorted(hidden - known)
    for pair, value in zip(zip(found.user, found.item, strict=True), found.value, strict=True):
        assert value in {v for p, v, seen in zip(rated, made.value, keep, strict=True) if p == pair and not seen}
    assert set(found.take(np.array([0, 2])).user.tolist()) == set(found.user.tolist()) & {0, 2}


@given(events(timed=True), st.sampled_from(tuple(splits.CUTS)), st.sampled_from(names.SCOPES), SEEDS)
def test_what_is_asked_for_can_be_found(made: Log, rule: str, scope: str, seed: int) -> None:
    """Every pair asked for is a hidden positive that the customer could be offered, and with those left out by cause they are all hidden positives."""
    assume(len(np.unique(made.at)) > 1)
    whole = training(made)
    assume(rule != "by-user" or splittable(made))
    cut = splits.make(parse(rule), made, catalog(), seed)
    part = cuts.known(whole, cut)
    asked = cuts.heldout(whole, part, cut, scope)
    owned = part.history.owned.toarray() > 0
    liked = positives(whole.log, whole.like) & cut.hidden
    positive = set(zip(made.user[liked].tolist(), made.item[liked].tolist(), strict=True))
    user = np.repeat(asked.user, np.diff(asked.indptr))
    pairs = list(zip(user.tolist(), asked.item.tolist(), strict=True))
    assert len(pairs) + sum(asked.dropped.values()) == len(positive)
    assert len(asked.user) + sum(asked.skipped.values()) == len({u for u, _ in positive})
    assert set(pairs) <= positive
    assert pairs == sorted(set(pairs))
    assert (np.diff(asked.indptr) >= 1).all()
    assert not owned[user, asked.item].any()
    assert owned[user].any(1).all()
    assert allowed(part.history, catalog(), scope)[user, asked.item].all()
    if scope == "new":
        assert all(CATEGORIES[i] >= 0 and CATEGORIES[i] not in CATEGORIES[np.flatnonzero(owned[u])] for u, i in pairs)


def test_left_out_by_cause() -> None:
    """Each pair that cannot be asked for is counted once, under its first cause."""
    past = [(0, 0, 1.0, None), (1, 2, 1.0, None)]
    later = [(0, 0, 9.0, None), (0, 1, 9.0, None), (0, 2, 9.0, None), (0, 6, 9.0, None), (1, 3, 9.0, None), (2, 4, 9.0, None)]
    whole = training(log(*past, *later))
    keep = np.arange(8) < 2
    asked = cuts.heldout(whole, whole.before(keep), cuts.Cut("temporal", keep), "new")
    assert asked.dropped == {
        "of customers without history": 1,
        "already owned": 1,
        "without a category": 1,
        "in a category already bought from": 2,
    }
    assert asked.skipped == {"without history": 1, "with nothing left to find": 1}
    assert (asked.user.tolist(), asked.item.tolist(), asked.indptr.tolist()) == ([0], [2], [0, 1])


def test_a_dislike_and_a_returned_purchase_are_not_relevant() -> None:
    """What the customer disliked, liked only for a while, or sent back is not asked for."""
    past = [(0, 0, 1.0, None)]
    later = [(0, 2, 8.0, 0.1), (0, 3, 8.0, 0.9), (0, 3, 9.0, 0.1), (0, 4, 8.0, None), (0, 5, 8.0, 0.9)]
    whole = training(log(*past, *later, undone_at=[np.inf] * 4 + [9.0, np.inf]))
    keep = np.arange(6) < 1
    asked = cuts.heldout(whole, whole.before(keep), cuts.Cut("temporal", keep), "any")
    assert asked.item.tolist() == [5]


def test_nobody_is_asked_when_nothing_is_hidden() -> None:
    """A cut that hides nothing asks for nothing and loses nothing."""
    whole = training(log((0, 0, 1.0, None)))
    keep = np.ones(1, bool)
    asked = cuts.heldout(whole, whole.before(keep), cuts.Cut("random", keep), "any")
    assert (len(asked.user), asked.indptr.tolist(), sum(asked.dropped.values())) == (0, [0], 0)


def test_owned_categories_follow_ownership() -> None:
    """A category is owned once anything in it is, be it only a dislike; items without a category own none."""
    part = training(log((0, 0, 1.0, 0.1), (1, 6, 1.0, None), (1, 5, 1.0, None)))
    assert cuts.owned_categories(part).tolist() == [[True, False, False], [False, False, True]]
