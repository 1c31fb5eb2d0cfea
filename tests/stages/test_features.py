"""The stage `features`: from clean tables to feature tables."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.prep.shop_tables import day, event, interactions, items, searches, users
from xsell.contract.options import Features, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data.schema import (
    AFFINITY,
    INTERACTIONS,
    ITEM_FEATURES,
    ITEMS,
    SEARCH_TERMS,
    SEARCHES,
    TERMS,
    USER_FEATURES,
    USERS,
)
from xsell.errors import XsellError
from xsell.files.workspace import Workspace
from xsell.stages import features

CATALOG = items(
    {"item_id": "bean", "name": "Coffee beans dark", "category": "food > coffee"},
    {"item_id": "grinder", "name": "Coffee grinder", "category": "kitchen > grinders"},
    {"item_id": "mug", "name": "Dark mug", "category": "kitchen > mugs"},
    {"item_id": "sofa", "name": "Sofa", "category": "furniture"},
)
BASKETS = ["bean grinder mug"] * 4 + ["bean grinder"] * 2 + ["sofa"] * 5 + ["mug sofa"]
EVENTS = [event(f"u{number:02}", item, at=day(number)) for number, basket in enumerate(BASKETS) for item in basket.split()]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A directory with the clean tables of a small shop."""
    made = Workspace(tmp_path)
    made.write(INTERACTIONS, interactions(*EVENTS))
    made.write(ITEMS, CATALOG)
    made.write(USERS, users({"user_id": "u00", "age_band": "25-34"}))
    made.write(SEARCHES, searches(("u00", "dark coffee", day(1))))
    return made


def run(workspace: Workspace, idf: str = "classic") -> Report:
    """Run the stage."""
    return features.run(workspace, Settings(features=Features(idf=idf)), silent)


def codes(report: Report) -> list[str]:
    """Codes of the warnings."""
    return [warned.code for warned in report.warnings]


def test_every_table_is_written_and_named(workspace: Workspace) -> None:
    """All feature tables exist, keep their promise, and the Report names them with their rows."""
    report = run(workspace)
    rows = {fact.path: fact.rows for fact in report.outputs}
    tables = (ITEM_FEATURES, USER_FEATURES, SEARCH_TERMS, TERMS, AFFINITY)
    assert rows == {table.path: workspace.read(table).height for table in tables} | {features.CONTENT: 4}
    assert report.next_step == "xsell train"
    assert codes(report) == []


def test_content_follows_the_numbering(workspace: Workspace) -> None:
    """Rows of the content matrix are the products in the order of their table, columns the terms in theirs."""
    run(workspace)
    content, terms = workspace.read_matrix(features.CONTENT), workspace.read(TERMS)["term"]
    assert content.shape == (workspace.read(ITEM_FEATURES).height, len(terms))
    mug = workspace.read(ITEM_FEATURES)["item_id"].to_list().index("mug")
    assert sorted(terms.gather(content[[mug]].indices)) == ["category=kitchen", "dark"]


def test_idf_is_an_option(workspace: Workspace) -> None:
    """The smooth weight differs from the classic one as its formula says."""
    run(workspace)
    classic = workspace.read(TERMS)
    run(workspace, "smooth")
    smooth = workspace.read(TERMS)
    np.testing.assert_allclose(classic["idf"], np.log(4 / classic["df"].to_numpy()), rtol=1e-6)
    np.testing.assert_allclose(smooth["idf"], np.log(5 / (1 + smooth["df"].to_numpy())) + 1, rtol=1e-6)


def test_affinity_counts_customers(workspace: Workspace) -> None:
    """The measures of one pair are those counted by hand, and pairs with fewer than three customers are left out."""
    run(workspace)
    made = workspace.read(AFFINITY)
    pair = made.row(by_predicate=(pl.col("from") == "kitchen > mugs") & (pl.col("to") == "food > coffee"), named=True)
    assert (pair["n"], pair["support"], pair["confidence"]) == (4, pytest.approx(4 / 12), pytest.approx(4 / 5))
    assert pair["lift"] == pytest.approx(12 * 4 / (5 * 6))
    assert pair["lift_low"] < pair["lift"] < pair["lift_high"]
    assert not made.filter(pl.col("from") == "furniture").height
    assert made["llr"].is_sorted(descending=True)


def test_the_report_shows_each_pair_once(workspace: Workspace) -> None:
    """The strongest pairs come first, in the direction of the higher confidence, with short names."""
    (grid,) = run(workspace).grids
    assert [row[:3] for row in grid.rows] == [("coffee", "grinders", 6), ("mugs", "coffee", 4), ("mugs", "grinders", 4)]


def test_the_report_counts(workspace: Workspace) -> None:
    """Counts for scripts are those of the tables."""
    counts = run(workspace).counts
    assert counts["customers"] == counts["customers_with_items"] == len(BASKETS)
    assert (counts["items"], counts["items_owned"], counts["categories"]) == (4, 4, 4)
    assert (counts["search_terms"], counts["customers_searching"], counts["items_without_category"]) == (2, 1, 0)


