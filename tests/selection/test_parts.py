"""Parts of the fusion and how they are fitted."""

import pytest

from tests import worlds
from xsell.contract.progress import silent
from xsell.models.als import Als
from xsell.selection import parts
from xsell.selection.plan import Plan, Trial


def test_a_model_that_was_kept_is_not_fitted_again() -> None:
    """On the training that settings were tried on a kept model stands as it is; on any other training, and where none was kept, it is fitted."""
    training, kept = worlds.tastes(), Als(4)
    best = {"als": Trial("als", {"factors": 4}, 0.1, fitted=kept), "content": Trial("content", {}, 0.1)}
    told: list[object] = []
    there = parts.fitted(training, list(best), best, Plan("any"), lambda *words: told.append(words[0]), tried=True)
    assert there["als"] is kept
    assert told == ["fitting content"]
    anew = parts.fitted(training, list(best), best, Plan("any"), silent)
    assert anew["als"] is not kept
    assert isinstance(anew["als"], Als)
    assert len(anew["als"].items_) == training.n_items


def test_regressors_cover_most_purchases(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as four fifths of the purchases are of, not less than the fewest, not more than there may be."""
    made = worlds.training(worlds.log([*range(6), 0, 0, 1, 0], [0] * 6 + [1, 2, 2, 3]), worlds.catalog([0] * 5), 6)
    monkeypatch.setattr(parts, "FEWEST", 1)
    assert parts.regressors(made, 100) == 2
    assert parts.regressors(made, 1) == 1
    monkeypatch.setattr(parts, "COVERED", 0.85)
    assert parts.regressors(made, 100) == 3
    monkeypatch.setattr(parts, "FEWEST", 4)
    assert parts.regressors(made, 100) == 4
