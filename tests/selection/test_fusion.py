"""Learning the fusion: weights, cross-fitting over customers, parts that stay."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit

from tests import worlds
from xsell.contract.progress import silent
from xsell.data.training import Floats
from xsell.selection import fusion
from xsell.selection.evidence import KINDS
from xsell.selection.table import FOLDS, Table
from xsell.selection.validation import validation

EACH = len(KINDS)
CUSTOMERS, ITEMS = 80, 12


def table(seen: Floats, bought: NDArray[np.bool_]) -> Table:
    """Give a table in which every customer has the same number of candidates."""
    row = np.repeat(np.arange(CUSTOMERS), ITEMS)
    item = np.tile(np.arange(ITEMS, dtype=np.int32), CUSTOMERS)
    return Table(row, item, seen, bought.ravel().astype(np.float32), CUSTOMERS, bought.sum(axis=1))


def bought(seed: int = 0) -> NDArray[np.bool_]:
    """Two of twelve candidates were taken up by every customer."""
    dice = np.random.default_rng(seed)
    return np.argsort(dice.random((CUSTOMERS, ITEMS)), axis=1) < 2


def noise(width: int, seed: int = 1) -> Floats:
    """Features that say nothing."""
    return np.random.default_rng(seed).normal(size=(CUSTOMERS * ITEMS, width)).astype(np.float32)


def test_a_feature_that_tells_is_found() -> None:
    """Where one feature tells what is taken up, lists learnt from other customers are perfect."""
    seen = noise(5)
    seen[:, 3] = bought().ravel() * 3
    known = table(seen, bought())
    assert fusion.judged(known, fusion.crossfit(known, np.arange(5))) == pytest.approx(1)
    weights = fusion.learn(known, np.arange(5))
    assert np.argmax(np.abs(weights.slope)) == 3
    assert weights.slope[3] > 0


def test_nothing_is_learnt_from_oneself() -> None:
    """With so many features that anything can be explained, lists by weights from the same customers look good, cross-fitted ones do not."""
    known = table(noise(400), bought())
    every = np.arange(400)
    own = fusion.judged(known, fusion.learn(known, every).value(known.seen)).mean()
    chance = np.mean([fusion.judged(known, noise(1, seed)[:, 0]).mean() for seed in range(20)])
    assert own > chance + 0.25
    assert fusion.judged(known, fusion.crossfit(known, every)).mean() < chance + 0.1


def test_where_learning_starts_does_not_matter() -> None:
    """From the weights of all features on, those of some and those of a part of the customers are what they are from nothing on."""
    known = table(noise(4) + bought().ravel()[:, None], bought())
    whole, use = fusion.learn(known, np.arange(4)), np.array([0, 1, 3])
    near, far = fusion.learn(known, use, whole), fusion.learn(known, use)
    assert np.allclose(near.slope, far.slope, atol=2e-3)
    assert near.intercept == pytest.approx(far.intercept, abs=2e-3)
    assert np.allclose(fusion.crossfit(known, use, whole), fusion.crossfit(known, use), atol=5e-3)


def test_cross_fitting_is_learning_from_the_others() -> None:
    """The value of a fold is what a table without it teaches, in units of the whole."""
    known = table(noise(4) + bought().ravel()[:, None], bought())
    use, value = np.array([0, 1, 3]), fusion.crossfit(known, np.array([0, 1, 3]))
    for fold in range(FOLDS):
        out = known.row % FOLDS == fold
        rest = Table(known.row[~out], known.item[~out], known.seen[~out], known.bought[~out], CUSTOMERS, known.relevant)
        vars(rest)["spread"] = known.spread
        assert np.allclose(value[out], fusion.learn(rest, use).value(known.seen[out]), atol=2e-3)


def test_two_windows_are_learnt_from_as_one() -> None:
    """Weights learnt from two windows are those of one that holds the candidates of both; neither window alone gives them."""
    late, early = table(noise(4) + bought().ravel()[:, None], bought()), table(noise(4, 2) - bought(3).ravel()[:, None] / 2, bought(3))
    row = np.concatenate([late.row, early.row + CUSTOMERS])
    seen, taken = np.concatenate([late.seen, early.seen]), np.concatenate([late.bought, early.bought])
    both = Table(row, np.concatenate([late.item, early.item]), seen, taken, 2 * CUSTOMERS, np.r_[late.relevant, early.relevant])
    use = np.array([0, 1, 3])
    learnt, alone = fusion.learn(late, use, also=early), fusion.learn(late, use)
    assert np.allclose(learnt.value(both.seen), fusion.learn(both, use).value(both.seen), atol=0.02)
    assert not np.allclose(learnt.value(both.seen), alone.value(both.seen), atol=0.5)


def test_features_left_out_say_nothing() -> None:
    """Changing features that are not used changes no value."""
    known = table(noise(6), bought())
    use = np.array([0, 2, 5])
    weights = fusion.learn(known, use)
    other = known.seen.copy()
    other[:, [1, 3, 4]] += 100
    assert np.allclose(weights.value(known.seen), weights.value(other), atol=1e-4)


def test_values_are_log_odds() -> None:
    """Values of a feature that separates half well are log-odds: on average as many are taken up as the values say."""
    dice = np.random.default_rng(2)
    seen = dice.normal(size=(20000, 1)).astype(np.float32)
    taken = (dice.random(20000) < 1 / (1 + np.exp(2 - 1.5 * seen[:, 0]))).astype(np.float32)
    one = np.arange(20000)
    weights = fusion.learn(Table(one, one.astype(np.int32), seen, taken, 20000, taken.astype(np.int64)), np.arange(1))
    chance = 1 / (1 + np.exp(-weights.value(seen)))
    assert chance.mean() == pytest.approx(taken.mean(), abs=0.01)
    high = seen[:, 0] > 1
    assert chance[high].mean() == pytest.approx(taken[high].mean(), abs=0.03)


@pytest.mark.parametrize("all_of_them", [0.0, 1.0])
def test_nothing_to_tell_apart(all_of_them: float) -> None:
    """Where nothing or everything was taken up, all values are equal and finite."""
    value = fusion.learn(table(noise(3), np.full((CUSTOMERS, ITEMS), all_of_them > 0)), np.arange(3)).value(noise(3))
    assert np.isfinite(value).all()
    assert np.ptp(value) == 0


GROUPS = {"one": np.array([0]), "two": np.array([1]), "what is known of items": np.array([2])}


def referee(harmful: set[int]) -> fusion.Referee:
    """Judge features alike for every customer: each harmful one costs a tenth."""
    return lambda use: np.full(50, 1 - 0.1 * len(harmful & set(use.tolist()))) + np.linspace(0, 0.01, 50)


@pytest.mark.parametrize(
    ("harmful", "stays"), [({2}, {"one", "two"}), ({1, 2}, {"one"}), (set(), set(GROUPS)), ({0, 1}, {"one", "what is known of items"})]
)
def test_what_does_harm_stays_out(harmful: set[int], stays: set[str]) -> None:
    """Groups without which the lists are better go, others stay, and the part that says which categories a customer is drawn to always does."""
    assert fusion.prune(GROUPS, "one", 3, referee(harmful), silent) == stays


@pytest.mark.parametrize(("customers", "errors", "used"), [(400, 0.7, False), (400, 1.1, True), (2000, 0.7, True), (2000, 0.3, False)])
def test_few_customers_must_be_surer(customers: int, errors: float, used: bool) -> None:
    """A fusion is used where it is better than its best part by half a standard error, by a whole one where few customers say so."""
    part = np.zeros(customers)
    value = np.tile([1.0, -1.0], customers // 2) + errors / np.sqrt(customers)
    assert fusion.holds(value, part) is used
    assert fusion.holds(part, part) is False


def test_groups_hold_every_feature_of_parts_and_items() -> None:
    """Each part has its own features, those of items follow the customer's, and what is recent is among them."""
    found = fusion.groups(["a", "b"], ["popularity", "share of its category", "age of the item"])
    assert found["a"].tolist() == list(range(EACH))
    assert found["b"].tolist() == list(range(EACH, 2 * EACH))
    assert len(found[fusion.ITEMS]) == 3
    assert found[fusion.TIMES].tolist() == found[fusion.ITEMS].tolist()[2:]


