"""Predicted beside observed rates, in words and tables."""

from dataclasses import replace

import pytest

from tests.metrics.test_probability import alone, world
from tests.report.test_verdicts import width
from xsell.contract.runs import json_ready
from xsell.metrics.intervals import FEWEST
from xsell.metrics.probability import Reliability, reliability
from xsell.report import chances


def found(bias: float = 1.0) -> dict[str, Reliability]:
    """Check one model."""
    checked = reliability(alone(*world(bias=bias)))
    assert checked
    return {"hybrid": checked}


@pytest.mark.parametrize(
    ("bias", "said"), [(1.0, ": as the scores say."), (2.0, ": less than the scores say."), (0.5, ": more than the scores say.")]
)
def test_promises_are_held_against_purchases(bias: float, said: str) -> None:
    """The sentence says whether a list brought what its probabilities add up to."""
    (sentence,) = chances.sentences(found(bias), 5)
    assert sentence.startswith("A list of 5 by hybrid brought 0.3")
    assert sentence.endswith(said)
    broken = [warned.message for warned in chances.broken(found(bias), 5)]
    assert broken == ([] if bias == 1.0 else [sentence])


def test_the_time_is_said_where_it_is_known() -> None:
    """Purchases after the time that the probabilities are about do not count, and the reader is told."""
    known = {"hybrid": replace(found()["hybrid"], seconds=38 * 86400.0)}
    (sentence,) = chances.sentences(known, 5)
    assert " purchases within 38 days (95% interval" in sentence
    assert "bought anything within 38 days or not." in next(chances.grids(known)).note
    assert "bought anything afterwards or not." in next(chances.grids(found())).note


def test_the_table_fits_the_page_and_needs_customers() -> None:
    """Ten rows from the least to the most probable offers, at most 80 columns wide; nothing is said of a few customers."""
    (table,) = chances.grids(found())
    assert len(table.rows) == 10
    assert width(table.columns, table.rows) <= 80
    few = {"hybrid": replace(found()["hybrid"], customers=FEWEST - 1)}
    assert [*chances.grids(few), *chances.sentences(few, 5)] == []


def test_facts_can_be_written() -> None:
    """What was found is ready for JSON, also where the skill is unknown."""
    ready = json_ready(chances.facts({"hybrid": replace(found()["hybrid"], skill=float("nan"))}))
    assert ready["probabilities"]["hybrid"]["skill"] is None
    assert ready["probabilities"]["hybrid"]["actual"]["mean"] > 0
