"""Shelves: items that share their set of categories, so that what is closed to a customer is worked out once a set."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

SOME = 1024
"""Customers counted at a time: what is counted takes four times the memory of what comes of it."""


@dataclass(frozen=True, slots=True)
class Shelves:
    """
    The sets of categories that items belong to, where an item belongs to all its categories and not to the main one alone.

    Attributes:
        of_item: Number of the set of every item, int32 [items].
        member: Sets × categories, 1 where the set holds the category, float32 CSR; a row may be empty.
    """

    of_item: NDArray[np.int32]
    member: sp.csr_array

    def take(self, keep: NDArray[np.bool_]) -> Self:
        """Shelves of some items."""
        return replace(self, of_item=self.of_item[keep])

    def categories(self, items: NDArray[np.integer]) -> tuple[NDArray[np.intp], NDArray[np.int32]]:
        """
        All categories of some items.

        Returns:
            Place in `items`, ascending, and category; one entry for every category of every item.
        """
        shelf = self.of_item[items]
        first, size = self.member.indptr[shelf], np.diff(self.member.indptr)[shelf]
        place = np.repeat(np.arange(len(items)), size)
        within = np.arange(len(place)) - np.repeat(np.cumsum(size) - size, size)
        return place, self.member.indices[np.repeat(first, size) + within].astype(np.int32)

    def touched(self, items: sp.csr_array) -> NDArray[np.bool_]:
        """
        Whether each customer has anything that shares a category with each shelf.

        Args:
            items: Customers × items.

        Returns:
            Boolean [customers × shelves].
        """
        known = self.had(items)[:, :-1]
        found = np.empty((len(known), self.member.shape[0]), bool)
        for start in range(0, len(known), SOME):
            some = slice(start, start + SOME)
            found[some] = (self.member @ known[some].T.astype(np.float32)).T > 0
        return found

    def had(self, items: sp.csr_array) -> NDArray[np.bool_]:
        """Whether each customer has anything of each category, as `categories_of` gives it, boolean [customers × (categories + 1)]."""
        place, category = self.categories(items.indices)
        row = np.repeat(np.arange(items.shape[0]), np.diff(items.indptr))
        found = np.zeros((items.shape[0], self.member.shape[1] + 1), bool)
        found[row[place], category] = True
        bare = np.diff(self.member.indptr)[self.of_item[items.indices]] == 0
        found[row[bare], -1] = True
        return found

    def share(self, one: NDArray[np.integer], other: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Whether the items of each pair have a category in common."""
        both = self.member[self.of_item[one]].multiply(self.member[self.of_item[other]])
        return np.asarray(both.sum(axis=1) > 0)

    def sharing(self, items: NDArray[np.integer]) -> int:
        """How many ordered pairs of some items have a category in common, each item with itself included if it has any."""
        size = np.bincount(self.of_item[items], minlength=self.member.shape[0])
        touching = self.member @ self.member.T
        touching.data[:] = 1
        return int(size @ (touching @ size))


def categories_of(items: sp.csr_array, category: NDArray[np.int32], n_categories: int) -> NDArray[np.bool_]:
    """
    Whether each customer has anything of each category.

    Args:
        items: Customers × items.
        category: Category of every item, -1 for none.
        n_categories: How many there are.

    Returns:
        Boolean [customers × (categories + 1)]; the last column is for items without a category.
    """
    row = np.repeat(np.arange(items.shape[0]), np.diff(items.indptr))
    found = np.zeros((items.shape[0], n_categories + 1), bool)
    found[row, category[items.indices]] = True
    return found
