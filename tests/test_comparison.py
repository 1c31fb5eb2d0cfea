"""Comparing runs: what passes a gate, and above all what does not."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.stages.test_evaluate import catalog, directory, run, said, shop
from xsell import comparison, sittings
from xsell.contract.options import Evaluate, Fit, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.files.workspace import Workspace
from xsell.metrics.intervals import FEWEST
from xsell.stages import evaluate

Keep = Callable[..., str]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop of two tastes."""
    return directory(tmp_path_factory.mktemp("shop"), shop(), catalog())


@pytest.fixture(scope="module")
def keep(clean: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Keep:
    """Keep an evaluation elsewhere, changed or not, with its values or without."""

    def made(model: str = "ease", change: Callable[[dict[str, Any]], None] | None = None, values: bool = True, **options: Any) -> str:
        place = tmp_path_factory.mktemp("kept")
        facts, table = (clean.root / fact.path for fact in run(clean, model, **options).outputs[:2])
        content = json.loads(facts.read_text(encoding="utf-8"))
        if change:
            change(content)
        if values:
            shutil.copy(table, place / "last.parquet")
        (place / "last.json").write_text(json.dumps(content), encoding="utf-8")
        return str(place / "last.json")

    return made


def against(clean: Workspace, last: str, model: str = "ease", gate: str = "baseline", **options: Any) -> Report:
    """Evaluate beside an earlier evaluation, with a gate."""
    return run(clean, model, baseline=last, fail_worse_than=(gate,), **options)


def test_the_same_again_passes(clean: Workspace, keep: Keep) -> None:
    """The same model on the same data is compared customer by customer, and no difference is no worse."""
    report = against(clean, keep())
    assert report.failed_gate == ""
    assert "over the same" in said(report)
    assert "difference +0.0000" in said(report)
    assert report.grids[-1].title.startswith("Since ease in ")
    assert report.inputs[0].path.endswith("last.json")


def test_a_worse_model_is_stopped_unless_that_much_is_allowed(clean: Workspace, keep: Keep) -> None:
    """A model that is worse than the earlier one closes the gate with both numbers, and a wide tolerance opens it again."""
    last = keep("cross")
    worse = against(clean, last, "ease")
    assert "ease did not pass: NDCG@10" in worse.failed_gate
    assert "of cross in " in worse.failed_gate
    assert all((clean.root / fact.path).is_file() for fact in worse.outputs)
    assert against(clean, last, "ease", "baseline=1").failed_gate == ""


def test_an_interval_that_straddles_does_not_pass(clean: Workspace, keep: Keep) -> None:
    """Without the values of the customers the interval is wider and reaches below 0 even for equal means, which is not enough."""
    report = against(clean, keep(values=False))
    assert "over other customers" in said(report)
    assert "is not shown to be no worse" in report.failed_gate
    assert against(clean, keep(values=False), gate="baseline=0.5").failed_gate == ""


@pytest.mark.parametrize("options", [{"split": "random"}, {"k": (5,)}, {"scope": "any"}])
def test_another_question_is_no_comparison(clean: Workspace, keep: Keep, options: dict[str, Any]) -> None:
    """An evaluation with another split, scope or length of lists says so, closes the gate, and stops nothing without a gate."""
    last = keep()
    assert "answers another question" in against(clean, last, **options).failed_gate
    free = run(clean, baseline=last, **options)
    assert "No comparison" in said(free)
    assert free.failed_gate == ""


def test_an_evaluation_of_several_lengths_answers_for_each(clean: Workspace, keep: Keep) -> None:
    """Where an earlier evaluation measured several lengths, any of them may be compared with."""
    last = keep(k=(5, 10))
    assert against(clean, last).failed_gate == ""
    assert "over the same" in said(against(clean, last, k=(10, 3)))


def test_what_counts_as_a_category_is_part_of_the_question(clean: Workspace, keep: Keep) -> None:
    """An evaluation at another level of the categories asked something else."""
    last = keep(change=lambda facts: facts["question"].update(category_level=1))
    assert "category_level 1 there and None here" in against(clean, last).failed_gate


def test_an_implausible_gain_is_suspicious(clean: Workspace, keep: Keep) -> None:
    """A model that more than doubles what it had is held back as suspicious."""

    def small(facts: dict[str, Any]) -> None:
        facts["models"]["ease"]["metrics"]["ndcg@10"] = {"mean": 0.1, "low": 0.09, "high": 0.11}

    assert "SUSPICIOUS" in against(clean, keep(change=small, values=False)).failed_gate


def test_too_few_customers_pass_no_gate(tmp_path: Path) -> None:
    """With fewer customers than a verdict needs, every gate closes, however good the numbers."""
    customers = {f"u{n:03}" for n in range(20)}
    few = directory(tmp_path / "few", [row for row in shop() if row["user_id"] in customers], catalog())
    for model, gate in (("ease", {"fail_worse_than": ("popular",)}), ("popular", {"fail_under": ("ndcg=0",)})):
        report = run(few, model, **gate)
        assert report.counts["customers"] < FEWEST
        assert "too few to tell" in report.failed_gate


def test_the_same_lists_under_two_names_do_not_pass(clean: Workspace, keep: Keep, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model whose lists are those of its rival is not what it is called; a hybrid that says it fell back to that rival is."""
    real = sittings.choose

    def twins(*words: Any) -> Any:
        chosen = real(*words)
        return chosen | dict.fromkeys(chosen, chosen["popular"])

    monkeypatch.setattr(sittings, "choose", twins)
    assert "gives what popular gives" in run(clean, "ease", fail_worse_than=("popular",)).failed_gate
    assert run(clean, "hybrid", fail_worse_than=("popular",)).failed_gate == ""
    assert "gives what popular in" in against(clean, keep("popular"), "ease").failed_gate


@pytest.mark.parametrize(("rival", "passes"), [("popular", True), ("content", True), ("cross", False)])
def test_a_model_of_the_same_run_is_a_rival(clean: Workspace, rival: str, passes: bool) -> None:
    """A rival is judged along without being named twice, and the gate asks for an interval above 0."""
    report = run(clean, "svd", fail_worse_than=(rival,))
    assert rival in report.details["models"]
    assert (report.failed_gate == "") == passes


@pytest.mark.parametrize(
    ("gate", "closed"), [({"fail_over": ("top_item_share=0.01",)}, "top_item_share@1"), ({"fail_under": ("coverage=1",)}, "coverage@1")]
)
def test_guardrails_can_be_gates(clean: Workspace, gate: dict[str, Any], closed: str) -> None:
    """How one-sided lists are is measured for every model and can be bounded."""
    report = run(clean, "ease", k=(1,), **gate)
    assert closed in report.failed_gate
    assert 0 < report.metrics["ease.top_item_share@1"] <= report.metrics["popular.top_item_share@1"] <= 1
    assert report.metrics["ease.fallback_share@1"] == 0
    assert report.metrics["popular.fallback_share@1"] == 1
    assert run(clean, "content", k=(1,)).metrics["content.fallback_share@1"] == 1


def test_one_sided_lists_raise_a_warning(clean: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where most customers are offered the same product, a warning says so and how to make it a gate."""
    monkeypatch.setattr(comparison, "top_item_share", lambda _: 0.9)
    (warned,) = [w for w in run(clean, "ease").warnings if w.code == "one-product-for-most"]
    assert "90.0%" in warned.message
    assert "--fail-over top_item_share" in warned.message
    assert not run(clean, "popular").warnings


def test_a_baseline_that_is_overwritten_is_told(clean: Workspace) -> None:
    """The earlier evaluation may be the file that this run writes: it is read first, and a warning tells to keep a copy."""
    place = str(clean.root / run(clean).outputs[0].path)
    report = against(clean, place)
    assert "baseline-replaced" in [w.code for w in report.warnings]
    assert report.failed_gate == ""


def test_what_to_type_next_keeps_the_scope(clean: Workspace) -> None:
    """A scope that was typed is part of the command to type next."""
    assert run(clean, "cross", "any").next_step.endswith(" --scope any")
    assert "--scope" not in run(clean, "cross").next_step


def test_what_to_type_next_keeps_what_categories_mean(clean: Workspace) -> None:
    """How categories are told apart is part of the command to type next, and a model trained otherwise has to be trained."""
    fit = Fit(category_level=1, category_match="any", regularization=10.0, rho=0.0)
    report = evaluate.run(clean, Settings(fit=fit, evaluate=Evaluate(model="cross")), silent)
    assert report.next_step == "xsell train --model cross --category-level 1 --category-match any"
