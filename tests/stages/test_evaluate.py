"""The stage `evaluate`: from clean tables and features to verdicts."""

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import mean_absolute_error, mean_squared_error

from tests.prep.shop_tables import day, event, interactions, items
from xsell.assemble import world
from xsell.contract.options import Evaluate, Fit, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.data.schema import INTERACTIONS, ITEMS
from xsell.errors import InputError, UsageError
from xsell.exam import by_split
from xsell.files.workspace import Workspace
from xsell.prep.ratings import Scale
from xsell.stages import evaluate, features

CUSTOMERS = 120
CATEGORIES = 8
ITEMS_EACH = 4
Evaluated = Callable[..., tuple[Report, Workspace]]


def shop(timed: bool = True) -> list[dict[str, Any]]:
    """Two tastes: half of the customers buy two products in each even category, half in each odd one, a category every ten days."""
    dice, rows = np.random.default_rng(5), []
    for customer in range(CUSTOMERS):
        taste = [c for c in range(CATEGORIES) if c % 2 == customer % 2]
        for place, category in enumerate(dice.permutation(taste)):
            when = [day(10 * place + dice.uniform(0, 9)) if timed else None for _ in range(2)]
            chosen = zip(dice.choice(ITEMS_EACH, 2, replace=False), when, strict=True)
            rows += [event(f"u{customer:03}", f"{category}-{item}", at=at) for item, at in chosen]
    return rows


def catalog() -> pl.DataFrame:
    """Give every product its category."""
    return items(
        *({"item_id": f"{c}-{i}", "name": f"thing {c}", "category": f"C{c}"} for c, i in product(range(CATEGORIES), range(ITEMS_EACH)))
    )


def directory(path: Path, events: list[dict[str, Any]], products: pl.DataFrame | None) -> Workspace:
    """Give a directory in which clean and features have run."""
    made = Workspace(path)
    made.write(INTERACTIONS, interactions(*events))
    if products is not None:
        made.write(ITEMS, products)
    made.write_json("clean/report.json", {})
    features.run(made, Settings(), silent)
    return made


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop of two tastes."""
    return directory(tmp_path_factory.mktemp("shop"), shop(), catalog())


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the same without times and categories."""
    return directory(tmp_path_factory.mktemp("bare"), shop(timed=False), None)


def run(workspace: Workspace, model: str = "ease", scope: str = "auto", **options: Any) -> Report:
    """Judge models with a penalty that is given, so that nothing needs choosing."""
    return evaluate.run(
        workspace, Settings(fit=Fit(scope=scope, regularization=10.0, rho=0.0), evaluate=Evaluate(model=model, **options)), silent
    )


def said(report: Report) -> str:
    """All sentences."""
    return " ".join((*report.sentences, *report.asides, *report.verdict))


def written(workspace: Workspace, report: Report) -> tuple[dict[str, Any], pl.DataFrame]:
    """The two files that the report names."""
    facts, table = (workspace.root / fact.path for fact in report.outputs[:2])
    return json.loads(facts.read_text(encoding="utf-8")), pl.read_parquet(table)


def test_tastes_are_found(clean: Workspace) -> None:
    """Where tastes are planted, later purchases in new categories are foreseen, and the verdict says that popular does not."""
    report = run(clean, "cross")
    assert report.details == {"split": "temporal", "scope": "new", "k": 10, "models": ["cross", "popular"]}
    assert report.metrics["cross-popular.ndcg@10.low"] > 0
    assert "cross is better than popular" in said(report)
    assert "Scope new" in said(report)


