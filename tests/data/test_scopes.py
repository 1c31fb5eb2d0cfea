"""What a scope closes, against plain sets."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from tests.data.shops import CATEGORIES, CUSTOMERS, LIKE, SETS, catalog, events, log, several
from xsell.contract.names import SCOPES
from xsell.data import shelves
from xsell.data.scopes import LATELY, NOWHERE, STRANGE, categories_had, closed, new_to, shelf_of
from xsell.data.training import NEVER, Catalog, Log, build
from xsell.ranking import allowed

SINCE = 2.0


def own(items: Catalog, item: int) -> set[int]:
    """Categories of an item that count."""
    return SETS[item] if items.shelves else {int(CATEGORIES[item])} - {-1}


def may(made: Log, items: Catalog, scope: str, user: int, item: int) -> bool:
    """Say from the events alone whether an item may be offered."""
    mine = made.user == user
    if scope == "any" or item in made.item[mine]:
        return scope == "any" and item not in made.item[mine]
    end = np.max(made.at, initial=-np.inf, where=np.isfinite(made.at))
    bought = set().union(*(own(items, i) for i in made.item[mine]))
    late = set().union(*(own(items, i) for i, t in zip(made.item[mine], made.at[mine], strict=True) if t > end - SINCE))
    wanted = own(items, item)
    return {
        "new": bool(wanted) and not wanted & bought,
        "same": bool(wanted & bought),
        "dormant": bool(wanted & bought) and not wanted & late,
    }[scope]


@given(events(), st.sampled_from(SCOPES), st.booleans())
def test_every_scope_offers_what_its_words_say(made: Log, scope: str, together: bool) -> None:
    """New is what shares no category with what is owned, same what does, dormant what does and of which nothing is recent; never what is owned."""
    items = several() if together else catalog()
    whole = build(made, (), items, sp.csr_array((CUSTOMERS, 0), dtype=np.float32), LIKE, since=SINCE)
    free = allowed(whole.history, items, scope)
    assert free.tolist() == [[may(made, items, scope, u, i) for i in range(len(CATEGORIES))] for u in range(CUSTOMERS)]


@given(events())
def test_new_and_same_share_out_what_has_a_category(made: Log) -> None:
    """Every product with a category that a customer does not own is either new or same, and dormant is a part of same."""
    whole = build(made, (), catalog(), sp.csr_array((CUSTOMERS, 0), dtype=np.float32), LIKE, since=SINCE)
    new, same, dormant, either = (allowed(whole.history, catalog(), scope) for scope in ("new", "same", "dormant", "any"))
    assert ((new ^ same) == (either & (CATEGORIES >= 0))).all()
    assert not (dormant & ~same).any()


@pytest.mark.parametrize("together", [True, False])
def test_causes(together: bool) -> None:
    """Each cause is a mask over shelves, one row a customer or one for all."""
    items = several() if together else catalog()
    whole = build(log((0, 0, 1.0, None), (0, 2, 9.0, None)), (), items, sp.csr_array((1, 0), dtype=np.float32), LIKE, since=SINCE)
    causes = closed(whole.history, items, "dormant")
    assert list(causes) == [NOWHERE, STRANGE, LATELY]
    shelf = shelf_of(items)
    assert np.flatnonzero(causes[LATELY][0, shelf]).tolist() == ([1, 2, 3, 6] if together else [2, 3])
    assert closed(whole.history, items, "any") == {}


def test_where_nobody_asks_all_counts_as_recent() -> None:
    """A history made without a length of time has nothing dormant."""
    whole = build(log((0, 0, 1.0, None), (0, 2, 9.0, None)), (), catalog(), sp.csr_array((1, 0), dtype=np.float32), LIKE)
    assert whole.since == NEVER
    assert not allowed(whole.history, catalog(), "dormant").any()


def test_recency_is_counted_from_the_end_of_what_is_known() -> None:
    """Before a cut a purchase is recent that is not at the end of everything; some customers of a history keep theirs."""
    made = log((0, 0, 1.0, None), (0, 2, 5.0, None), (1, 4, 9.0, None))
    whole = build(made, (), catalog(), sp.csr_array((2, 0), dtype=np.float32), LIKE, since=5.0)
    part = whole.before(np.array([True, True, False]))
    assert not allowed(part.history, catalog(), "dormant")[0].any()
    assert np.flatnonzero(allowed(whole.history, catalog(), "dormant")[0]).tolist() == [1]
    assert allowed(whole.history.rows(np.array([0])), catalog(), "dormant").sum() == 1
    assert whole.of_items(np.arange(7) != 3).since == 5.0


@given(events(), st.booleans())
def test_what_is_had_and_what_is_new(made: Log, together: bool) -> None:
    """A category is had with anything of it, and a product is new where none of its categories is had: what scope new offers, but for what is owned."""
    items = several() if together else catalog()
    history = build(made, (), items, sp.csr_array((CUSTOMERS, 0), dtype=np.float32), LIKE).history
    had = categories_had(history.owned, items)
    everything = [set().union(*(own(items, i) or {3} for i in history.owned[[u]].indices)) for u in range(CUSTOMERS)]
    assert had.tolist() == [[c in some for c in range(4)] for some in everything]
    row, item = (part.ravel() for part in np.indices(history.owned.shape))
    assert np.array_equal(new_to(had, items, row, item).reshape(history.owned.shape), allowed(history, items, "new"))


def test_few_customers_at_a_time_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is closed does not depend on how many customers are counted at a time."""
    made = log(*((u, (2 * u + i) % 7, 1.0, None) for u in range(CUSTOMERS) for i in range(2)))
    history = build(made, (), several(), sp.csr_array((CUSTOMERS, 0), dtype=np.float32), LIKE).history
    before = allowed(history, several(), "new")
    monkeypatch.setattr(shelves, "SOME", 2)
    assert np.array_equal(allowed(history, several(), "new"), before)


def test_pairs_that_share_a_category() -> None:
    """Pairs have a category in common as their sets do, and there are as many of them as counting finds."""
    known = several().shelves
    assert known is not None
    one, other = (part.ravel() for part in np.indices((7, 7)))
    wanted = [bool(SETS[a] & SETS[b]) for a, b in zip(one, other, strict=True)]
    assert known.share(one, other).tolist() == wanted
    assert known.sharing(np.arange(7)) == sum(wanted)
    assert known.sharing(np.array([1, 3, 5])) == 4


def test_some_items_keep_their_shelves() -> None:
    """Taking items takes their shelves and main categories alike."""
    some = several().take(np.arange(7) % 2 == 0)
    assert some.shelves is not None
    assert some.n_items == 4
    place, category = some.shelves.categories(np.arange(4))
    assert [set(category[place == i].tolist()) for i in range(4)] == SETS[::2]
    assert replace(catalog()).take(np.ones(7, bool)).shelves is None
