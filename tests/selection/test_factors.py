"""Settings of models with hidden factors."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from tests.selection.test_doubt import history
from xsell.contract.progress import silent
from xsell.models.als import Als
from xsell.models.sweep import Table
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
    seen, table = [], Als.table

    def watched(self: Als, known: factors.Training) -> Table:
        seen.append(known)
        return table(self, known)

    monkeypatch.setattr(Als, "table", watched)
    trials = factors.als(judge, Plan("any", factors=4), silent)
    assert len(seen) == 1
    part = seen[0]
    assert 0 < part.history.purchases.shape[0] <= judge.part.n_users / 3
    assert 0.7 * most < part.history.purchases.nnz < 1.3 * most
    assert len(trials) > 5
    assert all(trial.ndcg == attempts.quality(judge, Als(**trial.parameters).fit(part)) for trial in trials)
    assert attempts.best(trials).ndcg > 0


def test_the_best_model_is_kept_for_the_fusion(monkeypatch: pytest.MonkeyPatch) -> None:
    """The best trial has its model, the same as one fitted anew; the others have none, nor has any that learnt from a share of the customers."""
    judge = validation(history(0), "any", "random", 0)
    assert judge is not None
    trials = factors.als(judge, Plan("any"), silent)
    lead = attempts.best(trials)
    assert isinstance(lead.fitted, Als)
    assert np.array_equal(lead.fitted.items_, Als(**lead.parameters).fit(judge.part).items_)
    assert [trial for trial in trials if trial.fitted] == [lead]
    monkeypatch.setattr(factors, "ENOUGH", judge.part.history.purchases.nnz // 2)
    monkeypatch.setattr(factors, "ENOUGH_EACH", 0)
    assert not any(trial.fitted for trial in factors.als(judge, Plan("any", factors=4), silent))


def test_what_is_tried_beside_the_next_setting_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Small fits are made two at a time, large ones one after the other; the trials are the same, in the same order."""
    judge = validation(history(0), "any", "random", 0)
    assert judge is not None
    found, rounds = [], list[list[int]]()

    class Watched(Plan):
        def fits(self, make: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
            rounds[-1].append(len(list(items)))
            return super().fits(make, items)

    for small in (True, False):
        rounds.append([])
        monkeypatch.setattr(Table, "small", small)
        found.append([(trial.parameters, trial.ndcg) for trial in factors.als(judge, Watched("any"), silent)])
    beside, alone = rounds
    assert found[0] == found[1]
    assert max(beside) == 2
    assert len(beside) < len(alone)
    assert alone.count(1) > len(alone) / 2


def test_few_purchases_are_all_learnt_from() -> None:
    """What is small is not made smaller."""
    training = history(0)
    assert factors.enough(training.n_items) == factors.ENOUGH
    assert factors._fewer(training, 0) is training
    assert factors.enough(1_000_000) == 32_000_000
