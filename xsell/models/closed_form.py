"""
Ridge regression of every product on all regressors outside its own block, from one Cholesky inverse.

With `P = (ZᵀZ + Λ)⁻¹` and `T = P·ZᵀY`, leaving the regressors x out of the regression of the products t gives
`B[:, t] = T[:, t] − P[:, x]·(P[x, x])⁻¹·T[x, t]` (block elimination). With one-item blocks, `Z = Y` and no intercept this is
EASE (Steck 2019, arXiv 1905.03375); with categories as blocks it is the regression on the other categories only.
"""

from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.linalg.blas import ssymm
from scipy.linalg.lapack import dpotrf, dpotri, spotrf, spotri

from xsell.data.training import Floats, Ints
from xsell.errors import UsageError
from xsell.parallel import each, workers

TOLERANCE = 1e-2
LEAST_SINGLE, LEAST_DOUBLE = 1e-6, 1e-13
"""A column explained but for this share by those before it may be explained fully: rounding lets the factors of a singular matrix through."""
PANEL, TILE = 1024, 256
LARGE = 4
"""Blocks of more than one of so many regressors are worth sparing the columns that will be 0 anyway."""
BUNDLES = 16
"""Portions in which blocks are left out, several at once."""


def inverse(A: Floats, penalty: Floats | float = 0, *, spare: bool = True) -> Floats:
    """
    Inverse of a symmetric positive definite matrix, by Cholesky in float32, in float64 where that is not accurate.

    Args:
        A: float32 [n × n].
        penalty: What is added to its diagonal, [n] or one number for all.
        spare: Whether A is left as it is; if not, the inverse takes its place, for memory to be had anew costs as much as a tenth of the work.

    Raises:
        UsageError: The matrix is not positive definite even in float64, or holds NaN.
    """
    diagonal = A.diagonal() + np.float32(penalty)
    made = A.astype(np.float32, order="C") if spare else A
    np.fill_diagonal(made, diagonal)
    some = _some(made)
    # In C order LAPACK's lower triangle is the upper one: the other keeps what A was.
    low, info = spotrf(made.T, lower=1, overwrite_a=1, clean=0)
    if info == 0 and _apart(low, diagonal) > LEAST_SINGLE:
        low, info = spotri(low, lower=1, overwrite_c=1)
        if info == 0 and _residual(*some, low) < TOLERANCE:
            return mirrored(low)
    return _inverse64(mirrored(made), diagonal)


def _inverse64(A: Floats, diagonal: Floats) -> Floats:
    made = A.astype(np.float64, order="C")
    np.fill_diagonal(made, diagonal)
    low, info = dpotrf(made.T, lower=1, overwrite_a=1, clean=0)
    if info == 0 and _apart(low, diagonal) > LEAST_DOUBLE:
        P, info = dpotri(low, lower=1, overwrite_c=1)
        if info == 0 and np.isfinite(P).all():
            return mirrored(P).astype(np.float32)
    raise UsageError("The regression has no unique answer: its matrix is singular.", "Give a larger --lambda.")


def _apart(low: NDArray[np.floating], diagonal: Floats) -> float:
    """Smallest share of a column that the columns before it do not explain."""
    return float((low.diagonal().astype(np.float64) ** 2 / diagonal).min())


def mirrored(low: NDArray[np.floating]) -> NDArray[np.floating]:
    """Make a matrix symmetric by its lower triangle, in place, panel by panel; give its transpose, which is then the same."""
    full = low.T
    n = len(full)

    def mirror(start: int) -> None:
        stop = min(start + PANEL, n)
        square = full[start:stop, start:stop]
        full[start:stop, start:stop] = np.triu(square) + np.triu(square, 1).T
        for right in range(stop, n, PANEL):
            end = min(right + PANEL, n)
            full[right:end, start:stop] = full[start:stop, right:end].T

    each(mirror, range(0, n, PANEL))
    return full


def _some(A: Floats) -> tuple[NDArray[np.intp], Floats]:
    """A few rows of a matrix, and which."""
    pick = np.unique(np.linspace(0, len(A) - 1, min(len(A), 8)).astype(np.intp))
    return pick, A[pick]


def _residual(pick: NDArray[np.intp], some: Floats, low: Floats) -> float:
    """Largest entry of a few rows of AP − I, for P by its lower triangle."""
    error = ssymm(1.0, low, some.T, lower=1).T
    error[np.arange(len(pick)), pick] -= 1
    return float(np.abs(error).max()) if np.isfinite(error).all() else np.inf


