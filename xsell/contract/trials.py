"""What was tried when a model was tuned."""

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
        ndcg: NDCG@10 over them; comparable within a rung.
        role: `usual` for the setting chosen without tuning, `chosen` for one that replaces it, else empty.
    """

    model: str
    parameters: Mapping[str, Any]
    rung: int
    customers: int
    ndcg: float
    role: str = ""
