"""Verdicts in words and tables."""

from dataclasses import replace

import pytest

from tests.report.boards import K, board
from xsell.contract import names
from xsell.metrics.intervals import FEWEST, Interval
from xsell.metrics.scoreboard import Versus
from xsell.report import verdicts as words


def width(columns: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> int:
    """Columns of text that a grid takes with two spaces between its cells."""
    return sum(max(len(str(row[place])) for row in (columns, *rows)) for place in range(len(columns))) + 2 * (len(columns) - 1)


@pytest.mark.parametrize(
    ("low", "high", "p", "customers", "said"),
    [
        (0.01, 0.02, 0.001, FEWEST, "better than popular"),
        (-0.02, -0.01, 0.001, FEWEST, "worse than popular"),
        (0.01, 0.02, 0.06, 5000, "not shown to be better"),
        (0.0, 0.02, 0.01, 5000, "not shown to be better"),
        (-0.01, 0.0, 0.01, 5000, "not shown to be better"),
        (0.01, 0.02, 0.001, FEWEST - 1, "too few users to tell"),
    ],
)
def test_a_finding_needs_interval_test_and_customers(low: float, high: float, p: float, customers: int, said: str) -> None:
    """Only an interval entirely on one side of zero and a small p value are a finding, and only with enough customers."""
    assert words.shown(Versus(Interval((low + high) / 2, low, high), p, 0.01, customers), "popular") == said


def test_verdict_in_words() -> None:
    """A verdict gives both values, the difference, its interval and its p value; with few customers it gives none of them."""
    first = next(words.sentences(board(), K))
    assert first.startswith("hybrid is better than popular: NDCG@10 1.0000 against 0.")
    assert first.endswith("p < 0.001.")
    assert not any("0." in said for said in words.sentences(board(FEWEST - 1), K))


def test_a_verdict_names_its_rival() -> None:
    """Whatever the verdict, the sentence says that the comparison is with popular."""
    alike = board(models=("popular", "ease"))
    assert " than popular: NDCG@10" in next(words.sentences(alike, K))


def test_others_are_said_in_few_words() -> None:
    """The best model gets the sentence, the others are sorted by what they show; nothing is said of models over a few customers."""
    full, others = list(words.sentences(board(models=("als", "popular", "hybrid", "ease")), K))[:2]
    assert full.startswith("als is better than popular")
    assert others.startswith("Of the others ")
    assert sorted(name for name in ("als", "hybrid", "ease") if name in others) == ["ease", "hybrid"]
    assert len(list(words.sentences(board(FEWEST - 1, models=("als", "popular", "ease")), K))) == 1


def test_ties_are_said_and_marked() -> None:
    """Models not shown to be worse than the best are named with what would go unseen, and marked in the table; the others are not."""
    clear = board(models=("ease", "popular", "svd"))
    assert not any("tied" in said for said in words.sentences(clear, K))
    assert [row[0] for row in next(words.grids(clear, "new", K)).rows] == ["ease", "popular", "svd"]
    close = {name: score for name, score in board(models=("als", "popular", "ease")).items() if name != "als"}
    leader, other = sorted(close, key=lambda name: -close[name].means["ndcg"].mean)
    tied = {
        leader: replace(close[leader], behind=None),
        other: replace(close[other], behind=Versus(Interval(-0.01, -0.02, 0.01), 0.4, 0.03, 60)),
    }
    assert f"{other} is tied with {leader}, the best" in list(words.sentences(tied, K))[-1]
    assert "below 0.0300" in list(words.sentences(tied, K))[-1]
    assert f"{other} =" in [row[0] for row in next(words.grids(tied, "new", K)).rows]
    twins = {leader: tied[leader], other: replace(tied[leader], behind=tied[other].behind)}
    assert f"{other} is as good as {leader}, the best, for every single customer." in list(words.sentences(twins, K))
    assert not any("luck" in said for said in words.sentences(twins, K))


def test_tables_fit_the_page() -> None:
    """Every table is at most 80 columns wide with all models, precision comes first, and the best model is the stressed row."""
    for scope in ("new", "any"):
        tables = list(words.grids(board(), scope, K))
        assert [table.title.split()[0] for table in tables] == ["Quality", "Difference", "Categories", "What"]
        assert all(width(table.columns, table.rows) <= 80 for table in tables)
    quality, difference, *_ = tables
    assert quality.columns[1] == "P@10"
    assert quality.rows[quality.bold[0]][0] == "hybrid"
    assert [row[0] for row in quality.rows] == list(names.MODELS)
    assert [row[0] for row in difference.rows] == [model for model in names.MODELS if model != "popular"]
    assert difference.rows[0][-1] == "better than popular"


def test_few_customers_have_no_intervals() -> None:
    """Where customers are too few for a verdict, no interval is drawn and no model is called tied."""
    tables = list(words.grids(board(FEWEST - 1), "new", K))
    assert [table.title.split()[0] for table in tables] == ["Quality", "Categories", "What"]
    assert not any(sign in str(cell) for table in tables for row in (*table.rows, (table.note,)) for cell in row for sign in ("±", "="))
    assert any("±" in str(cell) for row in next(words.grids(board(FEWEST), "new", K)).rows for cell in row)


def test_popular_alone_has_no_difference() -> None:
    """Judging only `popular` gives no table of differences and no verdict."""
    alone = board(models=("popular",))
    assert not any(table.title.startswith("Difference") for table in words.grids(alone, "new", K))
    assert list(words.sentences(alone, K)) == []


def test_what_has_no_value_has_no_column() -> None:
    """Without categories there is no table of them, and no column of their entropy."""
    tables = list(words.grids(board(category=(-1,) * 40), "any", K))
    assert [table.title.split()[0] for table in tables] == ["Quality", "Difference", "What"]
    assert "categories" not in tables[-1].columns
