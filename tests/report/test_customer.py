"""The page of one customer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.report import customer

WHY = {"kind": "product", "what": "has Cup", "item_id": "c", "share": 0.6}
COMMON = {"kind": "popularity", "what": "popular", "item_id": None, "share": 0.4}
OFFER = {"rank": 1, "name": "Pot", "item_id": "p", "category": "Tea", "score": 0.5, "source": "personal", "because": "has Cup (60%)"}


def test_who() -> None:
    """Only what is known is said, in plain words; the exact age stands for its band, and no views are no news."""
    grid = customer.who(
        {
            "user_id": "u",
            "recency_days": 3.2,
            "monetary": 1234.5,
            "frequency": 2,
            "views": 0,
            "age_band": "18-24",
            "age": 20.0,
            "home_town": None,
        }
    )
    assert grid
    assert dict(grid.rows) == {"last event": "3 days before the end of the data", "spent": "1,234.50", "orders": "2", "age": "20"}
    assert customer.who({"user_id": "u", "top_terms": []}) is None


def test_bare_events_are_not_called_orders() -> None:
    """Without times and orders every event counts as one, which says no more than the number of products."""
    grid = customer.who({"user_id": "u", "recency_days": None, "frequency": 25, "items": 25})
    assert grid
    assert grid.rows == (("products", "25"),)


def test_what_a_customer_has() -> None:
    """The categories with the most products come first, the rest are counted together, and products without one are named so."""
    grid = customer.has(["Tea", "Tea", "Art", None])
    assert grid
    assert grid.title == "Has 4 products"
    assert [row[:2] for row in grid.rows] == [("Tea", 2), ("Art", 1), ("without a category", 1)]
    many = customer.has(list("ABCDEFGHIJ"))
    assert many
    assert many.rows[-1][:2] == ("2 other categories", 2)
    assert customer.has([]) is customer.has([None, None]) is None


def test_what_is_offered() -> None:
    """The product and its category, or its id where it has no name, stand over a bar a reason; popularity alone is a sentence."""
    grid = customer.offered([OFFER | {"reasons": [WHY, COMMON]}], "u", 44.0)
    assert grid
    assert grid.rows == ((1, "Pot · Tea\n███████▎      60%  has Cup\n████▊         40%  popular", 0.5),)
    assert "44 days" in grid.note
    alone = {"name": None, "category": None, "source": "popular", "because": "bought by 3% of the customers", "reasons": [COMMON]}
    plain = customer.offered([OFFER | alone], "u", 44.0)
    assert plain
    assert plain.rows == ((1, "p\nbought by 3% of the customers", 0.5),)
    assert plain.note == "The score is the share of the customers who took it up."
    model = customer.offered([OFFER | alone | {"source": "personal"}], "u", None)
    assert model
    assert "bars" not in model.note
    assert customer.offered([], "u", None) is None


def test_the_largest_reasons_have_a_line_and_the_rest_are_one() -> None:
    """What is the same for everybody always has a line, and that of the third reason where it says most; no share is lost."""
    mine = [{"kind": "product", "what": f"has {name}", "item_id": name, "share": 0.01} for name in "abc"]
    most, rest = COMMON | {"share": 0.95}, {"kind": "others", "what": "7 more", "item_id": None, "share": 0.02}
    for reasons, lines in (
        ([*mine, most, rest], ["1%  has a", "1%  has b", "95%  popular", "3%  8 more"]),
        ([*mine, most], ["1%  has a", "1%  has b", "95%  popular", "1%  1 more"]),
        ([*mine[:2], most], ["1%  has a", "1%  has b", "95%  popular"]),
        ([*mine, COMMON | {"share": 0.001}, rest], ["1%  has a", "1%  has b", "1%  has c", "<1%  popular", "2%  7 more"]),
    ):
        grid = customer.offered([OFFER | {"reasons": reasons}], "u", None)
        assert grid
        shown = str(grid.rows[0][1]).split("\n")[1:]
        assert [line.split(maxsplit=1)[1] for line in shown] == lines


@given(st.floats(0, 1))
def test_bars(share: float) -> None:
    """A bar is never empty, never wider than its place, and full only for the whole."""
    drawn = customer.bar(share)
    assert 1 <= len(drawn) <= customer.BAR
    assert set(drawn) <= set(customer.EIGHTHS) | {"█"}
    assert (drawn == "█" * customer.BAR) == (share > 0.99) or share == pytest.approx(0.995, abs=0.005)
