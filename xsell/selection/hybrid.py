"""`hybrid`: the learnt fusion of several models with popularity, recency and entry rates."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from xsell.data.training import Floats, History, Ints, Mask, Training
from xsell.models.reasons import Voice
from xsell.models.recommender import Recommender
from xsell.ranking import blocks, score, unowned
from xsell.selection import evidence


@dataclass(frozen=True, slots=True)
class Looked:
    """
    What was looked at for some customers.

    Attributes:
        chosen: The candidates.
        seen: Their features, float32 [customers × widest × features].
    """

    chosen: evidence.Candidates
    seen: Floats


class Hybrid:
    """
    Logistic regression over the scores of other models and what is known of items; its weights come from a validation cut.

    Attributes:
        parts: Fitted models by name.
        window: Length of the predicted window in seconds, NaN where there are no times.
        mean: Centre of every feature, float32 [features].
        weights: Weight of every centred feature (already divided by its spread), float32 [features].
        intercept: Log-odds at the centre.
    """

    def __init__(self, parts: dict[str, Recommender], window: float, mean: Floats, weights: Floats, intercept: float) -> None:
        self.parts = parts
        self.window = window
        self.mean = mean
        self.weights = weights
        self.intercept = intercept

    def fit(self, training: Training) -> Self:
        """Learn what is known of the items; the parts are fitted already."""
        self.names_, self.statics_ = evidence.of_items(training, self.window)
        self.fame_ = evidence.fame(self.statics_[:, 0])
        self.category_ = training.catalog.category
        self.n_categories_ = training.catalog.n_categories
        return self

    def look(self, history: History, free: Mask, wanted: Mask | None = None) -> tuple[evidence.Candidates, Floats]:
        """Candidates of each customer and their features, float32 [customers × widest × features]."""
        return self.compare([part.score(history) for part in self.parts.values()], history, free, wanted)

    def compare(self, scores: list[Floats], history: History, free: Mask, wanted: Mask | None = None) -> tuple[evidence.Candidates, Floats]:
        """Look at what the parts say already, float32 [customers × items] each, in their order."""
        chosen = evidence.candidates(scores, self.statics_[:, 0], free, wanted)
        width = len(evidence.KINDS) * len(scores) + len(evidence.OF_CUSTOMERS)
        bought = np.diff(history.purchases.indptr)
        seen = np.empty((*chosen.items.shape, width + self.statics_.shape[1]), np.float32)
        for some in blocks(len(chosen.items), chosen.items.shape[1], evidence.COMPARED):
            own = chosen.rows(some)
            columns = [column for score in scores for column in evidence.of_scores(score[some], own, self.fame_)]
            columns += evidence.of_customers(scores[0][some], free[some], own, bought[some], self.category_, self.n_categories_)
            np.stack(columns, axis=2, out=seen[some, :, :width])
            seen[some, :, width:] = self.statics_[own.items]
        return chosen, seen

    def score(self, history: History) -> Floats:
        """Scores where every item not owned may be offered, float32 [customers × items]."""
        return self.score_allowed(history, unowned(history))

    def score_allowed(self, history: History, free: Mask, wanted: Mask | None = None) -> Floats:
        """
        Scores of the candidates among what may be offered, -inf elsewhere, float32 [customers × items].

        Where the window is known, the score is the estimated probability that the customer takes up the item within it, else log-odds.

        Args:
            history: The customers.
            free: What the scope allows, boolean [customers × items].
            wanted: What business rules leave, boolean [customers × items] or [1 × items]: the best of it are scored too, and no score changes.
        """
        return self.weigh(history, free, wanted)[0]

    def weigh(self, history: History, free: Mask, wanted: Mask | None = None) -> tuple[Floats, Looked]:
        """Give the scores of `score_allowed` and what was looked at for them."""
        chosen, seen = self.look(history, free, wanted)
        value = np.einsum("ijk,k->ij", seen - self.mean, self.weights) + np.float32(self.intercept)
        value = expit(value) if np.isfinite(self.window) else value
        every = np.full(free.shape, -np.inf, np.float32)
        row, place = np.nonzero(chosen.real)
        every[row, chosen.items[row, place]] = value[row, place]
        return every, Looked(chosen, seen)

    def voices(self, looked: Looked, row: Ints, target: Ints) -> list[Voice]:
        """
        Say how strongly each part speaks for some of the candidates, and how strongly what is known of items does, against an average candidate.

        Args:
            looked: What was looked at.
            row: Row of the customer, int32 [offers].
            target: Candidate, int32 [offers].
        """
        place = _place(looked.chosen, row, target)
        weighed = (looked.seen[row, place] - self.mean) * self.weights
        each, heard = len(evidence.KINDS), len(self.parts)
        after = each * heard
        said = weighed[:, :after].reshape(len(row), heard, each).sum(axis=2)
        said[:, 0] += weighed[:, after : after + len(evidence.OF_CUSTOMERS)].sum(axis=1)
        known = weighed[:, after + len(evidence.OF_CUSTOMERS) :].sum(axis=1)
        parts = [Voice(part, np.maximum(said[:, k], 0)) for k, part in enumerate(self.parts.values())]
        return [*parts, Voice(Common(), np.maximum(known, 0))]


class Common:
    """What is known of an item: the same for every customer."""

    def fit(self, training: Training) -> Self:
        """Learn nothing."""
        del training
        return self

    def score(self, history: History) -> Floats:
        """Order nothing."""
        return np.zeros(history.purchases.shape, np.float32)

    def explain(self, history: History, row: Ints, column: Ints, target: Ints) -> Floats:
        """All of it is the same for everybody."""
        del row, target
        return np.asarray(column == history.width, np.float32)


Model = Recommender | Hybrid


def weighed(model: Model, history: History, free: Mask, wanted: Mask | None = None) -> tuple[Floats, Looked | None]:
    """Score as `ranking.score` does, and keep what a fusion looked at, for `voices`."""
    if isinstance(model, Hybrid):
        return model.weigh(history, free, wanted)
    return score(model, history, free, wanted), None


def voices(model: Model, looked: Looked | None, row: Ints, target: Ints) -> list[Voice]:
    """
    Who speaks for some offers.

    Args:
        model: A fitted model.
        looked: What `weighed` gave with the scores.
        row: Row of the customer, int32 [offers].
        target: Product offered, int32 [offers]; for a fusion a candidate.
    """
    if isinstance(model, Hybrid) and looked is not None:
        return model.voices(looked, row, target)
    return [Voice(model)] if not isinstance(model, Hybrid) else []


def _place(chosen: evidence.Candidates, row: Ints, target: Ints) -> NDArray[np.intp]:
    """Where items stand among the candidates of a customer."""
    hit = (chosen.items[row] == target[:, None]) & chosen.real[row]
    return np.asarray(hit.argmax(axis=1))


def feature_names(parts: Sequence[str], statics: Sequence[str]) -> list[str]:
    """Names of the features in their order."""
    per_part = [f"{part} {kind}" for part in parts for kind in evidence.KINDS]
    return [*per_part, *evidence.OF_CUSTOMERS, *statics]
