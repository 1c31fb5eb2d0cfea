"""Probabilities of a model beside what customers did in the time that they are about."""

from collections.abc import Mapping, Sequence

import numpy as np

from xsell import ranking
from xsell.contract.progress import silent
from xsell.data.cuts import Heldout
from xsell.exam import Exam
from xsell.metrics.probability import Promises, Reliability, reliability
from xsell.metrics.ranking import hits
from xsell.selection.plan import Chosen

MOST_CUSTOMERS = 5000


def promised(exam: Exam, scope: str, chosen: Mapping[str, Chosen], k: int, seed: int) -> dict[str, Promises]:
    """
    Ask every model whose scores are probabilities, where the exam is a cut in time.

    All customers with a history count, also those who bought nothing afterwards: a probability is about them too. Where less time was
    held out than a probability is about, it is reduced in proportion.

    Args:
        exam: What was known before, and from when on something was held out.
        scope: What may be offered.
        chosen: The models.
        k: Length of the lists.
        seed: Seed of the sample of at most 5,000 customers.
    """
    about = {name: choice for name, choice in chosen.items() if np.isfinite(choice.window)} if np.isfinite(exam.moment) else {}
    return {name: _promised(exam, scope, choice, k, seed) for name, choice in about.items()}


def checked(windows: Sequence[Mapping[str, Promises]]) -> dict[str, Reliability]:
    """Hold what models promised in some windows against what happened; models that gave no probabilities are left out."""
    told: dict[str, list[Promises]] = {}
    for window in windows:
        for name, one in window.items():
            told.setdefault(name, []).append(one)
    found = {name: reliability(_together(several)) for name, several in told.items()}
    return {name: one for name, one in found.items() if one}


def _together(several: Sequence[Promises]) -> Promises:
    users, chances, taken = (np.concatenate([getattr(one, side) for one in several]) for side in ("users", "chances", "taken"))
    spans = {one.seconds for one in several}
    return Promises(users, chances, taken, spans.pop() if len(spans) == 1 else np.nan)


def _promised(exam: Exam, scope: str, choice: Chosen, k: int, seed: int) -> Promises:
    everybody = np.flatnonzero(np.diff(exam.part.history.owned.indptr) > 0)
    some = np.sort(np.random.default_rng(seed).permutation(everybody)[:MOST_CUSTOMERS]).astype(np.int32)
    lists = ranking.recommend(choice.model, exam.part.history.rows(some), exam.part.catalog, scope, k, silent)
    time = min(choice.window, exam.window)
    bought = exam.whole.purchases_between(exam.moment, exam.moment + time)[some]
    taken = hits(lists.items, Heldout(some, bought.indptr.astype(np.int64), bought.indices))
    return Promises(some, lists.scores * np.float32(time / choice.window), taken, float(time))