@pytest.fixture(scope="module")
def raters(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop of two tastes where customers rate what they take, by the taste of the product and something of their own."""
    made = directory(tmp_path_factory.mktemp("raters"), [], catalog())
    rows = [row | {"event": "rating", "value": ((int(row["user_id"][1:]) // 2 + int(row["item_id"][-1])) % 3 + 2) / 4} for row in shop()]
    made.write(INTERACTIONS, interactions(*rows))
    made.write_json("clean/report.json", {"ratings": Scale(1.0, 5.0, inferred=True, mode="minmax").details()})
    features.run(made, Settings(), silent)
    return made


@pytest.mark.parametrize("split", ["random", "temporal", "rolling:2", "by-user"])
def test_expected_ratings_are_judged(raters: Workspace, split: str) -> None:
    """Expected ratings have their errors in the report and the JSON, beside those of biases and of the mean alone, and definitions."""
    report = run(raters, "ratings", "any", split=split)
    facts, _ = written(raters, report)
    found = facts["expected_ratings"]
    assert list(found["models"]) == ["ratings", "biases only", "mean only"]
    for name, one in found["models"].items():
        assert one["rmse"]["low"] <= one["rmse"]["mean"] <= one["rmse"]["high"]
        assert 0 < one["mae"]["mean"] <= one["rmse"]["mean"] == report.metrics[f"{name.replace(' ', '_')}.rmse"]
    assert found["models"]["mean only"]["rmse"]["mean"] < 1.3
    assert {"rmse", "mae", "saved"} <= set(facts["conventions"])
    assert "ratings expects held-out ratings with RMSE" in said(report)
    assert [grid.title for grid in report.grids].count("Expected ratings") == 1


@pytest.mark.parametrize(("bound", "closed"), [("0.01", True), ("9", False)])
def test_errors_of_expected_ratings_can_be_a_gate(raters: Workspace, bound: str, closed: bool) -> None:
    """The error of the first model closes a gate that it exceeds; a model that expects no ratings never passes."""
    report = run(raters, "ratings", "any", split="random", fail_over=(f"rmse={bound}",))
    assert ("rmse is" in report.failed_gate) == closed
    assert run(raters, "popular", "any", split="random", fail_over=("rmse=9",)).failed_gate


def test_errors_are_those_of_ratings_held_out(raters: Workspace) -> None:
    """With a random split the errors of the mean alone are those of the ratings held out around the mean of the others."""
    report = run(raters, "ratings", "any", split="random")
    exam = by_split(world(raters, Fit(scope="any")), "random", 0)
    assert exam.rated is not None
    learnt, held = exam.learnt.history.ratings.data.astype(float), exam.rated.value.astype(float)
    assert len(learnt) + len(held) == exam.whole.history.ratings.nnz
    assert report.metrics["mean_only.rmse"] == pytest.approx(mean_squared_error(held, np.full(len(held), learnt.mean())) ** 0.5, abs=1e-9)
    assert report.metrics["mean_only.mae"] == pytest.approx(mean_absolute_error(held, np.full(len(held), learnt.mean())), abs=1e-9)


def test_a_held_out_file_has_ratings_too(raters: Workspace, tmp_path: Path) -> None:
    """Of a held-out file the ratings of known customers and products that were not rated before are judged, on the scale of the data."""
    path, known = tmp_path / "later.csv", world(raters, Fit(scope="any"))
    free = [(u, i) for u in known.users[:40] for i in known.items["item_id"][:4]]
    path.write_text("user_id,item_id,rating\n" + "".join(f"{u},{i},4\n" for u, i in free) + "nobody,0-0,1\n", encoding="utf-8")
    report = run(raters, "ratings", "any", test=str(path))
    owned = set(zip(*(known.training.history.owned[:40].nonzero()), strict=True))
    items_of = known.items["item_id"].to_list()
    new = [(u, i) for u, i in free if (known.users.to_list().index(u), items_of.index(i)) not in owned]
    facts, _ = written(raters, report)
    assert facts["expected_ratings"]["ratings"] == len(new)
    mean = float(known.training.history.ratings.data.astype(float).mean())
    assert report.metrics["mean_only.mae"] == pytest.approx(abs(4 - mean), abs=1e-6)


def test_nothing_is_said_of_ratings_where_none_are_expected(raters: Workspace, clean: Workspace) -> None:
    """Models that expect no ratings, and data without any, leave no line of them."""
    for report, place in ((run(raters, "popular", "any"), raters), (run(clean, "popular", "any"), clean)):
        assert "RMSE" not in said(report)
        assert "Expected ratings" not in [grid.title for grid in report.grids]
        assert "expected_ratings" not in written(place, report)[0]
        assert not [name for name in report.metrics if "rmse" in name]


def test_the_table_is_the_mean_of_what_is_written(clean: Workspace) -> None:
    """Means in the report and in the JSON are those of the values of every customer in the parquet, and the difference is theirs."""
    report = run(clean, k=(5,))
    facts, table = written(clean, report)
    mean = table.drop("user_id").group_by("model").mean().rows_by_key("model", named=True, unique=True)
    assert table.height == 2 * report.counts["customers"]
    for model, metric in product(("ease", "popular"), ("precision@5", "recall_capped@5", "ndcg@5", "xrecall@5", "novelty@5")):
        assert report.metrics[f"{model}.{metric}"] == pytest.approx(mean[model][metric], abs=1e-12)
        found = facts["models"][model]["metrics"] | facts["models"][model]["traits"]
        assert found[metric]["mean"] == report.metrics[f"{model}.{metric}"]
    gap = facts["models"]["ease"]["minus_popular"]["ndcg@5"]
    assert gap["mean"] == pytest.approx(mean["ease"]["ndcg@5"] - mean["popular"]["ndcg@5"], abs=1e-12)
    assert gap["low"] <= gap["mean"] <= gap["high"]


@pytest.mark.parametrize(
    ("split", "scope"), [*product(("temporal", "new-category", "random"), ("new", "any")), ("leave-last", "any"), ("random", "same")]
)
def test_everything_held_out_is_judged_or_counted(clean: Workspace, split: str, scope: str) -> None:
    """Customers judged and customers left out are all customers; pairs judged and pairs left out are all pairs held out."""
    report = run(clean, "popular", scope, split=split)
    assert report.counts["customers"] + sum(n for name, n in report.counts.items() if name.startswith("skipped")) == CUSTOMERS
    assert split in said(report)


def test_several_lengths(clean: Workspace) -> None:
    """With several lengths the first leads, all are in numbers, files and a table of their own, and gates may name any of them."""
    report = run(clean, k=(5, 2, 20), fail_under=("precision@2=0.9,hit@20=0.01,precision=0.9",))
    facts, table = written(clean, report)
    assert (report.details["k"], facts["k"], facts["lengths"]) == (5, 5, [5, 2, 20])
    assert {"ease.ndcg@2", "ease.ndcg@5.low", "ease.top_item_share@20", "ease-popular.ndcg@20.high"} <= set(report.metrics)
    assert "ease-popular.ndcg@2.p" not in report.metrics
    assert {"precision@2", "precision@5", "novelty@20"} <= set(table.columns)
    assert {"ndcg@2", "ndcg@5", "ndcg@20"} <= set(facts["models"]["ease"]["metrics"])
    alone = run(clean, k=(2,))
    assert all(
        report.metrics[name] == pytest.approx(value, nan_ok=True) for name, value in alone.metrics.items() if not name.endswith(".p")
    )
    (grid,) = [grid for grid in report.grids if "by length" in grid.title]
    assert [row[:2] for row in grid.rows] == [(model, k) for model in ("ease", "popular") for k in (2, 5, 20)]
    assert "precision@2" in report.failed_gate
    assert "precision@5" in report.failed_gate
    assert "hit@20" not in report.failed_gate
    assert "in lists of 5, 2 and 20" in said(report)


def test_same_run_same_bytes(clean: Workspace) -> None:
    """The same options give the same files."""
    first = [fact.sha256 for fact in run(clean, "svd").outputs]
    assert [fact.sha256 for fact in run(clean, "svd").outputs] == first


def test_variety_is_measured(clean: Workspace) -> None:
    """With --diversity lists are more varied, that is said, and the numbers are kept beside those of the run without it."""
    plain, varied = run(clean, model="ease", k=(3,)), run(clean, model="ease", k=(3,), diversity=0.9)
    assert varied.metrics["ease.category_diversity@3"] > plain.metrics["ease.category_diversity@3"]
    assert any("diversity 0.9" in sentence for sentence in varied.sentences)
    assert {fact.path for fact in plain.outputs}.isdisjoint(fact.path for fact in varied.outputs)


def test_models_keep_the_order_given(clean: Workspace) -> None:
    """Models are shown as they were named, popular after them, and each has a name of its own in the metrics."""
    report = run(clean, "svd,ease")
    assert [str(row[0]).removesuffix(" =") for row in report.grids[0].rows] == ["svd", "ease", "popular"]
    assert {"svd.precision@10", "ease.precision@10", "popular.precision@10.low", "svd.coverage@10"} <= set(report.metrics)


@pytest.mark.parametrize(("gate", "passes"), [("precision@10=0.0001", True), ("precision=0.0001, map@10=1", False), ("ndcg@10=1", False)])
def test_gates(clean: Workspace, gate: str, passes: bool) -> None:
    """A gate on the first model closes when one of its metrics is lower, and the files are written all the same."""
    report = run(clean, fail_under=(gate,))
    assert (report.failed_gate == "") == passes
    assert all((clean.root / fact.path).is_file() for fact in report.outputs)


@pytest.mark.parametrize("words", [{"fail_under": ("auc@10=0.5",)}, {"fail_under": ("ndcg@5=0.5",)}, {"model": "best"}])
def test_unknown_words_are_refused_before_any_work(tmp_path: Path, words: dict[str, Any]) -> None:
    """A misspelt metric, length or model is refused before a file is opened."""
    with pytest.raises(UsageError):
        run(Workspace(tmp_path / "nothing"), **words)


def test_a_bare_file_is_enough(bare: Workspace) -> None:
    """Without times and categories the scope is any, the split random, and the sentence says for want of what."""
    report = run(bare)
    assert (report.details["scope"], report.details["split"]) == ("any", "random")
    assert "split random, for want of times and categories, scope any." in report.sentences[0]


def test_nobody_to_judge_on_at_random(tmp_path: Path) -> None:
    """Where the random split already leaves nobody, it is not proposed again."""
    made = directory(tmp_path, [event("u", "a"), event("v", "b")], None)
    with pytest.raises(InputError, match="nobody to judge") as caught:
        run(made)
    assert "--split" not in caught.value.hint


@pytest.mark.parametrize("scope", ["same", "dormant"])
def test_a_split_that_hides_categories_cannot_ask_for_old_ones(clean: Workspace, scope: str) -> None:
    """Where whole categories are hidden and only those bought from are asked for, nobody can be judged, and another split is proposed."""
    with pytest.raises(InputError, match="nobody to judge") as caught:
        run(clean, "popular", scope, split="new-category")
    assert "--split random" in caught.value.hint


@pytest.mark.parametrize("split", ["by-user", "by-user:0.5", "leave-last:2", "temporal:0.5", "temporal:2026-01-20"])
def test_more_or_less_may_be_hidden(clean: Workspace, split: str) -> None:
    """What stands after the colon holds, is told, and has files of its own."""
    report = run(clean, "ease", "any", split=split)
    assert report.details["split"] == split
    assert all(fact.path.startswith(f"evaluation/{split.replace(':', '-')}-any-ease") for fact in report.outputs)
    assert report.counts["customers"] > 0


def test_rolling_windows(clean: Workspace) -> None:
    """Several windows make one table in which each customer counts once, with the windows beside each other and all of it in the JSON."""
    report = run(clean, "cross", "any", split="rolling:3")
    facts, table = written(clean, report)
    assert table.height == 2 * report.counts["customers"]
    assert report.counts["customers"] < report.counts["times_judged"]
    assert report.metrics["cross.ndcg@10"] == pytest.approx(table.filter(pl.col("model") == "cross")["ndcg@10"].mean(), abs=1e-12)
    (grid,) = [grid for grid in report.grids if grid.title.startswith("Window by window")]
    assert [row[2] for row in grid.rows] == [window["customers"] for window in facts["windows"]]
    assert sum(window["customers"] for window in facts["windows"]) == report.counts["times_judged"]
    assert sum(window["pairs"] for window in facts["windows"]) == report.counts["pairs"]
    means = [window["models"]["cross"]["metrics"]["ndcg@10"]["mean"] for window in facts["windows"]]
    assert min(means) < report.metrics["cross.ndcg@10"] < max(means)
    assert facts["split"]["rule"] == report.details["split"] == "rolling"
    assert "cross is ahead of popular in 3 of 3 windows" in said(report)


def test_a_window_with_nobody_is_left_out_and_said(tmp_path: Path) -> None:
    """A window in which nobody took anything up is left out by cause; the others are judged all the same, and gates hold."""
    late = [row for row in shop() if not day(20) < row["at"] < day(29)]
    made = directory(tmp_path, late, catalog())
    report = run(made, "popular", "any", split="rolling:10", fail_under=("ndcg=1",))
    assert report.counts["windows"] + report.counts["windows_left_out"] == 10
    assert report.counts["windows_left_out"] > 0
    assert said(report).count("Left out a window: Window from") == report.counts["windows_left_out"]
    assert "No purchase or like was held out" in said(report)
    assert "under the 1 asked for" in report.failed_gate


@pytest.mark.parametrize("split", ["temporal", "leave-last", "rolling"])
def test_a_split_in_time_without_times(bare: Workspace, split: str) -> None:
    """A split that needs times is refused where there are none, with one that works."""
    with pytest.raises(InputError, match="needs times") as caught:
        run(bare, split=split)
    assert "--split random" in caught.value.hint


@pytest.mark.parametrize(
    ("events", "cause"),
    [
        ([event("u", "a", at=day(1)), event("u", "b", at=day(2)), event("u", "c", at=day(3))], "in a category already bought from"),
        ([event("u", "a", at=day(1)), event("v", "d", at=day(9))], "customers without history"),
    ],
)
def test_nobody_to_judge_on(tmp_path: Path, events: list[dict[str, Any]], cause: str) -> None:
    """Where every held-out purchase has to be left out, the error says by which cause and what to try."""
    made = directory(tmp_path, events, items(*({"item_id": i, "category": c} for i, c in zip("abcd", "XXXY", strict=True))))
    with pytest.raises(InputError, match="nobody to judge") as caught:
        run(made)
    assert cause in caught.value.message
    assert "--scope any" in caught.value.hint


def test_one_customer_with_one_product(tmp_path: Path) -> None:
    """A file of one row cannot be judged on, and that is said in a sentence."""
    with pytest.raises(InputError, match="nobody to judge"):
        run(directory(tmp_path, [event("u", "a")], None))


def test_conventions_are_written_down(clean: Workspace) -> None:
    """The JSON says how each metric, interval and relevance is defined, with versions and seed."""
    facts, _ = written(clean, run(clean, "popular"))
    assert "k places" in facts["conventions"]["precision"]
    assert "min(k, relevant)" in facts["conventions"]["map"]
    assert "95%" in facts["conventions"]["interval"]
    assert facts["seed"] == 0
    assert {"numpy", "scipy"} <= set(facts["libraries"])
    assert facts["split"]["cut"].startswith("2026-")


HELD_OUT = """user_id,item_id,rating,timestamp
u000,1-0,5,2026-04-01
u000,1-0,5,2026-04-01
u000,1-1,1,2026-04-01
u000,0-0,5,2026-04-01
u001,0-0,5,2026-04-01
u001,9-9,5,2026-04-01
u002,9-9,5,2026-04-01
nobody,0-0,5,2026-04-01
,0-0,5,2026-04-01
"""


def test_a_held_out_file_of_what_is_known(clean: Workspace, tmp_path: Path) -> None:
    """A file that only repeats what customers own is told so, and what to bring instead."""
    path = tmp_path / "again.csv"
    path.write_text("user_id,item_id\n" + "".join(f"{row['user_id']},{row['item_id']}\n" for row in shop()), encoding="utf-8")
    with pytest.raises(InputError, match="already owned") as caught:
        run(clean, "popular", test=str(path))
    assert "later purchases" in caught.value.hint


def test_a_held_out_file(clean: Workspace, tmp_path: Path) -> None:
    """A file of the analyst's is judged as it stands: likes only, each pair once, and whatever cannot be asked for counted by cause."""
    path = tmp_path / "later.csv"
    path.write_text(HELD_OUT, encoding="utf-8")
    report = run(clean, "popular", test=str(path))
    assert (report.counts["customers"], report.counts["pairs"]) == (2, 2)
    assert report.counts["skipped_not_in_the_data"] == report.counts["skipped_with_nothing_left_to_find"] == 1
    assert report.counts["skipped_with_no_purchase_or_like_held_out"] == CUSTOMERS - 3
    assert report.counts["pairs_of_customers_not_in_the_data"] == 1
    assert report.counts["pairs_of_products_not_in_the_data"] == 2
    assert report.counts["pairs_already_owned"] + report.counts["pairs_in_a_category_already_bought_from"] == 1
    assert "1 row refused (no user)" in said(report)
    assert [fact.path for fact in report.inputs] == [str(path)]
    assert report.details["split"] == "file"


def test_how_a_held_out_file_was_read_is_said(clean: Workspace, tmp_path: Path) -> None:
    """Encodings and dates of the held-out file are told as those of the events are, doubts about them as warnings."""
    path = tmp_path / "later.csv"
    path.write_bytes("user_id,item_id,date,who\nu000,1-0,03/04/2026,Jürgen\nu001,0-0,05/04/2026,é\n".encode("cp1252"))
    report = run(clean, "popular", test=str(path))
    assert any("Windows-1252" in sentence for sentence in report.sentences)
    assert any(sentence.startswith("Times (column date) are") for sentence in report.sentences)
    assert "ambiguous-dates" in {warned.code for warned in report.warnings}


def test_a_held_out_file_of_strangers(clean: Workspace, tmp_path: Path) -> None:
    """Where no customer of the held-out file is known, the error says how many there were."""
    path = tmp_path / "later.csv"
    path.write_text("customer,product\nx,0-0\ny,0-1\n", encoding="utf-8")
    with pytest.raises(InputError, match="2 of customers not in the data") as caught:
        run(clean, "popular", test=str(path))
    assert "spell ids the same way" in caught.value.hint


@pytest.mark.parametrize(("text", "said"), [("who,what\na,b\n", "no user column"), ("", "empty")])
def test_a_held_out_file_that_cannot_be_read(clean: Workspace, tmp_path: Path, text: str, said: str) -> None:
    """A held-out file without the needed columns, or without rows, is refused like any other."""
    path = tmp_path / "later.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        run(clean, "popular", test=str(path))


def test_likes_of_a_held_out_file_are_on_the_scale_of_the_data(tmp_path: Path) -> None:
    """Where the data were rated from 1 to 10, a held-out 5 is no like though it is the best of its file, and --like moves the border."""
    rows = [event(f"u{u}", f"i{i}", "rating", value=1.0, at=day(1)) for u in range(4) for i in range(3) if u != i]
    made = directory(tmp_path, rows, None)
    made.write_json("clean/report.json", {"ratings": Scale(1.0, 10.0, inferred=True, mode="minmax").details()})
    path = tmp_path / "later.csv"
    path.write_text("user,item,rating\nu0,i0,5\nu1,i1,6\n", encoding="utf-8")
    assert run(made, "popular", test=str(path)).counts["pairs"] == 1
    settings = Settings(fit=Fit(like=5.0), evaluate=Evaluate(model="popular", test=str(path)))
    assert evaluate.run(made, settings, silent).counts["pairs"] == 2


def test_too_few_to_choose_on_is_said_once(tmp_path: Path) -> None:
    """That nothing was tried is said of the models judged, and not again of popular, which has nothing to choose."""
    few = [row for row in shop() if row["user_id"] < "u012"]
    warned = [one.code for one in run(directory(tmp_path, few, catalog()), "hybrid").warnings]
    assert warned.count("no-validation") == 1
