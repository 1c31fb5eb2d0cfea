"""From clean tables and features to what a model sees."""

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tests import worlds
from tests.prep.shop_tables import day, event, interactions, items, searches, users
from xsell.assemble import World, condensed, decided, planned, world
from xsell.contract.options import Common, Fit, Settings
from xsell.contract.progress import silent
from xsell.data.schema import INTERACTIONS, ITEMS, SEARCHES, USERS
from xsell.data.training import NEVER
from xsell.errors import InputError, MemoryLimitError, UsageError
from xsell.files.workspace import Workspace
from xsell.models.popular import Popular
from xsell.prep.ratings import Scale
from xsell.ranking import allowed
from xsell.stages import features

CATALOGUE = items(
    {"item_id": "b", "name": "Bread", "category": "Food"},
    {"item_id": "a", "name": "Apple", "category": "Food"},
    {"item_id": "t", "name": "Tent", "category": "Camping | Sport"},
    {"item_id": "x", "name": "Odd thing"},
)


def directory(path: Path, *events: dict[str, Any], ratings: dict[str, Any] | None = None, **tables: pl.DataFrame) -> Workspace:
    """Give a directory in which clean and features have run."""
    made = Workspace(path)
    made.write(INTERACTIONS, interactions(*events))
    for table in (ITEMS, USERS, SEARCHES):
        name = Path(table.path).stem
        if name in tables:
            made.write(table, tables[name])
    made.write_json("clean/report.json", {"ratings": ratings} if ratings else {})
    features.run(made, Settings(), silent)
    return made


def owned(known: World, matrix: str = "owned") -> set[tuple[str, str]]:
    """Customer and item ids of a matrix's entries."""
    row, column = getattr(known.training.history, matrix).nonzero()
    return set(zip(known.users.gather(row), known.items["item_id"].gather(column), strict=True))


def test_numbers_are_places_among_sorted_ids(tmp_path: Path) -> None:
    """Customers and items have the number of their place among the sorted ids; what only a table knows has a number too."""
    made = directory(tmp_path, event("v", "t"), event("u", "b"), items=CATALOGUE, users=users({"user_id": "w"}))
    known = world(made, Fit())
    assert known.users.to_list() == ["u", "v", "w"]
    assert known.items["item_id"].to_list() == ["a", "b", "t", "x"]
    assert owned(known) == {("u", "b"), ("v", "t")}
    assert known.training.n_users == 3
    assert known.training.catalog.content.shape[0] == 4


def test_events_keep_the_order_of_their_table(tmp_path: Path) -> None:
    """A log has the events of the table in its order, however many pieces the file is read in, with what was undone in its place."""
    rng = np.random.default_rng(0)
    rows = [event(f"u{n % 50:02}", rng.choice(["a", "b", "t"]), "rating" if n % 7 == 0 else "purchase", at=day(n)) for n in range(4000)]
    for n in range(5, 4000, 11):
        rows[n] |= {"undone": True, "undone_at": day(n + 1) if n % 2 else None}
    made = directory(tmp_path, *rows, event("u01", "b", "return"), event("u02", "b", "view"), items=CATALOGUE)
    table = made.read(INTERACTIONS)
    table.write_parquet(made.root / INTERACTIONS.path, row_group_size=100)
    known = world(made, Fit())
    table = table.filter(pl.col("event").is_in(["purchase", "rating"]))
    log, undone = known.training.log, table["undone"].to_numpy()
    assert known.users.gather(log.user).equals(table["user_id"])
    assert known.items["item_id"].gather(log.item).equals(table["item_id"])
    assert np.array_equal(log.rated, table["event"] == "rating")
    assert np.array_equal(log.at, table["at"].dt.epoch("us") / 1e6)
    late = table["undone_at"].dt.epoch("us").cast(pl.Float64).fill_null(-np.inf).to_numpy() / 1e6
    assert np.array_equal(log.undone_at, np.where(undone, late, NEVER))


