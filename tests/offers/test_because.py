"""What reasons say, and in which order."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

from tests import worlds
from xsell.data.training import History, Ints
from xsell.models.explicit import Explicit
from xsell.models.popular import Popular
from xsell.models.reasons import Reasons
from xsell.models.regression import Regression
from xsell.offers.because import SAME, because, meanings, named
from xsell.selection.hybrid import Hybrid

COLUMNS = (("has ", "tea"), ("has ", "milk"), ("view: ", "tea"), ("view: ", "milk"), ("aged ", "30-39"), ("", "popular"))
POPULAR = len(COLUMNS) - 1
PERCENT = 0.1


@dataclass(frozen=True)
class Columns:
    """A world of which only the columns of histories are looked at."""

    columns: pl.DataFrame


def made(*names: tuple[str, str]) -> tuple[SimpleNamespace, History]:
    """A world of columns with these verbs and names, and the history that has them."""
    history = History(
        worlds.sparse(np.ones((1, 2))), worlds.sparse(np.ones((1, 2))), (worlds.sparse(np.ones((1, 2))),), worlds.sparse([[1]])
    )
    views = SimpleNamespace(name="view", width=2, of_items=True)
    columns = pl.DataFrame(names, schema=["verb", "what"], orient="row")
    known = SimpleNamespace(
        items=pl.DataFrame({"item_id": ["t", "m"]}), training=SimpleNamespace(history=history, streams=(views,)), columns=columns
    )
    return known, history


def told(said: Sequence[tuple[Sequence[int], int]]) -> pl.DataFrame:
    """Texts where reasons are these columns, each with a share of a tenth, and so many things more."""
    known, history = made(*COLUMNS)
    number: list[Ints] = [np.full(len(what), offer, np.int32) for offer, (what, _) in enumerate(said)]
    column = np.array([one for what, _ in said for one in what], np.int32)
    others = np.array([more for _, more in said], np.int32)
    share, rest = np.full(len(column), PERCENT, np.float32), np.full(len(said), PERCENT, np.float32)
    return because(meanings(known), Reasons(np.concatenate(number), column, share, others, rest), history.width)  # type: ignore[arg-type]


def test_what_has_the_same_verb_stands_together_where_it_was_first() -> None:
    """A verb is said once, what is popular and what is left over stand alone, and an offer with nothing to say is missing."""
    found = told([([0, 2, 1, POPULAR], 2), ([], 0), ([3], 0), ([], 1), ([POPULAR], 0), ([4, 3, 2], 1)])
    assert dict(zip(found["offer"], found["because"], strict=True)) == {
        0: "has tea (10%), milk (10%); view: tea (10%); popular (10%); 2 more (10%)",
        2: "view: milk (10%)",
        3: "1 more (10%)",
        4: "popular (10%)",
        5: "aged 30-39 (10%); view: milk (10%), tea (10%); 1 more (10%)",
    }


def test_the_structure_keeps_the_order_of_strength() -> None:
    """Reasons are listed as strong as they are, each with its kind and product."""
    found = told([([0, 2, 1], 2), ([4, POPULAR], 0)])
    assert [[tuple(reason.values())[:3] for reason in one] for one in found["reasons"]] == [
        [("product", "has tea", "t"), ("view", "view: tea", "t"), ("product", "has milk", "m"), ("others", "2 more", None)],
        [("profile", "aged 30-39", None), ("popularity", "popular", None)],
    ]
    assert found["reasons"].explode().struct["share"].to_list() == [np.float32(PERCENT)] * 6


def test_what_has_one_name_is_alike() -> None:
    """Products of one name are alike, but one that was bought and one that was viewed are not; where all differ there is nothing to tell."""
    assert meanings(made(*COLUMNS)[0]).alike is None  # type: ignore[arg-type]
    same = meanings(made(*(("has ", "tea"), ("has ", "tea")), *COLUMNS[2:])[0]).alike  # type: ignore[arg-type]
    assert same is not None
    assert same.tolist() == [0, 0, 1, 2, 3, 4]


def test_what_is_the_same_for_everybody_has_the_name_of_what_it_is() -> None:
    """It is popularity where numbers of customers are weighed, ratings of others where these are expected, and else just the same for everybody."""
    mixed = Hybrid({}, 1.0, np.zeros(3, np.float32), np.array([1, 0, 0], np.float32), 0.0)
    learnt = Hybrid({}, 1.0, np.zeros(3, np.float32), np.array([1, 0, 2], np.float32), 0.0)
    mixed.statics_ = learnt.statics_ = np.zeros((1, 2), np.float32)
    models = (Popular(), learnt, mixed, Regression(), Explicit(0))
    known = Columns(pl.DataFrame({"verb": ["has ", ""], "what": ["tea", "popular"]}))
    said = [named(known, model).columns["what"].to_list() for model in models]  # type: ignore[arg-type]
    assert said == [["tea", what] for what in ("popular", "popular", SAME, SAME, "ratings of others")]


def test_a_share_that_is_almost_nothing_is_not_called_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reason that counts for less than half a percent is said to count for less than one, not for none."""
    monkeypatch.setattr(f"{__name__}.PERCENT", 0.004)
    assert told([([0], 0)])["because"].to_list() == ["has tea (<1%)"]


def test_nothing_to_say() -> None:
    """No offers give an empty table of the same columns."""
    found = told([([0], 0)]).clear()
    assert told([([], 0)]).schema == found.schema
    assert told([([], 0)]).is_empty()
