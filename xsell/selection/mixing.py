"""
A plain mix of what the parts say, towards which learnt weights are drawn: it has the few weights that little evidence can carry.

Learnt weights hear noise where it is little, and what counts as refused where categories were hidden at random was partly hidden too; the mix knows
nothing of popularity. Between them lies what is near the better of both, whichever that is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from xsell.data.training import Floats
from xsell.parallel import each
from xsell.selection.evidence import KINDS
from xsell.selection.fusion import Values, better, judged
from xsell.selection.table import FOLDS, Table, Weights

SHARES = (0.15, 0.3, 0.5, 0.7)
"""Shares of the mix that a part is tried with."""
LEANINGS = (0.0, 0.3, 1.0, 3.0)
"""Weights of the mix beside what was learnt, both having the same spread."""
DRAWS = 200
STANDARDISED = KINDS.index("standardised score")


def mixed(known: Table, parts: Sequence[str], alone: Mapping[str, Values]) -> dict[str, float]:
    """
    Begin with the best part and let every other in with the share that is best for the lists, if they are better by more than chance.

    This is ensemble selection (Caruana et al. 2004) with shares instead of counts.

    Args:
        known: Candidates of the validation customers.
        parts: Names of the parts in their order.
        alone: NDCG@10 of every customer by each part alone.

    Returns:
        Share of each part in the mix.
    """
    said = known.seen[:, [place * len(KINDS) + STANDARDISED for place in range(len(parts))]]
    order = sorted(range(len(parts)), key=lambda place: -alone[parts[place]].mean())
    share = np.eye(len(parts), dtype=np.float32)
    lead, value = share[order[0]], judged(known, said[:, order[0]])
    for place in order[1:]:
        tries = [(1 - s) * lead + s * share[place] for s in np.array(SHARES, np.float32)]
        found = each(lambda mix: judged(known, said @ mix), tries)
        best = int(np.argmax([v.mean() for v in found]))
        if better(found[best], value):
            lead, value = tries[best], found[best]
    return {part: float(lead[place]) for place, part in enumerate(parts) if lead[place]}


def weights(known: Table, learnt: Weights, parts: Sequence[str], shares: Mapping[str, float]) -> Weights:
    """A mix as weights of all features, so that it is used as what was learnt would be, and as far spread over the candidates as that is."""
    slope: Floats = np.zeros_like(learnt.slope)
    for place, part in enumerate(parts):
        slope[place * len(KINDS) + STANDARDISED] = shares.get(part, 0.0)
    plain = Weights(known.spread[0], np.ones_like(slope), slope, 0.0)
    wide, own = float(learnt.value(known.seen).std()), float(plain.value(known.seen).std())
    return replace(plain, slope=slope * np.float32(wide / own)) if wide and own else plain


def leaning(known: Table, learnt: Floats, plain: Floats, choices: Sequence[float]) -> tuple[float, Values]:
    """
    How far what was learnt shall be drawn towards the mix.

    Which choice is best hangs by few customers. So each is taken as often as it is the best for customers who count at random, and what is taken on
    average is the answer (bagging, Breiman 1996, by the Bayesian bootstrap, Rubin 1981): it never jumps where little changes.

    Args:
        known: Candidates.
        learnt: Value of each by weights learnt without their customers, float32 [rows].
        plain: Value of each by the mix, of the same spread.
        choices: Weights of the mix to choose from.

    Returns:
        Weight of the mix, in tenths, and NDCG@10 that every customer can expect from choices by the other folds of customers.
    """
    values = np.array(each(lambda much: judged(known, learnt + np.float32(much) * plain), choices))
    counts = np.random.default_rng(0).exponential(size=(values.shape[1], DRAWS))
    fold = np.arange(values.shape[1]) % FOLDS
    fair = np.empty(values.shape[1])
    for k in range(FOLDS):
        fair[fold == k] = _taken(values[:, fold != k], counts[fold != k]) @ values[:, fold == k]
    return round(float(_taken(values, counts) @ np.array(choices)), 1), fair


def _taken(values: Values, counts: Values) -> Values:
    """How often each choice is the best, of values [choices × customers] where customers count as much as [customers × draws] says; adds up to 1."""
    best = (values @ counts).argmax(axis=0)
    return np.asarray(np.bincount(best, minlength=len(values)) / counts.shape[1])


def drawn(learnt: Weights, plain: Weights, much: float) -> Weights:
    """Learnt weights and so much of the mix, on the scale of the learnt."""
    return replace(learnt, slope=(learnt.slope + np.float32(much) * plain.slope * learnt.spread / plain.spread).astype(np.float32))
