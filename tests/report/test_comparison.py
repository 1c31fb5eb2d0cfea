"""Models beside each other in words."""

from xsell.metrics.intervals import FEWEST
from xsell.report.comparison import alarms


def test_few_lists_that_hold_the_same_product_say_nothing() -> None:
    """That all lists hold one product is a warning from as many lists on as make a verdict."""
    found = {"ease.top_item_share@10": 1.0}
    assert not list(alarms("ease", found, 10, FEWEST - 1))
    assert [warned.code for warned in alarms("ease", found, 10, FEWEST)] == ["one-product-for-most"]
