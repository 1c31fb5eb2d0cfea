"""Weaker events: what customers looked at or searched for."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Stream:
    """
    Weaker events, such as views, carts or search terms: evidence, never ownership.

    Attributes:
        name: `view`, `cart`, `search` …
        user: Number of the customer, one entry an event.
        column: Number of the item, or of the search term.
        at: Seconds since 1970 (UTC), NaN where unknown.
        width: Number of columns.
        of_items: Whether the columns are the items (then an item's category is excluded with it).
    """

    name: str
    user: NDArray[np.int32]
    column: NDArray[np.int32]
    at: NDArray[np.float64]
    width: int
    of_items: bool

    def take(self, mask: NDArray[np.bool_]) -> Self:
        """Events where the mask is true."""
        return replace(self, user=self.user[mask], column=self.column[mask], at=self.at[mask])

    def until(self, moment: float) -> Self:
        """Events up to a moment, and those without a time."""
        return self.take(~(self.at > moment))

    def renumbered(self, number: NDArray[np.int32], width: int) -> Self:
        """The same events where columns have other numbers; those that have -1 are left out."""
        column = number[self.column]
        return replace(self, column=column, width=width).take(column >= 0)
