"""Columns are recognised by the names people use."""

import pytest

from tests.prep.raw_tables import raw
from xsell.errors import InputError, UsageError
from xsell.prep.columns import bare, cells, check_map, lone_baskets, parse_map, recognise, require
from xsell.prep.vocabulary import ALSO, COLUMNS, FIELDS

USERS = "user_id userId user CustomerID customer_id household_id member memberId visitorid buyer learner learner_id student reader account client"
ITEMS = "item_id itemId item StockCode product_id product asin sku movieId movie course course_id article article_id"
TIMES = "timestamp time date datetime InvoiceDate transaction_timestamp event_time created_at enrolled_at read_at"
ORDERS = "order_id InvoiceNo invoice basket_id transaction_id"


@pytest.mark.parametrize(
    ("kind", "field", "names"),
    [
        ("events", "user_id", USERS),
        ("events", "item_id", ITEMS),
        ("events", "at", TIMES),
        ("events", "order_id", ORDERS),
        ("events", "rating", "rating score stars Score"),
        ("events", "quantity", "quantity qty units"),
        ("events", "price", "price UnitPrice unit_price price_usd Price(EUR)"),
        ("events", "total", "sales_value amount total revenue"),
        ("events", "event", "event event_type behavior action"),
        ("items", "category", "category product_category department genre genres section subject topic"),
        ("items", "name", "name title Description product_type product_name"),
        ("items", "brand", "brand manufacturer"),
        ("items", "item_id", "id " + ITEMS),
        ("users", "user_id", "id " + USERS),
        ("users", "age", "age age_group"),
        ("users", "gender", "gender sex"),
        ("users", "location", "location country city region zip postcode"),
        ("searches", "query", "query search keyword q"),
    ],
)
def test_names_are_known(kind: str, field: str, names: str) -> None:
    """Every name in the list is recognised as its field, whatever its case, spaces, dashes and underscores."""
    for name in names.split():
        for spelling in (name, name.upper(), name.replace("_", " "), name.replace("_", "-")):
            assert recognise(kind, ["x", spelling, "y"], {}) == {field: spelling}


def test_no_name_means_two_fields_of_one_table() -> None:
    """In one kind of table a name stands for one field only."""
    for kind, fields in FIELDS.items():
        sets = [{bare(name) for name in f"{COLUMNS[field]} {ALSO.get(kind, {}).get(field, '')}".split()} for field in fields]
        assert sum(len(names) for names in sets) == len(set().union(*sets))


def test_levels_of_a_path_are_named_with_a_plus() -> None:
    """Several columns make the category, each found as one is, unless a column has that very name; other fields take one column only."""
    columns = ["item", "Department", "product category", "a+b"]
    for typed, found in (("department + product_category", "Department+product category"), ("a+b", "a+b")):
        assert recognise("items", columns, {"category": typed})["category"] == found
    catalog = raw("item,Department,product category,a+b\nx, Food ,Tea,1\ny,,Jam,2\nz,Home,,3\n")
    check_map({"category": "department+product_category"}, {"items": [catalog]})
    path = catalog.frame.select(cells("Department+product category", columns)).to_series()
    assert path.to_list() == ["Food > Tea", "Jam", "Home"]
    assert catalog.frame.select(cells("a+b", columns)).to_series().to_list() == ["1", "2", "3"]
    for wrong in ({"category": "department+shelf"}, {"name": "department+product_category"}):
        with pytest.raises(UsageError, match="no file has a column"):
            check_map(wrong, {"items": [catalog]})


def test_a_fixed_order_decides_between_columns_that_fit() -> None:
    """A product category goes before a department, both before a subcategory, wherever they stand."""
    columns = ["item", "sub_category", "department", "product_category"]
    for expected in ("product_category", "department", "sub_category"):
        assert recognise("items", columns, {})["category"] == expected
        columns.remove(expected)


def test_named_columns_go_first_and_serve_one_field() -> None:
    """A column named by the user is not used for another field, and other spellings of its name are found."""
    assert recognise("events", ["basket", "item"], {"user_id": "basket"}) == {"user_id": "basket", "item_id": "item"}
    assert recognise("items", ["item", "Level1", "category"], {"category": "level1"}) == {"item_id": "item", "category": "Level1"}


def test_map_words_are_read() -> None:
    """Pairs come one by one or with commas, and a column's name may hold a comma."""
    assert parse_map(["user_id=a,item_id=b", "price=p, q"]) == {"user_id": "a", "item_id": "b", "price": "p, q"}


@pytest.mark.parametrize(("text", "hint"), [("usr_id=a", "user_id"), ("user_id", "--map user_id=CustomerID"), ("=a", "--map")])
def test_map_words_that_mean_nothing_are_usage_errors(text: str, hint: str) -> None:
    """An unknown field or a pair without a column is refused with what to type."""
    with pytest.raises(UsageError) as caught:
        parse_map([text])
    assert hint in caught.value.hint


def test_a_column_in_no_file_is_a_usage_error() -> None:
    """A column that no file has is refused with the close match and all columns; one in the right kind of table passes."""
    tables = {"events": [raw("basket,item\na,b\n")], "items": [raw("item,level1\nb,c\n")]}
    check_map({"user_id": "basket", "category": "level1"}, tables)
    with pytest.raises(UsageError) as caught:
        check_map({"user_id": "baskets"}, tables)
    assert "Did you mean basket?" in caught.value.hint
    assert "item" in caught.value.hint
    with pytest.raises(UsageError):
        check_map({"query": "item"}, tables)


def test_a_missing_column_is_an_input_error_with_an_example() -> None:
    """Without a column for the customer the sentence lists what is there and the hint shows how to name one."""
    table = raw("basket,item\na,b\n")
    with pytest.raises(InputError, match="no user column; its columns are basket, item") as caught:
        require("events", table, recognise("events", table.frame.columns, {}))
    assert "--map user_id=basket" in caught.value.hint


def test_baskets_stand_for_customers_only_where_nothing_else_does() -> None:
    """A log without customers has the column of its baskets in their place; with a customer, without baskets, or in one of several files, it has not."""
    for name in ("basket", "InvoiceNo", "order_id", "transaction", "session"):
        assert lone_baskets([[name, "item"]], {}) == name
    assert lone_baskets([["basket", "item"], ["order", "item"]], {}) == "basket"
    assert lone_baskets([["basket", "customer", "item"]], {}) == lone_baskets([["item", "price"]], {}) == lone_baskets([], {}) == ""
    assert lone_baskets([["basket", "item"], ["customer", "item"]], {}) == ""
    assert lone_baskets([["basket", "who", "item"]], {"user_id": "who"}) == ""
