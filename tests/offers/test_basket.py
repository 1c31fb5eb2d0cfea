"""`--basket`: offers for what lies in a basket, by the trained model."""

import json
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.stages.shop import ODD, directory
from xsell.contract.options import Common, Fit, Recommend, Settings, Train
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data.schema import INTERACTIONS, recommendations
from xsell.errors import InputError, UsageError
from xsell.files.workspace import Workspace
from xsell.stages import recommend, train


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop of two tastes, with two models trained."""
    made = directory(tmp_path_factory.mktemp("shop"))
    for model in ("cross", "hybrid"):
        train.run(made, Settings(fit=Fit(regularization=10.0, rho=0.0), train=Train(model=model)), silent)
    return made


def run(workspace: Workspace, basket: str, *, json_wanted: bool = False, **words: Any) -> Report:
    """Ask what to offer with a basket."""
    return recommend.run(workspace, Settings(common=Common(json=json_wanted), recommend=Recommend(basket=basket, **words)), silent)


def piped(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    """Put lines on standard input."""
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO("\n".join(lines).encode())))


@pytest.mark.parametrize("model", ["cross", "hybrid"])
def test_a_basket_is_a_history(shop: Workspace, model: str) -> None:
    """A basket gets the list of the customer who has just that and of whom nothing else is known; the tables of customers are not read."""
    recommend.run(shop, Settings(recommend=Recommend(model=model)), silent)
    bought = shop.read(INTERACTIONS).group_by("user_id").agg(pl.col("item_id").unique().sort())
    user, items = bought.sort("user_id").row(0)
    wanted = shop.read(recommendations(model)).filter(pl.col("user_id") == user)
    hidden = [shop.root / path for path in ("clean/interactions.parquet", "features/users.parquet", "features/search_terms.parquet")]
    for path in hidden:
        path.rename(path.with_suffix(".away"))
    try:
        report = run(shop, ",".join(items), model=model)
    finally:
        for path in hidden:
            path.with_suffix(".away").rename(path)
    assert [row["item_id"] for row in report.results] == wanted["item_id"].to_list()
    assert [row["because"] for row in report.results] == wanted["because"].to_list()
    assert report.outputs == ()


def test_offers_come_from_other_categories(shop: Workspace, tmp_path: Path) -> None:
    """Nothing of a category in the basket is offered under scope new; the exported rows are those shown, without a customer."""
    report = run(shop, "0-1, 2-0", n=4, model="cross", output=str(tmp_path / "offers.csv"))
    read = pl.read_csv(tmp_path / "offers.csv")
    assert read["item_id"].to_list() == [row["item_id"] for row in report.results]
    assert read.columns[:3] == ["id", "rank", "item_id"]
    assert not {"C0", "C2"} & set(read["category"])
    assert len(report.grids[0].rows) == 4


def test_unknown_products_are_named(shop: Workspace) -> None:
    """Products that are not known are named in a warning, and a basket without any known product gets no offer."""
    report = run(shop, '0-1,"9,9"', model="cross")
    assert ["9,9" in warned.message for warned in report.warnings if warned.code == "unknown-items"] == [True]
    assert report.results
    none = run(shop, "nothing", model="cross")
    assert [warned.code for warned in none.warnings] == ["unknown-items"]
    assert "so there is no offer" in none.warnings[0].message
    assert none.grids == none.results == ()
    with pytest.raises(UsageError, match="holds no product"):
        run(shop, " , ", model="cross")


def test_many_baskets_are_answered_in_order(shop: Workspace, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> None:
    """Every line of standard input gets a line of JSON in the same order, with its id, also where nothing is known; repeated ids stay apart."""
    lines = (
        '{"id": "b", "basket": ["0-1", 5]}',
        "",
        '{"basket": ["zzz"]}',
        '{"id": "b", "basket": ["1-1"]}',
        f'{{"id": 7, "basket": ["{ODD}"]}}',
    )
    piped(monkeypatch, *lines)
    run(shop, "-", model="cross", n=2)
    found = [json.loads(line) for line in capfdbinary.readouterr().out.splitlines()]
    assert [answer["id"] for answer in found] == ["b", "3", "b", "7"]
    assert [len(answer["offers"]) for answer in found] == [2, 0, 2, 2]
    assert found[0]["unknown"] == ["5"]
    single = run(shop, "1-1", model="cross", n=2)
    assert [offer["item_id"] for offer in found[2]["offers"]] == [row["item_id"] for row in single.results]
    piped(monkeypatch, *lines)
    report = run(shop, "-", json_wanted=True, model="cross", n=2)
    assert capfdbinary.readouterr().out == b""
    assert [len(answer["offers"]) for answer in report.results] == [2, 0, 2, 2]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"basket": "a"}', '{"basket": [1.5]}', '{"basket": [true]}', '{"id": null, "basket": ["a"]}', "1", '{"x": 1}']
)
def test_what_is_no_basket_is_named(shop: Workspace, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """A line that is no basket is an error that names the line and shows how to write one."""
    piped(monkeypatch, '{"basket": ["0-1"]}', line)
    with pytest.raises(InputError, match="Line 2") as refused:
        run(shop, "-", model="cross")
    assert '"basket"' in refused.value.hint


def test_nothing_on_standard_input_is_refused(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty standard input is an error, not an empty answer."""
    piped(monkeypatch, "", " ")
    with pytest.raises(InputError, match="no basket"):
        run(shop, "-", model="cross")


