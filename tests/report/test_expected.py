"""Expected ratings in words and a table."""

import pytest

from tests.report.test_verdicts import width
from xsell.metrics.errors import Accuracy
from xsell.metrics.intervals import FEWEST, Interval
from xsell.report import expected
from xsell.report.expected import MEAN, PLAIN, Expected

FLAT = Interval(0.9, 0.88, 0.92)


def found(saved: Interval, customers: int = 500) -> Expected:
    """Errors of one model beside plainer ones."""
    one, plain = Accuracy(Interval(0.76, 0.75, 0.77), FLAT, saved), Accuracy(FLAT, FLAT, Interval(0.3, 0.2, 0.4))
    return Expected({"ratings": one, PLAIN: plain, MEAN: Accuracy(FLAT, FLAT, None)}, customers, 12_345)


@pytest.mark.parametrize(
    ("saved", "customers", "said"),
    [
        (Interval(0.28, 0.27, 0.29), 500, ": factors save 28.0% of the squared error (95% interval 27.0% to 29.0%)."),
        (Interval(0.01, -0.01, 0.02), 500, ": factors are not shown to help."),
        (Interval(-0.1, -0.2, -0.05), 500, ": factors cost 10.0% of the squared error (95% interval 5.0% to 20.0%)."),
        (Interval(0.28, 0.27, 0.29), FEWEST - 1, "biases only with 0.9000."),
        (Interval(float("nan"), 0.0, 0.0), 500, "biases only with 0.9000."),
    ],
)
def test_whether_factors_help_is_said(saved: Interval, customers: int, said: str) -> None:
    """The sentence says both errors, and whether factors help as far as can be told."""
    (sentence,) = expected.sentences(found(saved, customers))
    assert sentence.startswith("ratings expects held-out ratings with RMSE 0.7600, biases only with 0.9000")
    assert sentence.endswith(said)


def test_the_table_fits_the_page() -> None:
    """A row a model, at most 80 columns wide; a few customers have no intervals, and without ratings there is no table."""
    (table,) = expected.grids(found(FLAT))
    assert [row[0] for row in table.rows] == ["ratings", PLAIN, MEAN]
    assert width(table.columns, table.rows) <= 80
    assert "12,345 ratings by 500 customers" in table.note
    (few,) = expected.grids(found(FLAT, FEWEST - 1))
    assert few.rows[0][2] is None
    none = Expected({}, 0, 0)
    assert [*expected.grids(none), *expected.sentences(none), *expected.flat(none), *expected.facts(none)] == []


def test_numbers_for_scripts() -> None:
    """Flat names and facts hold every number that is defined."""
    flat = expected.flat(found(FLAT))
    assert (flat["ratings.rmse"], flat["ratings.rmse.low"], flat["biases_only.saved.high"]) == (0.76, 0.75, 0.4)
    assert "mean_only.saved" not in flat
    told = expected.facts(found(FLAT))["expected_ratings"]
    assert told["models"]["ratings"]["rmse"] == {"mean": 0.76, "low": 0.75, "high": 0.77}
    assert (told["customers"], told["ratings"]) == (500, 12_345)
