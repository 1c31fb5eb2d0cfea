"""The stage `recommend`: lists with reasons."""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.prep.shop_tables import items
from tests.stages.shop import CUSTOMERS, EACH, GREEDY, NEW, ODD, catalogue, directory, purchases
from xsell.contract.options import Common, Fit, Recommend, Settings, Train
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data.answers import AUDIENCE
from xsell.data.schema import ITEMS, RECOMMENDATIONS, recommendations
from xsell.errors import InputError, MemoryLimitError, ModelError, UsageError, XsellError
from xsell.files.atomic import digest
from xsell.files.workspace import Workspace
from xsell.stages import features, recommend, train

MODELS = ("cross", "hybrid")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop of two tastes, with three models trained."""
    made = directory(tmp_path_factory.mktemp("shop"))
    for model in (*MODELS, "popular"):
        train.run(made, Settings(fit=Fit(regularization=10.0, rho=0.0), train=Train(model=model)), silent)
    return made


def run(workspace: Workspace, model: str = "cross", **words: Any) -> Report:
    """Make lists."""
    return recommend.run(workspace, Settings(recommend=Recommend(model=model, **words)), silent)


def lists(workspace: Workspace, model: str = "cross", **words: Any) -> pl.DataFrame:
    """Make lists and read them."""
    run(workspace, model, **words)
    return workspace.read(recommendations(model))


def exported(workspace: Workspace, path: Path, **words: Any) -> pl.DataFrame:
    """Make lists into a file and read it."""
    run(workspace, output=str(path), **words)
    return pl.read_parquet(path)


@cache
def basket() -> dict[str, set[str]]:
    """Give products by customer."""
    found: dict[str, set[str]] = {}
    for row in purchases():
        found.setdefault(row["user_id"], set()).add(row["item_id"])
    return found


def category(item: str) -> str | None:
    """Give the category of a product."""
    return None if item == ODD else f"C{item[0]}"


@pytest.mark.parametrize("model", [*MODELS, "popular"])
def test_everybody_gets_a_list(shop: Workspace, model: str) -> None:
    """Every customer but the one who has everything gets a list as the Table promises, sorted, ranks from 1, scores that never rise."""
    report = run(shop, model)
    found = shop.read(recommendations(model))
    assert found.columns == list(RECOMMENDATIONS)
    assert found.equals(found.sort("user_id", "rank"))
    assert set(found["user_id"]) == {*(f"u{n:03}" for n in range(CUSTOMERS)), NEW}
    for _, own in found.group_by("user_id"):
        assert own["rank"].to_list() == list(range(1, own.height + 1))
        assert (own["score"].diff().drop_nulls() <= 0).all()
        assert own["item_id"].n_unique() == own.height
    assert report.counts["customers"] == CUSTOMERS + 2
    assert report.counts["without_a_list"] == 1
    assert report.counts["rows"] == found.height
    assert found["score"].is_finite().all()


@pytest.mark.parametrize("model", MODELS)
def test_lists_hold_only_what_may_be_offered(shop: Workspace, model: str) -> None:
    """Under scope new nothing of an entered category, under any nothing owned; the odd product without a category only under any."""
    for scope in ("new", "any"):
        found = lists(shop, model, scope=scope, n=25)
        for user, own in found.group_by("user_id"):
            has = basket().get(str(user[0]), set())
            offered = set(own["item_id"])
            assert not offered & has
            if scope == "new":
                assert not {category(item) for item in offered} & {category(item) for item in has if item != ODD}
        assert (ODD in set(found["item_id"])) == (scope == "any")
    assert len(found.filter(pl.col("user_id") == NEW)) == catalogue().height


def test_auto_is_the_scope_of_the_model(shop: Workspace) -> None:
    """Scope auto is what the model was trained for."""
    assert lists(shop).equals(lists(shop, scope="new"))
    assert run(shop).details["scope"] == "new"


@pytest.mark.parametrize("model", MODELS)
def test_own_taste_comes_first(shop: Workspace, model: str) -> None:
    """Where the taste has categories left, its products lead the list, whatever is popular."""
    first = lists(shop, model).filter((pl.col("rank") == 1) & (pl.col("source") == "personal"))
    right = 0
    for user, item in first.select("user_id", "item_id").iter_rows():
        taste = int(user[1:]) % 2
        entered = {int(i[0]) for i in basket()[user] if i != ODD}
        right += int(item[0]) % 2 == taste or len(entered) == 4
    assert right >= 0.95 * first.height


@pytest.mark.parametrize("model", MODELS)
def test_names_categories_and_sources(shop: Workspace, model: str) -> None:
    """Names and categories are those of the catalogue; who has purchases gets a personal list, who has none a popular one."""
    found = lists(shop, model)
    joined = found.join(catalogue().select("item_id", right_name="name", right_category="category"), on="item_id", how="left")
    assert joined["name"].equals(joined["right_name"], check_names=False)
    assert joined["category"].equals(joined["right_category"], check_names=False)
    assert set(found.filter(pl.col("source") == "popular")["user_id"]) == {NEW}
    assert set(found["source"]) == {"popular", "personal"}


def test_reasons_are_products_that_the_customer_has(shop: Workspace) -> None:
    """A reason names at most three products that the customer has, strongest first, with shares of at most 100%."""
    names = dict(catalogue().select("item_id", "name").iter_rows())
    personal = lists(shop).filter((pl.col("source") == "personal") & pl.col("because").str.starts_with("has "))
    assert personal.height > CUSTOMERS
    for user, because in personal.select("user_id", "because").iter_rows():
        own, *rest = because.split("; ")
        parts = re.findall(r"(thing \d of \d|odd thing) \((<?\d+)%\)", own)
        assert 1 <= len(parts) <= 3
        assert own == "has " + ", ".join(f"{name} ({share}%)" for name, share in parts)
        assert {name for name, _ in parts} <= {names[item] for item in basket()[user]}
        shares = [0 if share == "<1" else int(share) for _, share in parts]
        assert all(re.fullmatch(r"(popular|the same for everybody|\d+ more) \(<?\d+%\)", part) for part in rest)
        assert abs(sum(int(share) for share in re.findall(r"(\d+)%", because)) - 100) <= 3
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) <= 101


def test_the_popular_list_says_how_popular(shop: Workspace) -> None:
    """A customer without purchases gets the products that most customers took up lately, each with how many did, and since when."""
    own = lists(shop).filter(pl.col("user_id") == NEW)
    bought = pl.DataFrame(purchases()).filter(pl.col("item_id") != ODD)
    since = own["because"].str.extract(r"since (\S+)$").unique().item()
    late = bought.filter(pl.col("at").dt.date() > date.fromisoformat(since)).group_by("item_id").len()
    assert 0 < late["len"].sum() < bought.height / 5
    numbers = own["because"].str.extract(r"^bought by (\d+) customers? since").cast(pl.Int64)
    assert numbers.to_list() == sorted(numbers, reverse=True)
    assert own["score"].to_list() == pytest.approx((numbers / (CUSTOMERS + 2)).to_list(), abs=0.01 / CUSTOMERS)
    assert numbers.max() >= late["len"].max()


def test_no_reason_but_popularity(shop: Workspace) -> None:
    """A model that is popularity makes no personal lists: they are called popular, and say how many customers have each product."""
    found = lists(shop, "popular")
    assert set(found["source"]) == {"popular"}
    own = found.filter(pl.col("user_id") == "u003")
    assert own["because"].str.contains(r"^bought by \d+ customers$").all()
    buyers = own["because"].str.extract(r"(\d+)").cast(pl.Int64)
    assert own["score"].to_list() == pytest.approx((buyers / (CUSTOMERS + 2)).to_list(), rel=1e-5)
    said = " ".join(run(shop, "popular").sentences)
    assert "popular goes by nothing else here. The score is their share." in said
    assert "nothing is known" not in said


@pytest.mark.parametrize("model", MODELS)
def test_one_customer(shop: Workspace, model: str) -> None:
    """The list of one customer is that customer's in the lists of all; it is shown and not kept as the lists of all."""
    whole = lists(shop, model)
    report = run(shop, model, user="u007")
    assert report.outputs == ()
    assert shop.read(recommendations(model)).equals(whole)
    own = whole.filter(pl.col("user_id") == "u007")
    grid = report.grids[-1]
    for row, (rank, name, group) in zip(grid.rows, own.select("rank", "name", "category").iter_rows(), strict=True):
        assert row[0] == rank
        assert str(row[1]).startswith(f"{name} · {group}\n")
    assert [row[2] for row in grid.rows] == pytest.approx(own["score"].to_list(), rel=1e-5)
    assert [str(row["score"]) for row in report.results] == own["score"].cast(pl.String).to_list()
    assert report.grids[-2].title == f"Has {len(basket()['u007'])} products"
    assert held("u007") == {row[0]: row[1] for row in report.grids[-2].rows if row[0] != "without a category"}
    assert report.counts["customers"] == 1


