"""Who owns something of which category."""

from tests.prep.shop_tables import event, interactions, items
from xsell.prep.affinity import category_owners, most_owned
from xsell.prep.profiles import item_features
from xsell.prep.weighting import OWNING

CATALOG = items(
    {"item_id": "a", "category": "tea"},
    {"item_id": "b", "category": "tea | gifts"},
    {"item_id": "c", "category": "mugs"},
    {"item_id": "d", "category": None},
)


def test_a_customer_counts_once_a_category() -> None:
    """Several products of a main category make one owner; views, undone purchases and products without a category make none."""
    made = interactions(
        event("u", "a"),
        event("u", "b"),
        event("u", "c", "view"),
        event("v", "c"),
        event("v", "d"),
        event("w", "a", undone=True),
    )
    assert category_owners(made, item_features(made, CATALOG), OWNING).rows() == [("u", "tea"), ("v", "mugs")]


def test_the_most_owned_categories_are_kept() -> None:
    """Categories with more customers come first, and the alphabet decides between equals."""
    made = interactions(event("u", "a"), event("v", "b"), event("v", "c"), event("u", "e"))
    catalog = items(*CATALOG.rows(named=True), {"item_id": "e", "category": "lamps"})
    owners = category_owners(made, item_features(made, catalog), OWNING)
    assert most_owned(owners, 2).rows() == [("u", "lamps"), ("u", "tea"), ("v", "tea")]
    assert most_owned(owners, 9).equals(owners)