@pytest.mark.parametrize("fit", [Fit(), Fit(scope="dormant", owned_since="30d"), Fit(owned_by=("view",)), Fit(like=4.0)])
def test_a_world_without_events_knows_the_same(tmp_path: Path, fit: Fit) -> None:
    """Where events are let go on the way, customers have what they have where all are kept, and as much is popular."""
    rng = np.random.default_rng(1)
    kinds = ["purchase", "rating", "view"]
    rows = [event(f"u{n % 50:02}", rng.choice(["a", "b", "t"]), kinds[n % 3], at=day(n) if n % 7 else None) for n in range(400)]
    asked = searches(("u01", "tent", day(1)), ("u02", "tent", None))
    people = users(*({"user_id": f"u{n:02}", "gender": "f"} for n in range(60)))
    scale = Scale(1.0, 5.0, inferred=True, mode="minmax").details()
    made = directory(tmp_path, *rows, ratings=scale, items=CATALOGUE, searches=asked, users=people)
    known, popular = world(made, fit), Popular("recent")
    brief, counted = condensed(made, fit, popular), Popular("recent").fit(known.training)
    assert len(brief.training.log) == sum(len(stream.user) for stream in brief.training.streams if stream.of_items) == 0
    assert [stream.name for stream in brief.training.streams] == [stream.name for stream in known.training.streams]
    assert (brief.scope, brief.events) == (known.scope, known.events)
    assert brief.columns.equals(known.columns)
    assert owned(brief) == owned(known)
    assert owned(brief, "purchases") == owned(known, "purchases")
    assert np.array_equal(brief.training.history.wide().toarray(), known.training.history.wide().toarray())
    if known.training.history.recent is not None:
        assert owned(brief, "recent") == owned(known, "recent")
    assert np.array_equal(popular.share_, counted.share_)
    assert (popular.since_, popular.kind_) == (counted.since_, counted.kind_)


def test_categories(tmp_path: Path) -> None:
    """The first of several categories counts, an item without one has -1, and scope auto is new where there are two."""
    known = world(directory(tmp_path, event("u", "b"), items=CATALOGUE), Fit())
    category = known.training.catalog.category
    assert category[0] == category[1] >= 0
    assert category[2] not in {-1, category[0]}
    assert category[3] == -1
    assert known.training.catalog.n_categories == 2
    assert known.scope == "new"
    assert world(Workspace(tmp_path), Fit(scope="any")).scope == "any"


def test_scope_without_categories(tmp_path: Path) -> None:
    """Without categories scope auto is any, and asking for new is refused with what to do."""
    made = directory(tmp_path, event("u", "b"), event("v", "a"))
    assert world(made, Fit()).scope == "any"
    with pytest.raises(InputError, match="two categories") as caught:
        world(made, Fit(scope="new"))
    known = world(made, Fit())
    assert "--items" in caught.value.hint
    with pytest.raises(InputError):
        decided("new", worlds.catalog([0, 0]), known.training.log)
    with pytest.raises(InputError, match="products with categories"):
        decided("same", worlds.catalog([-1, -1]), known.training.log)
    with pytest.raises(InputError, match="needs times") as caught:
        decided("dormant", worlds.catalog([0, 0]), known.training.log)
    assert "--scope same" in caught.value.hint
    assert decided("same", worlds.catalog([0, 0]), known.training.log) == "same"


def test_levels_and_several_categories(tmp_path: Path) -> None:
    """Categories are whole paths or their first levels, of the main category or, together, of all; what was read is told."""
    goods = items(
        {"item_id": "a", "category": "Food > Fruit | Gifts"},
        {"item_id": "b", "category": "Food > Bread"},
        {"item_id": "c", "category": "Gifts"},
    )
    made = directory(tmp_path, event("u", "a"), event("v", "b"), items=goods)
    whole = world(made, Fit())
    assert whole.categories.to_list() == ["Food > Bread", "Food > Fruit", "Gifts"]
    assert "--category-level 1" in whole.remarks[0]
    coarse = world(made, Fit(category_level=1))
    assert coarse.categories.to_list() == ["Food", "Gifts"]
    assert coarse.training.catalog.category.tolist() == [0, 0, 1]
    assert allowed(coarse.training.history, coarse.training.catalog, "new").tolist() == [[False, False, True], [False, False, True]]
    together = world(made, Fit(category_level=1, category_match="any"))
    assert allowed(together.training.history, together.training.catalog, "new").tolist() == [[False] * 3, [False, False, True]]
    assert allowed(together.training.history, together.training.catalog, "same")[0].tolist() == [False, True, True]
    assert "1 product belongs" in together.remarks[1]


def test_named_events_own(tmp_path: Path) -> None:
    """With --owned-by the events named own and the others are streams."""
    made = directory(tmp_path, event("u", "a"), event("u", "b", "view"), event("u", "c", "rating"))
    known = world(made, Fit(owned_by=("purchase,view",)))
    assert known.events == ("purchase", "view")
    assert owned(known) == {("u", "a"), ("u", "b")}
    assert [s.name for s in known.training.streams] == ["rating"]


