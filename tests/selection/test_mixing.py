"""Plain mixes of parts: their shares, and that no customer's list is judged by a choice made on it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.selection.test_fusion import CUSTOMERS, ITEMS, bought, noise, table
from xsell.data.training import Floats
from xsell.selection import fusion, mixing
from xsell.selection.evidence import KINDS, OF_CUSTOMERS

PARTS = ("one", "two", "three")


def said(*scores: NDArray[np.floating]) -> Floats:
    """Features of three parts of which only the standardised scores are given, the others are noise."""
    seen = noise(len(KINDS) * len(PARTS) + len(OF_CUSTOMERS) + 2)
    for place, score in enumerate(scores):
        seen[:, place * len(KINDS) + mixing.STANDARDISED] = score
    return seen


def alone(known: fusion.Table) -> dict[str, fusion.Values]:
    """NDCG@10 of every customer by each part alone."""
    return {part: fusion.judged(known, known.seen[:, k * len(KINDS) + mixing.STANDARDISED]) for k, part in enumerate(PARTS)}


def halves(strength: float) -> fusion.Table:
    """Each of the first two parts knows, beside much noise, what was taken up; the third knows nothing."""
    dice = np.random.default_rng(5)
    truth = strength * bought().ravel()
    scores = [truth + dice.normal(size=len(truth)) for _ in range(2)]
    return table(said(*scores, dice.normal(size=len(truth))), bought())


def test_two_who_know_are_mixed() -> None:
    """Two parts that err apart are better together, and the one that knows nothing stays out."""
    known = halves(1.5)
    shares, value = mixing.mixed(known, PARTS, alone(known))
    assert set(shares) == {"one", "two"}
    assert sum(shares.values()) == pytest.approx(1)
    assert value.mean() > max(v.mean() for v in alone(known).values())


def test_the_order_of_a_mix_is_that_of_its_weights() -> None:
    """The weights give the shares' sum of standardised scores but for a shift, and nothing else is heard."""
    known = halves(1.5)
    shares, _ = mixing.mixed(known, PARTS, alone(known))
    weights = mixing.weights(known, PARTS, shares)
    columns = known.seen[:, [k * len(KINDS) + mixing.STANDARDISED for k in range(len(PARTS))]]
    wanted = columns @ np.array([shares.get(part, 0) for part in PARTS])
    shift = weights.value(known.seen) - wanted
    assert np.ptp(shift) < 1e-5
    assert np.count_nonzero(weights.slope) == len(shares)


def test_one_who_knows_all_stays_alone() -> None:
    """Where one part is right already, no other gets a share."""
    known = table(said(bought().ravel() * 3.0, noise(1)[:, 0], noise(1, 2)[:, 0]), bought())
    shares, value = mixing.mixed(known, PARTS, alone(known))
    assert shares == {"one": 1.0}
    assert value == pytest.approx(1)


def test_choosing_among_noise_gains_nothing() -> None:
    """Where no part knows anything, the value given is that of chance, however many mixes were tried."""
    chance, given = [], []
    for seed in range(20):
        dice = np.random.default_rng(seed)
        known = table(said(*dice.normal(size=(3, CUSTOMERS * ITEMS))), bought(seed))
        chance.append(np.mean([value.mean() for value in alone(known).values()]))
        given.append(mixing.mixed(known, PARTS, alone(known))[1].mean())
    assert np.mean(given) == pytest.approx(np.mean(chance), abs=0.02)
