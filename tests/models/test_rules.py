"""`rules` by hand, and its weights against the association measures."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests import worlds
from xsell.metrics.association import confidence, signed_root
from xsell.models import rules as module
from xsell.models.recommender import Recommender
from xsell.models.rules import SCORINGS, Rules, attraction, latest

TABLE = [[1, 1, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 0, 1, 0], [0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1], [0, 1, 0, 0]]
"""Of eight customers four have 0 and four have 1, three of them both; three of the five with 2 have 3."""


def alone(model: Recommender, item: int) -> list[float]:
    """Scores for a customer with one product."""
    scores: list[float] = model.score(worlds.owner(worlds.table(TABLE).history, item))[0].tolist()
    return scores


def test_four_products_by_hand() -> None:
    """Three of four with 0 have 1 too; all with 3 have 2 and three of five with 2 have 3; pairs of two customers are no rule."""
    model = Rules("sum").fit(worlds.table(TABLE))
    assert np.allclose([alone(model, item) for item in range(4)], [[0, 0.75, 0, 0], [0.75, 0, 0, 0], [0, 0, 0, 0.6], [0, 0, 1, 0]])


def test_the_best_rule_or_the_share_of_all_customers() -> None:
    """`highest` takes the best rule, and where none speaks for a product, the share of all customers who have it."""
    model = Rules("highest").fit(worlds.table(TABLE))
    assert np.allclose(alone(model, 0), [0.5, 0.75, 0.625, 0.375])
    both = model.score(worlds.owner(worlds.table(TABLE).history, 0, 3))
    assert np.allclose(both, [[0.5, 0.75, 1, 0.375]])


def test_fewest_customers_of_a_rule() -> None:
    """With two customers allowed 0 and 2 are still no rule, because they meet less often than by chance."""
    few, many = (Rules("sum", least=least).fit(worlds.table(TABLE)) for least in (1, 4))
    assert not np.array(alone(few, 0))[2:].any()
    assert not np.any([alone(many, item) for item in range(4)])


@given(
    st.lists(st.tuples(*[st.integers(0, 400)] * 4).filter(lambda cells: sum(cells) > 0), min_size=1, max_size=5),
    st.integers(1, 5),
)
def test_weights_are_signed_roots_of_the_ratio(tables: list[tuple[int, int, int, int]], least: int) -> None:
    """Weights are the signed root LLR of the association measures where it is positive and enough customers have both, else 0."""
    total = max(sum(cells) for cells in tables)
    both, a, b = (np.array(x) for x in zip(*((k, k + i, k + j) for k, i, j, _ in tables), strict=True))
    place = np.arange(len(tables))
    found = attraction(a, b, total, least, same=False)(place, place, both.astype(np.float32))
    wanted = np.where((both >= least) & (both * total > a * b), signed_root(both, a, b, total), 0)
    assert np.allclose(found, wanted, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("cells", "value"),
    [((13, 1000, 1000, 100_000), 0.80375), ((10, 0, 0, 100_000), 204.20781), ((110, 2442, 111, 29_114), 270.72188)],
)
def test_the_published_ratios(cells: tuple[int, int, int, int], value: float) -> None:
    """The squares of the weights are the numbers of Mahout's tests and of Dunning's bigram example."""
    k11, k12, k21, k22 = cells
    weigh = attraction(np.array([k11 + k21]), np.array([k11 + k12]), k11 + k12 + k21 + k22, 3, same=False)
    zero = np.zeros(1, np.intp)
    assert weigh(zero, zero, np.array([k11], np.float32))[0] ** 2 == pytest.approx(value, rel=1e-5)


def test_confidences_are_those_of_the_association_measures() -> None:
    """Whatever rules are kept, their confidence is that of the counts."""
    bought = worlds.tastes(151).history.purchases
    model = Rules("sum", neighbours=7).fit(worlds.tastes(151, timed=False))
    counts, each = (bought.T @ bought).toarray(), np.bincount(bought.indices, minlength=50)
    told = np.concatenate([model.score(worlds.owner(worlds.tastes(timed=False).history, item)) for item in range(50)])
    source, target = np.nonzero(told)
    assert len(source) > 100
    assert np.allclose(told[source, target], confidence(counts[source, target], each[source]))
    assert np.bincount(target).max() <= 7


def test_views_have_rules_of_their_own() -> None:
    """Who has viewed a product that most later buyers viewed is offered what they bought, without any purchase."""
    user = np.repeat(np.arange(8), 1)
    seen = worlds.views([(u, 0, 1.0) for u in range(4)], 2)
    made = worlds.training(worlds.log(user, [1, 1, 1, 1, 0, 0, 0, 0], [2.0] * 8), worlds.catalog([0, 1]), 8, (seen,))
    score = Rules("sum").fit(made).score(worlds.without_purchases(made.history))
    assert np.allclose(score, [[0, 1]] * 4 + [[0, 0]] * 4)


def test_only_the_latest_of_a_long_history_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """A customer counts with what was taken up last, as many as allowed; others stay as they are, and without times the number decides."""
    monkeypatch.setattr(module, "MOST_OF_A_CUSTOMER", 2)
    made = worlds.training(worlds.log([0, 0, 0, 0, 1], [2, 0, 1, 0, 2], [3, 1, 2, 9, 1]), worlds.catalog([0, 1, 2]), 2)
    log = made.log
    assert latest(made.history.purchases, log.user, log.item, log.at).toarray().tolist() == [[1, 0, 1], [0, 0, 1]]
    unknown = replace(log, at=np.full(5, np.nan))
    assert latest(made.history.purchases, log.user, log.item, unknown.at).toarray().tolist() == [[1, 1, 0], [0, 0, 1]]


@pytest.mark.parametrize("scoring", SCORINGS)
def test_a_score_in_portions(scoring: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Looking up rules in small portions gives the same scores."""
    made = worlds.tastes(60)
    model = Rules(scoring).fit(made)
    whole = np.array(model.score(made.history))
    monkeypatch.setattr(module, "CELLS", 7)
    assert np.array_equal(model.score(made.history), whole)


@pytest.mark.parametrize("scoring", SCORINGS)
def test_shares_add_up(scoring: str) -> None:
    """What all products owned say, and what is the same for everybody, adds up to the score, whatever is asked for at once."""
    made = worlds.tastes(80, timed=False)
    model, history = Rules(scoring).fit(made), made.history
    row, owned = history.wide().nonzero()
    row = np.concatenate([row, np.arange(80)]).astype(np.int32)
    column = np.concatenate([owned, np.full(80, history.width)]).astype(np.int32)
    for target in (0, 7, 33):
        share = model.explain(history, row, column, np.full(len(row), target, np.int32))
        assert np.allclose(np.bincount(row, weights=share), model.score(history)[:, target], atol=1e-5)
