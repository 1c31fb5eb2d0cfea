"""What was tried when a model was tuned."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Attempt:
    """
    One setting on one rung of successive halving.

    Attributes:
        model: Name of the model.
        parameters: The setting.
        rung: 1 for the first, cheapest look, 3 for the full one.
        customers: How many validation customers it was judged on.
        ndcg: NDCG@10 over them, NaN where the error of expected ratings was measured; comparable within a rung.
        role: `usual` for the setting chosen without tuning, `chosen` for one that replaces it, else empty.
        rmse: Root of the mean squared error of the ratings that these customers gave, NaN for models that expect none.
    """

    model: str
    parameters: Mapping[str, Any]
    rung: int
    customers: int
    ndcg: float
    role: str = ""
    rmse: float = math.nan

    @property
    def worth(self) -> float:
        """What trials of one model on one rung are compared by: the more the better."""
        return self.ndcg if math.isnan(self.rmse) else -self.rmse
