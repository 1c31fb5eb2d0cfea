"""What held-out events ask for."""

from tests.prep.shop_tables import day, event, interactions
from xsell.prep.heldout import latest, wanted

OWNING = ("purchase", "rating")


def asked(*events: dict[str, object], owning: tuple[str, ...] = OWNING) -> list[tuple[str, str]]:
    """Pairs asked for, with likes from 4 up."""
    return wanted(interactions(*events), owning, 4.0).rows()


def test_each_pair_is_asked_for_once_in_order() -> None:
    """Pairs come sorted and without repeats, whatever the events were."""
    assert asked(event("v", "a"), event("u", "b", at=day(2)), event("u", "b", at=day(1)), event("u", "b", "rating", value=5)) == [
        ("u", "b"),
        ("v", "a"),
    ]


def test_the_latest_rating_decides() -> None:
    """A rating below the like is not asked for, and of several the latest counts."""
    low = event("u", "a", "rating", value=2, at=day(1))
    assert asked(low, event("u", "a", "rating", value=4, at=day(2))) == [("u", "a")]
    assert asked(event("u", "b", "rating", value=5, at=day(1)), event("u", "b", "rating", value=3, at=day(2))) == []


def test_ratings_are_the_latest_of_every_pair() -> None:
    """Of every customer and product the rating given last is kept, low ones too, if ratings count as owning."""
    rows = [event("u", "a", "rating", value=v, at=day(d)) for v, d in ((5, 1), (2, 2))] + [
        event("u", "b"),
        event("v", "a", "rating", value=4),
    ]
    assert latest(interactions(*rows), OWNING).rows() == [("u", "a", 2.0), ("v", "a", 4.0)]
    assert latest(interactions(*rows), ("purchase",)).rows() == []


def test_events_that_make_no_owner_are_not_asked_for() -> None:
    """Where ratings do not count as owning, a like is not asked for either."""
    assert asked(event("u", "a"), event("u", "b", "rating", value=5), owning=("purchase",)) == [("u", "a")]


def test_only_what_was_kept_is_asked_for() -> None:
    """Purchases that were sent back, returns, and events that make nobody an owner are not asked for."""
    assert asked(event("u", "a", undone=True), event("u", "a", "return"), event("u", "b", "view")) == []
    assert asked(event("u", "b", "view"), owning=("view",)) == [("u", "b")]
