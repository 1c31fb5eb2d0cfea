"""Features of customers and products against shops small enough to count by hand."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.prep.shop_tables import day, event, interactions, items, searches, users
from xsell.data.schema import ITEM_FEATURES, USER_FEATURES
from xsell.prep.profiles import PRICE_BANDS, item_features, user_features
from xsell.prep.searches import search_terms
from xsell.prep.weighting import OWNING, ownership_events

CATALOG = items(
    {"item_id": "bean", "name": "Beans", "category": "coffee > beans | gifts", "brand": "Acme", "price": 8.0},
    {"item_id": "mug", "name": "Mug", "category": "kitchen", "brand": None, "price": None},
    {"item_id": "shelf", "name": "Shelf", "category": None, "brand": None, "price": 40.0},
)
EVENTS = interactions(
    event("ann", "bean", quantity=2.0, price=7.5, order_id="1", at=day(0)),
    event("ann", "mug", price=5.0, order_id="1", at=day(0)),
    event("ann", "bean", quantity=3.0, order_id="2", at=day(4)),
    event("ann", "odd", "view", at=day(10)),
    event("ann", "odd", "view", at=day(9)),
    event("bob", "mug", price=7.0, order_id="3", at=day(6), undone=True, undone_at=day(7)),
    event("bob", "mug", "return", quantity=-1.0, price=7.0, at=day(7)),
    event("bob", "odd", at=day(8)),
)


def customers(events: pl.DataFrame, catalog: pl.DataFrame = CATALOG, table: pl.DataFrame | None = None) -> dict[str, dict[str, object]]:
    """Features of every customer by id."""
    asked = search_terms(searches(("ann", "red mug", day(1)), ("ann", "Mug!", day(2)), ("eve", "tea", None)))
    people = users() if table is None else table
    made = user_features(events, item_features(events, catalog), people, asked, ownership_events(events), events["at"].max())
    return {row["user_id"]: row for row in USER_FEATURES.check(made).rows(named=True)}


def products(events: pl.DataFrame, catalog: pl.DataFrame = CATALOG) -> dict[str, dict[str, object]]:
    """Features of every product by id."""
    return {row["item_id"]: row for row in ITEM_FEATURES.check(item_features(events, catalog)).rows(named=True)}


def test_products_are_those_of_the_catalogue_and_the_events() -> None:
    """Every product has one row, in the order of the ids."""
    assert list(products(EVENTS)) == ["bean", "mug", "odd", "shelf"]


def test_products_know_their_sales() -> None:
    """Buyers are counted once, purchases every time, and an undone purchase counts as neither."""
    bean, mug = products(EVENTS)["bean"], products(EVENTS)["mug"]
    assert (bean["buyers"], bean["purchases"], bean["last_at"]) == (1, 2, day(4))
    assert (mug["buyers"], mug["purchases"], mug["last_at"]) == (1, 1, day(0))


def test_the_first_category_is_the_main_one() -> None:
    """Of several categories the first counts, with its whole path; none is none."""
    assert [row["category"] for row in products(EVENTS).values()] == ["coffee > beans", "kitchen", None, None]


def test_a_missing_price_is_the_median_of_the_events() -> None:
    """The catalogue's price wins; else the median of what was paid stands in; else there is none."""
    assert [row["price"] for row in products(EVENTS).values()] == [8.0, 7.0, None, 40.0]


def test_price_bands_are_fifths() -> None:
    """Ten different prices fill five bands with two each."""
    catalog = items(*({"item_id": f"{price:02}", "price": float(price)} for price in range(1, 11)))
    assert item_features(interactions(), catalog)["price_band"].to_list() == [band for band in PRICE_BANDS for _ in range(2)]