def held(user: str) -> dict[str | None, int]:
    """Give the categories of a customer with how many products of each."""
    found = [category(item) for item in basket()[user] if item != ODD]
    return {name: found.count(name) for name in found}


def test_lists_are_where_the_report_says(shop: Workspace, tmp_path: Path) -> None:
    """The first sentence names the files with the lists; without --output the next step is to write one, with it to evaluate, with the same model."""
    report = run(shop)
    assert str(shop.root / recommendations("cross").path) in report.sentences[0]
    assert report.next_step == "xsell recommend --model cross --output offers.csv"
    report = run(shop, output=str(tmp_path / "lists.csv"))
    assert report.sentences[0].endswith(f" and {tmp_path / 'lists.csv'}.")
    assert report.next_step == "xsell evaluate --model cross"


def test_one_customer_into_a_file(shop: Workspace, tmp_path: Path) -> None:
    """With --output the list of one customer is written there."""
    found = exported(shop, tmp_path / "one.parquet", user="u007")
    assert f"The list is in {tmp_path / 'one.csv'}." in run(shop, user="u007", output=str(tmp_path / "one.csv")).sentences
    assert set(found["user_id"]) == {"u007"}


def test_an_unknown_customer(shop: Workspace) -> None:
    """A customer who is not in the data gets what is popular, and that is said."""
    report = run(shop, user="nobody")
    assert report.warnings[0].code == "unknown-customers"
    assert report.counts["not_in_the_data"] == report.counts["by_popularity"] == 1
    popular = lists(shop).filter(pl.col("user_id") == NEW)
    assert [row["name"] for row in report.results] == popular["name"].to_list()
    assert report.grids[0].note == "The score is the share of the customers who took it up."