def test_lately(tmp_path: Path) -> None:
    """Only scope dormant asks what is recent, and then --owned-since says how long ago that is."""
    made = directory(tmp_path, event("u", "b", at=day(1)), event("u", "t", at=day(100)), items=CATALOGUE)
    known = world(made, Fit(scope="dormant", owned_since="30d"))
    assert known.training.history.recent is not None
    assert known.training.history.recent.indices.tolist() == [known.items["item_id"].to_list().index("t")]
    assert world(made, Fit()).training.history.recent is None


def test_purchases_and_returns(tmp_path: Path) -> None:
    """A purchase that was sent back is owned and no positive; its end has the time of the return, or none."""
    made = directory(
        tmp_path,
        event("u", "a", at=day(1), undone=True, undone_at=day(3)),
        event("u", "b", at=day(2)),
        event("u", "t", undone=True),
        event("u", "a", "return", quantity=-1.0, at=day(3)),
    )
    known = world(made, Fit())
    assert known.events == ("purchase",)
    assert owned(known) == {("u", "a"), ("u", "b"), ("u", "t")}
    assert owned(known, "purchases") == {("u", "b")}
    log = known.training.log
    assert len(log) == 3
    assert log.undone_at.tolist() == [day(3).timestamp(), NEVER, -np.inf]
    assert log.at[:2].tolist() == [day(1).timestamp(), day(2).timestamp()]
    assert np.isnan(log.at[2])


@pytest.mark.parametrize(
    ("scale", "values", "like", "liked"),
    [
        (Scale(1.0, 5.0, inferred=True, mode="minmax"), (0.0, 0.5, 1.0), None, {"b", "t"}),
        (Scale(1.0, 5.0, inferred=True, mode="minmax"), (0.0, 0.5, 1.0), 4.0, {"t"}),
        (Scale(1.0, 5.0, inferred=True, mode="none"), (2.9, 3.0, 5.0), None, {"b", "t"}),
        (Scale(1.0, 5.0, inferred=True, mode="none"), (2.9, 3.0, 5.0), 1.0, {"a", "b", "t"}),
        (Scale(1.0, 5.0, inferred=True, mode="zscore", mean=4.0, sd=2.0), (-0.75, -0.5, 0.5), None, {"b", "t"}),
    ],
)
def test_likes_are_on_the_original_scale(
    tmp_path: Path, scale: Scale, values: tuple[float, ...], like: float | None, liked: set[str]
) -> None:
    """A rating is a like from the middle of the original scale on, or from --like, however ratings were normalised; others are owned."""
    rated = [event("u", item, "rating", value=value) for item, value in zip("abt", values, strict=True)]
    known = world(directory(tmp_path, *rated, ratings=scale.details()), Fit(like=like))
    assert owned(known) == {("u", "a"), ("u", "b"), ("u", "t")}
    assert owned(known, "purchases") == {("u", item) for item in liked}


@pytest.mark.parametrize("mode", ["minmax", "zscore", "none"])
@pytest.mark.parametrize(
    ("low", "high", "ratings"), [(0.5, 5.0, (0.5, 3.5, 5.0)), (0.0, 10.0, (0.0, 7.0, 10.0)), (0.0, 100.0, (3.0, 61.0, 99.5))]
)
def test_ratings_are_those_that_were_given(tmp_path: Path, mode: str, low: float, high: float, ratings: tuple[float, ...]) -> None:
    """However ratings were normalised, what models learn from are the ratings that customers gave, to the last bit."""
    scale = Scale(low, high, inferred=True, mode=mode, mean=float(np.mean(ratings)), sd=float(np.std(ratings)))
    values = [(rating - scale.shift) / scale.spread for rating in ratings]
    rated = [event("u", item, "rating", value=value) for item, value in zip("abt", values, strict=True)]
    known = world(directory(tmp_path, *rated, ratings=scale.details()), Fit())
    assert known.training.history.ratings is not None
    assert known.training.history.ratings.data.tolist() == list(ratings)


