"""From which category to which, and which products."""

from pathlib import Path

from tests.dossier.shelf import judged
from tests.stages.shop import directory
from xsell.dossier.offered import TAKEN, categories, spread
from xsell.page.charts import Curves, Heat


def test_a_map_of_tastes(tmp_path: Path) -> None:
    """Where customers buy in even or in odd categories only, both maps are empty from the ones to the others, and no row exceeds one."""
    went, sent, _ = categories(judged(directory(tmp_path), k=(2,))).blocks
    assert isinstance(went, Heat)
    assert isinstance(sent, Heat)
    assert (went.rows, went.columns) == (sent.rows, sent.columns)
    assert len(went.rows) == 8
    for block in (went, sent):
        assert all(sum(share or 0 for share in row) <= 1.0001 for row in block.shares)
    crossed = [
        share or 0
        for name, row in zip(went.rows, went.shares, strict=True)
        for other, share in zip(went.columns, row, strict=True)
        if int(name[1:]) % 2 != int(other[1:]) % 2 and name != other
    ]
    assert sum(crossed) < 0.2 * sum(share or 0 for row in went.shares for share in row)


def test_lines_over_products_end_at_all(tmp_path: Path) -> None:
    """Each line ascends to all of the offers, and what customers took up is drawn beside."""
    own, famous, *_ = spread(judged(directory(tmp_path), k=(3,))).blocks
    for block in (own, famous):
        assert isinstance(block, Curves)
        assert {line.label for line in block.lines} == {TAKEN, "ease", "popular"}
        for line in block.lines:
            heights = [y for _, y in line.points]
            assert heights == sorted(heights)
            assert heights[-1] == 1