def test_a_customer_who_has_everything(shop: Workspace) -> None:
    """A customer to whom nothing may be offered gets an empty list and a sentence."""
    report = run(shop, user=GREEDY)
    assert not any(grid.title.startswith("For") for grid in report.grids)
    assert report.counts["without_a_list"] == 1
    assert "There is no list, for want of products in categories new to the customer." in report.sentences


LINES = "u003\n  u001\r\n\nnobody\nu003\n"
AS_TABLE = "segment,customer_id\na,u003\nb,u001\nc,nobody\nd,\ne,u003\n"


@pytest.mark.parametrize("text", [LINES, AS_TABLE, AS_TABLE.replace(",", ";"), "﻿" + LINES], ids=["lines", "table", "semicolons", "mark"])
def test_only_some_customers(shop: Workspace, tmp_path: Path, text: str) -> None:
    """A file of one id a line or with a user column names who gets lists: each once, unknown ones by popularity; it is an input."""
    path = tmp_path / "who.csv"
    path.write_text(text, encoding="utf-8", newline="")
    whole = lists(shop)
    report = run(shop, only_users=str(path))
    found = shop.read(recommendations("cross"))
    assert found["user_id"].unique().sort().to_list() == ["nobody", "u001", "u003"]
    known = pl.col("user_id").is_in(["u001", "u003"])
    assert found.filter(known).equals(whole.filter(known))
    assert report.counts["customers"] == 3
    assert report.counts["not_in_the_data"] == 1
    assert [fact.path for fact in report.inputs] == [str(path)]
    assert len(report.inputs[0].sha256) == 64


