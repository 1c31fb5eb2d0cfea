"""What a choice of models is asked and what it answers."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from xsell import parallel
from xsell.contract.trials import Attempt
from xsell.models.recommender import Recommender
from xsell.models.regression import MOST_REGRESSORS, MOST_TARGETS
from xsell.selection.hybrid import Model

Parameters = Mapping[str, Any]
Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Plan:
    """
    How to choose.

    Attributes:
        scope: `new`, `dormant`, `same` or `any`: what lists may hold.
        seed: Seed of everything random.
        rule: How the validation part is cut off; empty means the rule that comes nearest to real use.
        regularization: λ of cross and ease, or None to choose.
        rho: Row scaling of cross and ease, or None to choose.
        factors: Factors of svd, als and ratings, or None to choose.
        regressors: Most regressors of cross and ease; the most frequent are kept.
        targets: Most products that cross and ease predict; the others are predicted by their share of the customers.
        budget: Seconds for settings beyond those that are tried anyway, or None for none of them.
        abreast: Whether short fits may be made side by side: two gain more from two threads than one does, but take the memory of two.
    """

    scope: str
    seed: int = 0
    rule: str = ""
    regularization: float | None = None
    rho: float | None = None
    factors: int | None = None
    regressors: int = MOST_REGRESSORS
    targets: int = MOST_TARGETS
    budget: float | None = None
    abreast: bool = True

    def jobs(self, jobs: Sequence[Callable[[], Result]]) -> list[Result]:
        """Do jobs that make their fits by `fits`, side by side if that is allowed."""
        return parallel.abreast(jobs) if self.abreast else [job() for job in jobs]

    def fits(self, make: Callable[[Item], Result], items: Iterable[Item]) -> list[Result]:
        """Make short fits, side by side if that is allowed."""
        return parallel.each(make, items) if self.abreast else [make(item) for item in items]


@dataclass(frozen=True, slots=True)
class Trial:
    """
    One thing tried on the validation cut.

    Attributes:
        model: Name of the model.
        parameters: What was tried: numbers, and words where a model knows several ways.
        ndcg: NDCG@10 over the validation customers, NaN where only the error of expected ratings was measured.
        rmse: Root of the mean squared error of ratings expected there, NaN for models that expect none.
        fitted: The model itself, fitted on the part before the validation cut, where it was kept: the best one of als.
    """

    model: str
    parameters: dict[str, Any]
    ndcg: float
    rmse: float = math.nan
    fitted: Recommender | None = field(default=None, repr=False, compare=False)

    @property
    def worth(self) -> float:
        """What trials of one model are compared by: the more the better."""
        return self.ndcg if math.isnan(self.rmse) else -self.rmse


@dataclass(frozen=True, slots=True)
class Tuned:
    """
    What successive halving did.

    Attributes:
        attempts: Everything tried, in order.
        planned: How many trials there could have been with enough time.
        better: By model the trial that replaces the one chosen without tuning.
    """

    attempts: tuple[Attempt, ...]
    planned: int
    better: Mapping[str, Trial]


@dataclass(frozen=True, slots=True)
class Chosen:
    """
    A model, chosen on a validation cut and fitted on everything.

    Attributes:
        model: Fitted on the whole training.
        parameters: What was chosen.
        trials: Everything tried for it.
        ndcg: NDCG@10 on the validation cut, NaN where there was none.
        popular: NDCG@10 of `popular` there.
        customers: Customers it was judged on there.
        rule: How the validation part was cut off, or empty.
        window: Seconds within which the scores are probabilities of taking an item up, NaN where scores only order.
        sentences: What a user should know of the choice.
        warnings: What a user must know, as (code, sentence).
        tuned: What `--tune` did, or None.
        rated: How many ratings it was judged on there, if it expects ratings.
        rmse: Root of the mean squared error of these expected ratings, NaN where there were none.
        stand_in: The part of hybrid that is used alone, or empty.
    """

    model: Model
    parameters: dict[str, Any]
    trials: tuple[Trial, ...]
    ndcg: float
    popular: float
    customers: int
    rule: str
    window: float = math.nan
    sentences: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = field(default=())
    tuned: Tuned | None = None
    rated: int = 0
    rmse: float = math.nan
    stand_in: str = ""
