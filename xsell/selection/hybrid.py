"""`hybrid`: the learnt fusion of several models with popularity, recency and entry rates."""

from collections.abc import Sequence
from typing import Self

import numpy as np
from scipy.special import expit

from xsell.data.training import Floats, History, Ints, Mask, Training
from xsell.models.recommender import Recommender
from xsell.ranking import unowned
from xsell.selection import evidence


class Hybrid:
    """
    Logistic regression over the scores of other models and what is known of items; its weights come from a validation cut.

    Attributes:
        parts: Fitted models by name.
        window: Length of the predicted window in seconds, NaN where there are no times.
        mean: Centre of every feature, float32 [features].
        weights: Weight of every centred feature (already divided by its spread), float32 [features].
        intercept: Log-odds at the centre.
        spreads: Usual spread of each part's score among the candidates, float32 [parts].
    """

    def __init__(
        self, parts: dict[str, Recommender], window: float, mean: Floats, weights: Floats, intercept: float, spreads: Floats
    ) -> None:
        self.parts = parts
        self.window = window
        self.mean = mean
        self.weights = weights
        self.intercept = intercept
        self.spreads = spreads

    def fit(self, training: Training) -> Self:
        """Learn what is known of the items; the parts are fitted already."""
        self.names_, self.statics_ = evidence.of_items(training, self.window)
        self.category_ = training.catalog.category
        self.n_categories_ = training.catalog.n_categories
        return self

    def look(self, history: History, free: Mask, wanted: Mask | None = None) -> tuple[evidence.Candidates, Floats]:
        """Candidates of each customer and their features, float32 [customers × widest × features]."""
        scores = [part.score(history) for part in self.parts.values()]
        chosen = evidence.candidates(scores, self.statics_[:, 0], free, wanted)
        seen = [column for score in scores for column in evidence.of_scores(score, chosen)]
        seen += evidence.of_customers(scores[0], free, chosen, history, self.category_, self.n_categories_)
        return chosen, np.concatenate([np.stack(seen, axis=2), self.statics_[chosen.items]], axis=2)

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
        chosen, seen = self.look(history, free, wanted)
        value = np.einsum("ijk,k->ij", seen - self.mean, self.weights) + np.float32(self.intercept)
        value = expit(value) if np.isfinite(self.window) else value
        every = np.full(free.shape, -np.inf, np.float32)
        row, place = np.nonzero(chosen.real)
        every[row, chosen.items[row, place]] = value[row, place]
        return every

    def explain(self, history: History, row: Ints, owned: Ints, target: Ints) -> Floats:
        """Sum over the parts of the weight of their scores (raw, and standardised by their usual spread) times what they say of the product."""
        total = np.zeros(len(row), np.float32)
        for place, part in enumerate(self.parts.values()):
            first = len(evidence.KINDS) * place
            weight = self.weights[first] + self.weights[first + 1] / self.spreads[place]
            total += weight * part.explain(history, row, owned, target)
        return total


def feature_names(parts: Sequence[str], statics: Sequence[str]) -> list[str]:
    """Names of the features in their order."""
    per_part = [f"{part} {kind}" for part in parts for kind in evidence.KINDS]
    return [*per_part, *evidence.OF_CUSTOMERS, *statics]
