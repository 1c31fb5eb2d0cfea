"""What the fusion looks at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from tests import worlds
from xsell.data.training import Floats, Mask
from xsell.selection import evidence

score = st.floats(-4, 4, width=32)


@st.composite
def looks(draw: st.DrawFn) -> tuple[list[Floats], Floats, Mask]:
    """Scores of up to three parts, popularity, and what may be offered."""
    shape = (draw(st.integers(1, 4)), draw(st.integers(1, 30)))
    parts = [draw(arrays.arrays(np.float32, shape, elements=score)) for _ in range(draw(st.integers(1, 3)))]
    return parts, draw(arrays.arrays(np.float32, shape[1], elements=score)), draw(arrays.arrays(np.bool_, shape))


@given(looks(), st.integers(1, 4))
def test_candidates_may_be_offered_and_hold_the_best_of_every_part(case: tuple[list[Floats], Floats, Mask], most: int) -> None:
    """Candidates are items that may be offered, each once; the best of every part is among them.

    There are as many as were asked for, or all that may be offered, also where all scores tie.
    """
    parts, popularity, free = case
    found = evidence.candidates(parts, popularity, free, most=most)
    for row, (items, real) in enumerate(zip(found.items, found.real, strict=True)):
        chosen = items[real]
        assert len(set(chosen.tolist())) == len(chosen)
        assert free[row, chosen].all()
        assert len(chosen) >= min(most, free[row].sum())
        assert not (np.diff(real.astype(int)) > 0).any()
        for part in (*(p[row] for p in parts), popularity):
            best = np.flatnonzero(free[row] & (part == part[free[row]].max(initial=-np.inf)))
            assert len(best) != 1 or best[0] in chosen


@pytest.mark.parametrize("width", [30, 700])
def test_a_row_does_not_depend_on_the_others(width: int) -> None:
    """Candidates of a customer and what is known of them are the same alone and among others."""
    dice = np.random.default_rng(0)
    parts = [dice.normal(size=(5, width)).astype(np.float32) for _ in range(2)]
    popularity, free = dice.random(width).astype(np.float32), dice.random((5, width)) < np.linspace(0.2, 1, 5)[:, None]
    whole = evidence.candidates(parts, popularity, free, most=10)
    fame = evidence.fame(popularity)
    seen = evidence.of_scores(parts[0], whole, fame)
    for row in range(5):
        alone = evidence.candidates([p[[row]] for p in parts], popularity, free[[row]], most=10)
        own = whole.real[row]
        assert np.array_equal(alone.items[alone.real], whole.items[row][own])
        for left, right in zip(evidence.of_scores(parts[0][[row]], alone, fame), seen, strict=True):
            assert np.allclose(left[0][alone.real[0]], right[row][own], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("timed", [True, False])
def test_what_is_known_of_items_is_finite(timed: bool) -> None:
    """Every item has a finite number for everything named, items that nobody has and items without a category too."""
    made = worlds.tastes(timed=timed)
    category = [*made.catalog.category, -1, 0, -1]
    made = worlds.training(made.log, worlds.catalog(category), made.n_users)
    window = 20 * worlds.DAY if timed else np.nan
    names, values = evidence.of_items(made, window)
    assert values.shape == (made.n_items, len(names))
    assert len(set(names)) == len(names)
    assert np.isfinite(values).all()
    assert np.ptp(values, axis=0).min() > 0


def test_without_times_nothing_of_time_is_looked_at() -> None:
    """Where no event has a time, what is known of items does not speak of days, ages or entries."""
    timed, untimed = (set(evidence.of_items(worlds.tastes(timed=t), 20 * worlds.DAY if t else np.nan)[0]) for t in (True, False))
    assert untimed < timed


def test_a_fashion_is_seen() -> None:
    """Of two products with as many buyers, the one bought lately has the larger popularity of the last days and enters more often."""
    rows = [(u, 0, 1.0) for u in range(40)] + [(u, 1 if u < 20 else 2, 10.0 if u < 20 else 99.0) for u in range(40)]
    user, item, day = (np.array(column) for column in zip(*rows, strict=True))
    made = worlds.training(worlds.log(user, item, day * worlds.DAY), worlds.catalog([0, 1, 2]), 40)
    names, values = evidence.of_items(made, 20 * worlds.DAY)
    of = dict(zip(names, values.T, strict=True))
    assert of["popularity"][1] == of["popularity"][2]
    lately = [column for name, column in of.items() if "last" in name or "entry" in name]
    assert len(lately) >= 2
    assert all(column[2] > column[1] for column in lately)


def test_twins_have_the_same_rank_and_only_the_reference_counts() -> None:
    """Scores that rounding could exchange share a rank: the number of better ones among the reference."""
    score = np.array([[0.5, 0.9, 0.5 + 1e-8, 0.1, 0.7]], np.float32)
    everybody = np.ones((1, 5), bool)
    chosen = evidence.Candidates(np.arange(5, dtype=np.int32)[None], everybody, np.array([[True, True, True, True, False]]))
    _, standard, rank, behind, famous = evidence.of_scores(score, chosen, np.array([0, 1, -1, 2, 3], np.float32))
    assert np.expm1(rank).round().tolist() == [[1, 0, 1, 3, 1]]
    assert behind.tolist() == [[3, 4, 3, 1, 3]]
    assert np.allclose(famous, standard * [[0, 1, -1, 2, 3]])


def test_fame_is_held_against_the_average_purchase() -> None:
    """Over all purchases fame is 0 on average; it grows with the logarithm of the number of customers, and where nobody has anything it is 0."""
    buyers = np.array([1, 10, 100, 0])
    fame = evidence.fame(np.log1p(buyers).astype(np.float32))
    assert buyers @ fame == pytest.approx(0, abs=1e-4)
    assert fame[2] - fame[1] == pytest.approx(np.log(101 / 11))
    assert evidence.fame(np.zeros(3, np.float32)).tolist() == [0, 0, 0]


@given(looks())
def test_hopes_are_sums_of_positive_scores_of_what_may_be_offered(case: tuple[list[Floats], Floats, Mask]) -> None:
    """A category's hope is the sum of the positive scores of its allowed items, those without a category in the last column."""
    (score, *_), _, free = case
    category = (np.arange(score.shape[1]) % 4 - 1).astype(np.int32)
    expected = [np.where(free & (category == one), np.maximum(score, 0), 0).sum(axis=1) for one in (0, 1, 2, -1)]
    assert np.allclose(evidence.hopes(score, free, category, 3), np.stack(expected, axis=1), rtol=1e-5, atol=1e-6)


def test_candidates_do_not_depend_on_how_many_are_looked_at_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Customers looked at one by one or all at once have the same candidates and hopes, also where scores tie and little may be offered."""
    dice = np.random.default_rng(1)
    parts = [dice.normal(size=(9, 900)).round(place).astype(np.float32) for place in (6, 1, 0)]
    popularity, free = dice.random(900).astype(np.float32), dice.random((9, 900)) < np.linspace(0, 1, 9)[:, None]
    category, found = (np.arange(900) % 5).astype(np.int32), []
    for cells in (1, 2000, 10**6):
        monkeypatch.setattr(evidence, "CACHED", cells)
        found.append((evidence.candidates(parts, popularity, free, most=10).items, evidence.hopes(parts[0], free, category, 5)))
    for items, hopes in found[1:]:
        assert np.array_equal(items, found[0][0])
        assert np.array_equal(hopes, found[0][1])