def test_rules_hold_for_baskets(shop: Workspace) -> None:
    """Rules on products hold, and a rule on customers lets nothing through, as nothing is known of who carries the basket."""
    rows = run(shop, "0-1", model="cross", where="category != 'C3'").results
    assert rows
    assert all(row["category"] != "C3" for row in rows)
    none = run(shop, "0-1", model="cross", where="user.gender == 'f'")
    assert none.results == ()
    assert none.sentences == ("1 basket has no list, as rules hold back the rest.",)


@pytest.mark.parametrize("strategy", ["popular", "trending"])
def test_a_list_for_everybody_asks_no_basket(shop: Workspace, strategy: str) -> None:
    """What is popular among customers is not counted from baskets; the model of that name knows it."""
    with pytest.raises(UsageError, match=f"--strategy {strategy}") as refused:
        run(shop, "0-1", model="cross", strategy=strategy)
    assert "--model popular" in refused.value.hint


def test_why_a_list_for_a_basket_is_short_is_said(shop: Workspace) -> None:
    """What the scope leaves and what rules and caps hold back are told apart, as for customers."""
    assert run(shop, "0-1", n=500, model="cross").sentences == (
        "1 list is shorter than 500, for want of products in categories new to the basket.",
    )
    capped = run(shop, "0-1", n=100, model="cross", max_per_category=1)
    assert capped.sentences == ("1 list is shorter than 100, as caps are reached.",)
    assert (capped.counts["short_lists"], capped.counts["short_by_caps"], capped.counts["without_a_list"]) == (1, 1, 0)


def test_offers_that_the_basket_has_little_to_do_with_are_said(shop: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where popularity speaks more for the offers than the basket does, a warning says so, and for how many baskets; elsewhere there is none."""
    assert not run(shop, "0-1,0-2", n=1, model="cross").warnings
    train.run(shop, Settings(train=Train(model="popular")), silent)
    assert [warned.code for warned in run(shop, "0-1", model="popular").warnings] == ["mostly-popular"]
    piped(monkeypatch, '{"basket": ["0-1"]}', '{"basket": ["0-2"]}', '{"basket": ["nobody has this"]}')
    found = run(shop, "-", json_wanted=True, model="popular")
    assert "The offers for 2 baskets are mostly" in " ".join(warned.message for warned in found.warnings)
