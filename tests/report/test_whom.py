"""For whom lists are good, in tables and words."""

from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from tests.metrics.grounds import ground
from tests.report.boards import K
from tests.report.test_verdicts import width
from xsell.cli import draw
from xsell.data.schema import per_group
from xsell.metrics.measured import measure
from xsell.metrics.scoreboard import judge
from xsell.metrics.segments import BANDS, POPULARITY, Grouping
from xsell.report import whom

N = 200
KIND = Grouping("a kind of customers", ("served well", "served as badly as by popular"), np.repeat(np.arange(2, dtype=np.int32), N // 2))
LUCK = Grouping("luck", ("heads", "tails"), np.arange(N, dtype=np.int32) % 2)
BAND = Grouping(POPULARITY, BANDS, np.minimum(np.arange(40) // 10, 2).astype(np.int32))


def looked(*customers: Grouping, models: tuple[str, ...] = ("ease", "popular")) -> whom.Whom:
    """Look at a model that finds everything for the first half of the customers, and half of it for the others, as `popular` does for all."""
    half = np.r_[0:5, 20:25].astype(np.int32)
    lists = {model: np.tile(half, (N, 1)) for model in models}
    lists["ease"][: N // 2] = np.arange(10)
    asked = ground([range(K)] * N, [[39]] * N, list(range(40)))
    board = judge([measure({model: lists[model] for model in models}, asked, [K])], "popular", 0)[K]
    return whom.looked(board, [lists], [asked.heldout], customers, [[BAND]])


def test_the_table_holds_every_group() -> None:
    """Every metric of every model in every group is in the table, with the difference to popular where models are compared."""
    found = looked(KIND, LUCK)
    per_group("x").check(found.table)
    rows = found.table.rows_by_key(("of", "grouping", "group", "model", "metric"), named=True, unique=True)
    good = rows["customers", KIND.name, KIND.labels[0], "ease", "recall"]
    assert (good["customers"], good["mean"], good["gap"]) == (N // 2, 1.0, 0.5)
    assert rows["customers", KIND.name, KIND.labels[1], "ease", "recall"]["gap"] == 0
    assert rows["customers", KIND.name, KIND.labels[1], "popular", "recall"]["gap"] is None
    assert rows["products", POPULARITY, BANDS[0], "ease", "recall"]["mean"] == pytest.approx(0.75)
    assert rows["products", POPULARITY, BANDS[2], "popular", "places"]["mean"] == pytest.approx(0.5)


def test_groups_that_differ_are_flagged() -> None:
    """Groups that are served unequally are named and drawn, worst and best; groups by luck are not."""
    found = looked(KIND, LUCK)
    assert found.p["luck"] == {"quality": 1.0, "gain": 1.0}
    (warned,) = whom.gaps(found, K)
    beyond = "beyond luck among so many groupings."
    assert warned.message == f"NDCG@10 of ease differs by {KIND.name}, and so does what it gains over popular, {beyond}"
    assert list(whom.sentences(found, K)) == []
    (gained,) = whom.gaps(replace(found, p={"luck": {"quality": 0.001}, "chance": {"gain": 0.001}}), K)
    assert gained.message == f"NDCG@10 of ease differs by luck; what it gains over popular differs by chance, {beyond}"
    (gained,) = whom.gaps(replace(found, p={"luck": {"gain": 0.001}}), K)
    assert gained.message == f"What it gains over popular differs by luck, {beyond}".replace("it", "ease")
    groups, products = whom.grids(found, K)
    assert [row[2] for row in groups.rows] == [N // 2] * 2
    assert str(groups.rows[1][3]).startswith("1.0000")
    assert [row[0] for row in products.rows] == list(BANDS[:3])
    assert width(products.columns, products.rows) <= 80
    page = StringIO()
    draw.grid(
        draw.paper(page, no_color=True),
        replace(groups, rows=(("value of products had", "324.61 to 4957.25", *groups.rows[0][2:]), *groups.rows)),
    )
    drawn = page.getvalue()
    assert max(map(len, drawn.splitlines())) <= 80
    assert "…" not in drawn
    assert str(groups.rows[0][4]) in drawn


def test_groups_that_do_not_differ_are_said_to_be_alike() -> None:
    """Where no group differs that is said, and no table of groups is drawn."""
    found = looked(LUCK)
    assert list(whom.sentences(found, K)) == ["By luck, NDCG@10 of ease is the same within what luck explains."]
    assert list(whom.gaps(found, K)) == []
    assert len(list(whom.grids(found, K))) == 1
    assert list(whom.sentences(looked(), K)) == []


@pytest.mark.parametrize(("share", "said"), [(0.0, "0.0%"), (0.0005, "0.05%"), (0.001, "0.1%"), (0.5, "50.0%"), (1.0, "100.0%")])
def test_little_is_not_nothing(share: float, said: str) -> None:
    """A share of one in two thousand is not written as none."""
    assert whom.percent(share) == said
