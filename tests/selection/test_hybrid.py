"""The fused model: part by part, and only for what may be offered."""

from copy import copy
from functools import cache

import numpy as np
import pytest
from scipy.special import logit

from tests import worlds
from xsell.contract.progress import silent
from xsell.data.training import Training
from xsell.models.recommender import Recommender
from xsell.ranking import allowed
from xsell.selection import evidence
from xsell.selection.choose import choose
from xsell.selection.evidence import KINDS
from xsell.selection.hybrid import Hybrid, feature_names
from xsell.selection.plan import Plan


@cache
def world() -> Training:
    """Give the world of tastes."""
    return worlds.tastes()


@cache
def fused() -> Hybrid:
    """Give what `train` makes of it."""
    model = choose(world(), ("hybrid",), Plan("new"), silent)["hybrid"].model
    assert isinstance(model, Hybrid)
    return model


def one_part(weight: float) -> tuple[Hybrid, Recommender]:
    """Listen to the scores of the first part only; give that part too."""
    model = copy(fused())
    model.weights = np.zeros_like(fused().weights)
    model.weights[0], model.mean, model.intercept = weight, np.zeros_like(fused().mean), 0.25
    return model, next(iter(model.parts.values()))


def test_only_what_may_be_offered_has_a_score() -> None:
    """Scores are finite where an item may be offered and is a candidate, -inf elsewhere."""
    history = world().history
    free = allowed(history, world().catalog, "new")
    scores = fused().score_allowed(history, free)
    assert (scores[~free] == -np.inf).all()
    assert np.isfinite(scores[free]).all()


def test_without_a_mask_everything_not_owned_may_be_offered() -> None:
    """Asked without a mask, the model scores as under scope any."""
    history = world().history
    free = allowed(history, world().catalog, "any")
    assert np.array_equal(fused().score(history), fused().score_allowed(history, free))


def test_a_fusion_of_one_score_is_that_score() -> None:
    """With a weight on the score of one part and on nothing else, the log-odds are that score times the weight, plus the intercept."""
    history = world().history
    model, part = one_part(3.0)
    free = allowed(history, world().catalog, "new")
    scores = model.score_allowed(history, free)
    assert np.isfinite(model.window)
    assert np.allclose(logit(scores[free]), 0.25 + 3 * part.score(history)[free], atol=1e-4)
    model.window = np.nan
    assert np.allclose(model.score_allowed(history, free)[free], 0.25 + 3 * part.score(history)[free], atol=1e-5)


def test_parts_speak_by_what_they_add_to_the_log_odds() -> None:
    """How strongly each part and what is known of items speak is what they add to the log-odds of a candidate, if it is more than nothing."""
    history = world().history
    model, part = one_part(3.0)
    free = allowed(history, world().catalog, "new")
    _, looked = model.weigh(history, free)
    row, target = (x.astype(np.int32) for x in np.nonzero(free))
    first, *others = model.voices(looked, row, target)
    assert first.model is part
    assert first.strength is not None
    assert np.allclose(first.strength, np.maximum(3 * part.score(history)[row, target], 0), atol=1e-5)
    assert all(voice.strength is not None and not voice.strength.any() for voice in others)


def test_every_weight_has_a_name() -> None:
    """There is one name a weight, each once."""
    names = feature_names(list(fused().parts), fused().names_)
    assert len(set(names)) == len(names) == len(fused().weights) == len(fused().mean)
    assert len(feature_names(["a", "b"], ["x"])) - len(feature_names(["a"], ["x"])) == len(KINDS)


def test_a_blocked_item_changes_the_scores_of_no_other_customer() -> None:
    """Blocking an item for one customer leaves the scores of all other customers as they were."""
    history = world().history
    free = allowed(history, world().catalog, "new")
    before = fused().score_allowed(history, free)
    less = free.copy()
    less[4, np.flatnonzero(free[4])[0]] = False
    after = fused().score_allowed(history, less)
    rest = np.arange(len(history)) != 4
    assert np.allclose(before[rest][free[rest]], after[rest][free[rest]], rtol=1e-5)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_rule_changes_no_score_and_what_it_leaves_is_scored(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With few candidates, items that a business rule leaves are scored too, and those scored without it keep their scores to the bit."""
    learnt, history = fused(), world().history
    monkeypatch.setattr(evidence, "CANDIDATES", 3)
    free = allowed(history, world().catalog, "new")
    wanted = np.random.default_rng(seed).random((1, world().n_items)) < 0.3
    plain, ruled = learnt.score_allowed(history, free), learnt.score_allowed(history, free, wanted)
    scored = np.isfinite(plain)
    assert (ruled[scored] == plain[scored]).all()
    left = free & wanted
    assert (np.isfinite(ruled) & left).sum(axis=1).min() >= min(3, left.sum(axis=1).min())
    assert (np.isfinite(ruled) & left & ~scored).any()
