"""Regressions that leave out sets of regressors which overlap, against normal equations solved one by one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests import worlds
from xsell.data.shelves import Shelves
from xsell.models import closed_form, overlapping
from xsell.models.regression import Regression
from xsell.parallel import limit

Dense = NDArray[np.float64]
Whole = NDArray[np.int32]


def sets(member: NDArray[np.bool_]) -> Shelves:
    """Put every item on a shelf of its own, but for equal ones, from items × categories."""
    kinds, of_item = np.unique(member, axis=0, return_inverse=True)
    return Shelves(of_item.astype(np.int32), worlds.sparse(kinds))


def one_by_one(A: Dense, C: Dense, of: Whole, targets: Whole, member: NDArray[np.bool_]) -> Dense:
    """Solve for every target the normal equations of the regressors that share nothing with it."""
    B = np.zeros(C.shape)
    for place, target in enumerate(targets):
        shares = (member[of] & member[target]).any(axis=1) & (of >= 0)
        stay = np.flatnonzero(~np.r_[shares, np.zeros(len(A) - len(of), bool)])
        B[stay, place] = np.linalg.solve(A[np.ix_(stay, stay)], C[stay, place])
    return B


@st.composite
def regressions(draw: st.DrawFn) -> tuple[Dense, Dense, Whole, Whole, NDArray[np.bool_]]:
    """Sums of some regression, of regressors that belong to items or to none, and items in up to four categories, some in none."""
    dice, items = np.random.default_rng(draw(st.integers(0, 999))), draw(st.integers(1, 12))
    of = np.append(np.arange(items), draw(st.lists(st.integers(-1, items - 1), max_size=6)))[draw(st.integers(0, 1)) :].astype(np.int32)
    targets = np.array(sorted(draw(st.sets(st.integers(0, items - 1), min_size=1))), np.int32)
    member = dice.random((items, draw(st.integers(1, 4)))) < draw(st.sampled_from([0.2, 0.4, 0.7]))
    n = len(of) + draw(st.integers(1, 2))
    rows = dice.normal(size=(2 * n, n))
    return rows.T @ rows + np.eye(n), dice.normal(size=(n, len(targets))), of, targets, member


@given(regressions(), st.booleans())
def test_leaving_sets_out_is_solving_without_them(case: tuple[Dense, Dense, Whole, Whole, NDArray[np.bool_]], together: bool) -> None:
    """Weights are those of regressions without what shares a category with the target, whose own weights are exactly 0, worked out in either way."""
    A, C, of, targets, member = case
    P = closed_form.inverse(A.astype(np.float32))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overlapping, "PRICE", 0 if together else 6)
        B = overlapping.weights(P, (P @ C).astype(np.float32).T, np.full(len(targets), -1), of, targets, sets(member))
    wanted = one_by_one(A, C, of, targets, member)
    assert np.abs(B - wanted).max() <= 2e-3 * max(np.abs(wanted).max(), 1)
    assert not B[wanted == 0].any()


@pytest.mark.parametrize("spoil", ["sure", "singular"])
@pytest.mark.parametrize("price", [0, 6])
def test_where_float32_is_not_enough_float64_is(monkeypatch: pytest.MonkeyPatch, spoil: str, price: int) -> None:
    """Regressions that rounding has spoilt, or whose factor fails, are done again in float64, all targets of them."""
    dice = np.random.default_rng(1)
    rows = dice.normal(size=(60, 13))
    A = rows.T @ rows + np.eye(13)
    member = dice.random((12, 4)) < 0.5
    items, P = np.arange(12, dtype=np.int32), closed_form.inverse(A.astype(np.float32))
    monkeypatch.setattr(overlapping, "PRICE", price)
    if spoil == "sure":
        monkeypatch.setattr(overlapping, "SURE", -1.0)
    else:
        monkeypatch.setattr(overlapping, "spotrf", lambda square, **_: (square, 1))
    B = overlapping.weights(P, np.zeros((0, 13), np.float32), items.astype(np.int64), items, items, sets(member))
    assert np.allclose(B, one_by_one(A, A[:, :12], items, items, member), atol=1e-4)


def test_single_categories_are_blocks() -> None:
    """Where every item has one category, the weights are those of blocks."""
    dice = np.random.default_rng(4)
    rows = dice.normal(size=(60, 21))
    P = closed_form.inverse((rows.T @ rows + np.eye(21)).astype(np.float32))
    category, items = (np.arange(20) % 5).astype(np.int32), np.arange(20, dtype=np.int32)
    known = (P, np.zeros((0, 21), np.float32), items.astype(np.int64), items, items)
    assert np.allclose(overlapping.weights(*known, sets(np.eye(5, dtype=bool)[category])), closed_form.weights(*known, category), atol=1e-5)


@pytest.mark.parametrize("threads", [1, 2])
def test_what_shares_a_category_has_no_say(threads: int) -> None:
    """In cross what a customer has of any category of a product changes nothing in its score, however many threads there are; of others it does."""
    made, member = worlds.several()
    with limit(threads):
        model = Regression("category", 5.0).fit(made)
    base = model.score(worlds.strangers(made.history))[0]
    for item in range(made.n_items):
        moved = np.abs(model.score(worlds.owner(made.history, item))[0] - base) > 0
        shares = (member & member[item]).any(axis=1)
        shares[item] = True
        assert not moved[shares].any()
        assert moved[~shares].all()
