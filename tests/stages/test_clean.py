"""The stage `clean`: from the user's files to clean tables, with every row accounted for."""

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import SmallShop
from xsell.contract.options import Clean, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data import schema
from xsell.data.schema import CLEANED, NO_PRODUCTS
from xsell.errors import InputError, UsageError
from xsell.files.workspace import Workspace
from xsell.stages import clean

DATA = Path(__file__).parents[2].parent / "shared/data"
RETAIL = DATA / "online-retail/online_retail.csv.gz"
JOURNEY = DATA / "complete-journey"
GROCERIES = DATA / "groceries"
TABLES = (schema.INTERACTIONS, schema.ITEMS, schema.USERS, schema.SEARCHES, schema.REJECTS)


def ran(root: Path, *events: Path | str, **options: Any) -> Report:
    """Run the stage on files."""
    texts = {name: str(value) if isinstance(value, Path) else value for name, value in options.items()}
    return clean.run(Workspace(root), Settings(clean=Clean(events=tuple(str(e) for e in events), **texts)), silent)


def told(root: Path) -> dict[str, Any]:
    """Read the report file."""
    report: dict[str, Any] = json.loads((root / CLEANED).read_text(encoding="utf-8"))
    return report


def codes(report: Report) -> list[str]:
    """Codes of the warnings."""
    return [warning.code for warning in report.warnings]


def need(path: Path) -> None:
    """Skip where the real data are not beside the repository."""
    if not path.exists():
        pytest.skip(f"../shared/data has no {path.name}")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory, small_shop: SmallShop) -> tuple[Path, Report]:
    """The small sample shop, cleaned once."""
    root, d = tmp_path_factory.mktemp("work"), small_shop.directory
    others = {"items": d / "products.csv", "users": d / "customers.csv", "searches": d / "searches.csv"}
    return root, ran(root, d / "events.csv", **others)


def test_every_table_keeps_its_promise(shop: tuple[Path, Report]) -> None:
    """All five tables and the report are written, and each passes its own check."""
    root, report = shop
    for table in TABLES:
        assert not Workspace(root).read(table).is_empty()
    assert [fact.path for fact in report.outputs] == [*(table.path for table in TABLES), CLEANED, NO_PRODUCTS]


def test_the_planted_dirt_is_counted_exactly(shop: tuple[Path, Report], small_shop: SmallShop) -> None:
    """What the sample shop's maker put in is what the report counts, rule by rule."""
    dirt, events, rules = small_shop.truth.dirt, told(shop[0])["tables"]["events"], told(shop[0])["rules"]
    dates = dirt["2025-13-45"] + dirt["yesterday"]
    assert events["merged"] == dirt["exact repeats"]
    assert events["rejected"] == {"no user": dirt["no customer"], "no item": dirt["no product"], "unreadable date": dates}
    assert rules["ratings outside the scale, moved to its ends"] == dirt["rating 7"] + dirt["rating 0"]
    assert rules["returns"] == rules["purchases undone by returns"] == dirt["returns"]


def test_read_is_kept_plus_merged_plus_rejected(shop: tuple[Path, Report]) -> None:
    """The numbers of every table add up, and agree with the rows of the files and of the rejects."""
    root, report = shop
    books = told(root)["tables"]
    for book in books.values():
        assert book["read"] == book["kept"] + book["merged"] + sum(book["rejected"].values())
    assert [fact.rows for fact in report.inputs] == [book["read"] for book in books.values()]
    assert Workspace(root).read(schema.REJECTS).height == sum(sum(book["rejected"].values()) for book in books.values())


def test_every_reject_can_be_found_in_its_file(shop: tuple[Path, Report]) -> None:
    """The line of a reject is the line of the file on which its raw row stands."""
    for file, line, _, row in Workspace(shop[0]).read(schema.REJECTS).iter_rows():
        text = Path(file).read_text(encoding="utf-8").splitlines()
        cells = next(csv.reader(io.StringIO(text[line - 1])))
        assert [cell or None for cell in cells] == list(json.loads(row).values())


def test_inputs_have_the_digest_of_their_bytes(shop: tuple[Path, Report]) -> None:
    """The manifest's facts name every raw file with its SHA-256."""
    for fact in shop[1].inputs:
        assert fact.sha256 == hashlib.sha256(Path(fact.path).read_bytes()).hexdigest()


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, shop: tuple[Path, Report], small_shop: SmallShop) -> None:
    """A second run writes the same files byte by byte."""
    d = small_shop.directory
    second = ran(tmp_path, d / "events.csv", items=d / "products.csv", users=d / "customers.csv", searches=d / "searches.csv")
    assert [fact.sha256 for fact in second.outputs] == [fact.sha256 for fact in shop[1].outputs]


