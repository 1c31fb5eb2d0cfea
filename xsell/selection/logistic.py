"""Logistic regression on a few features of very many rows, by Newton's method."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from xsell.data.training import Floats
from xsell.parallel import each, rounds, workers

Real = NDArray[np.float64]
Looked = tuple[float, Real, Real]
Fitted = tuple[Floats, float]

ROWS = 32768
"""Rows looked at in a row of passes: few enough to stay in the cache, many enough that threads work longer than they wait for the interpreter."""
CLOSE = 1e-7
"""Gain of a whole step, by unit of weight, below which it is the last: what it leaves to gain is the square of that or so."""
NOISE = 1e-5
"""Share of the largest bend below which a direction bends by the rounding of single precision only: nothing is known of it."""
MOST_STEPS, MOST_HALVINGS = 50, 20
LN2 = float(np.log(2))
"""What zeros come to, by unit of weight: whoever begins above them begins with them."""


def logistic(seen: Floats, bought: Floats, weight: Floats, strength: float, start: Fitted | None = None) -> Fitted:
    """
    Minimise `Σ weight·(ln(1 + eᵛ) − bought·v) + ‖slopes‖² / (2·strength)` with `v = seen·slopes + intercept`.

    Newton's method with steps halved until they gain; what rows add up to is summed in double precision, in the order of the rows: the same
    bits with any number of threads.

    Args:
        seen: Features, float32 [rows × features].
        bought: 1 or 0, both of which there are, float32 [rows].
        weight: Weight of every row, float32 [rows].
        strength: Inverse of the penalty, which may be infinite.
        start: Slopes and an intercept to begin with, or None for zeros.

    Returns:
        Slopes, float32 [features], and intercept.
    """
    penalty, at = _begun(seen.shape[1], strength, start)
    with rounds() as spread:
        pieces = spread(partial(_piece, seen, bought, weight), slices(0, len(seen)))
        share = -(-len(pieces) // workers())
        runs = [pieces[first : first + share] for first in range(0, len(pieces), share)]

        def look(at: Real) -> Looked:
            return _total([one for some in spread(partial(_looks, at), runs) for one in some])

        return _least(look, at, look(at), penalty, float(weight.sum(dtype=np.float64)))


def apart(
    seen: Floats, bought: Floats, weight: Floats, edges: Sequence[int], strength: float, start: Fitted | None = None
) -> list[Fitted | None]:
    """
    Minimise what `logistic` does once for each group of rows, without it; the first look serves all.

    Args:
        seen: Features, float32 [rows × features], group after group.
        bought: 1 or 0, float32 [rows].
        weight: Weight of every row, float32 [rows].
        edges: First row of each group, and the number of rows.
        strength: Inverse of the penalty.
        start: Slopes and an intercept to begin with, or None for zeros.

    Returns:
        Slopes and intercept without each group; None where the others hold nothing that was bought, or nothing that was not.
    """
    penalty, at = _begun(seen.shape[1], strength, start)

    def within(group: int) -> tuple[list[_Piece], list[Looked]]:
        pieces = [_piece(seen, bought, weight, some) for some in slices(edges[group], edges[group + 1])]
        return pieces, _looks(at, pieces)

    groups = each(within, range(len(edges) - 1))

    def without(group: int) -> Fitted | None:
        others = groups[:group] + groups[group + 1 :]
        pieces = [piece for some, _ in others for piece in some]
        bought = [float(end) for piece in pieces for end in (piece.bought.min(), piece.bought.max())]
        if len(set(bought)) < 2:
            return None
        total = sum(float(piece.weight.sum(dtype=np.float64)) for piece in pieces)
        first = _total([one for _, looks in others for one in looks])
        return _least(lambda at: _total(_looks(at, pieces)), at, first, penalty, total)

    return each(without, range(len(groups)))


def _begun(features: int, strength: float, start: Fitted | None) -> tuple[Real, Real]:
    """Penalty of slopes and intercept, and where to begin."""
    penalty = np.append(np.full(features, 1 / strength), 0.0)
    return penalty, np.zeros(len(penalty)) if start is None else np.append(start[0], start[1]).astype(np.float64)


def slices(first: int, last: int) -> list[slice]:
    """Rows to look at in a row of passes: they stay in the cache."""
    return [slice(start, min(start + ROWS, last)) for start in range(first, last, ROWS)]


@dataclass(frozen=True, slots=True)
class _Piece:
    """Some rows, laid out for looking at them many times: features and a row of ones, float32 [features + 1 × rows]."""

    own: Floats
    bought: Floats
    weight: Floats


def _piece(seen: Floats, bought: Floats, weight: Floats, some: slice) -> _Piece:
    own = np.ones((seen.shape[1] + 1, len(bought[some])), np.float32)
    own[:-1] = seen[some].T
    return _Piece(own, bought[some], weight[some])


def _least(look: Callable[[Real], Looked], at: Real, found: Looked, penalty: Real, total: float) -> Fitted:
    """Go from where `found` was seen to the least of what `look` gives and the penalty; `total` is the weight of all rows."""

    def penalised(at: Real, found: Looked) -> Looked:
        value, slope, curve = found
        return value + float(penalty @ at**2) / 2, slope + penalty * at, curve + np.diag(penalty)

    value, slope, curve = penalised(at, found)
    if at.any() and not value <= total * LN2:
        at = np.zeros_like(at)
        value, slope, curve = penalised(at, look(at))
    for _ in range(MOST_STEPS):
        step = _step(slope, curve)
        gain = float(slope @ step) / 2
        for _ in range(MOST_HALVINGS):
            after = penalised(at - step, look(at - step))
            if after[0] <= value or abs(gain) <= CLOSE * total:
                break
            step /= 2
        else:
            break
        at, (value, slope, curve) = at - step, after
        if gain <= CLOSE * total:
            break
    return at[:-1].astype(np.float32), float(at[-1])


def _step(slope: Real, curve: Real) -> Real:
    """Newton's step, in units in which every feature bends alike, so that a large one does not drown the others; none where numbers overflow."""
    if not np.isfinite([slope, *curve]).all():
        return np.zeros_like(slope)
    unit = np.sqrt(curve.diagonal())
    unit[unit == 0] = 1
    return np.linalg.lstsq(curve / unit[:, None] / unit, slope / unit, rcond=NOISE)[0] / unit


