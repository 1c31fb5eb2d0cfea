"""Plain mixes of parts: their shares, and how far learnt weights are drawn towards them."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.selection.test_fusion import CUSTOMERS, ITEMS, bought, noise, table
from xsell.data.training import Floats
from xsell.selection import fusion, mixing
from xsell.selection.evidence import KINDS, OF_CUSTOMERS
from xsell.selection.table import Table, Weights

PARTS = ("one", "two", "three")


def said(*scores: NDArray[np.floating]) -> Floats:
    """Features of three parts of which only the standardised scores are given, the others are noise."""
    seen = noise(len(KINDS) * len(PARTS) + len(OF_CUSTOMERS) + 2)
    for place, score in enumerate(scores):
        seen[:, place * len(KINDS) + mixing.STANDARDISED] = score
    return seen


def alone(known: Table) -> dict[str, fusion.Values]:
    """NDCG@10 of every customer by each part alone."""
    return {part: fusion.judged(known, known.seen[:, k * len(KINDS) + mixing.STANDARDISED]) for k, part in enumerate(PARTS)}


def learnt(known: Table) -> Weights:
    """Weights learnt from all customers."""
    return fusion.learn(known, np.arange(known.seen.shape[1]))


def halves(strength: float) -> Table:
    """Each of the first two parts knows, beside much noise, what was taken up; the third knows nothing."""
    dice = np.random.default_rng(5)
    truth = strength * bought().ravel()
    scores = [truth + dice.normal(size=len(truth)) for _ in range(2)]
    return table(said(*scores, dice.normal(size=len(truth))), bought())


def test_two_who_know_are_mixed() -> None:
    """Two parts that err apart are better together, and the one that knows nothing stays out."""
    known = halves(1.5)
    shares = mixing.mixed(known, PARTS, alone(known))
    assert set(shares) == {"one", "two"}
    assert sum(shares.values()) == pytest.approx(1)
    value = fusion.judged(known, mixing.weights(known, learnt(known), PARTS, shares).value(known.seen))
    assert value.mean() > max(v.mean() for v in alone(known).values())


def test_a_mix_orders_as_its_shares_do() -> None:
    """The weights give the shares' sum of standardised scores but for a shift and a stretch, as wide as what was learnt, and nothing else is heard."""
    known = halves(1.5)
    shares = mixing.mixed(known, PARTS, alone(known))
    own = learnt(known)
    weights = mixing.weights(known, own, PARTS, shares)
    columns = known.seen[:, [k * len(KINDS) + mixing.STANDARDISED for k in range(len(PARTS))]]
    wanted = columns @ np.array([shares.get(part, 0) for part in PARTS])
    given = weights.value(known.seen)
    assert np.corrcoef(given, wanted)[0, 1] == pytest.approx(1)
    assert given.std() == pytest.approx(own.value(known.seen).std(), rel=1e-4)
    assert np.count_nonzero(weights.slope) == len(shares)


def test_one_who_knows_all_stays_alone() -> None:
    """Where one part is right already, no other gets a share."""
    known = table(said(bought().ravel() * 3.0, noise(1)[:, 0], noise(1, 2)[:, 0]), bought())
    assert mixing.mixed(known, PARTS, alone(known)) == {"one": 1.0}


@pytest.mark.parametrize("much", mixing.LEANINGS)
def test_what_is_drawn_is_the_sum(much: float) -> None:
    """Values by drawn weights are those of the learnt ones and so many times those of the mix, but for a shift."""
    known = halves(1.5)
    own = learnt(known)
    plain = mixing.weights(known, own, PARTS, {"one": 0.4, "two": 0.6})
    value = mixing.drawn(own, plain, much).value(known.seen)
    assert np.ptp(value - own.value(known.seen) - much * plain.value(known.seen)) < 1e-3


def test_learnt_weights_go_to_the_better_side() -> None:
    """Where what was learnt knows nothing they are drawn far towards the mix, where the mix knows nothing as little as can be."""
    known, dice = halves(1.5), np.random.default_rng(8)
    nothing = dice.normal(size=len(known.row)).astype(np.float32)
    right = bought().ravel() + nothing / 3
    for choices in (mixing.LEANINGS, mixing.LEANINGS[1:]):
        assert mixing.leaning(known, nothing, right, choices)[0] == max(choices)
        assert mixing.leaning(known, right, nothing, choices)[0] == min(choices)


def test_a_leaning_never_jumps() -> None:
    """Where it is hard to tell how much of the mix is best, the leaning lies between the choices, and one customer more or less moves it by little."""
    known, dice = halves(1.5), np.random.default_rng(8)
    knowing = np.array([[1.0], [0.4]])
    one, other = (knowing * bought().ravel() + dice.normal(size=(2, len(known.row)))).astype(np.float32)
    whole, _ = mixing.leaning(known, one, other, (0.0, 0.3, 1.0))
    assert 0 < whole < 1
    assert whole not in (0.0, 0.3, 1.0)
    for gone in range(5):
        rows = known.row != gone
        less = Table(known.row[rows], known.item[rows], known.seen[rows], known.bought[rows], known.customers, known.relevant)
        assert abs(mixing.leaning(less, one[rows], other[rows], (0.0, 0.3, 1.0))[0] - whole) < 0.2


def test_choosing_among_noise_gains_nothing() -> None:
    """Where neither knows anything, the value given is that of chance: nobody's list is judged by a choice made on it."""
    chance, given = [], []
    for seed in range(40):
        dice = np.random.default_rng(seed)
        known = table(noise(3), bought(seed))
        one, other = dice.normal(size=(2, CUSTOMERS * ITEMS)).astype(np.float32)
        chance.append(fusion.judged(known, one).mean())
        given.append(mixing.leaning(known, one, other, mixing.LEANINGS)[1].mean())
    assert np.mean(given) == pytest.approx(np.mean(chance), abs=0.015)