def test_columns_dates_and_prices_are_told(shop: tuple[Path, Report]) -> None:
    """The report shows how each column was read, in tables that fit a terminal, and says how dates and prices were read."""
    report = shop[1]
    rows = report.grids[0].rows
    assert ("events", "user_id", "customer_id", "text") in rows
    assert all(sum(len(str(cell)) for cell in row) + 13 <= 80 for row in rows)
    assert any("ISO dates, taken as UTC" in sentence for sentence in report.sentences)
    assert any("currency" in sentence for sentence in report.sentences)
    assert told(shop[0])["ratings"] | {"low": 1.0, "high": 5.0, "shift": 1.0, "spread": 4.0} == told(shop[0])["ratings"]


def test_a_bare_file_works_and_hears_what_is_missing(tmp_path: Path) -> None:
    """Three columns are enough, and two notes say what times and categories would add."""
    path = tmp_path / "ratings.csv"
    path.write_text("user_id,item_id,rating\na,x,5\nb,y,1\n", encoding="utf-8")
    report = ran(tmp_path / "work", path)
    assert [warning.code for warning in report.warnings] == ["no-categories", "no-timestamps"]
    assert "--items" in report.warnings[0].message
    assert "--map at=COLUMN" in report.warnings[1].message
    assert Workspace(tmp_path / "work").read(schema.USERS).is_empty()


def test_columns_of_a_catalogue_that_may_be_categories_are_named(tmp_path: Path) -> None:
    """Where a catalogue was given and no column was read as categories, its columns of words are named with what to type."""
    path, items = tmp_path / "ratings.csv", tmp_path / "items.csv"
    path.write_text("user_id,item_id,rating\na,x,5\nb,y,1\n", encoding="utf-8")
    items.write_text("item,level 1,level2\nx,a,b\ny,a,c\n", encoding="utf-8")
    note = ran(tmp_path / "work", path, items=items).warnings[0].message
    assert "if level 1 or level2 holds categories, --map 'category=level 1' would" in note


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("learner,course,subject,enrolled_at\na,c1,Math,2024-01-01\nb,c2,Art,2024-01-02\n", {"user_id", "item_id", "category", "at"}),
        ("reader,article,section,time\na,x,News,1700000000\nb,y,Sport,1700000001\n", {"user_id", "item_id", "category", "at"}),
    ],
)
def test_courses_and_articles_are_understood(tmp_path: Path, text: str, columns: set[str]) -> None:
    """Enrolments and article views need no words on the command line."""
    path = tmp_path / "log.csv"
    path.write_text(text, encoding="utf-8")
    report = ran(tmp_path / "work", path)
    assert {row[1] for row in report.grids[0].rows} == columns
    assert Workspace(tmp_path / "work").read(schema.ITEMS)["category"].null_count() == 0


def test_several_files_and_forms_are_one_log(tmp_path: Path) -> None:
    """CSV, JSON Lines and Parquet together are one log, and rejects name their file."""
    (tmp_path / "a.csv").write_text("user,item\n1,x\n,x\n", encoding="utf-8")
    (tmp_path / "b.jsonl").write_text('{"user": 2, "item": "x"}\nnope\n', encoding="utf-8")
    pl.DataFrame({"customer_id": [3.0, None], "sku": ["x", "x"]}).write_parquet(tmp_path / "c.parquet")
    ran(tmp_path / "work", tmp_path / "a.csv", tmp_path / "b.jsonl", tmp_path / "c.parquet")
    workspace = Workspace(tmp_path / "work")
    assert workspace.read(schema.INTERACTIONS)["user_id"].to_list() == ["1", "2", "3"]
    found = [(Path(file).name, line, reason) for file, line, reason, _ in workspace.read(schema.REJECTS).rows()]
    assert found == [("a.csv", 3, "no user"), ("b.jsonl", 2, "no JSON object"), ("c.parquet", 2, "no user")]