def test_some_customers_in_parquet(shop: Workspace, tmp_path: Path) -> None:
    """The table may be Parquet."""
    pl.DataFrame({"n": [1, 2], "user_id": ["u002", "u001"]}).write_parquet(tmp_path / "who.parquet")
    assert lists(shop, only_users=str(tmp_path / "who.parquet"))["user_id"].unique().sort().to_list() == ["u001", "u002"]


@pytest.mark.parametrize("text", ["", "\n\n", "user_id\n", "user_id,segment\n", "user_id,segment\n,a\n"])
def test_a_file_that_names_nobody(shop: Workspace, tmp_path: Path, text: str) -> None:
    """An empty file, a header alone or empty cells alone are refused, and the lists that are there stay."""
    whole = lists(shop)
    (tmp_path / "who.csv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        run(shop, only_users=str(tmp_path / "who.csv"))
    assert caught.value.hint
    assert shop.read(recommendations("cross")).equals(whole)


def test_a_file_that_is_not_there(shop: Workspace, tmp_path: Path) -> None:
    """A missing file is named."""
    with pytest.raises(InputError, match=r"who\.csv"):
        run(shop, only_users=str(tmp_path / "who.csv"))


def test_length_of_the_lists(shop: Workspace) -> None:
    """-n is the length of the lists; a shorter list is the beginning of a longer one; lists that end early are counted."""
    one, three, many = (lists(shop, n=n) for n in (1, 3, 24))
    assert three.filter(pl.col("rank") == 1).equals(one)
    assert many.filter(pl.col("rank") <= 3).equals(three)
    assert three.group_by("user_id").len()["len"].max() == 3
    assert run(shop, n=3).counts["short_lists"] == 0
    report = run(shop, n=24)
    assert report.counts["short_lists"] == many.group_by("user_id").len().filter(pl.col("len") < 24).height > 0
    assert many.filter(pl.col("user_id") == NEW).height == 8 * EACH


def test_lists_longer_than_the_catalogue(shop: Workspace) -> None:
    """However long the lists asked for, they take no more room than there are products."""
    assert lists(shop, n=10**30).equals(lists(shop, n=24))


def read_csv(path: Path) -> pl.DataFrame:
    """Read CSV with the promised types."""
    return pl.read_csv(path, schema={name: dtype for name, dtype in RECOMMENDATIONS.items() if name != "reasons"})


def read_jsonl(path: Path) -> pl.DataFrame:
    """Read JSON Lines with the promised types."""
    return pl.read_ndjson(path, schema=dict(RECOMMENDATIONS))


@pytest.mark.parametrize(("suffix", "read"), [("csv", read_csv), ("jsonl", read_jsonl), ("parquet", pl.read_parquet)])
def test_files_for_others_hold_the_same(shop: Workspace, tmp_path: Path, suffix: str, read: Callable[[Path], pl.DataFrame]) -> None:
    """CSV (without columns of lists), JSON Lines and Parquet hold the same rows as the table that is kept, and the report names the file."""
    path = tmp_path / f"campaign.{suffix}"
    report = run(shop, output=str(path))
    kept = shop.read(recommendations("cross"))
    found = read(path)
    assert ("reasons" in found.columns) == (suffix != "csv")
    assert found.drop("score").equals(kept.select(found.drop("score").columns))
    assert found["score"].to_list() == pytest.approx(kept["score"].to_list(), rel=1e-6)
    assert [fact.path for fact in report.outputs] == ["recommendations/cross.parquet", str(path)]
    assert report.outputs[1].rows == kept.height


def test_another_suffix(shop: Workspace, tmp_path: Path) -> None:
    """A suffix that names no format is refused with those that do."""
    with pytest.raises(UsageError) as caught:
        run(shop, output=str(tmp_path / "campaign.doc"))
    assert ".csv" in caught.value.hint


def test_same_run_same_bytes(shop: Workspace) -> None:
    """The same model and options give the same file."""
    first = run(shop).outputs[0].sha256
    assert run(shop).outputs[0].sha256 == first


def test_products_without_a_category_are_counted(shop: Workspace) -> None:
    """Under scope new it is said how many products have no category and are not offered."""
    report = run(shop)
    assert report.counts["items_without_category"] == 1
    assert "items-without-category" in [warning.code for warning in report.warnings]
    assert "items-without-category" not in [warning.code for warning in run(shop, scope="any").warnings]


def test_little_memory(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists made in blocks of one customer have the same bytes; less memory than the process has already is refused, and the lists stand."""
    whole = run(shop)
    monkeypatch.setattr(recommend, "cells_within", lambda *asked: asked[1])
    assert run(shop).outputs == whole.outputs
    monkeypatch.undo()
    with pytest.raises(MemoryLimitError) as caught:
        recommend.run(shop, Settings(common=Common(memory="10MB"), recommend=Recommend(model="cross")), silent)
    assert "--memory" in caught.value.hint
    assert digest(shop.root / whole.outputs[0].path) == whole.outputs[0].sha256


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """Give a small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    if not shutil.which("mount") or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", place], check=False).returncode:
        pytest.skip("no disk may be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


@pytest.mark.parametrize("trouble", ["full", "read-only"])
def test_a_disk_that_takes_nothing_keeps_the_lists(shop: Workspace, disk: Path, trouble: str) -> None:
    """A full disk and one that may only be read end in one sentence; the earlier lists are whole and nothing lies beside them."""
    made = Workspace(shutil.copytree(shop.root, disk / "work"))
    before = run(made).outputs[0]
    files = {place for place in made.root.rglob("*") if place.is_file()}
    if trouble == "full":
        with suppress(OSError), (disk / "rest").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
    else:
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    with pytest.raises(XsellError, match="no room" if trouble == "full" else "may not be read or written") as caught:
        run(made, n=2)
    assert caught.value.hint
    assert digest(made.root / before.path) == before.sha256
    assert {place for place in made.root.rglob("*") if place.is_file()} == files


def test_a_model_that_was_never_trained(tmp_path: Path) -> None:
    """A model that is not there is an error of its own exit code, with what to type."""
    with pytest.raises(ModelError, match="never trained") as caught:
        run(directory(tmp_path, customers=12), "svd")
    assert caught.value.exit_code == 5
    assert "xsell train --model svd" in caught.value.hint


def test_a_model_of_other_products(tmp_path: Path) -> None:
    """A model trained on other products than are there now is refused, and nothing is written."""
    made = directory(tmp_path, customers=12)
    train.run(made, Settings(train=Train(model="popular")), silent)
    made.write(ITEMS, catalogue().filter(pl.col("item_id") != "7-2").vstack(items({"item_id": "8-0", "category": "C8"})))
    features.run(made, Settings(), silent)
    with pytest.raises(ModelError, match="other products") as caught:
        run(made, "popular")
    assert caught.value.exit_code == 5
    assert "xsell train --model popular" in caught.value.hint
    assert not made.has(recommendations("popular"))


def test_scope_new_where_there_are_no_categories(tmp_path: Path) -> None:
    """Asking for new categories where there are none is refused."""
    made = directory(tmp_path, customers=12, catalog=False)
    train.run(made, Settings(train=Train(model="popular")), silent)
    with pytest.raises(InputError, match="two categories"):
        run(made, "popular", scope="new")
    assert run(made, "popular").details["scope"] == "any"


def test_products_belong_to_all_their_categories(tmp_path: Path) -> None:
    """With --category-match any no list holds a product that shares a category with what its customer has, and the answer to why names both."""
    made = directory(tmp_path)
    number = pl.col("category").str.slice(1).cast(pl.Int32)
    second = pl.when(pl.col("item_id").str.ends_with("-1")).then(pl.format("{} | C{}", "category", (number + 3) % 8)).otherwise("category")
    goods = catalogue().with_columns(category=second)
    made.write(ITEMS, goods)
    features.run(made, Settings(), silent)
    own = {row["item_id"]: set((row["category"] or "").split(" | ")) - {""} for row in goods.iter_rows(named=True)}
    fit = Fit(category_match="any", regularization=10.0, rho=0.0)
    for model in ("cross", "hybrid"):
        report = train.run(made, Settings(fit=fit, train=Train(model=model)), silent)
        assert "8 products belong to several categories" in " ".join(report.sentences)
        found = lists(made, model)
        assert found.height
        for user, offered in found.group_by("user_id"):
            has = set().union(*(own[item] for item in basket().get(str(user[0]), set())))
            assert not has & set().union(*(own[item] for item in offered["item_id"]))
    user, closed, shared = next(
        (user, item, (own[item] & own[other]).pop())
        for user, has in basket().items()
        for item in own
        if len(own[item]) == 2 and not any(category(item) in own[other] for other in has)
        for other in has
        if own[item] & own[other]
    )
    said = run(made, user=user, item=(closed,)).sentences[0]
    assert f"in a category already bought from ({shared}), where the customer has " in said
    run(made, question="audience", category=("c3",), n=1000)
    offered = set(made.read(AUDIENCE)["item_id"])
    assert all("C3" in own[item] for item in offered)
    assert "0-1" in offered


def test_what_was_trained_for_holds_for_lists(tmp_path: Path) -> None:
    """Scope, level and what counts as recent are those that the model learnt with."""
    made = directory(tmp_path)
    half = pl.when(pl.col("category") < "C4").then(pl.lit("Low")).otherwise(pl.lit("High"))
    goods = catalogue().with_columns(category=pl.format("{} > {}", half, "category"))
    made.write(ITEMS, goods)
    features.run(made, Settings(), silent)
    fit = Fit(scope="dormant", owned_since="20d", category_level=1, owned_by=("purchase",), regularization=10.0, rho=0.0)
    report = train.run(made, Settings(fit=fit, train=Train(model="ease")), silent)
    assert "not lately" in report.sentences[-1]
    assert "first level" in " ".join(report.sentences)
    found = lists(made, "ease")
    assert found.height
    last = pl.DataFrame(purchases()).select("user_id", "item_id", "at").join(goods, on="item_id")
    shelf = pl.col("category").str.split(" > ").list.first()
    late = last.filter(pl.col("at") > last["at"].max() - pl.duration(days=20)).select("user_id", shelf)
    bought = last.select("user_id", shelf)
    offered = found.select("user_id", shelf)
    assert offered.join(late, on=["user_id", "category"], how="semi").is_empty()
    assert offered.join(bought, on=["user_id", "category"], how="anti").is_empty()


def test_what_a_customer_has_is_counted_by_what_the_model_calls_a_category(tmp_path: Path) -> None:
    """Where first levels count, the page of one customer adds up what lies under them."""
    made = directory(tmp_path)
    side = pl.when(pl.col("category") < "C4").then(pl.lit("Low")).otherwise(pl.lit("High"))
    made.write(
        ITEMS, catalogue().with_columns(category=pl.when(pl.col("category").is_not_null()).then(pl.format("{} > {}", side, "category")))
    )
    features.run(made, Settings(), silent)
    train.run(made, Settings(fit=Fit(category_level=1, scope="any"), train=Train(model="popular")), silent)
    rows = run(made, "popular", user="u007").grids[-2].rows
    assert {row[0] for row in rows} <= {"Low", "High", "without a category"}
    assert sum(int(row[1] or 0) for row in rows) == len(basket()["u007"])
