"""An evaluation in numbers for scripts."""

import polars as pl
import pytest

from tests.report.boards import K, board
from xsell.metrics import METRICS, PAIRED
from xsell.report import figures

BOARD = board(models=("ease", "popular"))


def test_flat_names() -> None:
    """Every mean, end, difference and p value has a flat name of its own with the length of the lists."""
    flat = figures.flat(BOARD, K)
    assert {"ease.ndcg@10", "ease.ndcg@10.low", "popular.gini@10", "ease-popular.xrecall@10.high", "ease-popular.ndcg@10.p"} <= set(flat)
    assert "popular-popular.ndcg@10" not in flat
    assert flat["ease.ndcg@10"] == 1.0


def test_facts_of_a_model() -> None:
    """The JSON of a model holds every metric, the differences to popular, both comparisons in words, and the curve over k."""
    facts = figures.model_facts({K: BOARD}, "ease")
    assert {metric.partition("@")[0] for metric in (*facts["metrics"], *facts["traits"])} >= set(METRICS) - {"content_diversity"}
    assert set(facts["minus_popular"]) == {f"{metric}@10" for metric in PAIRED}
    assert facts["against_popular"]["verdict"] == "better than popular"
    assert facts["against_popular"]["mean"] == pytest.approx(BOARD["ease"].difference["ndcg"].mean)
    assert "against_best" not in facts
    assert figures.model_facts({K: BOARD}, "popular")["against_best"]["tied"] is False
    assert len(facts["curve"]["recall@1..10"]) == K


def test_per_customer_table() -> None:
    """One row a model and customer, sorted by model, with nothing in place of what is undefined."""
    users = pl.Series([f"u{n:02}" for n in range(60)])
    table = figures.per_customer({K: BOARD}, users)
    assert table.height == 120
    assert table["model"].is_sorted()
    assert table["user_id"].head(60).to_list() == users.to_list()
    assert table["content_diversity@10"].null_count() == 120
    assert not any(table[name].is_nan().any() for name in table.columns[2:])


def test_every_metric_has_its_convention() -> None:
    """Every metric is defined in one paragraph, and so are mean, interval, p value and tie."""
    said = figures.conventions()
    assert set(METRICS) < set(said)
    assert all(len(text) > 20 and "\n" not in text for text in said.values())