def test_a_bare_file_of_ratings_is_enough(tmp_path: Path) -> None:
    """Without catalogue, customers, searches and times everything is written, and nothing is said of what there is none of."""
    bare = Workspace(tmp_path)
    bare.write(INTERACTIONS, interactions(*(event(f"u{n}", f"i{n % 2}", "rating") for n in range(5))))
    report = run(bare)
    assert codes(report) == []
    assert report.sentences == ("5 customers (5 own something) and 2 products (2 owned by someone).",)
    assert bare.read(AFFINITY).is_empty()
    assert bare.read(SEARCH_TERMS).is_empty()
    assert bare.read_matrix(features.CONTENT).shape == (2, 0)
    assert report.grids == ()


def test_weak_events_are_said_to_count_as_owning(tmp_path: Path) -> None:
    """A file of views only works, and says what it took for owning."""
    views = Workspace(tmp_path)
    views.write(INTERACTIONS, interactions(*(event(f"u{n}", "a", "view", at=day(n)) for n in range(3))))
    report = run(views)
    assert codes(report) == ["weak-ownership"]
    assert "`view`" in report.warnings[0].message
    assert views.read(ITEM_FEATURES)["buyers"].to_list() == [3]


@pytest.mark.parametrize("events", [1, 2, 5, 1000])
def test_how_many_customers_are_described_at_a_time_changes_nothing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, events: int
) -> None:
    """The tables have the same bytes; customers without events, the first and the last among them, are described too."""
    workspace.write(USERS, users({"user_id": "a"}, {"user_id": "u00", "age_band": "25-34"}, {"user_id": "u05x"}, {"user_id": "z"}))
    workspace.write(SEARCHES, searches(("u00", "dark coffee", day(1)), ("u11a", "mug", None)))
    whole = run(workspace)
    assert whole.counts["customers"] == whole.counts["customers_with_items"] + 4
    monkeypatch.setattr(features, "EVENTS", events)
    assert run(workspace) == whole


def test_an_empty_log_gives_empty_features(tmp_path: Path) -> None:
    """No event at all breaks nothing."""
    empty = Workspace(tmp_path)
    empty.write(INTERACTIONS, interactions())
    assert run(empty).counts["customers"] == 0


def test_too_many_categories_are_cut_and_said(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the categories with the most customers are compared, over all customers as before."""
    run(workspace)
    before = workspace.read(AFFINITY)
    monkeypatch.setattr(features, "MOST", 3)
    assert codes(run(workspace)) == ["many-categories"]
    after = workspace.read(AFFINITY)
    assert set(after["from"]) == {"food > coffee", "kitchen > grinders"}
    assert after.equals(before.join(after.select("from", "to"), on=["from", "to"], how="semi", maintain_order="left"))


def test_the_same_tables_give_the_same_bytes(workspace: Workspace) -> None:
    """A second run writes the same digests."""
    assert run(workspace).outputs == run(workspace).outputs


def test_missing_clean_tables_are_an_error(tmp_path: Path) -> None:
    """Without interactions there is a sentence, not a traceback."""
    with pytest.raises(XsellError, match="missing"):
        run(Workspace(tmp_path))


def test_labels_fit_a_column() -> None:
    """A path is shown by its last level, whole where several end alike, and never longer than the column."""
    made = features.labels(
        ["a > Shoes", "b > Shoes", "b > Hats", "x > A level that goes on and on", "women of all sizes > Bags", "men > Bags"]
    )
    assert list(made.values()) == ["a > Shoes", "b > Shoes", "Hats", "A level that goes…", "…all sizes > Bags", "men > Bags"]
    assert max(map(len, made.values())) <= features.LABEL_WIDTH


DATA = Path(__file__).parents[3] / "shared" / "data" / "groceries"


@pytest.mark.skipif(not DATA.is_dir(), reason="needs the real groceries beside the repository, in ../shared/data")
def test_real_baskets_give_the_known_lift(tmp_path: Path) -> None:
    """Over the 9,835 real baskets the counts, confidence and lift of two sections are those counted with sets."""
    catalog = pl.read_csv(DATA / "items.csv").select(item_id="item", category="level1")
    lines = pl.read_csv(DATA / "baskets.csv.gz", schema_overrides={"basket": pl.String}).unique()
    groceries = Workspace(tmp_path)
    rows = (event(basket, item) for basket, item in lines.select("basket", "item").iter_rows())
    groceries.write(INTERACTIONS, interactions(*rows))
    groceries.write(ITEMS, items(*catalog.rows(named=True)))
    run(groceries)
    owners = lines.join(catalog, left_on="item", right_on="item_id").group_by("category").agg(pl.col("basket").unique())
    having = {category: set(baskets) for category, baskets in owners.iter_rows()}
    pair = groceries.read(AFFINITY).row(0, named=True)
    start, end = having[pair["from"]], having[pair["to"]]
    everyone = len(set().union(*having.values()))
    assert pair["n"] == len(start & end)
    assert pair["confidence"] == pytest.approx(len(start & end) / len(start))
    assert pair["lift"] == pytest.approx(len(start & end) * everyone / (len(start) * len(end)))
