"""Learning the fusion: weights, cross-fitting over customers, parts that stay."""

import numpy as np
import pytest
from numpy.typing import NDArray

from xsell.contract.progress import silent
from xsell.data.training import Floats
from xsell.selection import fusion
from xsell.selection.evidence import KINDS

EACH = len(KINDS)
CUSTOMERS, ITEMS = 80, 12


def table(seen: Floats, bought: NDArray[np.bool_]) -> fusion.Table:
    """Give a table in which every customer has the same number of candidates."""
    row = np.repeat(np.arange(CUSTOMERS), ITEMS)
    item = np.tile(np.arange(ITEMS, dtype=np.int32), CUSTOMERS)
    return fusion.Table(row, item, seen, bought.ravel().astype(np.float32), CUSTOMERS, bought.sum(axis=1))


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
    assert fusion.crossfit(known, np.arange(5)) == pytest.approx(1)
    weights = fusion.learn(known.seen, known.bought, np.arange(5))
    assert np.argmax(np.abs(weights.slope)) == 3
    assert weights.slope[3] > 0


def test_nothing_is_learnt_from_oneself() -> None:
    """With so many features that anything can be explained, lists by weights from the same customers look good, cross-fitted ones do not."""
    known = table(noise(400), bought())
    every = np.arange(400)
    own = fusion.judged(known, fusion.learn(known.seen, known.bought, every).value(known.seen)).mean()
    chance = np.mean([fusion.judged(known, noise(1, seed)[:, 0]).mean() for seed in range(20)])
    assert own > chance + 0.25
    assert fusion.crossfit(known, every).mean() < chance + 0.1


def test_features_left_out_say_nothing() -> None:
    """Changing features that are not used changes no value."""
    known = table(noise(6), bought())
    use = np.array([0, 2, 5])
    weights = fusion.learn(known.seen, known.bought, use)
    other = known.seen.copy()
    other[:, [1, 3, 4]] += 100
    assert np.allclose(weights.value(known.seen), weights.value(other), atol=1e-4)


def test_values_are_log_odds() -> None:
    """Values of a feature that separates half well are log-odds: on average as many are taken up as the values say."""
    dice = np.random.default_rng(2)
    seen = dice.normal(size=(20000, 1)).astype(np.float32)
    taken = (dice.random(20000) < 1 / (1 + np.exp(2 - 1.5 * seen[:, 0]))).astype(np.float32)
    weights = fusion.learn(seen, taken, np.arange(1))
    chance = 1 / (1 + np.exp(-weights.value(seen)))
    assert chance.mean() == pytest.approx(taken.mean(), abs=0.01)
    high = seen[:, 0] > 1
    assert chance[high].mean() == pytest.approx(taken[high].mean(), abs=0.03)


@pytest.mark.parametrize("all_of_them", [0.0, 1.0])
def test_nothing_to_tell_apart(all_of_them: float) -> None:
    """Where nothing or everything was taken up, all values are equal and finite."""
    value = fusion.learn(noise(3), np.full(CUSTOMERS * ITEMS, all_of_them, np.float32), np.arange(3)).value(noise(3))
    assert np.isfinite(value).all()
    assert np.ptp(value) == 0


def test_parts_that_add_nothing_stay_out() -> None:
    """Of a part that tells, its copy and a part that says nothing, at most one that tells stays, and the lists are as good as with all."""
    seen = noise(3 * EACH + 2)
    tells = (bought().ravel() * 3)[:, None] + noise(EACH, 5)
    seen[:, :EACH] = seen[:, EACH : 2 * EACH] = tells
    known = table(seen, bought())
    kept, value = fusion.prune(known, ["one", "copy", "noise"], silent)
    assert kept in ({"one"}, {"copy"})
    assert value.mean() >= fusion.crossfit(known, np.arange(seen.shape[1])).mean()


def test_one_part_always_stays() -> None:
    """Where no part tells anything, one stays all the same."""
    assert len(fusion.prune(table(noise(2 * EACH), bought()), ["a", "b"], silent)[0]) >= 1


def test_judging_counts_what_is_no_candidate() -> None:
    """Items that a customer took up and that were no candidates count as missed."""
    known = table(noise(1), bought())
    value = known.bought
    assert fusion.judged(known, value) == pytest.approx(1)
    more = fusion.Table(known.row, known.item, known.seen, known.bought, known.customers, known.relevant + 2)
    assert (fusion.judged(more, value) < 1).all()
