"""Probabilities of a model beside what customers did in the time that they are about."""

from collections.abc import Mapping

import numpy as np

from xsell import ranking
from xsell.assemble import World
from xsell.contract.progress import silent
from xsell.data.cuts import Heldout
from xsell.exam import Exam
from xsell.metrics.probability import Reliability, reliability
from xsell.metrics.ranking import hits
from xsell.selection import Chosen

MOST_CUSTOMERS = 5000


def checked(known: World, exam: Exam, chosen: Mapping[str, Chosen], k: int, seed: int) -> dict[str, Reliability]:
    """
    Check every model whose scores are probabilities, where the exam is a cut in time.

    All customers with a history count, also those who bought nothing afterwards: a probability is about them too. Where less time was
    held out than a probability is about, it is reduced in proportion.

    Args:
        known: Everything.
        exam: What was known before, and from when on something was held out.
        chosen: The models.
        k: Length of the lists.
        seed: Seed of the sample of at most 5,000 customers.
    """
    about = {name: choice for name, choice in chosen.items() if np.isfinite(choice.window)} if np.isfinite(exam.moment) else {}
    found = {name: _check(known, exam, choice, k, seed) for name, choice in about.items()}
    return {name: one for name, one in found.items() if one}


def _check(known: World, exam: Exam, choice: Chosen, k: int, seed: int) -> Reliability | None:
    everybody = np.flatnonzero(np.diff(exam.part.history.owned.indptr) > 0)
    some = np.sort(np.random.default_rng(seed).permutation(everybody)[:MOST_CUSTOMERS]).astype(np.int32)
    lists = ranking.recommend(choice.model, exam.part.history.rows(some), exam.part.catalog, known.scope, k, silent)
    time = min(choice.window, exam.window)
    bought = known.training.purchases_between(exam.moment, exam.moment + time)[some]
    taken = hits(lists.items, Heldout(some, bought.indptr.astype(np.int64), bought.indices))
    return reliability(lists.scores * np.float32(time / choice.window), taken)
