"""The scale of ratings: inferred or given, and what ratings become on it."""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from xsell.errors import UsageError

COMMON = ((0.0, 1.0), (-1.0, 1.0), (1.0, 5.0), (0.0, 5.0), (1.0, 10.0), (0.0, 10.0), (0.0, 100.0))
HALF_STARS = (0.5, 5.0)
HALF_SHARE = 0.01
MOST = 0.95
TAIL = 0.01


@dataclass(frozen=True, slots=True)
class Scale:
    """
    The scale on which ratings were given, and how they were normalised.

    Attributes:
        low: Its lower end.
        high: Its upper end.
        inferred: Whether the data told it, not the user.
        mode: `minmax`, `zscore` or `none`.
        mean: Mean of the ratings after outliers were dealt with.
        sd: Their standard deviation (of the whole, not of a sample).
        ratings: How many there are.
        outside: How many lay outside.
    """

    low: float
    high: float
    inferred: bool
    mode: str
    mean: float = 0.0
    sd: float = 0.0
    ratings: int = 0
    outside: int = 0

    @property
    def shift(self) -> float:
        """The rating that becomes 0."""
        return {"minmax": self.low, "zscore": self.mean}.get(self.mode, 0.0)

    @property
    def spread(self) -> float:
        """The difference of ratings that becomes a difference of 1."""
        return {"minmax": self.high - self.low, "zscore": self.sd}.get(self.mode) or 1.0

    def details(self) -> dict[str, Any]:
        """JSON-ready values; a value is (rating - shift) / spread."""
        return {**asdict(self), "shift": self.shift, "spread": self.spread}

    def normalise(self, rating: pl.Expr) -> pl.Expr:
        """Map the ends of the scale to 0 and 1, or mean and deviation to 0 and 1, or leave ratings as they are."""
        return (rating - self.shift) / self.spread


def parse_scale(text: str) -> tuple[float, float] | None:
    """
    Read `--rating-scale 1,5`.

    Raises:
        UsageError: It is no pair of rising numbers.
    """
    if not text:
        return None
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        low = high = 0.0
    if not -1e12 < low < high < 1e12:
        raise UsageError(f"--rating-scale {text} is no pair of rising numbers.", "Write it like --rating-scale 1,5.")
    return low, high


def infer(ratings: pl.Series) -> tuple[float, float]:
    """
    Find the scale of ratings.

    Args:
        ratings: At least one, all finite.

    Returns:
        The narrowest common scale (0 to 1, -1 to 1, 1 to 5, 0 to 5, 1 to 10, 0 to 10, 0 to 100) that holds at least 95% of the ratings;
        0.5 to 5 comes before 1 to 5 where half stars occur down to 0.5. Without such a scale, the 1% and 99% quantiles.
    """
    halves = (ratings % 1 == HALF_STARS[0]).mean()
    half_stars = isinstance(halves, float) and halves >= HALF_SHARE and bool((ratings == HALF_STARS[0]).any())
    scales = (*COMMON[:2], HALF_STARS, *COMMON[2:]) if half_stars else COMMON
    for low, high in scales:
        if ratings.is_between(low, high).sum() >= MOST * len(ratings):
            return low, high
    low, high = (float(ratings.quantile(q, "nearest") or 0.0) for q in (TAIL, 1 - TAIL))
    return (low, high) if low < high else (low - 1.0, high)
