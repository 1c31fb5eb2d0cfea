"""
Every metric against an independent implementation, on forty lists of up to ten of thirty items in six categories.

`golden.json` holds the case and what other libraries make of it at k = 10. Where a library cannot ask the question itself, it was given the question in
its own terms: metrics of new categories are those of RecTools with only the hidden items of new categories, for the customers who have any; metrics of
categories are those of lists of categories without repeats. RecTools' distance of categories is its Hamming distance, over lists of at least two.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from tests.metrics.grounds import ground
from xsell.metrics.ground import Look
from xsell.metrics.measured import measure
from xsell.metrics.scoreboard import Score, judge
from xsell.metrics.variety import popularity_lift

CASE: dict[str, Any] = json.loads(Path(__file__).with_name("golden.json").read_text(encoding="utf-8"))
EXPECTED = [(source, metric, value) for source, named in CASE["expected"].items() for metric, value in named.items()]


def words() -> sp.csr_array:
    """Words of the items with unit rows."""
    bag = np.zeros((30, 12), np.float32)
    for item, own in enumerate(CASE["words"]):
        bag[item, own] = 1
    return sp.csr_array(bag / np.maximum(np.linalg.norm(bag, axis=1, keepdims=True), 1e-9))


GROUND = ground(CASE["hidden"], CASE["history"], CASE["category"], content=words())
LISTS = np.array([row + [-1] * (10 - len(row)) for row in CASE["lists"]], np.int32)


@pytest.fixture(scope="module")
def score() -> Score:
    """Judge the lists."""
    return judge([measure({"popular": LISTS}, GROUND, [k := LISTS.shape[1]])], "popular", 0)[k]["popular"]


@pytest.mark.parametrize(("source", "metric", "value"), EXPECTED)
def test_metrics_equal_those_of_other_libraries(score: Score, source: str, metric: str, value: float) -> None:
    """Every metric is that of the other library to nine digits (content, in single precision, to six)."""
    found = {name: interval.mean for name, interval in (score.means | score.traits).items()} | score.together
    listed = np.add(*popularity_lift(Look(GROUND, LISTS, slice(0, len(LISTS)))))
    found["popularity_of_lists"] = listed[listed > 0].mean()
    assert found[metric] == pytest.approx(value, rel=1e-6 if metric in {"content_diversity", "calibration"} else 1e-9), source
