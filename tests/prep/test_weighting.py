"""Which events count as ownership."""

import pytest

from tests.prep.shop_tables import event, interactions
from xsell.errors import UsageError
from xsell.prep.weighting import OWNING, chosen_events, ownership_events, standing


@pytest.mark.parametrize(
    ("seen", "owning"),
    [
        (("purchase", "view", "view"), ("purchase",)),
        (("rating", "purchase", "cart"), ("purchase", "rating")),
        (("view", "view", "cart"), ("cart",)),
        (("view", "play", "play"), ("view",)),
        (("wish", "play", "play", "search", "search", "search"), ("play",)),
        (("wish", "play"), ("play",)),
        (("return",), ("purchase", "rating")),
        ((), ("purchase", "rating")),
    ],
)
def test_the_strongest_events_there_are_count_as_owning(seen: tuple[str, ...], owning: tuple[str, ...]) -> None:
    """Purchases and ratings own; without them carts, else views, else the most frequent event, the first in the alphabet among equals."""
    assert ownership_events(interactions(*(event("u", str(place), name) for place, name in enumerate(seen)))) == owning


def test_events_that_were_named_count() -> None:
    """Named events count whatever else is there, several with commas, each once and in the order typed."""
    made = interactions(event("u", "a"), event("u", "b", "rating"), event("u", "c", "view"), event("u", "d", "return", quantity=-1))
    assert chosen_events(made, ()) == ("purchase", "rating")
    assert chosen_events(made, ("View, purchase", "view")) == ("view", "purchase")
    for word in ("cart", "return", "search"):
        with pytest.raises(UsageError, match=word) as caught:
            chosen_events(made, (word,))
        assert "purchase, rating, view" in caught.value.hint


def test_what_a_return_undid_does_not_stand() -> None:
    """Only ownership events that are not undone stand."""
    made = interactions(event("u", "a"), event("u", "b", undone=True), event("u", "b", "return", quantity=-1), event("u", "c", "view"))
    assert standing(made, OWNING)["item_id"].to_list() == ["a"]