def test_what_holds_in_one_window_only_does_not_pass() -> None:
    """A feature that tells in the later window and misleads in the earlier one is judged by the earlier one."""
    later, earlier = bought().ravel()[:, None] + noise(1), noise(1) - bought().ravel()[:, None]
    use = np.arange(1)
    late, early = table(later, bought()), table(earlier, bought())
    start = fusion.learn(late, use)
    judged = fusion.judged(early, fusion.fair(late, early, use, start))
    assert judged.mean() < fusion.judged(late, fusion.fair(late, None, use, start)).mean()


def test_judging_counts_what_is_no_candidate() -> None:
    """Items that a customer took up and that were no candidates count as missed."""
    known = table(noise(1), bought())
    value = known.bought
    assert fusion.judged(known, value) == pytest.approx(1)
    more = Table(known.row, known.item, known.seen, known.bought, known.customers, known.relevant + 2)
    assert (fusion.judged(more, value) < 1).all()


def test_probabilities_are_those_of_all_customers() -> None:
    """Calibrated, what is expected of everybody together, idle customers too, is what happened, and nobody's candidates change their order."""
    seen = noise(3)
    seen[:, 0] += bought().ravel()
    seen[:, 2] = np.repeat(np.random.default_rng(2).random(CUSTOMERS), ITEMS)
    known = table(seen, bought())
    idle = noise(3, 5)
    made = worlds.tastes(60)
    judge = validation(made, "new", "temporal", 0)
    assert judge is not None
    judge = replace(judge, asked_each=1.5, idle_each=4.0)
    weights = fusion.learn(known, np.arange(3))
    right = fusion.calibrated(weights, known, idle, 2, judge)
    expected = 1.5 * expit(right.value(known.seen)).sum() + 4.0 * expit(right.value(idle)).sum()
    assert expected == pytest.approx(1.5 * known.bought.sum(), rel=1e-3)
    before, after = (w.value(known.seen).reshape(CUSTOMERS, ITEMS) for w in (weights, right))
    assert np.array_equal(np.argsort(before, axis=1), np.argsort(after, axis=1))