@pytest.mark.parametrize(
    ("events", "fit", "said"),
    [
        ([event("u", "a"), event("v", "b")], Fit(), r"none is one"),
        (
            [event("u", "a"), event("u", "b", "rating", value=0.0), event("v", "b", "rating", value=1.0)],
            Fit(owned_by=("purchase",)),
            "purchase",
        ),
        ([event("u", "a", "rating", value=0.5), event("v", "b", "rating", value=0.5)], Fit(), "all of them are 3"),
    ],
)
def test_expected_ratings_need_ratings_that_differ(tmp_path: Path, events: list[dict[str, Any]], fit: Fit, said: str) -> None:
    """The model of ratings is refused in one sentence with a hint where no owning event is a rating, and where all are equal; others are not."""
    known = world(directory(tmp_path, *events, ratings=Scale(1.0, 5.0, inferred=True, mode="minmax").details()), fit)
    with pytest.raises(InputError, match=said) as caught:
        planned(known, ("popular", "ratings"), Fit(), Common(), "")
    assert "--model" in caught.value.hint
    assert planned(known, ("popular", "als"), Fit(), Common(), "").scope == "any"


def test_weaker_events_are_streams(tmp_path: Path) -> None:
    """Views and carts are streams of items with their times, never ownership; returns are none."""
    made = directory(
        tmp_path,
        event("u", "a", at=day(1)),
        event("u", "b", "view", at=day(2)),
        event("v", "t", "cart"),
        event("u", "a", "return", quantity=-1.0, at=day(3)),
    )
    known = world(made, Fit())
    assert [s.name for s in known.training.streams] == ["cart", "view"]
    assert all(s.of_items and s.width == len(known.items) for s in known.training.streams)
    assert known.training.streams[1].at.tolist() == [day(2).timestamp()]
    assert owned(known) == {("u", "a")}


def test_where_nobody_buys_the_strongest_event_counts(tmp_path: Path) -> None:
    """In a file of views and carts, carts are ownership and views a stream; in one of views, views are ownership."""
    known = world(directory(tmp_path / "carts", event("u", "a", "cart"), event("u", "b", "view")), Fit())
    assert (known.events, [s.name for s in known.training.streams]) == (("cart",), ["view"])
    assert world(directory(tmp_path / "views", event("u", "b", "view")), Fit()).events == ("view",)


def test_searches_of_two_customers_count(tmp_path: Path) -> None:
    """A search term that two customers used is a column of the search stream, once a customer and time; other terms are none."""
    asked = searches(("u", "red tent", day(1)), ("v", "tent", None), ("v", "boots", day(2)))
    known = world(directory(tmp_path, event("u", "a"), event("v", "b"), searches=asked), Fit())
    (stream,) = known.training.streams
    assert (stream.name, stream.width, stream.of_items) == ("search", 1, False)
    assert stream.user.tolist() == [0, 1]
    assert known.training.history.streams[0].toarray().tolist() == [[1], [1]]


def test_profiles(tmp_path: Path) -> None:
    """Every profile value that five customers share is a column; rarer ones and empty cells are none."""
    people = [{"user_id": f"u{n}", "gender": "f" if n < 5 else "m", "location": "here" if n < 6 else None} for n in range(9)]
    known = world(directory(tmp_path, event("u0", "a"), users=users(*people)), Fit())
    profile = known.training.history.profile.toarray()
    assert profile.sum(axis=0).tolist() == [5, 6]
    assert profile[8].sum() == 0


def test_nothing_to_learn_from(tmp_path: Path) -> None:
    """Where only searches are there, the error says so and where to look."""
    made = directory(tmp_path, event("u", "a"))
    made.write(INTERACTIONS, interactions(event("u", "a", "return", quantity=-1.0)))
    with pytest.raises(InputError, match="No event") as caught:
        world(made, Fit())
    assert "clean/report.json" in caught.value.hint


def test_a_plan_says_what_was_given(tmp_path: Path) -> None:
    """What was given is in the plan, and memory bounds the regressions."""
    known = world(directory(tmp_path, event("u", "b"), event("v", "t"), items=CATALOGUE), Fit())
    plan = planned(known, ("cross",), Fit(regularization=3.0, rho=0.5, factors=7), Common(seed=9, memory="1GB"), "random")
    assert (plan.scope, plan.seed, plan.rule) == ("new", 9, "random")
    assert (plan.regularization, plan.rho, plan.factors) == (3.0, 0.5, 7)
    assert plan.regressors <= known.training.n_items
    with pytest.raises(UsageError, match="no size"):
        planned(known, ("cross",), Fit(), Common(memory="much"), "")
    with pytest.raises(MemoryLimitError) as caught:
        planned(known, ("popular", "ease"), Fit(), Common(memory="1B"), "")
    assert "popular" in caught.value.hint
    assert planned(known, ("popular", "svd"), Fit(), Common(memory="1B"), "").scope == "new"
