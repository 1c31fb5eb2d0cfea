"""An evaluation in words and tables."""

import numpy as np
import pytest

from xsell.contract import names
from xsell.data.cuts import CUTS, Cut, Heldout
from xsell.metrics.intervals import FEWEST
from xsell.metrics.scoreboard import Score, judge
from xsell.report import evaluation as words

K = 10


def board(customers: int = 60, models: tuple[str, ...] = names.MODELS) -> dict[str, Score]:
    """Judge models whose lists are random but for the first, which finds everything."""
    wanted = Heldout(np.arange(customers, dtype=np.int32), np.arange(customers + 1) * K, np.tile(np.arange(K, dtype=np.int32), customers))
    dice = np.random.default_rng(0)
    lists = {model: dice.permuted(np.tile(np.arange(40, dtype=np.int32), (customers, 1)), axis=1)[:, :K] for model in models}
    lists[models[0]] = np.tile(np.arange(K, dtype=np.int32), (customers, 1))
    return judge(lists, wanted, 40, "popular", 0)


def width(columns: tuple[str, ...], rows: tuple[tuple[object, ...], ...]) -> int:
    """Columns of text that a grid takes with two spaces between its cells."""
    return sum(max(len(str(row[place])) for row in (columns, *rows)) for place in range(len(columns))) + 2 * (len(columns) - 1)


def test_every_split_can_be_told() -> None:
    """Each split says how many of how many events are hidden, and a cut in time also where it is."""
    assert set(words.HIDDEN) == set(CUTS)
    keep = np.arange(10) < 8
    for rule in CUTS:
        assert "2 of 10" in words.split(Cut(rule, keep), automatic=False)
    assert "2026-03-01 12:00, 30 days before" in words.split(Cut("temporal", keep, 1772366400.0, 30 * words.DAY), automatic=True)


@pytest.mark.parametrize(("rule", "missed"), [("random", ("times", "categories")), ("new-category", ("times",))])
def test_a_split_for_want_of_a_better_one_says_what_is_missing(rule: str, missed: tuple[str, ...]) -> None:
    """Where the data decided, the sentence says for want of what; where the user decided, it does not."""
    cut = Cut(rule, np.arange(10) < 8)
    assert all(word in words.split(cut, automatic=True) for word in missed)
    assert "for want" not in words.split(cut, automatic=False)


def test_only_causes_that_occurred_are_named() -> None:
    """What was left out is listed by cause, without zeros, and not at all if nothing was."""
    assert words.left_out("pairs", {"already owned": 1200, "without a category": 0}) == "Left out pairs: 1,200 already owned."
    assert words.left_out("pairs", {"already owned": 0}) == words.unseen(0) == ""


def test_verdict_in_words() -> None:
    """A verdict gives both values, the difference and its interval; with few customers it gives none of them."""
    found = board()
    assert words.verdict("hybrid", found["hybrid"], found["popular"], 60, K).startswith(
        "hybrid is better than popular: NDCG@10 1.0000 against 0."
    )
    assert words.verdict("hybrid", found["hybrid"], found["popular"], FEWEST - 1, K).count("0.") == 0


def test_a_verdict_names_its_rival() -> None:
    """Whatever the verdict, the sentence says that the comparison is with popular."""
    alike = board(models=("popular", "ease"))
    assert " than popular: NDCG@10" in words.verdict("ease", alike["ease"], alike["popular"], 60, K)


def test_one_is_not_many() -> None:
    """One customer with one product to find is in the singular."""
    one = Heldout(np.zeros(1, np.int32), np.array([0, 1]), np.zeros(1, np.int32))
    assert words.judged(one, K) == "Judged on 1 customer with 1 product to find, in lists of 10."


def test_tables_fit_the_page() -> None:
    """Both tables are at most 80 columns wide with all models, precision comes first, and the best model is the stressed row."""
    quality, difference = words.grids(board(), K)
    assert width(quality.columns, quality.rows) <= 80
    assert width(difference.columns, difference.rows) <= 80
    assert quality.columns[1] == "P@10"
    assert quality.rows[quality.bold[0]][0] == "hybrid"
    assert [row[0] for row in quality.rows] == list(names.MODELS)
    assert [row[0] for row in difference.rows] == [model for model in names.MODELS if model != "popular"]
    assert difference.rows[0][-1] == "better than popular"


def test_few_customers_have_no_intervals() -> None:
    """Where customers are too few for a verdict, no interval is drawn either."""
    (quality,) = words.grids(board(FEWEST - 1), K)
    assert not any("±" in str(cell) for row in (*quality.rows, (quality.note,)) for cell in row)
    assert any("±" in str(cell) for row in next(words.grids(board(FEWEST), K)).rows for cell in row)


def test_popular_alone_has_no_difference() -> None:
    """Judging only `popular` gives one table."""
    assert len(list(words.grids(board(models=("popular",)), K))) == 1
