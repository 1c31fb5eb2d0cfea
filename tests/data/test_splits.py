"""Splits: what each hides, and that nothing of it is seen otherwise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.data.shops import CATEGORIES, CUSTOMERS, SETS, catalog, events, log, several, training
from xsell.contract import names
from xsell.contract.splits import ROLLING, Split, parse
from xsell.data import cuts, splits
from xsell.data.training import Log
from xsell.errors import InputError

SEEDS = st.integers(0, 20)
TIMES = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0]


def test_names_are_the_registry() -> None:
    """What a user can type as a split is what exists."""
    assert {*splits.CUTS, ROLLING} == set(names.SPLITS)


def test_temporal_cuts_at_the_quantile() -> None:
    """Of ten events at ten times the first eight are learnt from and the last two are asked for."""
    cut = splits.temporal(log(*((0, 0, t, None) for t in TIMES)), catalog(), 0)
    assert cut.keep.tolist() == [True] * 8 + [False] * 2
    assert (cut.moment, cut.window) == (8.0, 2.0)


@given(events(timed=True))
def test_temporal_training_ends_before_the_rest(made: Log) -> None:
    """Every event kept is at or before the moment, every other one after it, and both parts have events."""
    if len(np.unique(made.at)) < 2:
        with pytest.raises(InputError):
            splits.temporal(made, catalog(), 0)
        return
    cut = splits.temporal(made, catalog(), 0)
    assert made.at[cut.keep].max() <= cut.moment < made.at[~cut.keep].min()
    assert cut.window == made.at.max() - cut.moment


def test_temporal_keeps_events_without_a_time() -> None:
    """An event whose time is unknown is learnt from and never asked for."""
    cut = splits.temporal(log((0, 0, np.nan, None), (0, 1, 1.0, None), (0, 2, 2.0, None)), catalog(), 0)
    assert cut.keep.tolist() == [True, True, False]


@pytest.mark.parametrize("rule", [splits.temporal, splits.leave_last])
def test_cuts_in_time_need_times(rule: splits.Rule) -> None:
    """Without times a split in time says so and names one that works."""
    with pytest.raises(InputError, match="needs times") as caught:
        rule(log((0, 0, np.nan, None), (0, 1, np.nan, None)), catalog(), 0)
    assert "--split random" in caught.value.hint


@given(events(), SEEDS)
def test_new_category_hides_whole_categories_and_never_all(made: Log, seed: int) -> None:
    """Of a customer's categories at least one is hidden and at least one stays if there are two, and each is hidden wholly or not at all."""
    keep = splits.new_category(made, catalog(), seed).keep
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
    keep = splits.random(made, catalog(), seed).keep
    for user in np.unique(made.user):
        kept, hidden = ({*made.item[(made.user == user) & side].tolist()} for side in (keep, ~keep))
        n = len(kept | hidden)
        assert not kept & hidden
        assert len(hidden) == (max(1, round(n * 0.2)) if n > 1 else 0)


@given(events(timed=True))
def test_leave_last_hides_the_item_begun_last(made: Log) -> None:
    """Each customer with two items loses exactly one, and took up none of the others later."""
    keep = splits.leave_last(made, catalog(), 0).keep
    for user in np.unique(made.user):
        mine = made.user == user
        hidden = set(made.item[mine & ~keep].tolist())
        assert len(hidden) == (len(set(made.item[mine].tolist())) > 1)
        begun = {i: made.at[mine & (made.item == i)].min() for i in set(made.item[mine].tolist())}
        assert all(begun[i] == max(begun.values()) for i in hidden)
        assert not set(made.item[mine & keep].tolist()) & hidden


@pytest.mark.parametrize("rule", [splits.new_category, splits.random])
def test_the_seed_decides(rule: splits.Rule) -> None:
    """The same seed hides the same, and some other seed something else."""
    made = log(*((u, i, 1.0, None) for u in range(5) for i in range(6)))
    first = rule(made, catalog(), 1).keep
    assert (rule(made, catalog(), 1).keep == first).all()
    assert any((rule(made, catalog(), seed).keep != first).any() for seed in range(2, 6))


@pytest.mark.parametrize(("at", "expected"), [([1.0, 2.0], "temporal"), ([1.0, 1.0], "new-category"), ([np.nan, np.nan], "new-category")])
def test_default_rule_follows_the_data(at: list[float], expected: str) -> None:
    """Different times give the temporal split, categories without them the new-category split."""
    assert splits.default_rule(log(*((0, 0, t, None) for t in at)), "new") == expected


def test_default_rule_without_times_under_scope_any() -> None:
    """Without times and under scope any, the split is random."""
    assert splits.default_rule(log((0, 0, np.nan, None)), "any") == "random"


def test_temporal_by_share_and_by_date() -> None:
    """Another share cuts elsewhere; a date hides everything from then on, and one that leaves nothing is refused."""
    made = log(*((0, 0, t, None) for t in TIMES))
    assert splits.temporal(made, catalog(), 0, 0.5).keep.sum() == 5
    cut = splits.temporal(made, catalog(), 0, 4.0)
    assert (cut.moment, cut.window) == (3.0, 7.0)
    assert cut.keep.tolist() == [True] * 3 + [False] * 7
    for date in (1.0, 11.0):
        with pytest.raises(InputError, match="leaves nothing"):
            splits.temporal(log(*((0, 0, t + 0.5, None) for t in TIMES)), catalog(), 0, date)