def _looks(at: Real, pieces: Sequence[_Piece]) -> list[Looked]:
    """Look at pieces one after the other, in one place of memory: to have it given anew each time takes as long as to look."""
    place, single = np.empty((len(at), max((len(piece.bought) for piece in pieces), default=0)), np.float32), at.astype(np.float32)
    return [_looked(piece, single, place[:, : len(piece.bought)]) for piece in pieces]


def _total(looks: Sequence[Looked]) -> Looked:
    """What pieces add up to, in their order."""
    value, slope, curve = zip(*looks, strict=True)
    return sum(value), np.sum(slope, axis=0), np.sum(curve, axis=0)


def _looked(piece: _Piece, at: Floats, place: Floats) -> Looked:
    """What some rows add to what is minimised, to its gradient, and to its matrix of second derivatives."""
    odds, own, heavy = at @ piece.own, piece.own, piece.weight
    # Exponents of what is not positive never overflow, and these functions are those that NumPy has in vector instructions.
    less = np.exp(-np.abs(odds))
    chance = np.where(odds > 0, 1, less) / (1 + less)
    value = float(heavy.astype(np.float64) @ (np.log(1 + less) + np.maximum(odds, 0) - piece.bought * odds))
    slope, curve = own @ (heavy * (chance - piece.bought)), np.multiply(own, heavy * chance * (1 - chance), out=place) @ own.T
    return value, slope.astype(np.float64), curve.astype(np.float64)
