"""The stage `recommend` under business rules."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.stages.shop import LOOKER, NEW, directory, tastes
from xsell import ranking
from xsell.contract.options import Fit, Recommend, Settings, Train
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data.schema import INTERACTIONS, ITEMS, recommendations
from xsell.errors import InputError, UsageError
from xsell.files.workspace import Workspace
from xsell.offers import lists as made_lists
from xsell.parallel import limit
from xsell.stages import recommend, train


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the world of tastes, with two models trained."""
    made = tastes(tmp_path_factory.mktemp("shop"))
    for model in ("cross", "hybrid"):
        train.run(made, Settings(fit=Fit(regularization=10.0, rho=0.0), train=Train(model=model)), silent)
    return made


def run(workspace: Workspace, model: str = "cross", **words: Any) -> Report:
    """Make lists."""
    return recommend.run(workspace, Settings(recommend=Recommend(model=model, **words)), silent)


def lists(workspace: Workspace, model: str = "cross", **words: Any) -> pl.DataFrame:
    """Make lists and read them with what is known of the products."""
    run(workspace, model, **words)
    items = workspace.read(ITEMS).select("item_id", "brand", "price", "margin")
    return workspace.read(recommendations(model)).join(items, on="item_id", how="left", maintain_order="left")


def plain(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    """Give who gets what."""
    return frame.select("user_id", "rank", "item_id").rows()


@pytest.mark.parametrize("model", ["cross", "hybrid"])
def test_a_rule_leaves_the_order_as_it_was(shop: Workspace, model: str) -> None:
    """Lists under a rule are the whole lists without the rows that the rule holds back, closed up: as long as they can be, same scores."""
    whole = lists(shop, model, n=60)
    found = lists(shop, model, n=5, where="price <= 12 and brand != 'B1'")
    wanted = whole.filter((pl.col("price") <= 12) & (pl.col("brand") != "B1")).with_columns(
        rank=pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("user_id")
    )
    wanted = wanted.filter(pl.col("rank") <= 5)
    assert plain(found) == plain(wanted)
    assert found["score"].to_list() == pytest.approx(wanted["score"].to_list(), rel=1e-5)


def test_a_rule_about_customers(shop: Workspace) -> None:
    """Who does not pass a rule about customers gets no list, and it is counted as the rule's doing."""
    report = run(shop, where="user.gender == 'f'")
    assert set(shop.read(recommendations("cross"))["user_id"]) == {NEW}
    assert report.counts["short_by_rules"] == report.counts["customers"] - 1
    assert any("rules hold back" in sentence for sentence in report.sentences)


def test_a_rule_that_nobody_passes(shop: Workspace) -> None:
    """Where nothing is left for anybody, the file is empty and a warning says so and how to find the cause."""
    report = run(shop, "hybrid", where="user.age > 500")
    assert report.counts["rows"] == 0
    assert "no-lists" in {warned.code for warned in report.warnings}
    assert report.next_step == ""


def test_short_lists_are_counted_by_cause(shop: Workspace) -> None:
    """Every short or empty list has one cause: the scope, the rules or the caps."""
    for words, cause in (({"n": 60}, "scope"), ({"where": "price < 4"}, "rules"), ({"max_per_category": 1}, "caps")):
        counts = run(shop, **{"n": 10, **words}).counts
        assert counts[f"short_by_{cause}"] > 70
        assert (
            sum(counts[f"short_by_{name}"] for name in ("scope", "rules", "caps", "scores"))
            == counts["short_lists"] + counts["without_a_list"]
        )


def test_the_last_to_take_something_is_the_cause(shop: Workspace) -> None:
    """Where the scope leaves fewer than asked for and a rule takes the last of them, the rule is named: without it there was a list."""
    report = run(shop, n=60, where="price < 0")
    assert report.counts["short_by_rules"] == report.counts["without_a_list"] == report.counts["customers"]
    assert report.counts["short_by_scope"] == 0
    capped = run(shop, n=60, max_per_category=1).counts
    assert capped["short_by_caps"] > 70


@pytest.mark.parametrize("model", ["cross", "hybrid"])
def test_caps(shop: Workspace, model: str) -> None:
    """No list holds more of a category or a brand than asked for, ranks have no gap, and scores do not rise."""
    found = lists(shop, model, n=8, max_per_category=2, max_per_brand=2)
    for _, own in found.group_by("user_id"):
        assert own["rank"].to_list() == list(range(1, own.height + 1))
        assert own["score"].is_sorted(descending=True)
        for column in ("category", "brand"):
            assert own[column].value_counts()["count"].max() <= 2


def test_products_by_file(shop: Workspace, tmp_path: Path) -> None:
    """--exclude takes products out of all lists, --only leaves no others; unknown ids are told, the files are inputs."""
    (tmp_path / "out.txt").write_text("i00\ni11 \nnever-heard-of\n", encoding="utf-8")
    (tmp_path / "in.csv").write_text("sku,why\ni00,a\ni21,b\ni32,c\n", encoding="utf-8")
    assert not set(lists(shop, exclude=str(tmp_path / "out.txt"), n=60)["item_id"]) & {"i00", "i11"}
    report = run(shop, exclude=str(tmp_path / "out.txt"), only=str(tmp_path / "in.csv"))
    assert set(shop.read(recommendations("cross"))["item_id"]) == {"i21", "i32"}
    assert [fact.path for fact in report.inputs] == [str(tmp_path / "out.txt"), str(tmp_path / "in.csv")]
    assert "1 product of --exclude" in next(w.message for w in report.warnings if w.code == "unknown-products")


def test_pairs_by_file(shop: Workspace, tmp_path: Path) -> None:
    """A table with customers and products takes a product out of the list of that customer only."""
    whole = lists(shop, n=5)
    first = whole.filter(pl.col("rank") == 1)
    first.select(customer_id="user_id", sku="item_id").write_csv(tmp_path / "pairs.csv")
    found = lists(shop, n=4, exclude=str(tmp_path / "pairs.csv"))
    assert plain(found.with_columns(pl.col("rank") + 1)) == plain(whole.filter(pl.col("rank") > 1))


def test_files_that_do_not_fit(shop: Workspace, tmp_path: Path) -> None:
    """An empty list excludes nothing; --only must name a known product; a file of customers alone is refused."""
    (tmp_path / "none.csv").write_text("item_id\nx\n", encoding="utf-8")
    (tmp_path / "who.csv").write_text("user_id,segment\nu001,a\n", encoding="utf-8")
    assert plain(lists(shop, exclude=str(tmp_path / "none.csv"))) == plain(lists(shop))
    for nothing in ("", "\n", "item_id\n", "# for today\n"):
        (tmp_path / "today.txt").write_text(nothing, encoding="utf-8")
        assert [warned.message for warned in run(shop, exclude=str(tmp_path / "today.txt")).warnings] == [
            f"--exclude {tmp_path / 'today.txt'} names no product: nothing is excluded."
        ]
        assert plain(shop.read(recommendations("cross"))) == plain(lists(shop))
    (tmp_path / "today.txt").write_text("", encoding="utf-8")
    for option in ("only", "only_users"):
        with pytest.raises(InputError, match="is empty") as caught:
            run(shop, **{option: str(tmp_path / "today.txt")})
        assert "one id a line" in caught.value.hint
    with pytest.raises(InputError, match="names no product"):
        run(shop, only=str(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="no products"):
        run(shop, exclude=str(tmp_path / "who.csv"))


def test_expected_value(shop: Workspace) -> None:
    """--value orders by score times the column, says the product, and leaves out what is worth nothing known."""
    known = lists(shop, "hybrid", n=60).filter(pl.col("margin").is_not_null())
    found = lists(shop, "hybrid", n=60, value="margin")
    assert set(plain(found.select("user_id", rank=0, item_id="item_id"))) == set(plain(known.select("user_id", rank=0, item_id="item_id")))
    for _, own in found.group_by("user_id"):
        assert own["value"].is_sorted(descending=True)
        wanted = own["score"] * own["margin"].cast(pl.Float32)
        assert own["value"].to_list() == pytest.approx(wanted.to_list(), rel=2e-5)


def test_expected_value_needs_probabilities(shop: Workspace) -> None:
    """A model whose scores only order has no expected values, and a column must hold numbers."""
    with pytest.raises(UsageError, match="probabilities"):
        run(shop, value="margin")
    with pytest.raises(UsageError, match="no numbers") as caught:
        run(shop, "hybrid", value="name")
    assert "margin" in caught.value.hint
    with pytest.raises(UsageError, match="no column"):
        run(shop, "hybrid", value="marge")


def test_an_unknown_column(shop: Workspace) -> None:
    """A rule over a column that is not there is refused with the nearest one, and the lists that are there stay."""
    whole = lists(shop)
    with pytest.raises(UsageError) as caught:
        run(shop, where="prise < 5")
    assert caught.value.hint == "Did you mean price?"
    assert shop.read(recommendations("cross")).equals(whole.select(shop.read(recommendations("cross")).columns))


@pytest.mark.parametrize("model", ["cross", "hybrid"])
def test_blocks_and_threads_change_nothing(shop: Workspace, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists under rules, caps and variety are the same in any blocks, with any threads, and for one customer alone."""
    words = {"where": "price > 3 or user.gender == 'f'", "max_per_brand": 2, "diversity": 0.3, "n": 6}
    whole = lists(shop, model, **words)
    with limit(3):
        monkeypatch.setattr(ranking, "LARGEST_BLOCK", 7)
        assert lists(shop, model, **words).equals(whole)
    alone = [row["item_id"] for row in run(shop, model, user="u007", **words).results]
    assert alone == whole.filter(pl.col("user_id") == "u007")["item_id"].to_list()


def answers(workspace: Workspace, item: str, model: str = "cross", **words: Any) -> str:
    """Ask where a product stands for a customer."""
    report = run(workspace, model, user="u007", item=(item,), **words)
    assert report.results == ({"item_id": item, "why": " ".join(report.sentences)},)
    assert report.grids == ()
    return " ".join(report.sentences)


def bought(workspace: Workspace, user: str) -> pl.DataFrame:
    """Give what a customer has."""
    events = workspace.read(INTERACTIONS).filter((pl.col("user_id") == user) & (pl.col("event") == "purchase"))
    return events.join(workspace.read(ITEMS), on="item_id", how="left")


@pytest.mark.parametrize("model", ["cross", "hybrid"])
def test_why_not_this_one(shop: Workspace, tmp_path: Path, model: str) -> None:
    """For one product it is said whether it is owned, of an owned category, held back by which rule, capped, or at which rank it stands."""
    whole = lists(shop, model, n=60).filter(pl.col("user_id") == "u007")
    own = bought(shop, "u007")
    has = own["item_id"][0]
    near = shop.read(ITEMS).filter(pl.col("category").is_in(own["category"].implode()) & ~pl.col("item_id").is_in(own["item_id"].implode()))
    first, later = whole["item_id"][0], whole["item_id"][7]
    (tmp_path / "out.csv").write_text(f"user_id,item_id\nu007,{later}\n", encoding="utf-8")
    assert "the customer has it" in answers(shop, has, model)
    assert f"in a category already bought from ({near['category'][0]}), where the customer has" in answers(shop, near["item_id"][0], model)
    assert "is offered at rank 1, with score" in answers(shop, first, model)
    assert f"stands at rank 8 of {whole.height} products" in answers(shop, later, model, n=5)
    assert f"ends with {whole['name'][4]}" in answers(shop, later, model, n=5)
    price = f"{whole['price'][7]:.1f}"
    assert f"--where asks for price > 60 (price is {price})." in answers(shop, later, model, where="price > 60 and name contains 'thing'")
    assert "user.age is missing" in answers(shop, later, model, where="user.age > 60")
    assert "--exclude names it for this customer" in answers(shop, later, model, exclude=str(tmp_path / "out.csv"))
    capped = lists(shop, model, n=60, max_per_brand=1).filter(pl.col("user_id") == "u007")
    out = whole.filter(pl.col("brand").is_in(capped["brand"].implode()) & ~pl.col("item_id").is_in(capped["item_id"].implode()))
    assert "--max-per-brand 1 is reached by thing" in answers(shop, out["item_id"][0], model, max_per_brand=1)
    varied = {row["item_id"] for row in run(shop, model, user="u007", n=5, diversity=1.0).results}
    passed = next(item for item in whole["item_id"] if item not in varied)
    assert "Variety" in answers(shop, passed, model, n=5, diversity=1.0)


def test_why_not_for_a_stranger(shop: Workspace) -> None:
    """A customer who is not in the data is answered by popularity, and a product that is not there is refused with those that may be meant."""
    report = recommend.run(shop, Settings(recommend=Recommend(model="cross", user="nobody", item=("i01",))), silent)
    assert "i01" in report.sentences[0]
    with pytest.raises(InputError, match="no product thing 1 of") as caught:
        run(shop, user="u007", item=("thing 1 of",))
    assert "i01" in caught.value.hint


def test_who_gets_which_kind_of_list(shop: Workspace) -> None:
    """Lists are personal where there are purchases, by profile where views are all there is, popular else; strategies keep one kind."""
    found = lists(shop)
    kinds = dict(found.select("user_id", "source").unique().rows())
    assert kinds.pop(LOOKER) == "profile"
    assert kinds.pop(NEW) == "popular"
    assert set(kinds.values()) == {"personal"}
    assert found.filter(pl.col("user_id") == LOOKER)["item_id"].to_list() != found.filter(pl.col("user_id") == NEW)["item_id"].to_list()
    assert run(shop).counts["by_profile"] == 1
    assert set(lists(shop, strategy="popular")["source"]) == {"popular"}
    assert set(lists(shop, strategy="personal")["user_id"]) == set(kinds)
    report = run(shop, strategy="personal")
    assert report.counts["short_by_history"] == 2
    assert any("for want of purchases" in sentence for sentence in report.sentences)


def test_pieces_change_nothing(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """However few lists are made at a time, the lists and what is counted of them are the same."""
    whole, report = lists(shop, n=60), run(shop, n=60)
    for cells, piece in ((7 * 40, 1), (40, 1), (40, 1000)):
        monkeypatch.setattr(ranking, "BLOCK_CELLS", cells)
        monkeypatch.setattr(made_lists, "PIECE", piece)
        assert lists(shop, n=60).equals(whole)
        assert run(shop, n=60).counts == report.counts


def test_a_trend(shop: Workspace, tmp_path: Path) -> None:
    """Trending offers everybody what sells better than before, says since when, and gives no expected values; without times it says it cannot."""
    found = lists(shop, strategy="trending")
    assert set(found["source"]) == {"trending"}
    assert found["because"].str.contains(r"^bought by \d+ customers? since \d{4}-\d\d-\d\d; [\d.]+ expected$").all()
    report = run(shop, strategy="trending")
    assert report.counts["by_trend"] == found["user_id"].n_unique()
    assert any(str(report.details["popular_since"]) in sentence for sentence in report.sentences)
    with pytest.raises(UsageError, match="a trend is none"):
        run(shop, "hybrid", strategy="trending", value="margin")
    untimed = directory(tmp_path, timed=False)
    train.run(untimed, Settings(train=Train(model="popular")), silent)
    for user in ("", NEW):
        report = run(untimed, "popular", strategy="trending", user=user)
        assert "no-trend" in {warned.code for warned in report.warnings}
        assert report.details["popular_since"] is None


def test_reasons_are_kept_as_structure(shop: Workspace) -> None:
    """Every reason has a kind, words and a share; products have their id; shares of an offer add up to 1; the line says the same."""
    found = lists(shop, "hybrid").filter(pl.col("reasons").list.len() > 0)
    each = found.select("user_id", "rank", "because", "reasons").explode("reasons").unnest("reasons")
    assert set(each["kind"]) >= {"product", "popularity", "view"}
    assert set(each["kind"]) <= {"product", "popularity", "view", "profile", "others"}
    assert each.filter(pl.col("kind").is_in(["product", "view"]) != pl.col("item_id").is_not_null()).is_empty()
    sums = each.group_by("user_id", "rank").agg(pl.col("share").sum())["share"]
    assert sums.to_list() == pytest.approx([1.0] * len(sums), abs=1e-4)
    owned = shop.read(INTERACTIONS).filter(pl.col("event") == "purchase").select("user_id", "item_id")
    assert each.filter(pl.col("kind") == "product").join(owned, on=["user_id", "item_id"], how="anti").is_empty()
    first = each.unique(["user_id", "rank"], keep="first", maintain_order=True).filter(pl.col("kind") == "product")
    assert all(because.startswith(what) for because, what in first.select("because", "what").rows())


def test_an_empty_column_is_said(shop: Workspace) -> None:
    """Where a rule asks a column that is empty throughout, every question says why nothing is offered."""
    given = shop.read(ITEMS)
    try:
        shop.write(ITEMS, given.with_columns(stock=pl.lit(None, pl.String)))
        user = shop.read(recommendations("cross"))["user_id"][0]
        asked: tuple[dict[str, Any], ...] = (
            {},
            {"user": user},
            {"basket": given["item_id"][0]},
            {"question": "audience", "item": (given["item_id"][0],)},
        )
        for more in asked:
            assert "empty-column" in {warned.code for warned in run(shop, where="stock > 0", **more).warnings}
    finally:
        shop.write(ITEMS, given)
