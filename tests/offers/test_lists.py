"""Lists where customers rate: who gets which, and what is known of whom."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.prep.shop_tables import event, interactions
from tests.stages.shop import directory, purchases, rated
from xsell import ranking
from xsell.assemble import world
from xsell.contract.options import Clean, Fit, Recommend, Settings, Train
from xsell.contract.progress import silent
from xsell.data.schema import INTERACTIONS, recommendations
from xsell.errors import UsageError
from xsell.files.workspace import Workspace
from xsell.offers import lists
from xsell.offers.lists import FILLS, Made, histories
from xsell.offers.sources import FILLER
from xsell.parallel import flow
from xsell.stages import clean, features, recommend, train

CRITIC = "z-critic"


@pytest.fixture(scope="module")
def raters(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Give the shop where customers rate, one of them only what disappoints, with two models trained."""
    made = directory(tmp_path_factory.mktemp("raters"), rates=True)
    low = [event(CRITIC, item, "rating", value=0.0) for item in ("0-0", "0-1")]
    made.write(INTERACTIONS, interactions(*rated(purchases()), *low))
    features.run(made, Settings(), silent)
    for model in ("ratings", "als"):
        train.run(made, Settings(fit=Fit(factors=2), train=Train(model=model)), silent)
    return made


def test_histories_of_strangers_are_empty(raters: Workspace) -> None:
    """Customers who are not in the data have no ratings, and those beside them have all of theirs, also the lowest possible."""
    known = world(raters, Fit())
    critic = int(known.users.index_of(CRITIC) or 0)
    found = histories(known, np.array([critic, -1, 0], np.int32))
    assert found.ratings is not None
    assert np.diff(found.ratings.indptr).tolist() == [2, 0, len(known.training.history.ratings[[0]].indices)]
    assert found.ratings.data[:2].tolist() == [1.0, 1.0]
    assert found.owned.toarray()[[0, 2]].tolist() == known.training.history.owned[[critic, 0]].toarray().tolist()
    assert not found.owned.toarray()[1].any()


@pytest.mark.parametrize(("model", "source"), [("ratings", "profile"), ("als", "popular")])
def test_low_ratings_tell_the_model_of_ratings_something(raters: Workspace, model: str, source: str) -> None:
    """A customer who liked nothing gets a list of one's own from the model of ratings, and what is popular from a model that hears of likes only."""
    recommend.run(raters, Settings(recommend=Recommend(model=model)), silent)
    made = raters.read(recommendations(model))
    assert set(made.filter(user_id=CRITIC)["source"]) == {source}


def test_scores_are_expected_ratings(raters: Workspace) -> None:
    """Lists go by the expected rating, which lies about the scale, and reasons name ratings of others, not popularity."""
    report = recommend.run(raters, Settings(recommend=Recommend(model="ratings")), silent)
    made = raters.read(recommendations("ratings")).filter(source="personal")
    assert made["score"].is_between(2, 7).all()
    assert made.sort("user_id", "rank")["score"].to_list() == made.sort(["user_id", "score"], descending=[False, True])["score"].to_list()
    assert "rating that the customer is expected to give" in " ".join(report.sentences)
    said = " ".join(made["because"])
    assert "ratings of others" in said
    assert "popular" not in said


def test_what_nothing_speaks_for_only_fills_a_list(tmp_path: Path) -> None:
    """A product that shares no word with what a customer has is no personal offer; such products go by how many customers have them."""
    films = tmp_path / "films.csv"
    films.write_text(
        "user,film,genre\nann,Heat,Action|Crime\nben,Heat,Action|Crime\nben,Se7en,Crime|Thriller\neve,Alien,Horror\neve,Up,Family\ntom,Up,Family\n"
    )
    made = Workspace(tmp_path / "films")
    settings = Settings(clean=Clean(events=(str(films),)), train=Train(model="content"), recommend=Recommend(model="content"))
    for stage in (clean, features, train, recommend):
        stage.run(made, settings, silent)
    told = made.read(recommendations("content")).filter(user_id="ann")
    assert told.select("item_id", "source", "because").rows() == [
        ("Se7en", "personal", told["because"][0]),
        ("Up", FILLER, FILLS),
        ("Alien", FILLER, FILLS),
    ]
    assert told["because"][0].startswith("has Heat")
    asked = Recommend(model="content", user="ann", item=("Up", "Alien"))
    stands = " ".join(recommend.run(made, replace(settings, recommend=asked), silent).sentences)
    assert "Up is offered at rank 2" in stands
    assert "Alien is offered at rank 3" in stands


def test_a_basket_has_no_ratings(raters: Workspace) -> None:
    """The model of ratings is refused for baskets in a sentence: a basket says nothing that it could learn from."""
    with pytest.raises(UsageError, match="basket holds none") as caught:
        recommend.run(raters, Settings(recommend=Recommend(model="ratings", basket="0-0")), silent)
    assert "--model" in caught.value.hint


def test_long_lists_are_put_into_words_a_few_at_a_time(raters: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long lists are, no more are in memory together than a piece has offers; what is made stays the same."""
    cut: list[int] = []

    def watched(work: Callable[[Sequence[slice]], list[Made]], stretches: Iterable[Sequence[slice]]) -> Iterator[list[Made]]:
        listed = list(stretches)
        cut.append(max(sum(block.stop - block.start for block in stretch) for stretch in listed))
        return flow(work, listed)

    monkeypatch.setattr(lists, "flow", watched)
    monkeypatch.setattr(ranking, "BLOCK_CELLS", 1)
    monkeypatch.setattr(ranking, "EVEN", 1)
    found: list[pl.DataFrame] = []
    for n, piece in ((4, 50_000), (4, 12)):
        monkeypatch.setattr(lists, "PIECE", piece)
        recommend.run(raters, Settings(recommend=Recommend(model="als", n=n)), silent)
        found.append(raters.read(recommendations("als")))
    assert cut[0] > cut[1] == 3
    assert found[0].equals(found[1])