def test_a_gate_closes_after_everything_is_written(tmp_path: Path) -> None:
    """Too many rejected rows close the gate, and the tables are there all the same."""
    path = tmp_path / "a.csv"
    path.write_text("user,item\na,x\n,x\n", encoding="utf-8")
    assert ran(tmp_path / "open", path, max_rejected=0.5).failed_gate == ""
    assert "--max-rejected" in ran(tmp_path / "closed", path, max_rejected=0.4).failed_gate
    assert Workspace(tmp_path / "closed").has(schema.INTERACTIONS)


def test_nothing_usable_writes_nothing(tmp_path: Path) -> None:
    """A file of which no row can be used is an input error that names file and cause, and no table is written."""
    path = tmp_path / "nan.csv"
    path.write_text("user_id,item_id,rating\nu,i,NaN\nv,j,inf\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"nan\.csv.*unreadable rating \(2\)"):
        ran(tmp_path / "work", path)
    assert not Workspace(tmp_path / "work").has(schema.INTERACTIONS)


@pytest.mark.parametrize(
    "options", [{"map": ("usr=a",)}, {"map": ("user_id=zzz",)}, {"time_zone": "Mars"}, {"rating_scale": "5"}, {"items": "-", "users": "-"}]
)
def test_wrong_words_are_usage_errors(tmp_path: Path, options: dict[str, Any]) -> None:
    """Options that cannot be read end in a sentence and a hint before anything is written."""
    path = tmp_path / "a.csv"
    path.write_text("user,item\na,x\n", encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        ran(tmp_path / "work", path, **options)
    assert caught.value.hint
    assert not (tmp_path / "work").exists()


def test_no_file_is_a_usage_error(tmp_path: Path) -> None:
    """Without a file the hint says what to type."""
    with pytest.raises(UsageError) as caught:
        ran(tmp_path)
    assert "xsell clean FILE" in caught.value.hint


def test_rows_are_counted_by_rule(tmp_path: Path) -> None:
    """One table says what became of the rows: every rule of a table that lost some, one line for a table that lost none."""
    (tmp_path / "a.csv").write_text("user,item\na,x\na,x\n,x\n", encoding="utf-8")
    (tmp_path / "items.csv").write_text("item,category\nx,Tea\n", encoding="utf-8")
    report = ran(tmp_path / "work", tmp_path / "a.csv", items=tmp_path / "items.csv")
    assert report.grids[1].rows == (
        ("events", "read", None, 3),
        ("events", "no user", 1, 2),
        ("events", "exact repeats merged", 1, 1),
        ("events", "kept", None, 1),
        ("items", "all kept", None, 1),
    )


def test_in_brief_the_columns_are_said(tmp_path: Path) -> None:
    """Where clean runs for another command, which draws no table of it, half a sentence says what there is and from which columns."""
    (tmp_path / "a.csv").write_text("Kundennummer;item_id\na;x\n", encoding="utf-8")
    report = ran(tmp_path / "work", tmp_path / "a.csv")
    assert report.brief == "1 of 1 row, 1 customer (Kundennummer), 1 product (item_id)"
    (tmp_path / "b.csv").write_text("user,item_id,Datum\na,x,2026-03-01\nb,x,2026-05-02\n", encoding="utf-8")
    assert ran(tmp_path / "work", tmp_path / "b.csv").brief.endswith("1 product (item_id), 2026-03-01 to 2026-05-02 (Datum)")


def test_a_gift_shop_of_real_life(tmp_path: Path) -> None:
    """The UCI log: rows without customer are refused, repeats merged, cancellations matched, postage told, descriptions and countries kept."""
    need(RETAIL)
    report, workspace = ran(tmp_path, RETAIL), Workspace(tmp_path)
    book = told(tmp_path)["tables"]["events"]
    assert (book["read"], book["rejected"]) == (541_909, {"no user": 135_080, "no product": 1_435})
    assert 5_225 <= book["merged"] <= 5_268
    assert "looks-like-no-product" in codes(report)
    assert "M" in told(tmp_path)["lists"]["looks like no product"]
    assert not {"POST", "BANK CHARGES"} & set(workspace.read(schema.ITEMS)["item_id"])
    table = workspace.read(schema.INTERACTIONS)
    assert table.filter(event="return").height == told(tmp_path)["rules"]["returns"] > 8_000
    assert (table.filter(pl.col("undone"))["event"] == "purchase").all()
    assert workspace.read(schema.USERS)["location"].null_count() == 0
    assert workspace.read(schema.ITEMS)["name"].null_count() == 0


def test_a_sampled_grocery_log_of_real_life(tmp_path: Path) -> None:
    """The sampled grocery log: totals become unit prices, a rounded basket id is emptied, pickles are products, those not in the catalogue are told."""
    need(JOURNEY / "transactions.csv.gz")
    report = ran(tmp_path, JOURNEY / "transactions.csv.gz", items=JOURNEY / "products.csv.gz", users=JOURNEY / "demographics.csv")
    assert {"damaged-ids", "items-not-in-catalogue", "no-products"} <= set(codes(report))
    assert "looks-like-no-product" not in codes(report)
    table = Workspace(tmp_path).read(schema.INTERACTIONS)
    assert told(tmp_path)["rules"]["order_id rounded by a spreadsheet"] == 1
    assert not table["order_id"].str.contains("e+", literal=True).any()
    assert table.filter(pl.col("quantity") == 2)["price"].median() < 3
    users = Workspace(tmp_path).read(schema.USERS)
    assert (users.height, users["age_band"].null_count()) == (801, 0)
    assert ("items", "category", "product_category") in {row[:3] for row in report.grids[0].rows}


def test_baskets_without_customers_of_real_life(tmp_path: Path) -> None:
    """The groceries need three words of mapping and lose no row."""
    need(GROCERIES / "baskets.csv.gz")
    words = ("user_id=basket,item_id=item,category=level1",)
    report = ran(tmp_path, GROCERIES / "baskets.csv.gz", items=GROCERIES / "items.csv", map=words)
    assert (report.counts["events_kept"], report.counts["items"]) == (43_367, 169)
    assert [warning.code for warning in report.warnings] == ["no-timestamps"]
    assert Workspace(tmp_path).read(schema.ITEMS)["category"].null_count() == 0


def test_baskets_without_customers_are_read_right_away(tmp_path: Path) -> None:
    """Where no column tells customers, each basket is one, and a note says so and how to name another column."""
    (tmp_path / "a.csv").write_text("invoice_no,item\n1,tea\n1,milk\n2,tea\n", encoding="utf-8")
    report = ran(tmp_path / "work", tmp_path / "a.csv")
    assert report.counts["users"] == 2
    assert [warned.code for warned in report.warnings if "each invoice_no" in warned.message and "--map user_id=" in warned.message] == [
        "baskets-as-customers"
    ]


def test_columns_read_as_nothing_are_named(tmp_path: Path) -> None:
    """What a log holds beside the fields is named once over all files, and nothing where every column, a level of a path too, was read."""
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("user,item,level1,level2,progress\nu,1,A,B,40%\nu,2,A,C,80%\n")
    two.write_text("user,item,level1,level2,progress,mood\nv,1,A,B,40%,good\n")
    paths = ("category=level1+level2",)
    assert "Not read: columns progress, mood." in ran(tmp_path / "w", one, two, map=paths).sentences
    two.write_text("user,item,level1,level2\nv,1,A,B\nv,2,A,C\n")
    assert not [said for said in ran(tmp_path / "v", two, map=paths).sentences if said.startswith("Not read")]


def test_levels_in_two_columns_become_paths(tmp_path: Path) -> None:
    """A further column that holds the categories is told with what to type, and typed so it makes paths; the columns stay for rules to ask."""
    log, goods = tmp_path / "log.csv", tmp_path / "goods.csv"
    log.write_text("user,item,time\n" + "".join(f"u,{n},2024-01-01\n" for n in range(4)))
    goods.write_text("item,department,product_category\n0,Food,Tea\n1,Food,Jam\n2,Home,Pan\n3,Home,Lid\n")
    said = " ".join(ran(tmp_path / "w", log, items=goods).sentences)
    assert "Column department is a level above product_category: --map category=department+product_category makes paths of both." in said
    bare = tmp_path / "bare.csv"
    bare.write_text(goods.read_text().replace("department", "level1").replace("product_category", "level2"))
    assert "--map category=level1+level2 would turn" in " ".join(warned.message for warned in ran(tmp_path / "b", log, items=bare).warnings)
    report = ran(tmp_path / "w", log, items=goods, map=("category=department+product_category",))
    assert "makes paths" not in " ".join(report.sentences)
    items = Workspace(tmp_path / "w").read(schema.ITEMS)
    assert items["category"].to_list() == ["Food > Tea", "Food > Jam", "Home > Pan", "Home > Lid"]
    assert items["product_category"].to_list() == ["Tea", "Jam", "Pan", "Lid"]
