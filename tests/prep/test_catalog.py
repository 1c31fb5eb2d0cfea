"""The catalogue: from a file, from the events, or from both."""

import polars as pl

from tests.prep.raw_tables import raw
from xsell.contract.options import Clean
from xsell.data.schema import ITEMS
from xsell.prep.catalog import clean_items, combine
from xsell.prep.cleaning import clean_events
from xsell.prep.diary import Diary
from xsell.prep.products import warn_no_products


def test_items_in_the_events_become_the_catalogue() -> None:
    """Without a catalogue the most frequent filled value of each item counts, among equals the first in sorting order."""
    text = "user,item,category,name,price\na,x,B,n2,2\nb,x,A > C,n1,3\nc,x,A>C,,3\nd,x,,,0\ne,y,,,\n"
    items = combine(None, clean_events([raw(text)], Clean(), Diary()).items, Diary())
    assert ITEMS.check(items).rows() == [("x", "n1", "A > C", None, 3.0), ("y", None, None, None, None)]


def test_a_catalogue_goes_first_and_the_events_fill_its_gaps() -> None:
    """Cells of the catalogue win, empty ones are filled from the events, items it lacks are added and told, further columns stay."""
    catalog = clean_items([raw("product_id,department,product_category,size\nx,D,,big\nz,E,C,\n")], Clean(), Diary()).frame
    events = clean_events([raw("user,item,category,name\na,x,B,n\na,y,A,m\n")], Clean(), Diary())
    diary = Diary()
    items = combine(catalog, events.items, diary)
    assert items.columns == [*ITEMS.columns, "department", "size"]
    assert items.select("item_id", "name", "category", "size").rows() == [
        ("x", "n", "B", "big"),
        ("y", "m", "A", None),
        ("z", None, "C", None),
    ]
    assert [warning.code for warning in diary.warnings] == ["items-not-in-catalogue"]


def test_a_catalogue_of_other_ids_is_told() -> None:
    """Where no item with events is in the catalogue, the note doubts that both use the same ids."""
    catalog = clean_items([raw("product_id,category\nx1,C\n")], Clean(), Diary()).frame
    diary = Diary()
    combine(catalog, clean_events([raw("user,item\na,x\n")], Clean(), Diary()).items, diary)
    assert "same ids" in diary.warnings[0].message


def test_rows_of_one_item_are_merged() -> None:
    """The first filled cell of each column counts, and every row is accounted for."""
    table = clean_items([raw("item,category,brand,price\nx,,b1,oops\nx,C,b2,2.5\n,D,,\nPOST,,,\n")], Clean(drop_items=("POST",)), Diary())
    assert table.frame.select("item_id", "category", "brand", "price").rows() == [("x", "C", "b1", 2.5)]
    assert (table.ledger.read, table.ledger.kept, table.ledger.merged, table.ledger.rejected) == (
        4,
        1,
        1,
        {"no item": 1, "dropped item": 1},
    )


def test_columns_named_like_promised_ones_are_renamed() -> None:
    """A further column never takes the place of a promised one."""
    table = clean_items([raw("item,product_name,name,reason\nx,Mug,code 7,new\n")], Clean(), Diary()).frame
    assert table.to_dicts() == [{"item_id": "x", "name": "Mug", "name_given": "code 7", "reason_given": "new"}]


def test_what_looks_like_no_product_is_told_and_kept() -> None:
    """Ids without digits among numbered ones, and names such as postage, are listed with the words to type; only items with events count."""
    ids = [*(str(n) for n in range(20)), "POST", "77", "M", "GIFT"]
    items = pl.DataFrame(
        {"item_id": ids, "name": [*["thing"] * 21, "Carriage", None, None], "category": pl.Series([None] * 24, dtype=pl.String)}
    )
    diary = Diary()
    warn_no_products(items, pl.Series(ids[:-1]), (), "no.txt", diary)
    assert diary.lists["looks like no product"] == ["POST", "77", "M"]
    assert "--drop-items POST,77,M" in diary.warnings[0].message


def test_words_as_ids_are_products_where_all_are_words() -> None:
    """In a shop whose ids are words none looks odd."""
    items = pl.DataFrame(
        {"item_id": ["milk", "ham"], "name": [None, None], "category": [None, None]},
        schema_overrides={"name": pl.String, "category": pl.String},
    )
    diary = Diary()
    warn_no_products(items, items["item_id"], (), "no.txt", diary)
    assert not diary.warnings
