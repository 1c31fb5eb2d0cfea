"""The page of an evaluation."""

import hashlib
import re
from pathlib import Path

import polars as pl
import pytest

from tests.dossier.shelf import evaluated, headings
from tests.page.markup import Markup
from tests.prep.shop_tables import interactions
from tests.stages.shop import ODD, catalogue, directory, purchases
from xsell.contract.options import Evaluate, Settings
from xsell.contract.progress import silent
from xsell.data.schema import INTERACTIONS, ITEMS
from xsell.errors import XsellError
from xsell.files.workspace import Workspace
from xsell.stages import evaluate, features

IDS = re.compile(r"\bu\d{3}\b|z-greedy|z-new")
ALL = {"quality", "lengths", "categories", "spread", "customers", "method", "definitions", "run"}
EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>' + "long" * 50


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give a directory in which clean and features have run."""
    return directory(tmp_path_factory.mktemp("shop"))


def test_the_page_is_among_the_files(shop: Workspace, tmp_path: Path) -> None:
    """The page is written where it was asked for, told, and listed with its digest; its sections are those that have something to show."""
    report, drawn = evaluated(shop, tmp_path / "deep" / "page.html")
    fact = report.outputs[-1]
    assert fact.path == str(tmp_path / "deep" / "page.html")
    assert fact.sha256 == hashlib.sha256(drawn.encode()).hexdigest()
    assert fact.path in report.places[0]
    assert headings(drawn) == ALL
    assert Markup(drawn).wrong == []
    assert len(drawn) < 200_000


def test_its_numbers_are_those_of_the_report(shop: Workspace, tmp_path: Path) -> None:
    """Every mean of the report is on the page, and so are the ends of its interval and what the verdict rests on."""
    report, drawn = evaluated(shop, tmp_path / "page.html", model="ease,content")
    text = Markup(drawn).text.replace("−", "-")
    means = [name for name in report.metrics if name.startswith(("ease.", "popular.", "content.")) and "@10" in name]
    assert len(means) > 20
    assert [name for name in means if f"{report.metrics[name]:.4f}" not in text] == []
    assert f"{report.metrics['ease-popular.ndcg@10']:+.4f}" in text


def test_expected_ratings_are_on_it(tmp_path: Path) -> None:
    """Where a model expects ratings its errors stand on the page, and how they are defined."""
    report, drawn = evaluated(directory(tmp_path, rates=True), tmp_path / "page.html", scope="any", model="ratings")
    text = Markup(drawn).text
    assert f"{report.metrics['ratings.rmse']:.4f}" in text
    assert "Expected ratings" in text
    assert "Root of the mean squared error" in text


def test_a_page_that_cannot_be_written_is_told_beside_the_verdict(shop: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the disk is full when the page is written, the report has the whole evaluation and what went wrong."""

    def full(*_: object) -> None:
        raise XsellError("The disk is full.", "Make room.")

    monkeypatch.setattr(Workspace, "export_text", full)
    report = evaluate.run(shop, Settings(evaluate=Evaluate(model="popular", report=str(tmp_path / "page.html"))), silent)
    assert report.unwritten is not None
    assert report.grids
    assert str(tmp_path / "page.html") not in {fact.path for fact in report.outputs}
    assert "page" not in " ".join(report.places)


def test_no_customer_is_named(shop: Workspace, tmp_path: Path) -> None:
    """No customer id is in the page, unless ids were asked for, and then the foot says so."""
    _, drawn = evaluated(shop, tmp_path / "page.html")
    assert not IDS.search(drawn)
    assert "It holds no customer id." in drawn
    _, named = evaluated(shop, tmp_path / "named.html", show_ids=True)
    assert len(set(IDS.findall(named))) >= 8
    assert "It shows customer ids." in named


def test_the_same_page_again(shop: Workspace, tmp_path: Path) -> None:
    """The same evaluation gives the same bytes, wherever they are written."""
    _, once = evaluated(shop, tmp_path / "page.html")
    _, again = evaluated(shop, tmp_path / "other" / "page.html")
    assert once == again


def test_names_from_the_data_are_text(tmp_path: Path) -> None:
    """A product and a category whose names are markup change no element of the page, and are read as they stand."""
    plain, evil = directory(tmp_path / "plain"), directory(tmp_path / "evil")
    evil.write(
        ITEMS,
        catalogue().with_columns(pl.format(f"{EVIL} {{}}", "name").alias("name"), pl.format(f"{EVIL} {{}}", "category").alias("category")),
    )
    features.run(evil, Settings(), silent)
    _, harmless = evaluated(plain, tmp_path / "plain.html")
    _, drawn = evaluated(evil, tmp_path / "evil.html")
    found = Markup(drawn)
    assert found.tags["img"] == 0
    assert found.tags["script"] == Markup(harmless).tags["script"] == 1
    assert found.wrong == []
    assert '"><img src=x onerror=alert(1)><script>' in found.text
    assert headings(drawn) == ALL


def test_what_is_not_there_is_left_out(shop: Workspace, tmp_path: Path) -> None:
    """Lists of one have no lengths to compare, and products without categories no map of them."""
    _, short = evaluated(shop, tmp_path / "short.html", k=(1,))
    assert headings(short) == ALL - {"lengths"}
    bare = directory(tmp_path / "bare", timed=False, catalog=False)
    _, drawn = evaluated(bare, tmp_path / "bare.html")
    assert headings(drawn) == ALL - {"categories"}
    assert "events until" not in drawn


def test_few_customers(tmp_path: Path) -> None:
    """With too few customers the page gives no intervals and no verdict, and says why."""
    small = directory(tmp_path / "small", customers=16)
    _, drawn = evaluated(small, tmp_path / "page.html")
    found = Markup(drawn)
    assert "Too few customers for a verdict" in found.text
    assert not [value for _, name, value in found.attributes if (name, value) == ("class", "ranges")]


def test_popular_alone(shop: Workspace, tmp_path: Path) -> None:
    """Where only what is popular was judged, the page compares it with nothing."""
    _, drawn = evaluated(shop, tmp_path / "page.html", model="popular")
    text = Markup(drawn).text
    assert "How good popular products are as offers" in text
    assert "against" not in text.partition("Definitions")[0]


def test_a_closed_gate_is_on_the_page(shop: Workspace, tmp_path: Path) -> None:
    """The page is written though a gate closed, and says so."""
    report, drawn = evaluated(shop, tmp_path / "page.html", fail_under=("ndcg=1",))
    assert report.failed_gate
    assert report.failed_gate in Markup(drawn).text


def test_a_customer_without_anything_left(tmp_path: Path) -> None:
    """A shop in which some lists are empty or short is drawn all the same."""
    made = Workspace(tmp_path / "tiny")
    made.write(INTERACTIONS, interactions(*[row for row in purchases(customers=40) if row["item_id"] in {ODD, "0-0", "1-0", "2-0", "3-0"}]))
    made.write(ITEMS, catalogue().filter(pl.col("item_id").is_in([ODD, "0-0", "1-0", "2-0", "3-0"])))
    made.write_json("clean/report.json", {})
    features.run(made, Settings(), silent)
    _, drawn = evaluated(made, tmp_path / "page.html", scope="any", split="random")
    assert Markup(drawn).wrong == []
