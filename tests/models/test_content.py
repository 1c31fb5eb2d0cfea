"""`content`: cosines by hand."""

import numpy as np
import pytest

from tests import worlds
from xsell.models import content
from xsell.models.content import Content

WORDS = np.array([[1, 0, 0], [0, 1, 0], [0.6, 0.8, 0], [0, 0, 1], [0, 0, 0]])
"""Five items with unit rows, the last without words."""


def test_cosine_of_what_is_owned_and_every_item() -> None:
    """The score is the cosine of the sum of the owned items' rows and the item's row, between 0 and 1."""
    made = worlds.table([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1]], content=WORDS)
    scores = Content().fit(made).score(made.history)
    half = np.sqrt(0.5)
    assert np.allclose(scores, [[half, half, 1.4 * half, 0, 0], [0.6, 0.8, 1, 0, 0], [0, 0, 0, 0, 0]], atol=1e-6)


def test_more_of_the_same_changes_nothing() -> None:
    """A cosine does not grow with the number of like items owned."""
    made = worlds.table([[1, 0, 0], [1, 1, 0]], content=[[1, 0], [1, 0], [0.6, 0.8]])
    scores = Content().fit(made).score(made.history)
    assert np.allclose(scores[0], scores[1])


@pytest.mark.parametrize(("cells", "panel"), [(1, 1), (6, 4), (9, 5), (1000, 7)])
def test_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch, cells: int, panel: int) -> None:
    """However few customers and items are looked at together, scores are the same bit by bit."""
    made = worlds.table([[1, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 1], [1, 0, 1, 1, 0], [0, 0, 0, 0, 0]], content=WORDS)
    whole = Content().fit(made).score(made.history)
    monkeypatch.setattr(content, "CELLS", cells)
    monkeypatch.setattr(content, "PANEL", panel)
    assert Content().fit(made).score(made.history).tobytes() == whole.tobytes()


def test_shares_add_up() -> None:
    """The shares of all owned products in a score add up to the score."""
    made = worlds.table([[1, 1, 1, 0, 1]], content=WORDS)
    model = Content().fit(made)
    owned = np.array([0, 1, 2, 4], np.int32)
    for target in range(5):
        share = model.explain(made.history, np.zeros(4, np.int32), owned, np.full(4, target, np.int32))
        assert np.isclose(share.sum(), model.score(made.history)[0, target], atol=1e-6)


def test_no_words_at_all() -> None:
    """Without any word every score is 0."""
    made = worlds.table([[1, 0], [0, 1]])
    model = Content().fit(made)
    assert made.catalog.content.shape == (2, 0)
    assert not model.score(made.history).any()
    assert not model.explain(made.history, *(np.array([n], np.int32) for n in (0, 0, 1))).any()