@given(st.lists(st.one_of(st.none(), st.integers(1, 9)), min_size=1, max_size=40))
def test_price_bands_follow_prices(prices: list[int | None]) -> None:
    """Equal prices share a band, a higher price never has a lower one, and no price has none."""
    catalog = items(*({"item_id": f"{place:02}", "price": price} for place, price in enumerate(prices)))
    made = item_features(interactions(), catalog)
    rank = {None: None} | {band: place for place, band in enumerate(PRICE_BANDS)}
    bands = [rank[band] for band in made["price_band"]]
    assert [band is None for band in bands] == [price is None for price in prices]
    pairs = sorted((price, band) for price, band in zip(prices, bands, strict=True) if price is not None and band is not None)
    assert [band for _, band in pairs] == sorted(band for _, band in pairs)
    assert len({price for price, _ in pairs}) == len(set(pairs))


def test_one_price_for_all_is_the_middle_band() -> None:
    """Where prices tell nothing, nothing is called cheap."""
    catalog = items({"item_id": "a", "price": 3.0}, {"item_id": "b", "price": 3.0})
    assert item_features(interactions(), catalog)["price_band"].unique().to_list() == ["middle"]


def test_customers_are_those_of_all_tables() -> None:
    """The customer table, the events and the searches each bring their customers, in the order of the ids."""
    table = users({"user_id": "zoe", "age_band": "25-34", "gender": "f", "location": "Rome"})
    assert list(customers(EVENTS, table=table)) == ["ann", "bob", "eve", "zoe"]
    zoe = customers(EVENTS, table=table)["zoe"]
    assert (zoe["age_band"], zoe["gender"], zoe["location"]) == ("25-34", "f", "Rome")


def test_recency_counts_from_the_last_event_in_the_data() -> None:
    """Days lie between a customer's last standing purchase and the last event of anybody; without a purchase there is no number."""
    made = customers(EVENTS)
    assert [made[name]["recency_days"] for name in ("ann", "bob", "eve")] == [6.0, 2.0, None]


def test_frequency_counts_orders() -> None:
    """Lines of one order are one visit, and an undone order is none."""
    made = customers(EVENTS)
    assert [made[name]["frequency"] for name in ("ann", "bob", "eve")] == [2, 1, 0]


@pytest.mark.parametrize(("at", "visits"), [([0.1, 0.2, 1.0], 2), ([None, None, 1.0], 3)])
def test_frequency_without_orders_counts_days(at: list[float | None], visits: int) -> None:
    """Without order ids a day is a visit; an event without a time is one by itself."""
    made = interactions(*(event("ann", str(place), at=None if moment is None else day(moment)) for place, moment in enumerate(at)))
    assert customers(made)["ann"]["frequency"] == visits


def test_money_is_what_was_paid() -> None:
    """Price times quantity, a missing quantity is 1, a missing price the product's, undone purchases are no money."""
    made = customers(EVENTS)
    assert made["ann"]["monetary"] == 2 * 7.5 + 5 + 3 * 8
    assert made["bob"]["monetary"] is None


def test_items_and_views_are_counted() -> None:
    """Distinct products owned, and every view."""
    made = customers(EVENTS)
    assert [(made[name]["items"], made[name]["views"]) for name in ("ann", "bob", "eve")] == [(2, 2), (1, 0), (0, 0)]


def test_category_shares_are_sorted_and_add_up() -> None:
    """The shares of main categories in a customer's purchases, the largest first; products without a category are left aside."""
    made = customers(EVENTS)
    assert [(share["category"], pytest.approx(share["share"])) for share in made["ann"]["category_shares"]] == [
        ("coffee > beans", 2 / 3),
        ("kitchen", 1 / 3),
    ]
    assert made["bob"]["category_shares"] == []


def test_top_terms_come_by_frequency_then_alphabet() -> None:
    """What a customer searched for most often comes first."""
    made = customers(EVENTS)
    assert [made[name]["top_terms"] for name in ("ann", "bob", "eve")] == [["mug", "red"], [], ["tea"]]


def test_no_events_make_no_profiles() -> None:
    """Empty tables give empty features with the promised columns."""
    made = item_features(interactions(), items())
    assert ITEM_FEATURES.check(made).is_empty()
    assert USER_FEATURES.check(user_features(interactions(), made, users(), search_terms(searches()), OWNING, None)).is_empty()
