"""The stage `train`: from tables to a model file."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import worlds
from tests.stages.shop import CUSTOMERS, directory
from xsell.assemble import world
from xsell.contract.names import MODELS
from xsell.contract.options import Common, Fit, Settings, Train
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.errors import InputError
from xsell.files.workspace import Workspace
from xsell.selection import factors, fusion
from xsell.selection.frozen import from_values
from xsell.stages import train


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop of two tastes."""
    return directory(tmp_path_factory.mktemp("shop"))


@pytest.fixture(scope="module")
def raters(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the same shop where customers rate what they took."""
    return directory(tmp_path_factory.mktemp("raters"), rates=True)


@pytest.fixture
def market(request: pytest.FixtureRequest, model: str) -> Workspace:
    """Give the shop that the model can learn from."""
    found: Workspace = request.getfixturevalue("raters" if model == "ratings" else "shop")
    return found


def run(workspace: Workspace, model: str = "cross", split: str = "auto", seed: int = 0, **fit: Any) -> Report:
    """Train."""
    return train.run(workspace, Settings(fit=Fit(**fit), train=Train(model=model, split=split), common=Common(seed=seed)), silent)


def said(report: Report) -> str:
    """All sentences."""
    return " ".join(report.sentences)


@pytest.mark.parametrize("model", MODELS)
def test_every_model_is_kept_and_comes_back(market: Workspace, model: str) -> None:
    """The two files named in the report are there, and the model in them scores finitely for a stranger, and knows the products' ids."""
    report = run(market, model)
    assert [fact.path for fact in report.outputs] == [f"models/{model}.joblib", f"models/{model}.json"]
    bundle, sidecar = market.load_model(model)
    known = world(market, Fit())
    assert bundle["items"] == known.items["item_id"].to_list()
    assert sidecar["model"] == model
    assert np.isfinite(from_values(bundle["model"]).score(worlds.strangers(known.training.history))).all()


@pytest.mark.parametrize("model", ["cross", "hybrid"])
def test_the_report_says_what_was_learnt_and_how_good_it_is(monkeypatch: pytest.MonkeyPatch, shop: Workspace, model: str) -> None:
    """Counts, validation metrics and the sentences agree with each other and with the sidecar; the next step names the model."""
    monkeypatch.setattr(fusion, "holds", lambda *_: True)
    report = run(shop, model)
    known = world(shop, Fit())
    assert report.command == "train"
    assert report.counts["customers"] == known.training.n_users == CUSTOMERS + 2
    assert report.counts["items"] == known.training.n_items
    found, popular = (report.metrics[f"validation.{name}ndcg@10"] for name in ("", "popular."))
    assert 0 <= popular < found <= 1
    assert f"{report.counts['validation_customers']:,} customers" in said(report)
    assert f"{found:.4f}" in said(report)
    assert f"{popular:.4f}" in said(report)
    assert f"{known.training.history.purchases.nnz:,} pairs" in said(report)
    if model == "hybrid":
        assert report.grids[0].rows[0] == ("hybrid", "a mix", found)
    assert ("--model" in report.next_step) == (model != "hybrid")
    _, sidecar = shop.load_model(model)
    assert sidecar["validation"]["ndcg@10"] == found
    assert sidecar["validation"]["customers"] == report.counts["validation_customers"]
    assert sidecar["scope"] == "new"


def test_the_sidecar_keeps_what_was_tried(shop: Workspace) -> None:
    """Everything tried is in the sidecar, the chosen parameters among them, and the grid shows the best first."""
    report = run(shop, "ease")
    _, sidecar = shop.load_model("ease")
    assert len(sidecar["trials"]) > 1
    best = max(trial["ndcg@10"] for trial in sidecar["trials"])
    assert sidecar["validation"]["ndcg@10"] == best
    assert {"model": "ease", "parameters": sidecar["parameters"], "ndcg@10": best} in sidecar["trials"]
    (grid,) = report.grids
    values = [row[-1] for row in grid.rows]
    assert values == sorted(values, reverse=True)
    assert values[0] == best
    assert {"numpy", "scipy", "python"} <= set(sidecar["libraries"])


def test_expected_ratings_are_told(raters: Workspace) -> None:
    """Of the model of ratings the error of held-out ratings is told, beside that without factors, in the sentence, the table, the metrics and the sidecar."""
    report = run(raters, "ratings", "random", scope="any")
    ratings = world(raters, Fit()).training.history.ratings
    assert ratings is not None
    assert f"Learnt from {ratings.nnz:,} ratings" in said(report)
    trials = raters.load_model("ratings")[1]["trials"]
    least, plain = (min(t["rmse"] for t in trials if limit >= t["parameters"]["factors"]) for limit in (99, 0))
    assert f"held out (split random): RMSE {least:.4f}, without factors {plain:.4f}." in said(report)
    (grid,) = report.grids
    assert grid.columns[-1] == "RMSE"
    assert grid.rows[0][-1] == report.metrics["validation.rmse"] == least


def test_pairs_that_are_no_likes_are_counted(shop: Workspace, raters: Workspace) -> None:
    """How many pairs are owned and not learnt from is said where ratings are too low to be likes, and not where all are learnt from."""
    history = world(raters, Fit(like=4.5)).training.history
    unwanted = history.owned.nnz - history.purchases.nnz
    assert unwanted > 1
    assert f"{unwanted:,} further pairs are owned and not learnt from: rated below a like (--like)" in said(
        run(raters, "popular", like=4.5)
    )
    assert "further pair" not in said(run(shop, "popular"))


def test_given_parameters_are_kept(shop: Workspace) -> None:
    """λ and ρ that were given are the parameters in the sidecar and of the model."""
    run(shop, "cross", regularization=12.0, rho=0.5)
    bundle, sidecar = shop.load_model("cross")
    assert sidecar["parameters"] == {"regularization": 12.0, "rho": 0.5}
    assert bundle["model"]["values"]["regularization"] == 12.0


@pytest.mark.parametrize(
    ("split", "scope", "words"),
    [
        ("auto", "new", "later window of time"),
        ("new-category", "new", "whole categories"),
        ("random", "any", "at random"),
        ("leave-last", "any", "took up last"),
    ],
)
def test_how_it_was_chosen_is_said(shop: Workspace, split: str, scope: str, words: str) -> None:
    """The sentence says by which rule customers were held out, and what lists will hold."""
    report = run(shop, "ease", split, scope=scope)
    assert words in said(report)
    assert ("categories that the customer has not bought from" in said(report)) == (scope == "new")
    _, sidecar = shop.load_model("ease")
    assert sidecar["scope"] == scope


@pytest.mark.parametrize("model", MODELS)
def test_same_run_same_bytes(market: Workspace, model: str) -> None:
    """The same options and seed give the same files."""
    first = [fact.sha256 for fact in run(market, model).outputs]
    assert [fact.sha256 for fact in run(market, model).outputs] == first


def test_another_seed_another_start(shop: Workspace) -> None:
    """The seed reaches the models."""
    files = {run(shop, "als", seed=seed, factors=2).outputs[0].sha256 for seed in (0, 1)}
    assert len(files) == 2


@pytest.mark.parametrize("model", MODELS)
def test_too_few_customers(tmp_path: Path, model: str) -> None:
    """With a dozen customers a model is made all the same, with a warning; there is no metric, and the sidecar is JSON without NaN."""
    made = directory(tmp_path, customers=12, rates=model == "ratings")
    report = run(made, model)
    assert [warning.code for warning in report.warnings] == ["no-validation"]
    assert report.metrics == {}
    assert not report.grids
    text = (tmp_path / f"models/{model}.json").read_text(encoding="utf-8")
    assert "NaN" not in text
    assert json.loads(text)["validation"]["ndcg@10"] is None
    assert not any(isinstance(value, float) and math.isnan(value) for value in report.metrics.values())


def test_a_bare_file(tmp_path: Path) -> None:
    """Without times and categories the scope is any, and choices are made on products hidden at random."""
    report = run(directory(tmp_path, timed=False, catalog=False), "hybrid")
    assert "at random" in said(report)
    assert report.details["scope"] == "any"


def test_scope_new_without_categories(tmp_path: Path) -> None:
    """Scope new without categories is refused before anything is fitted or written."""
    with pytest.raises(InputError, match="two categories"):
        run(directory(tmp_path, catalog=False), scope="new")
    assert not (tmp_path / "models").exists()


def test_progress_is_told(shop: Workspace) -> None:
    """What is going on is told, first of all how long it will take about."""
    told: list[str] = []
    train.run(shop, Settings(train=Train(model="svd")), lambda text, done=0, total=0: told.append(f"{text} {done} {total}"))
    assert "about" in told[0]
    assert len(told) > 3


@pytest.mark.parametrize("model", ["als", "hybrid"])
def test_tuning_is_told_and_kept(shop: Workspace, model: str) -> None:
    """With --tune the sidecar has every trial, the setting without tuning among them, and what is chosen is never worse than that."""
    tuned = train.run(shop, Settings(train=Train(model=model, tune=True, budget="1h")), silent)
    _, sidecar = shop.load_model(model)
    tried = sidecar["tuning"]["trials"]
    assert len(tried) == sidecar["tuning"]["trials_planned"]
    assert f"Tuning made {len(tried)} trials." in said(tuned)
    assert [trial for trial in tried if trial["role"] == "usual"]
    assert tuned.grids[-1].title == "Tuning"
    chosen = [trial for trial in tried if trial["role"] == "chosen"]
    assert ("the usual ones stay" in said(tuned)) == (not chosen)
    for trial in chosen:
        usual = next(t for t in tried if t["role"] == "usual" and t["model"] == trial["model"])
        assert trial["ndcg@10"] > usual["ndcg@10"]
    again = train.run(shop, Settings(train=Train(model=model, tune=True, budget="1h")), silent)
    assert [fact.sha256 for fact in again.outputs] == [fact.sha256 for fact in tuned.outputs]


def test_tuning_of_expected_ratings_is_told_by_their_error(raters: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every trial is kept with its RMSE, and what the sentence and the metrics name is the error of the setting that is kept."""
    monkeypatch.setattr(factors, "PENALTIES", (0.01,))
    monkeypatch.setattr(factors, "START_PENALTY", 0)
    monkeypatch.setattr(factors, "SHRINKAGES", (0.3,))
    monkeypatch.setattr(factors, "USUAL_SHRINKAGE", 0)
    options = Settings(fit=Fit(scope="any", factors=8), train=Train(model="ratings", split="random", tune=True, budget="1h"))
    report = train.run(raters, options, silent)
    sidecar = raters.load_model("ratings")[1]
    tried = sidecar["tuning"]["trials"]
    (kept,) = [trial for trial in tried if trial["role"] == "chosen"]
    assert kept["parameters"] == sidecar["parameters"]
    assert kept["rmse"] < next(trial["rmse"] for trial in tried if trial["role"] == "usual")
    assert not any("ndcg@10" in trial for trial in tried)
    assert report.grids[-1].columns[-1] == "RMSE"
    assert report.grids[-1].rows[report.grids[-1].bold[0]][-1] == kept["rmse"] == report.metrics["validation.rmse"]
    assert f"RMSE {kept['rmse']:.4f}" in said(report)
    assert math.isfinite(report.metrics["validation.ndcg@10"])


@pytest.mark.parametrize("model", ["popular", "content"])
def test_nothing_to_tune(shop: Workspace, model: str) -> None:
    """A model without parameters says so."""
    report = train.run(shop, Settings(train=Train(model=model, tune=True)), silent)
    assert f"Tuning has nothing to try for {model} that is not tried anyway." in said(report)
    assert "tuning" not in report.details


def test_a_short_budget_is_said(shop: Workspace) -> None:
    """Where the budget ends tuning early, the report says after how many trials, and the usual setting was tried."""
    report = train.run(shop, Settings(train=Train(model="knn", tune=True, budget="0.001s")), silent)
    assert "The budget of 0.001s ended tuning after 1 of at most 40 trials" in said(report)
    assert "the usual ones stay" in said(report)
