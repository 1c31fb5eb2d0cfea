"""`--for items`: the table of what goes with what, as an analyst gets it."""

from pathlib import Path

import polars as pl
import pytest

from tests.prep.shop_tables import event, interactions, items
from xsell.contract.options import Recommend, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data.answers import ITEM_PAIRS
from xsell.data.schema import INTERACTIONS, ITEMS
from xsell.errors import InputError, UsageError
from xsell.files.workspace import Workspace
from xsell.stages import features, recommend

NAMES = {"pasta": "Spaghetti, durum", "sauce": 'Tomato "rossa"', "tea": "Green tea 绿茶", "tea2": "Green tea 绿茶 large", "soap": "Soap"}
CATEGORIES = {"pasta": "Dry", "sauce": "Jars", "tea": "Drinks", "tea2": "Drinks", "soap": "Care"}


def directory(path: Path, *, orders: bool = True, catalog: bool = True) -> Workspace:
    """A shop in which pasta and sauce are bought together, and of two teas one or the other."""
    rows = []
    for customer in range(60):
        for order, basket in enumerate((("pasta", "sauce"), ("tea", "soap"), ("tea2", "soap"), ("soap", "pasta"))):
            if (customer + order) % 3:
                rows += [event(f"u{customer:02}", item, order_id=f"{order}" if orders else None) for item in basket]
    made = Workspace(path)
    made.write(INTERACTIONS, interactions(*rows))
    if catalog:
        made.write(ITEMS, items(*({"item_id": item, "name": NAMES[item], "category": CATEGORIES[item]} for item in NAMES)))
    made.write_json("clean/report.json", {})
    features.run(made, Settings(), silent)
    return made


def run(workspace: Workspace, *item: str, **words: str | int) -> Report:
    """Ask what goes with what."""
    return recommend.run(workspace, Settings(recommend=Recommend(question="items", item=item, **words)), silent)  # type: ignore[arg-type]


def test_the_table_keeps_its_promise(tmp_path: Path) -> None:
    """Complements are of other categories, substitutes of the same, the counts are those of the baskets, and the rows are sorted by their key."""
    shop = directory(tmp_path)
    report = run(shop)
    table = shop.read(ITEM_PAIRS)
    assert table.equals(table.sort("item_id", "kind", "rank"))
    row = table.filter(pl.col("item_id") == "pasta", pl.col("other_id") == "sauce").row(0, named=True)
    assert (row["kind"], row["rank"], row["n"], row["customers"], row["n_item"], row["n_other"]) == ("complement", 1, 40, 40, 80, 40)
    assert row["support"] == pytest.approx(40 / 160)
    assert row["confidence"] == pytest.approx(0.5)
    assert row["lift"] == pytest.approx(2.0)
    assert row["lift_low"] < 2 < row["lift_high"]
    assert row["because"].startswith("in 40 of its 80 baskets, by chance in ")
    same = pl.col("category") == pl.col("other_category")
    assert table.filter(pl.col("kind") == "complement").filter(same).height == 0
    assert table.filter(pl.col("kind") == "substitute").filter(~same).height == 0
    assert report.counts["rows"] == table.height
    assert report.counts["complements"] + report.counts["substitutes"] == table.height
    assert [fact.rows for fact in report.outputs] == [table.height]


def test_teas_replace_each_other(tmp_path: Path) -> None:
    """Two products of one category that are described alike and never share a basket are substitutes with both marks."""
    shop = directory(tmp_path)
    run(shop)
    row = shop.read(ITEM_PAIRS).filter(pl.col("item_id") == "tea", pl.col("kind") == "substitute").row(0, named=True)
    assert (row["other_id"], row["n"], row["mark"], row["customers"]) == ("tea2", 0, "alike, seldom together", None)


def test_without_orders_customers_are_counted(tmp_path: Path) -> None:
    """Where purchases name no order, bought together means by the same customer, and the report says so."""
    shop = directory(tmp_path, orders=False)
    report = run(shop)
    assert report.counts["baskets"] == report.counts["customers"] == 60
    assert "by the same customer" in report.sentences[0]
    assert shop.read(ITEM_PAIRS)["because"].str.contains("customers").all()


def test_without_categories_everything_may_go_together(tmp_path: Path) -> None:
    """Without a catalogue there are complements of any kind, no substitutes, and a warning."""
    shop = directory(tmp_path, catalog=False)
    report = run(shop)
    assert report.counts["complements"] > 0
    assert report.counts["substitutes"] == 0
    assert [warned.code for warned in report.warnings] == ["no-categories"]


def test_one_product_is_a_page(tmp_path: Path) -> None:
    """A page shows the rows that the whole table has for the product, and writes no table; names with commas and quotes are whole."""
    shop = directory(tmp_path)
    run(shop)
    whole = shop.read(ITEM_PAIRS).filter(pl.col("item_id") == "pasta")
    (tmp_path / ITEM_PAIRS.path).unlink()
    report = run(shop, "pasta")
    assert not shop.has(ITEM_PAIRS)
    assert pl.DataFrame(report.results, schema=dict(ITEM_PAIRS.columns)).equals(whole)
    assert "Spaghetti, durum (pasta)" in report.grids[0].title
    assert 'Tomato "rossa" (sauce) · Jars' in str(report.grids[0].rows[0][1])


def test_an_unknown_product_names_what_may_be_meant(tmp_path: Path) -> None:
    """A product that is not there is an error whose hint names products that are called or spelt like it."""
    shop = directory(tmp_path)
    for typed, meant in (("spaghetti", "pasta"), ("tea3", "tea"), ("绿茶 l", "tea2")):
        with pytest.raises(InputError, match=typed) as refused:
            run(shop, typed)
        assert meant in refused.value.hint
    with pytest.raises(InputError) as refused:
        run(shop, "?")
    assert "features/items.parquet" in refused.value.hint


def test_scopes_of_customers_are_refused(tmp_path: Path) -> None:
    """What goes with a product depends on no customer's history: scopes that are about it are an error, `any` lets complements be of one category."""
    shop = directory(tmp_path)
    for scope in ("dormant", "same"):
        with pytest.raises(UsageError, match=scope):
            run(shop, scope=scope)
    run(shop, scope="any")
    assert shop.read(ITEM_PAIRS)["n"].max() == 40


def test_products_without_pairs_are_named(tmp_path: Path) -> None:
    """A product with which nothing goes gets a sentence instead of an empty page."""
    shop = Workspace(tmp_path)
    shop.write(INTERACTIONS, interactions(event("u1", "a"), event("u2", "b")))
    shop.write_json("clean/report.json", {})
    features.run(shop, Settings(), silent)
    report = run(shop, "a")
    assert report.grids == ()
    assert any("Nothing was found for a:" in sentence for sentence in report.sentences)
    assert run(shop).counts["rows"] == 0


def test_exported_rows_are_those_of_the_table(tmp_path: Path) -> None:
    """`--output` takes the same rows as the table in the working directory, in every form, and n bounds each kind."""
    shop = directory(tmp_path)
    for suffix in ("parquet", "csv", "jsonl"):
        run(shop, n=1, output=str(tmp_path / f"pairs.{suffix}"))
        read = {"parquet": pl.read_parquet, "csv": pl.read_csv, "jsonl": pl.read_ndjson}[suffix]
        assert read(tmp_path / f"pairs.{suffix}").select("item_id", "other_id").equals(shop.read(ITEM_PAIRS).select("item_id", "other_id"))
    assert (shop.read(ITEM_PAIRS)["rank"] == 1).all()
