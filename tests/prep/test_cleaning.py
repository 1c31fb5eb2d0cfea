"""Cleaning events: every rule does what it says, and every row is accounted for."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.prep.raw_tables import raw
from xsell.contract.options import Clean
from xsell.data.schema import INTERACTIONS
from xsell.prep.cleaning import Events, clean_events
from xsell.prep.diary import Diary
from xsell.prep.stacking import rejects


def clean(text: str, diary: Diary | None = None, **options: object) -> Events:
    """Clean one CSV text."""
    return clean_events([raw(text)], Clean(**options), diary or Diary())


def codes(diary: Diary) -> list[str]:
    """Codes of the warnings."""
    return [warning.code for warning in diary.warnings]


CELL = st.sampled_from(["", "a", "1", "-1", "0", "NaN", "2020-01-01", "5", "1e308", "null", "x,y"])


@settings(deadline=None)
@given(rows=st.lists(st.tuples(*[CELL] * 6), min_size=1, max_size=12))
def test_no_row_is_lost_or_doubled(rows: list[tuple[str, ...]]) -> None:
    """Whatever stands in the cells, read is kept plus merged plus rejected, rejects are as many as refused rows, and the table keeps its promise."""
    table = raw("user,item,rating,quantity,price,time\n" + "".join(",".join(row) + "\n" for row in rows))
    events = clean_events([table], Clean(), Diary())
    book = events.ledger
    assert book.read == table.rows == book.kept + book.merged + book.refused
    assert INTERACTIONS.check(events.interactions).height == book.kept
    assert rejects([table], events.refused).height == book.refused


RULES = {
    "no user": ",i,5,1,1,2020-01-01",
    "no item": "u,null,5,1,1,2020-01-01",
    "unreadable date": "u,i,5,1,1,yesterday",
    "unreadable rating": "u,i,NaN,1,1,2020-01-01",
    "unreadable quantity": "u,i,5,two,1,2020-01-01",
    "unreadable price": "u,i,5,1,1e308,2020-01-01",
    "zero quantity": "u,i,5,0,1,2020-01-01",
    "negative price": "u,i,5,1,-1,2020-01-01",
    "too many fields": "u,i,5,1,1,2020-01-01,more",
}


@pytest.mark.parametrize("reason", RULES)
def test_each_rule_refuses_its_row_with_file_line_and_cells(reason: str) -> None:
    """A broken row is refused for its reason, and the reject names the file and the line and holds the raw row."""
    table = raw("user,item,rating,quantity,price,time\nv,j,4,1,1,2020-01-01\n" + RULES[reason] + "\n", "shop.csv")
    events = clean_events([table], Clean(), Diary())
    assert events.ledger.rejected == {reason: 1}
    [row] = rejects([table], events.refused).rows(named=True)
    assert (row["file"], row["line"], row["reason"]) == ("shop.csv", 3, reason)
    assert "2020-01-01" in row["row"] or "yesterday" in row["row"]


def test_exact_repeats_are_merged_and_other_times_kept() -> None:
    """Rows equal in every column are one event; a repeat at another time is another event."""
    events = clean("user,item,time\nu,i,2020-01-01\nu,i,2020-01-01\nu,i,2020-01-02\n")
    assert (events.ledger.kept, events.ledger.merged) == (2, 1)


@given(rows=st.lists(st.tuples(*[st.sampled_from("ab")] * 2, st.sampled_from(["0", "-0", "0.0", "1", ""]), st.sampled_from("xy"))))
def test_of_rows_that_are_equal_the_first_is_kept(rows: list[tuple[str, ...]]) -> None:
    """Rows equal in what an event is are merged whatever else they say, and what is kept is what comparing all of them keeps."""
    rows = [*rows, ("a", "a", "1", "x")]
    events = clean("user,item,price,colour\n" + "".join(",".join(row) + "\n" for row in rows))
    assert events.ledger.kept == len({(user, item, float(price) if price else None) for user, item, price, _ in rows})


def test_outliers_are_clipped_dropped_or_kept() -> None:
    """A rating of 7 among ratings from 1 to 5 is moved to 5, refused, or kept beyond 1."""
    text = "user,item,rating\nu,x,7\n" + "".join(f"u{n},i,{n % 5 + 1}\n" for n in range(50))
    values = {way: clean(text, outliers=way).interactions.filter(item_id="x")["value"].to_list() for way in ("clip", "drop", "keep")}
    assert values == {"clip": [1.0], "drop": [], "keep": [1.5]}
    assert clean(text, outliers="drop").ledger.rejected == {"rating outside the scale": 1}
    diary = Diary()
    clean(text, diary)
    assert codes(diary) == ["ratings-outside-scale"]
    assert diary.warnings[0].message.startswith("1 rating lies outside the scale of ")
    clean(text, quiet := Diary(), outliers="drop")
    assert codes(quiet) == []
    assert clean(text, rating_scale="0,10").interactions.filter(item_id="x")["value"][0] == pytest.approx(0.7)


def test_normalisations_keep_their_definitions() -> None:
    """Min-max maps the ends to 0 and 1, z-scores have mean 0 and deviation 1, and none leaves ratings as they are."""
    text = "user,item,rating\na,i,1\nb,i,3\nc,i,5\n"
    assert clean(text).interactions["value"].to_list() == [0.0, 0.5, 1.0]
    assert clean(text, scale="none").interactions["value"].to_list() == [1.0, 3.0, 5.0]
    scores = clean(text, scale="zscore").interactions["value"]
    assert (scores.mean(), scores.std(ddof=0)) == (pytest.approx(0), pytest.approx(1))


def test_words_for_events_are_understood() -> None:
    """Synonyms become purchase, rating, view, cart and return, unknown words stay, and only ratings carry a value."""
    words = {
        "buy": "purchase",
        "PV": "view",
        "addtocart": "cart",
        "Add To Cart": "cart",
        "review": "rating",
        "refund": "return",
        "Wish": "wish",
    }
    rows = "".join(f"u,i{n},{word},{4 if word == 'review' else ''}\n" for n, word in enumerate(words))
    table = clean("user,item,behavior,rating\n" + rows, rating_scale="1,5").interactions
    assert table["event"].to_list() == list(words.values())
    assert table["value"].to_list() == [0.75 if event == "rating" else 1.0 for event in table["event"]]


def test_a_purchase_with_a_rating_is_a_rating_and_a_view_is_not() -> None:
    """A rating makes a purchase a rating, leaves a view a view, and a rating event without one is refused."""
    events = clean("user,item,event,rating\nu,a,purchase,5\nu,b,view,1\nu,c,rating,\nu,d,,2\n", rating_scale="1,5")
    assert events.interactions.select("item_id", "event", "value").rows() == [
        ("a", "rating", 1.0),
        ("b", "view", 1.0),
        ("d", "rating", 0.25),
    ]
    assert events.ledger.rejected == {"no rating": 1}


def test_line_totals_become_prices_of_one_unit() -> None:
    """A line total is divided by the quantity, for a return too; a unit price goes first."""
    events = clean("user,item,quantity,sales_value\nu,a,2,5\nu,b,-2,-5\nu,c,-2,5\nu,d,,5\n")
    assert events.interactions["price"].to_list() == [2.5, 2.5, 2.5, 5.0]
    assert {read.field: read.how for read in events.readings}["total"] == "line total/quantity, no currency"
    assert clean("user,item,quantity,total,price\nu,a,2,5,2\nu,b,2,5,\n").interactions["price"].to_list() == [2.0, 2.5]


def test_cancellations_are_returns_that_undo_their_purchase() -> None:
    """A cancelled invoice with a negative quantity is kept as a return and marks the purchase; a C alone marks nothing."""
    text = "CustomerID,StockCode,InvoiceNo,Quantity,InvoiceDate\nu,a,1,6,2020-01-01\nu,a,C2,-6,2020-01-02\nu,b,C3,1,2020-01-02\n"
    diary = Diary()
    table = clean(text, diary).interactions
    assert table.select("item_id", "event", "undone").rows() == [("a", "purchase", True), ("a", "return", False), ("b", "purchase", False)]
    assert table["undone_at"].dt.to_string("%Y-%m-%d").to_list() == ["2020-01-02", None, None]
    assert diary.counts["rows of cancelled orders (C and a number)"] == 1


def test_items_that_are_no_products_are_dropped_by_pattern() -> None:
    """Patterns with stars and question marks refuse their items, and a pattern that matches nothing is told."""
    diary = Diary()
    events = clean("user,item\nu,POST\nu,BANK CHARGES\nu,M\nu,MUG1\n", diary, drop_items=("POST", "BANK*", "?", "DOT"))
    assert events.interactions["item_id"].to_list() == ["MUG1"]
    assert events.ledger.rejected == {"dropped item": 3}
    assert codes(diary) == ["drop-items-idle"]


def test_order_ids_that_a_spreadsheet_rounded_are_emptied() -> None:
    """A rounded order id names no order, and a rounded item id is kept; both are told."""
    diary = Diary()
    table = clean("user,item,basket_id\nu,a,4.0128e+10\nu,4.0128e+10,7\n", diary).interactions
    assert table["order_id"].to_list() == ["7", None]
    assert table["item_id"].to_list() == ["4.0128e+10", "a"]
    assert codes(diary) == ["damaged-ids", "damaged-ids"]
    assert diary.warnings[0].message.startswith("1 id in item of a.csv went through a spreadsheet")


def test_a_file_with_rounded_ids_is_named() -> None:
    """Of several files those are named in which ids were rounded, standard input by this name."""
    diary = Diary()
    parts = [raw("user,item\nu,a\n"), raw("user,item\nu,4.0128e+10\n", "-"), raw("user,item\nu,5.1e+9\n", "late.csv")]
    clean_events(parts, Clean(), diary)
    assert "2 ids in item of standard input and late.csv went through" in diary.warnings[0].message


def test_dates_that_could_be_two_days_are_told() -> None:
    """Where nothing settles day and month there is a warning that names the option."""
    diary = Diary()
    clean("user,item,date\nu,i,03/04/2020\n", diary)
    assert codes(diary) == ["ambiguous-dates"]
    assert "--dates day-first" in diary.warnings[0].message
    assert any("month first" in sentence and "UTC" in sentence for sentence in diary.sentences)


def test_dates_that_say_both_are_told_apart_from_dates_that_say_nothing() -> None:
    """Where single dates settle day and month either way, the warning says so, and each of them is read as it makes sense."""
    diary = Diary()
    found = clean("user,item,date\nu,i,25/03/2020\nu,j,03/26/2020\nu,k,27/03/2020\n", diary)
    assert sorted(found.interactions["at"].dt.day().to_list()) == [25, 26, 27]
    assert codes(diary) == ["ambiguous-dates"]
    assert "day first only and others month first only" in diary.warnings[0].message
    assert "read day first. Use --dates month-first" in diary.warnings[0].message


def test_files_with_other_columns_are_one_log() -> None:
    """Two files with other names, other columns and other types become one log, and rejects name the right file."""
    second = pl.DataFrame({"customer": [2, 3], "sku": [5.0, None], "at": ["1600000000", "1600000000"]})
    other = raw("x\n1\n", "b.parquet")
    other = type(other)("b.parquet", second, pl.Series([1, 2]), other.refused, (), "")
    tables = [raw("user,item,rating,date\n1,5,4,2020-09-13 12:26:40\n"), other]
    events = clean_events(tables, Clean(), Diary())
    assert events.interactions.select("user_id", "item_id", "event").rows() == [("1", "5", "rating"), ("2", "5", "purchase")]
    assert events.interactions["at"].n_unique() == 1
    assert rejects(tables, events.refused).select("file", "line", "reason").rows() == [("b.parquet", 2, "no item")]


def test_the_table_is_sorted_and_ties_keep_the_order_of_the_file() -> None:
    """Rows are sorted by customer, item, time (unknown first) and event; ratings at one time stay in the order of the file."""
    events = clean("user,item,rating,time\nb,i,1,2020-01-01\na,i,5,\na,i,2,2020-01-01\na,i,4,2020-01-01\n", scale="none")
    assert events.interactions.select("user_id", "value").rows() == [("a", 5.0), ("a", 2.0), ("a", 4.0), ("b", 1.0)]
