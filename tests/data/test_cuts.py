"""Cuts: nothing of the future is learnt, nothing is lost, and everything asked for can be found."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.data.shops import CATEGORIES, catalog, events, log, training
from xsell.contract import names
from xsell.data import cuts
from xsell.data.training import Log, positives
from xsell.errors import InputError
from xsell.ranking import allowed

SEEDS = st.integers(0, 20)
TIMES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]


def test_names_are_the_registry() -> None:
    """What a user can type as a split is what exists."""
    assert tuple(cuts.CUTS) == names.SPLITS


def test_temporal_cuts_at_the_quantile() -> None:
    """Of ten events at ten times the first eight are learnt from and the last two are asked for."""
    cut = cuts.temporal(log(*((0, 0, t, None) for t in TIMES)), catalog(), 0)
    assert cut.keep.tolist() == [True] * 8 + [False] * 2
    assert (cut.moment, cut.window) == (8.0, 2.0)


@given(events(timed=True))
def test_temporal_training_ends_before_the_rest(made: Log) -> None:
    """Every event kept is at or before the moment, every other one after it, and both parts have events."""
    if len(np.unique(made.at)) < 2:
        with pytest.raises(InputError):
            cuts.temporal(made, catalog(), 0)
        return
    cut = cuts.temporal(made, catalog(), 0)
    assert made.at[cut.keep].max() <= cut.moment < made.at[~cut.keep].min()
    assert cut.window == made.at.max() - cut.moment


def test_temporal_keeps_events_without_a_time() -> None:
    """An event whose time is unknown is learnt from and never asked for."""
    cut = cuts.temporal(log((0, 0, np.nan, None), (0, 1, 1.0, None), (0, 2, 2.0, None)), catalog(), 0)
    assert cut.keep.tolist() == [True, True, False]


@pytest.mark.parametrize("rule", [cuts.temporal, cuts.leave_last])
def test_cuts_in_time_need_times(rule: cuts.Rule) -> None:
    """Without times a split in time says so and names one that works."""
    with pytest.raises(InputError, match="needs times") as caught:
        rule(log((0, 0, np.nan, None), (0, 1, np.nan, None)), catalog(), 0)
    assert "--split random" in caught.value.hint


@given(events(), SEEDS)
def test_new_category_hides_whole_categories_and_never_all(made: Log, seed: int) -> None:
    """Of a customer's categories at least one is hidden and at least one stays if there are two, and each is hidden wholly or not at all."""
    keep = cuts.new_category(made, catalog(), seed).keep
    category = CATEGORIES[made.item]
    assert keep[category < 0].all()
    for user in np.unique(made.user):
        mine = (made.user == user) & (category >= 0)
        kept, hidden = set(category[mine & keep].tolist()), set(category[mine & ~keep].tolist())
        assert not kept & hidden
        assert bool(hidden) == (len(kept | hidden) >= 2)
        assert bool(kept) == bool(kept | hidden)


@given(events(), SEEDS)
def test_random_hides_whole_items_and_never_all(made: Log, seed: int) -> None:
    """A fifth of each customer's items, at least one of two, is hidden with all its events; a customer with one item keeps it."""
    keep = cuts.random(made, catalog(), seed).keep
    for user in np.unique(made.user):
        kept, hidden = ({*made.item[(made.user == user) & side].tolist()} for side in (keep, ~keep))
        n = len(kept | hidden)
        assert not kept & hidden
        assert len(hidden) == (max(1, round(n * 0.2)) if n > 1 else 0)


@given(events(timed=True))
def test_leave_last_hides_the_item_begun_last(made: Log) -> None:
    """Each customer with two items loses exactly one, and took up none of the others later."""
    keep = cuts.leave_last(made, catalog(), 0).keep
    for user in np.unique(made.user):
        mine = made.user == user
        hidden = set(made.item[mine & ~keep].tolist())
        assert len(hidden) == (len(set(made.item[mine].tolist())) > 1)
        begun = {i: made.at[mine & (made.item == i)].min() for i in set(made.item[mine].tolist())}
        assert all(begun[i] == max(begun.values()) for i in hidden)
        assert not set(made.item[mine & keep].tolist()) & hidden


@pytest.mark.parametrize("rule", [cuts.new_category, cuts.random])
def test_the_seed_decides(rule: cuts.Rule) -> None:
    """The same seed hides the same, and some other seed something else."""
    made = log(*((u, i, 1.0, None) for u in range(5) for i in range(6)))
    first = rule(made, catalog(), 1).keep
    assert (rule(made, catalog(), 1).keep == first).all()
    assert any((rule(made, catalog(), seed).keep != first).any() for seed in range(2, 6))


@pytest.mark.parametrize(("at", "expected"), [([1.0, 2.0], "temporal"), ([1.0, 1.0], "new-category"), ([np.nan, np.nan], "new-category")])
def test_default_rule_follows_the_data(at: list[float], expected: str) -> None:
    """Different times give the temporal split, categories without them the new-category split."""
    assert cuts.default_rule(log(*((0, 0, t, None) for t in at)), "new") == expected


def test_default_rule_without_times_under_scope_any() -> None:
    """Without times and under scope any, the split is random."""
    assert cuts.default_rule(log((0, 0, np.nan, None)), "any") == "random"


@given(events(timed=True), st.sampled_from(names.SPLITS), st.sampled_from(names.SCOPES), SEEDS)
def test_what_is_asked_for_can_be_found(made: Log, rule: str, scope: str, seed: int) -> None:
    """Every pair asked for is a hidden positive that the customer could be offered, and with those left out by cause they are all hidden positives."""
    assume(len(np.unique(made.at)) > 1)
    whole = training(made)
    cut = cuts.CUTS[rule](made, catalog(), seed)
    part = whole.before(cut.keep)
    asked = cuts.heldout(whole, part, cut, scope)
    owned = part.history.owned.toarray() > 0
    liked = positives(whole.log, whole.like) & ~cut.keep
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
