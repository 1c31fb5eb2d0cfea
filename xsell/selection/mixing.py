"""A plain mix of what the parts say: the few weights that little evidence can carry, where a learnt fusion would hear noise."""

from collections.abc import Mapping, Sequence

import numpy as np

from xsell.data.training import Floats
from xsell.parallel import each
from xsell.selection.evidence import KINDS
from xsell.selection.fusion import FOLDS, Table, Values, Weights, better, judged

SHARES = (0.15, 0.3, 0.5, 0.7)
"""Shares of the mix that a part is tried with."""
STANDARDISED = KINDS.index("standardised score")


def mixed(known: Table, parts: Sequence[str], alone: Mapping[str, Values]) -> tuple[dict[str, float], Values]:
    """
    Begin with the best part and let every other in with the share that is best for the lists, if they are better by more than chance.

    This is ensemble selection (Caruana et al. 2004) with shares instead of counts.

    Args:
        known: Candidates of the validation customers.
        parts: Names of the parts in their order.
        alone: NDCG@10 of every customer by each part alone.

    Returns:
        Share of each part in the mix, and NDCG@10 of every customer by the mix that the other folds of customers would have chosen.
    """
    said = known.seen[:, [place * len(KINDS) + STANDARDISED for place in range(len(parts))]]
    order = sorted(range(len(parts)), key=lambda place: -alone[parts[place]].mean())
    share = np.eye(len(parts), dtype=np.float32)
    lead, value = share[order[0]], judged(known, said[:, order[0]])
    values = [value]
    for place in order[1:]:
        tries = [(1 - s) * lead + s * share[place] for s in np.array(SHARES, np.float32)]
        found = each(lambda mix: judged(known, said @ mix), tries)
        values += found
        best = int(np.argmax([v.mean() for v in found]))
        if better(found[best], value):
            lead, value = tries[best], found[best]
    return {part: float(lead[place]) for place, part in enumerate(parts) if lead[place]}, _fair(np.array(values))


def weights(known: Table, parts: Sequence[str], shares: Mapping[str, float]) -> Weights:
    """A mix as weights of all features, so that it is used as what was learnt would be."""
    mean, spread = known.spread[0], np.ones(known.seen.shape[1], np.float32)
    slope: Floats = np.zeros_like(spread)
    for place, part in enumerate(parts):
        slope[place * len(KINDS) + STANDARDISED] = shares.get(part, 0.0)
    return Weights(mean, spread, slope, 0.0)


def _fair(values: Values) -> Values:
    """For every fold of customers the row that is best for the others."""
    fold = np.arange(values.shape[1]) % FOLDS
    fair = np.empty(values.shape[1])
    for k in range(FOLDS):
        fair[fold == k] = values[values[:, fold != k].mean(axis=1).argmax()][fold == k]
    return fair