def test_activity_of_idle_customers_alone_decides_nothing() -> None:
    """Where all customers who took up something bought equally much and the idle ones otherwise, probabilities stay between, and as many as there are."""
    seen, idle = noise(3), noise(3, 5)
    seen[:, 0] += bought().ravel()
    seen[:, 2], idle[:, 2] = 2.5, 7.0
    known = table(seen, bought())
    judge = validation(worlds.tastes(60), "new", "temporal", 0)
    assert judge is not None
    right = fusion.calibrated(fusion.learn(known, np.arange(3)), known, idle, 2, replace(judge, asked_each=1.5, idle_each=4.0))
    assert right.slope[2] == pytest.approx(0, abs=1e-3)
    chance = expit(right.value(idle))
    assert 1e-4 < chance.mean() < 0.5
    assert 1.5 * expit(right.value(seen)).sum() + 4.0 * chance.sum() == pytest.approx(1.5 * known.bought.sum(), rel=1e-3)


def test_idle_customers_are_those_who_took_up_nothing() -> None:
    """Idle customers had something before and took up nothing new afterwards; with those who did they are everybody with a history."""
    made = worlds.tastes(80)
    judge = validation(made, "new", "temporal", 0)
    assert judge is not None
    known = int((np.diff(judge.part.history.owned.indptr) > 0).sum())
    assert len(judge.idle) * judge.idle_each + len(judge.history) * judge.asked_each == pytest.approx(known)