@given(events(timed=True), st.integers(1, 4))
def test_leave_last_hides_several_but_never_all(made: Log, n: int) -> None:
    """Of every customer the last n items are hidden, and at least one stays."""
    keep = splits.leave_last(made, catalog(), 0, n).keep
    for user in np.unique(made.user):
        mine = made.user == user
        kept, hidden = ({*made.item[mine & side].tolist()} for side in (keep, ~keep))
        assert len(hidden) == min(n, len(kept | hidden) - 1)
        assert not kept & hidden
        begun = {i: made.at[mine & (made.item == i)].min() for i in kept | hidden}
        assert not hidden or max(begun[i] for i in kept) <= min(begun[i] for i in hidden)


@given(events(), SEEDS)
def test_by_user_learns_from_other_customers(made: Log, seed: int) -> None:
    """A customer is either learnt from as a whole or not at all; of those apart some items are shown, at least one, and at least one is hidden."""
    try:
        cut = splits.by_user(made, catalog(), seed, 0.4)
    except InputError:
        return
    assert cut.shown is not None
    assert not (cut.shown & cut.keep).any()
    assert not set(made.user[cut.keep].tolist()) & set(made.user[~cut.keep].tolist())
    assert cut.keep.any()
    for user in np.unique(made.user[~cut.keep]):
        shown, hidden = ({*made.item[(made.user == user) & side].tolist()} for side in (cut.shown, cut.hidden))
        assert shown
        assert hidden
        assert not shown & hidden


@given(events(timed=True), st.integers(1, 4), st.sampled_from([0.0, 0.5, 2.0]))
def test_windows_share_the_time_and_know_nothing_later(made: Log, count: int, each: float) -> None:
    """Windows of equal length follow one another up to the last event; of each the training part ends where it begins, and nothing after it is there."""
    try:
        found = list(splits.windows(Split(ROLLING, count, each), made))
    except InputError:
        return
    assert len(found) == count
    for there, cut in found:
        until = cut.moment + cut.window
        assert (made.at[there] <= until).all()
        assert (made.at[~there] > until).all()
        assert (made.at[there][cut.keep] <= cut.moment).all()
        assert (made.at[there][cut.hidden] > cut.moment).all()
        assert cut.keep.any()
    assert found[-1][0].all()
    asked = sum(int(cut.hidden.sum()) for _, cut in found)
    assert asked == (made.at > found[0][1].moment).sum()


@pytest.mark.parametrize(("at", "words"), [([np.nan, np.nan], "needs times"), ([1.0, 1.0], "do not fit"), ([1.0, 86401.0], "do not fit")])
def test_windows_that_cannot_be_made(at: list[float], words: str) -> None:
    """Without times, at one time only, or where windows reach back before the first event, that is said."""
    with pytest.raises(InputError, match=words):
        next(splits.windows(parse("rolling:3x1d"), log(*((0, 0, t, None) for t in at))))


def test_by_user_needs_customers() -> None:
    """Where nobody could be learnt from, it says so."""
    with pytest.raises(InputError, match="several customers"):
        splits.by_user(log((0, 0, 1.0, None), (0, 1, 2.0, None)), catalog(), 0)


@given(events(timed=True), st.sampled_from(tuple(splits.CUTS)), SEEDS)
def test_nothing_hidden_is_seen_in_weaker_events(made: Log, name: str, seed: int) -> None:
    """Where every purchase goes with a view, no hidden purchase betrays itself by its view, in what is learnt or in what is known."""
    views = [(int(u), int(i), float(t)) for u, i, t in zip(made.user, made.item, made.at, strict=True)]
    whole = training(made, views)
    try:
        cut = splits.make(parse(name), made, catalog(), seed)
    except InputError:
        return
    hidden = {(u, i) for (u, i, _), out in zip(views, cut.hidden, strict=True) if out}
    kept = {(u, i) for (u, i, _), out in zip(views, cut.hidden, strict=True) if not out}
    known, learnt = cuts.known(whole, cut), cuts.learnt(whole, cut)
    for part in (known, learnt):
        seen = set(zip(part.streams[0].user.tolist(), part.streams[0].column.tolist(), strict=True))
        assert not seen & (hidden - kept)
    assert len(learnt.log) == cut.keep.sum()
    assert len(known.log) == (~cut.hidden).sum()
    assert not np.isin(learnt.streams[0].user, made.user[~cut.keep]).any() or cut.shown is None


def test_what_nobody_hides_is_seen() -> None:
    """Views of customers of whom nothing is hidden stay, and those before the hidden event."""
    made = log((0, 0, 1.0, None), (0, 2, 5.0, None), (1, 4, 3.0, None))
    whole = training(made, [(0, 1, 2.0), (0, 3, 6.0), (1, 5, 9.0)], customers=3)
    part = cuts.known(whole, splits.leave_last(made, catalog(), 0))
    assert part.streams[0].column.tolist() == [1, 5]
    part = cuts.known(whole, splits.new_category(made, catalog(), 0))
    assert 5 in part.streams[0].column
    assert len({1, 3} & set(part.streams[0].column.tolist())) == 1


def test_together_a_hidden_category_hides_all_its_items() -> None:
    """Where items belong to several categories, hiding one hides every item that is in it."""
    items = several()
    made = log(*((u, i, 1.0, None) for u in range(CUSTOMERS) for i in range(len(CATEGORIES))))
    keep = splits.new_category(made, items, 1).keep
    for user in range(CUSTOMERS):
        gone = set(made.item[(made.user == user) & ~keep].tolist())
        assert any(gone == {i for i, own in enumerate(SETS) if c in own} for c in range(3))
