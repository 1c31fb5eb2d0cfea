"""Items that are no products."""

import polars as pl
import pytest

from tests.prep.raw_tables import raw
from xsell.contract.options import Clean
from xsell.prep.diary import Diary
from xsell.prep.products import BOOKINGS, bookings, of_goods, warn_bookings, warn_no_products


def items(*rows: tuple[str, str | None, str | None]) -> pl.DataFrame:
    """Give rows of an id, a name and a category."""
    return pl.DataFrame(rows, schema={"item_id": pl.String, "name": pl.String, "category": pl.String}, orient="row")


@pytest.mark.parametrize(
    "word",
    """POSTAGE;Dotcom postage;Delivery charge;shipping fees;Bank Charges;AMAZON FEE;AMAZONFEE;Coupon;COUPONS/STORE & MFG;
    GASOLINE-REG UNLEADED;gasoline;Versandkosten""".replace("\n", "").split(";"),
)
def test_bookings_are_found_by_name_and_by_any_level_of_the_main_category(word: str) -> None:
    """What is called so, or stands in a category called so, is booked and no product."""
    word = word.strip()
    found = bookings(
        items(("a", word, "Food"), ("b", "Tea", f"Food > {word} | Drinks"), ("c", "Tea", f"Food | {word}"), ("d", "Tea", None)), Clean()
    )
    assert found["item_id"].to_list() == ["a", "b"]
    assert found["label"].to_list() == [word, word]


@pytest.mark.parametrize("word", ["Carriage", "DISCOUNT", "Pfand"])
def test_some_words_tell_as_names_only(word: str) -> None:
    """A shop may have a shelf of carriages, or of what is sold at a discount."""
    assert bookings(items(("a", word, None), ("b", "Pram", word)), Clean())["item_id"].to_list() == ["a"]


@pytest.mark.parametrize(
    "word",
    [
        "Fuel",
        "Fuel bottle",
        "Gasoline can",
        "Postage stamp tray",
        "Post",
        "Sample",
        "Manual",
        "Coupon wallet",
        "Miscellaneous",
        "Gift voucher",
        "",
    ],
)
def test_what_may_be_a_product_is_none_of_them(word: str) -> None:
    """A shop may sell fuel for stoves, stamps and vouchers: whatever is not surely a booking stays."""
    assert bookings(items(("a", word, word)), Clean()).is_empty()


def test_most_rows_of_an_item_decide() -> None:
    """One row in which somebody wrote a note in place of the name does not make a product a booking."""
    rows = [("a", "Mug", None), ("a", "postage", None), ("b", "POSTAGE", None), ("b", None, None), ("b", "postage", None)]
    assert bookings(items(*rows), Clean())["item_id"].to_list() == ["b"]


def test_none_keeps_them_and_patterns_go_before() -> None:
    """The word none keeps all; what a pattern leaves out is left out by the pattern; without names nothing can be told."""
    both = items(("P", "Postage", None), ("C", "Carriage", None))
    assert bookings(both, Clean(drop_items=("none",))).is_empty()
    assert bookings(both, Clean(drop_items=("P*",)))["item_id"].to_list() == ["C"]
    assert bookings(both.select("item_id"), Clean()).schema == BOOKINGS


def test_without_prices_there_are_no_bookings() -> None:
    """A log that tells no price, under any name that is known or given, is not one of paid goods."""
    plain, paid = raw("user,item\nu,a\n"), raw("user,item,Betrag EUR,worth\nu,a,1,1\n")
    assert of_goods([plain], Clean(drop_items=("P",))).drop_items == ("P", "none")
    assert of_goods([plain, paid], Clean()).drop_items == ()
    assert of_goods([raw("user,item,worth\nu,a,1\n")], Clean(map=("price=worth",))).drop_items == ()


def test_left_out_is_told() -> None:
    """The note counts rows and items, names each thing once, and says how to get them back."""
    diary = Diary(bookings={"1": "GASOLINE", "2": "COUPON", "3": "GASOLINE"})
    warn_bookings(1200, (), diary)
    assert diary.warnings[0].message == (
        "Left out 1,200 rows of 3 items that are no products: GASOLINE, COUPON; --drop-items none keeps them."
    )
    warn_bookings(1200, ("d",), diary)
    assert diary.warnings[1].message.endswith("; none among the words of --drop-items keeps them.")
    warn_bookings(0, (), quiet := Diary())
    assert quiet.warnings == []


def test_many_that_look_odd_are_told_by_name() -> None:
    """Ids say little: where they are too many to type, the note has names, the most frequent first."""
    rows = [(str(n), "Fuel" if n % 3 else "Sample", None) for n in range(12)]
    diary = Diary()
    warn_no_products(items(*rows), pl.Series([row[0] for row in rows]), (), "no.txt", diary)
    assert diary.warnings[0].message.startswith("12 items look like no products: Fuel, Sample; --drop-items @no.txt would")


@pytest.mark.parametrize(
    ("globs", "words"),
    [(("none", "d"), "none,d,f"), (("BANK*",), '"BANK*,f"'), (("none", *"abcdeghi"), "none,@no.txt"), (tuple("abcdeghi"), "@no.txt")],
)
def test_what_was_typed_stays_in_what_to_type(globs: tuple[str, ...], words: str) -> None:
    """Who types what the note says leaves out no less than before: patterns stay, and so does the word that keeps postage."""
    diary = Diary()
    warn_no_products(items(("f", "Fuel", None)), pl.Series(["f"]), globs, "no.txt", diary)
    assert diary.warnings[0].message == f"1 item looks like no product: Fuel; --drop-items {words} would leave it out."


def test_other_goods_of_a_kind_are_goods() -> None:
    """Miscellaneous lunch meat and pickles among the miscellaneous are goods; what is called so and nothing else looks like none."""
    word, diary = "Miscellaneous", Diary()
    rows = [("1", word, "Lunch meat"), ("2", "Pickles", word), ("3", word, None), ("4", None, f"Meat > {word}"), ("5", word, word)]
    warn_no_products(items(*rows), pl.Series([row[0] for row in rows]), (), "no.txt", diary)
    assert diary.lists["looks like no product"] == ["3", "5"]
