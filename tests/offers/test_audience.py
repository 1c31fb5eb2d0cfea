"""`--for audience`: whom to contact, as an analyst gets it."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.stages.shop import GREEDY, NEW, ODD, directory, purchases
from xsell.contract.options import Fit, Recommend, Settings, Train
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data.answers import AUDIENCE
from xsell.data.schema import recommendations
from xsell.errors import InputError, UsageError
from xsell.files.workspace import Workspace
from xsell.offers import seeking
from xsell.stages import recommend, train


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop of two tastes, with three models trained."""
    made = directory(tmp_path_factory.mktemp("shop"))
    for model in ("cross", "hybrid", "popular"):
        train.run(made, Settings(fit=Fit(regularization=10.0, rho=0.0), train=Train(model=model)), silent)
    return made


def run(workspace: Workspace, **words: Any) -> Report:
    """Ask whom to contact."""
    return recommend.run(workspace, Settings(recommend=Recommend(question="audience", **words)), silent)


def audience(workspace: Workspace, **words: Any) -> pl.DataFrame:
    """Ask, and read the answer."""
    run(workspace, **words)
    return workspace.read(AUDIENCE)


def categories(user: str) -> set[str]:
    """Categories that a customer has bought from."""
    return {row["item_id"][0] for row in purchases() if row["user_id"] == user}


@pytest.mark.parametrize("model", ["cross", "hybrid"])
def test_scores_are_those_of_the_lists(shop: Workspace, model: str) -> None:
    """Whoever may be offered the product is there with the score and the reasons that its own list shows, the best first, and nobody else."""
    recommend.run(shop, Settings(recommend=Recommend(model=model, n=1000)), silent)
    lists = shop.read(recommendations(model)).filter(pl.col("item_id") == "2-1", pl.col("source") == "personal")
    found = audience(shop, model=model, item=("2-1",), n=1000)
    assert found.select("user_id", "score", "because").sort("user_id").equals(lists.select("user_id", "score", "because").sort("user_id"))
    assert found.equals(found.sort(["score", "user_id"], descending=[True, False]))
    assert found["rank"].to_list() == list(range(1, found.height + 1))
    assert all("2" not in categories(user) for user in found["user_id"])
    assert not {NEW, GREEDY} & set(found["user_id"])


def test_a_category_gives_each_customer_its_best_product(shop: Workspace) -> None:
    """For a category the product offered is the best of it in the customer's own list, also where it is named by another case."""
    recommend.run(shop, Settings(recommend=Recommend(model="cross", n=1000)), silent)
    best = shop.read(recommendations("cross")).filter(pl.col("category") == "C3", pl.col("source") == "personal")
    best = best.sort("user_id", "rank").unique("user_id", keep="first", maintain_order=True)
    found = audience(shop, model="cross", category=("c3",), n=1000).sort("user_id")
    assert found.select("user_id", "item_id", "score").equals(best.select("user_id", "item_id", "score"))
    assert set(found["kind"]) == {"category"}


def test_customers_are_shared_out(shop: Workspace) -> None:
    """With one contact a customer nobody is there twice, and the report has the sum and a bound that is not below it."""
    report = run(shop, model="cross", item=("1-0", "3-0"), category=("C5",), n=12, max_per_user=1)
    found = shop.read(AUDIENCE)
    assert found["user_id"].is_unique().all()
    assert found.height == 36
    assert 0 < report.metrics["sum"] <= report.metrics["bound"] + 1e-6
    assert report.metrics["sum"] == pytest.approx(found["score"].cast(pl.Float64).sum(), rel=1e-5)
    assert any("No customer is contacted for more than 1 target" in sentence for sentence in report.sentences)