def weights(P: Floats, T: Floats, place: NDArray[np.int64], of: Ints, targets: Ints, blocks: Ints, *, spare: bool = True) -> Floats:
    """
    Regress every target on the regressors outside its own block.

    For a target that is a regressor t itself, `P·Zᵀy` is `e_t − λ·P[:, t]`; leaving its block out takes away whatever lies in the columns of the
    block, so `e_t` alone gives the same: `B[:, t] = e_t − P[:, x]·(P[x, x])⁻¹·e_t`, for one-item blocks `−P[:, t]/P[t, t]`.

    Args:
        P: Inverse, float32 [regressors × regressors].
        T: `(P·ZᵀY)ᵀ` of the targets that are no regressors, float32 [others × regressors].
        place: Regressor that each target is, or -1 where `T` has it, int64 [targets].
        of: Item of every regressor, -1 for none, int32 (may be shorter than P: the rest belongs to no item).
        targets: Item of every target, int32.
        blocks: Block of every item, int32.
        spare: That of `unfinished`.

    Returns:
        float32 [regressors × targets].
    """
    B = unfinished(P, T, place, len(targets), spare=spare)
    of_block = np.where(of >= 0, blocks[np.maximum(of, 0)], -1)
    order = np.argsort(of_block, kind="stable")
    wanted = blocks[targets]
    start = np.searchsorted(of_block[order], wanted, "left")
    count = np.searchsorted(of_block[order], wanted, "right") - start
    single = np.flatnonzero(count == 1)
    _without_one(P, B, order[start[single]], single)
    by_block = np.argsort(wanted, kind="stable")
    edges = np.flatnonzero(np.r_[True, np.diff(wanted[by_block]) != 0, True])
    groups = [by_block[left:right] for left, right in pairwise(edges.tolist())]
    larger = [group for group in groups if count[group[0]] > 1]
    cost = count[[group[0] for group in larger]].astype(np.float64) ** 2
    alone = cost * workers() > cost.sum()

    def work(some: list[NDArray[np.intp]]) -> None:
        for group in some:
            without_block(P, B, order[start[group[0]] : start[group[0]] + count[group[0]]], group)

    work([group for group, big in zip(larger, alone, strict=True) if big])
    rest = [group for group, big in zip(larger, alone, strict=True) if not big]
    each(work, [rest[place::BUNDLES] for place in range(min(BUNDLES, len(rest)))])
    return B.T


def unfinished(P: Floats, T: Floats, place: NDArray[np.int64], targets: int, *, spare: bool = True) -> Floats:
    """
    Rows of which taking a block away makes the weights of targets, float32 [targets × regressors]: those of `T`, or `e_t` of a regressor t.

    `spare` says whether T is left as it is; if not, and it has all targets, these rows take its place.
    """
    if not spare and len(T) == targets:
        return T
    B, begun = np.zeros((targets, len(P)), np.float32), np.searchsorted(np.flatnonzero(place < 0), np.arange(targets + 1))

    def copied(start: int) -> None:
        stop = min(start + TILE, targets)
        B[start:stop][place[start:stop] < 0] = T[begun[start] : begun[stop]]

    each(copied, range(0, targets, TILE))
    own = np.flatnonzero(place >= 0)
    B[own, place[own]] = 1
    return B


def _without_one(P: Floats, B: Floats, x: NDArray[np.intp], targets: NDArray[np.intp]) -> None:
    """Targets with one excluded regressor each, in panels of targets."""
    ratio = B[targets, x] / P[x, x]
    for start in range(0, len(targets), PANEL):
        panel = slice(start, start + PANEL)
        B[targets[panel]] -= P[x[panel]] * ratio[panel, None]
    B[targets, x] = 0


def without_block(P: Floats, B: Floats, x: NDArray[np.intp], targets: NDArray[np.intp]) -> None:
    """Take the regressors x out of the regressions of some targets, whose rows of B change in place."""
    if not len(x):
        return
    square, across, own = P[np.ix_(x, x)], P[x], B[np.ix_(targets, x)]
    inner = inverse(square) if len(x) > PANEL else np.linalg.inv(square.astype(np.float64)).astype(np.float32)
    single = np.count_nonzero(own, axis=1) == 1
    place, share = (own[single] != 0).argmax(axis=1), np.empty_like(own)
    share[single] = own[single, place][:, None] * inner[place]
    share[~single] = own[~single] @ inner
    if LARGE * len(x) < len(P):
        B[targets] -= share @ across
    else:
        rest = np.delete(np.arange(len(P)), x)
        B[np.ix_(targets, rest)] -= share @ across[:, rest]
    B[np.ix_(targets, x)] = 0


def panels(B: Floats) -> Floats:
    """
    Lay weights out for products with sparse rows: a panel of some targets stays in the cache while rows are added up.

    Args:
        B: float32 [regressors × targets].

    Returns:
        float32 [panels × regressors × TILE], zeros after the last target.
    """
    laid = np.empty((-(-B.shape[1] // TILE), len(B), TILE), B.dtype)

    def lay(place: int) -> None:
        some = B[:, place * TILE : (place + 1) * TILE]
        laid[place, :, some.shape[1] :] = 0
        for top in range(0, len(B), TILE):
            laid[place, top : top + TILE, : some.shape[1]] = some[top : top + TILE]

    each(lay, range(len(laid)))
    return laid


def product(rows: sp.csr_array, laid: Floats, targets: int) -> Floats:
    """Sparse rows times weights laid out by `panels`, float32 [rows × targets]: the sums of a plain product in their order, in half the time."""
    found = np.empty((rows.shape[0], targets), np.float32)
    for panel, left in zip(laid, range(0, targets, TILE), strict=True):
        found[:, left : left + TILE] = (rows @ panel)[:, : targets - left]
    return found
