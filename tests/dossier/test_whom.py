"""For whom the lists are good."""

from pathlib import Path

import numpy as np
import pytest

from tests.dossier.shelf import judged
from tests.prep.shop_tables import users
from tests.stages.shop import directory
from xsell.contract.options import Settings
from xsell.contract.progress import silent
from xsell.data.schema import USERS
from xsell.dossier.whom import _differs, _group, natural, products, segments
from xsell.metrics.intervals import FEWEST
from xsell.page.charts import Ranges
from xsell.page.contents import Share
from xsell.stages import features


def test_groups_are_those_of_the_evaluation(tmp_path: Path) -> None:
    """Each figure shows the groups of one grouping that are large enough, with the numbers of the evaluation, beside the mean of all in groups."""
    made = directory(tmp_path, customers=200)
    made.write(
        USERS,
        users(
            *(
                {"user_id": f"u{n:03}", "gender": "fm"[n % 2], "location": ("here" if n % 4 < 2 else "there") if n % 10 else None}
                for n in range(200)
            )
        ),
    )
    features.run(made, Settings(), silent)
    known = judged(made, k=(3,))
    blocks = {block.heading: block for block in segments(known).blocks if isinstance(block, Ranges)}
    assert set(blocks) <= set(known.whom.p)
    assert [row.label for row in blocks["gender"].rows] == ["f", "m"]
    table = known.whom.table.filter(model="ease", metric="ndcg", of="customers")
    for row in blocks["gender"].rows:
        (found,) = table.filter(grouping="gender", group=row.label).iter_rows(named=True)
        assert (row.interval.mean, row.interval.low, row.interval.high) == (found["mean"], found["low"], found["high"])
        assert row.said == f"{found['customers']} customers"
        assert found["customers"] >= FEWEST
    assert blocks["gender"].reference == pytest.approx(known.board["ease"].means["ndcg"].mean)
    assert blocks["gender"].reference_label == f"all {len(known.board['ease'].values['ndcg'])} customers"
    places = table.filter(grouping="location")
    assert blocks["location"].reference == pytest.approx(float(np.average(places["mean"], weights=places["customers"])))
    assert blocks["location"].reference_label == f"the {places['customers'].sum()} customers of known location"
    assert "(p " in blocks["gender"].note


def test_no_interval_reaches_beyond_the_metric() -> None:
    """Of few customers an interval by Student's t may reach below 0, where the metric cannot be: it is drawn up to there."""
    row = {"group": "rare", "mean": 0.02, "low": -0.01, "high": 0.05, "customers": 30}
    assert (_group(row).interval.low, _group(row | {"high": 1.2}).interval.high) == (0.0, 1.0)


def test_shares_of_products_make_a_whole(tmp_path: Path) -> None:
    """What popular and rare products get of the places adds up to all of them, and so does what was wanted."""
    rows = products(judged(directory(tmp_path), k=(3,))).rows
    for column in (1, 2):
        shares = [row[column] for row in rows]
        assert abs(sum(share.value for share in shares if isinstance(share, Share)) - 1) < 1e-9


def test_numbers_in_names_are_ordered_by_size() -> None:
    """Bands stand in the order of their numbers, and words in that of the alphabet."""
    assert sorted(["10 to 20", "2 to 9", "1"], key=natural) == ["1", "2 to 9", "10 to 20"]
    assert sorted(["b", "a"], key=natural) == ["a", "b"]
    assert sorted(["65+", "19-24", "x"], key=natural) == ["x", "19-24", "65+"]


@pytest.mark.parametrize(
    ("p", "said"),
    [
        ({"quality": 0.001, "gain": 0.01}, "Groups differ by more than luck (p 0.001), and so does what they gain over popular."),
        ({"quality": 0.001, "gain": 0.3}, "Groups differ by more than luck (p 0.001)."),
        ({"quality": 0.4, "gain": 0.03}, "What groups gain over popular differs by more than luck (p 0.030)."),
        ({"quality": 0.4, "gain": 0.3}, "Groups differ by no more than luck explains (p 0.300)."),
        ({"quality": 0.00001}, "Groups differ by more than luck (p < 0.001)."),
    ],
)
def test_luck_is_named(p: dict[str, float], said: str) -> None:
    """Under each figure stands whether its groups differ by more than luck, and in what."""
    assert _differs(p) == said
