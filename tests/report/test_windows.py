"""Rolling windows beside each other."""

from tests.report.boards import K, board
from xsell.cli.draw import WIDTH
from xsell.contract import names
from xsell.metrics.intervals import FEWEST
from xsell.report import windows
from xsell.report.windows import Window

DAY = 86400.0


def rolled(*customers: int, models: tuple[str, ...] = names.MODELS) -> list[Window]:
    """Give windows of thirty days from the first of 2026 on."""
    return [
        Window(1767225600.0 + 30 * DAY * n, 30 * DAY, 7, {K: board(size, models)}, {"events_learnt": n}) for n, size in enumerate(customers)
    ]


def test_a_row_a_window_within_eighty_columns() -> None:
    """However many models there are, the first, the best and the baseline are shown, and a row fits into a terminal."""
    (grid,) = windows.grids(rolled(60, 50), board(), K)
    assert [row[0] for row in grid.rows] == ["2026-01-01", "2026-01-31"]
    assert [row[2] for row in grid.rows] == [60, 50]
    assert {"hybrid", "popular"} <= set(grid.columns)
    widest = [max(len(str(cell)) for cell in column) for column in zip(grid.columns, *grid.rows, strict=True)]
    assert sum(widest) + 2 * (len(widest) - 1) <= WIDTH


def test_few_customers_have_no_interval() -> None:
    """A window of too few customers shows its difference without an interval, and counts for none."""
    few = rolled(60, FEWEST - 1)
    (grid,) = windows.grids(few, board(), K)
    assert ["±" in str(row[-1]) for row in grid.rows] == [True, False]
    (sentence,) = windows.sentences(few, board())
    assert "in 2 of 2 windows, in 1 with an interval above 0" in sentence


def test_one_window_is_none() -> None:
    """A single window has nothing beside it."""
    assert list(windows.grids(rolled(60), board(), K)) == list(windows.sentences(rolled(60), board())) == []
    assert windows.facts(rolled(60)) == {}


def test_popular_alone_rolls_too() -> None:
    """Without another model there are means and no differences."""
    alone = rolled(60, 60, models=("popular",))
    (grid,) = windows.grids(alone, board(models=("popular",)), K)
    assert grid.columns[-1] == "popular"
    assert list(windows.sentences(alone, board(models=("popular",)))) == []
