"""Which events count as ownership."""

import pytest

from tests.prep.shop_tables import event, interactions
from xsell.prep.weighting import ownership_events, standing


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


def test_what_a_return_undid_does_not_stand() -> None:
    """Only ownership events that are not undone stand."""
    made = interactions(event("u", "a"), event("u", "b", undone=True), event("u", "b", "return", quantity=-1), event("u", "c", "view"))
    assert standing(made)["item_id"].to_list() == ["a"]
