"""What models may learn from and what they are asked: nothing of the second is in the first."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray

from tests.prep.shop_tables import day, event, interactions, items
from xsell.assemble import World, world
from xsell.best import top
from xsell.contract.names import SPLITS
from xsell.contract.options import Fit, Settings
from xsell.contract.progress import silent
from xsell.data.schema import INTERACTIONS, ITEMS
from xsell.data.training import Training
from xsell.exam import Exam, by_split, by_windows, decided
from xsell.files.workspace import Workspace
from xsell.metrics.ranking import hits
from xsell.ranking import allowed
from xsell.stages import features

CUSTOMERS, PRODUCTS, CATEGORIES, BOUGHT, K = 150, 60, 20, 8, 10


@pytest.fixture(scope="module")
def lottery(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give a shop in which everybody buys at random: every purchase goes with a view at the same moment."""
    dice, rows = np.random.default_rng(11), []
    for customer in range(CUSTOMERS):
        for place, product in enumerate(dice.choice(PRODUCTS, BOUGHT, replace=False)):
            when = 10 * place + dice.uniform(0, 9)
            rows += [
                event(f"u{customer:03}", f"p{product:02}", "view", at=day(when)),
                event(f"u{customer:03}", f"p{product:02}", at=day(when)),
            ]
    made = Workspace(tmp_path_factory.mktemp("lottery"))
    made.write(INTERACTIONS, interactions(*rows))
    made.write(ITEMS, items(*({"item_id": f"p{n:02}", "category": f"C{n % CATEGORIES}"} for n in range(PRODUCTS))))
    made.write_json("clean/report.json", {})
    features.run(made, Settings(), silent)
    return made


def memory(known: Training) -> NDArray[np.float32]:
    """Score what a model could have memorised: 1 where a customer is seen with an item in any way, customers × items."""
    seen = known.history.owned.toarray() + known.history.purchases.toarray()
    for stream in known.history.streams:
        seen += stream.toarray()
    return seen.astype(np.float32)


def found(exam: Exam, known: World, score: NDArray[np.float32]) -> tuple[int, float]:
    """Hits of the lists of ten, and how many chance would have."""
    who = exam.asked.user
    free = allowed(exam.part.history.rows(who), exam.part.catalog, known.scope)
    lists = top(score[who], free, K).items
    chance = np.minimum(K / np.maximum(free.sum(axis=1), 1), 1) * np.diff(exam.asked.indptr)
    return int(hits(lists, exam.asked).sum()), float(chance.sum())


def exams(known: World, split: str) -> list[Exam]:
    """Give the exam of a split, or those of all its windows."""
    return list(by_windows(known, decided(known, split))) if split == "rolling" else [by_split(known, split, 0)]


@pytest.mark.parametrize("scope", ["new", "any"])
@pytest.mark.parametrize("split", SPLITS)
def test_a_model_that_memorises_the_future_is_no_better_than_chance(lottery: Workspace, split: str, scope: str) -> None:
    """Where purchases are a lottery, remembering everything that may be learnt or is known helps nobody; remembering what may not finds most."""
    known = world(lottery, Fit(scope=scope))
    for exam in exams(known, split):
        for part in (exam.learnt, exam.part):
            hit, chance = found(exam, known, memory(part))
            assert hit < chance + 4 * np.sqrt(chance)
        cheat, chance = found(exam, known, memory(exam.whole))
        assert cheat == len(exam.asked.item) > chance + 4 * np.sqrt(chance)


def test_windows_do_not_see_beyond_their_end(lottery: Workspace) -> None:
    """What comes after a window is neither learnt, nor known, nor asked for, and the last window ends with the data."""
    known = world(lottery, Fit())
    several = list(by_windows(known, decided(known, "rolling:4")))
    begins = [exam.moment for exam in several]
    assert len(several) == 4
    assert begins == sorted(set(begins))
    for exam, end in zip(several, [*begins[1:], np.inf], strict=True):
        assert exam.whole.log.at.max() <= end
        assert exam.whole.streams[0].at.max() <= end
        assert exam.part.log.at.max() <= exam.moment
        assert exam.part.streams[0].at.max() <= exam.moment
    assert several[-1].whole is known.training


def test_numbers_of_the_past_do_not_move_with_the_future(lottery: Workspace, tmp_path: Path) -> None:
    """A temporal split of a log that goes on differently afterwards gives the same training part to the last bit."""
    rows = lottery.read(INTERACTIONS)
    known = world(lottery, Fit())
    exam = by_split(known, "temporal", 0)
    late = pl.col("at") > pl.from_epoch(pl.lit(float(np.nanmax(exam.part.log.at)) * 1e6).cast(pl.Int64), "us").dt.replace_time_zone("UTC")
    other = rows.with_columns(item_id=pl.when(late).then(pl.lit("p00")).otherwise("item_id")).sort("user_id", "item_id", "at", "event")
    made = Workspace(tmp_path)
    made.write(INTERACTIONS, other)
    made.write(ITEMS, lottery.read(ITEMS))
    made.write_json("clean/report.json", {})
    features.run(made, Settings(), silent)
    twin = by_split(world(made, Fit()), "temporal", 0)
    assert (exam.part.history.owned != twin.part.history.owned).nnz == 0
    assert (exam.part.history.streams[0] != twin.part.history.streams[0]).nnz == 0
    assert (exam.part.catalog.content != twin.part.catalog.content).nnz == 0
    assert (exam.part.catalog.category == twin.part.catalog.category).all()