def test_few_at_a_time_is_the_same(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The audience is the same however many blocks and products are worked on at a time."""
    words = {"model": "hybrid", "item": ("1-0", "3-0", "2-1"), "n": 7, "max_per_user": 2}
    before = audience(shop, **words)
    monkeypatch.setattr(seeking, "WAVE", 1)
    monkeypatch.setattr(seeking, "TOGETHER", 1)
    monkeypatch.setattr("xsell.ranking.LARGEST_BLOCK", 8)
    assert audience(shop, **words).equals(before)


def test_the_control_group_stays(shop: Workspace) -> None:
    """Marks change neither who is chosen nor the order, are the same in the next run, and only the owner may read the key."""
    plain = audience(shop, model="cross", item=("1-0",), n=40)
    marked = audience(shop, model="cross", item=("1-0",), n=40, holdout=0.3)
    other = audience(shop, model="cross", item=("3-1",), n=40, holdout=0.3)
    assert plain.drop("group").equals(marked.drop("group"))
    assert set(plain["group"]) == {"contact"}
    assert set(marked["group"]) == {"contact", "control"}
    both = marked.join(other, on="user_id").select("group", "group_right")
    assert both.height
    assert both["group"].equals(both["group_right"])
    report = run(shop, model="cross", item=("1-0",), n=40, holdout=0.3)
    assert report.counts["control"] == marked.filter(pl.col("group") == "control").height
    assert "small-control-group" in [warned.code for warned in report.warnings]
    assert (shop.root / "holdout.key").stat().st_mode & 0o077 == 0


def test_ties_and_nobody_are_told(shop: Workspace) -> None:
    """Where all have the same score the ids decide and a warning says how many had no place; a product that nobody may get is named."""
    report = run(shop, model="popular", item=("1-0", ODD), n=5)
    codes = {warned.code: warned.message for warned in report.warnings}
    assert ODD in codes["no-eligible-customers"]
    eligible = audience(shop, model="popular", item=("1-0",), n=1000).height
    assert f"{eligible - 5} customers" in codes["ties"]
    assert run(shop, model="popular", item=("1-0",), n=5, max_per_user=1).counts["targets_with_ties"] == 1
    assert shop.read(AUDIENCE)["user_id"].is_sorted()


def test_rules_and_files_hold(shop: Workspace, tmp_path: Path) -> None:
    """Only the customers of a file are looked at, a file of products makes targets of all of them, and excluded pairs are left out."""
    users, products, pairs = tmp_path / "users.txt", tmp_path / "products.txt", tmp_path / "pairs.csv"
    users.write_text("u000\nu001\nu002\nnobody\n", encoding="utf-8")
    products.write_text("1-0\n2-0\n", encoding="utf-8")
    found = audience(shop, model="cross", only=str(products), only_users=str(users))
    assert set(found["target"]) == {"1-0", "2-0"}
    assert set(found["user_id"]) <= {"u000", "u001", "u002"}
    first = found.row(0, named=True)
    pairs.write_text(f"user_id,item_id\n{first['user_id']},{first['item_id']}\n", encoding="utf-8")
    left = audience(shop, model="cross", only=str(products), only_users=str(users), exclude=str(pairs))
    assert left.height == found.height - 1
    assert run(shop, model="cross", item=("1-0",), only_users=str(users)).counts["not_in_the_data"] == 1


def test_what_is_not_there_is_refused(shop: Workspace) -> None:
    """Without a target, and with a product or a category that is not known, the error says what to name."""
    with pytest.raises(UsageError, match="Nothing says") as nothing:
        run(shop, model="cross")
    assert "--item" in nothing.value.hint
    with pytest.raises(InputError, match="no category Z3") as category:
        run(shop, model="cross", category=("Z3",))
    assert "C1" in category.value.hint
    with pytest.raises(InputError, match="no category 1") as part:
        run(shop, model="cross", category=("1",))
    assert part.value.hint == "Did you mean C1?"
    with pytest.raises(InputError, match="no product 9-9"):
        run(shop, model="cross", item=("1-0", "9-9"))


def test_one_target_is_shown_with_reasons(shop: Workspace, tmp_path: Path) -> None:
    """The page of one target lists customers with reasons; the rows are in the JSON results and in the exported file."""
    report = run(shop, model="cross", item=("1-0",), n=3, output=str(tmp_path / "out.jsonl"))
    assert len(report.grids[0].rows) == len(report.results) == pl.read_ndjson(tmp_path / "out.jsonl").height == 3
    assert "thing 0 of 1 (1-0)" in report.grids[0].title
    several = run(shop, model="cross", item=("1-0", "3-0"), n=3)
    assert [row[0] for row in several.grids[0].rows] == ["thing 0 of 1 (1-0)", "thing 0 of 3 (3-0)"]
    assert several.results == ()
