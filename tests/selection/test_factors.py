"""Settings of models with hidden factors."""

import numpy as np
import pytest

from tests.selection.test_doubt import history
from xsell.contract.progress import silent
from xsell.models.als import Als
from xsell.selection import attempts, factors
from xsell.selection.plan import Plan
from xsell.selection.validation import validation


def test_als_is_tuned_on_enough_customers_and_judged_on_all_that_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are more purchases than settings need, every trial learns from the same share of the customers, drawn at random."""
    training = history(0)
    judge = validation(training, "any", "random", 0)
    assert judge is not None
    most = judge.part.history.purchases.nnz // 3
    monkeypatch.setattr(factors, "ENOUGH", most)
    monkeypatch.setattr(factors, "ENOUGH_EACH", 0)
    seen, fit = [], Als.fit

    def watched(self: Als, known: factors.Training) -> Als:
        seen.append(known.history.purchases)
        return fit(self, known)

    monkeypatch.setattr(Als, "fit", watched)
    trials = factors.als(judge, Plan("any", factors=4), silent)
    assert len({m.shape for m in seen}) == 1
    assert 0 < seen[0].shape[0] <= judge.part.n_users / 3
    assert all(0.7 * most < m.nnz < 1.3 * most for m in seen)
    assert (np.diff([m.nnz for m in seen]) == 0).all()
    assert attempts.best(trials).ndcg > 0


def test_few_purchases_are_all_learnt_from() -> None:
    """What is small is not made smaller."""
    training = history(0)
    assert factors.enough(training.n_items) == factors.ENOUGH
    assert factors._fewer(training, 0) is training
    assert factors.enough(1_000_000) == 32_000_000
