"""Groups of customers and of products, made from what was known before the cut."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.prep.shop_tables import users
from tests.stages import shop
from xsell import groups
from xsell.assemble import World, world
from xsell.contract.options import Fit, Settings
from xsell.contract.progress import silent
from xsell.data.schema import USERS
from xsell.exam import Exam, by_split
from xsell.files.workspace import Workspace
from xsell.metrics.segments import BANDS, Grouping
from xsell.stages import features

Case = tuple[Workspace, World, Exam]


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """Give a shop whose customer table has a few columns of its own: a tier, an income, a note that nobody shares."""
    made = shop.directory(tmp_path_factory.mktemp("groups"))
    rows = [{"user_id": f"u{n:03}", "gender": "f" if n % 2 else "m"} for n in range(shop.CUSTOMERS)]
    own = {
        "tier": ["gold" if n % 3 else "basic" for n in range(shop.CUSTOMERS)],
        "income": [str(1000 + 10 * n) for n in range(shop.CUSTOMERS)],
        "note": [f"calls on day {n}" for n in range(shop.CUSTOMERS)],
    }
    made.write(USERS, users(*rows).with_columns(**{name: pl.Series(values) for name, values in own.items()}))
    features.run(made, Settings(), silent)
    known = world(made, Fit())
    return made, known, by_split(known, "auto", 0)


def by_name(found: list[Grouping]) -> dict[str, Grouping]:
    """Groupings by name."""
    return {grouping.name: grouping for grouping in found}


def test_columns_of_the_customer_table_make_groups(case: Case) -> None:
    """Words make groups by name, many numbers make quarters, and a column in which everybody is alone makes none."""
    workspace, known, exam = case
    found = by_name(groups.of_customers(workspace, known, exam.asked.user, groups.habits(known, exam.part, exam.asked)))
    assert set(found) == {"gender", "tier", "income", "products had"}
    assert found["tier"].labels == ("basic", "gold")
    users = known.users.gather(exam.asked.user)
    assert [found["tier"].labels[code] == "gold" for code in found["tier"].code] == [
        bool(int(user[1:]) % 3) for user in users if user[0] == "u"
    ]
    assert len(found["income"].labels) == 4
    assert min(np.bincount(found["income"].code)) > len(users) / 6


def test_habits_are_those_before_the_cut(case: Case) -> None:
    """The number of products and categories is what the customer had in the training part, not later."""
    workspace, known, exam = case
    had = by_name(groups.of_customers(workspace, known, exam.asked.user, groups.habits(known, exam.part, exam.asked)))["products had"]
    count = np.diff(exam.part.history.rows(exam.asked.user).purchases.indptr)
    for code, label in enumerate(had.labels):
        low, _, high = label.partition(" to ")
        assert count[had.code == code].min() == float(low)
        assert count[had.code == code].max() == float(high or low)


def test_products_by_popularity_and_category(case: Case) -> None:
    """The first half of all purchases is in the first band, what nobody had is in the last, and every category asked for has a name."""
    _, known, exam = case
    owners = np.bincount(exam.part.history.purchases.indices, minlength=exam.part.n_items)
    popularity, category = groups.of_popularity(owners), groups.of_categories(known, exam.asked.item)
    assert category
    assert popularity.labels == BANDS
    assert set(owners[popularity.code == 3]) <= {0}
    assert owners[popularity.code == 0].sum() == pytest.approx(owners.sum() / 2, abs=int(owners.max()))
    assert owners[popularity.code == 0].min() >= owners[popularity.code == 1].max()
    names = known.items["category"].to_list()
    assert [category.labels[code] if code >= 0 else None for code in category.code] == names


def test_quarters() -> None:
    """Equal values stay together, unknown ones are in no group, and a single value tells nobody apart from himself."""
    found = groups.quarters("n", np.array([1.0, 1, 1, 1, 1, 2, 3, np.nan]))
    assert found
    assert found.labels == ("1", "2 to 3")
    assert found.code.tolist() == [0, 0, 0, 0, 0, 1, 1, -1]
    assert groups.quarters("n", np.full(3, np.nan)) is None
    alone = groups.quarters("n", np.ones(4))
    assert alone
    assert alone.labels == ("1",)


def test_without_a_customer_table(tmp_path: Path) -> None:
    """Without any table of customers there are still groups by what they had."""
    made = shop.directory(tmp_path, catalog=False)
    known = world(made, Fit())
    exam = by_split(known, "random", 0)
    assert set(by_name(groups.of_customers(made, known, exam.asked.user, groups.habits(known, exam.part, exam.asked)))) == {"products had"}
