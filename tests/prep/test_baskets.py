import polars as pl

from tests.prep.shop_tables import event, interactions
from xsell.prep.baskets import baskets


def test_an_order_of_a_customer_is_a_basket() -> None:
    """Products of one order stand together once each, an order number that two customers share is two baskets, and returns are left out."""
    found = baskets(
        interactions(
            event("u1", "a", order_id="1"),
            event("u1", "b", order_id="1"),
            event("u1", "b", order_id="1", quantity=2.0),
            event("u1", "c", order_id="1", undone=True),
            event("u2", "a", order_id="1"),
            event("u2", "c", order_id="1"),
            event("u2", "b", order_id="2"),
            event("u2", "a", order_id="2"),
        )
    )
    assert found.rows() == [(0, 0, "a"), (0, 0, "b"), (1, 1, "a"), (1, 1, "c"), (2, 1, "a"), (2, 1, "b")]


def test_orders_that_tell_too_little_are_none() -> None:
    """There are no baskets where most purchases name no order, nor where orders hold one product each."""
    few = interactions(event("u1", "a", order_id="1"), event("u1", "b"), event("u1", "c"))
    single = interactions(*(event("u1", item, order_id=item) for item in "abc"))
    for table in (few, single, interactions()):
        assert baskets(table).equals(pl.DataFrame(schema={"basket": pl.UInt32, "customer": pl.UInt32, "item_id": pl.String}))
