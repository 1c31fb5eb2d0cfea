"""What lists are held against: what was hidden, what customers had before, and what is known of the items."""

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.cuts import Heldout
from xsell.data.scopes import categories_had, new_to
from xsell.data.training import Catalog, Floats, Ints, Mask, Training
from xsell.metrics import ranking

Slots = NDArray[np.float32]
OF_CUSTOMERS = ("heldout", "relevant", "had", "wanted")
OF_PLACES = ("hits", "real", "category", "new", "new_hits")
"""What a look knows of customers and of places: shorter lists have the same of the first and less of the second."""


@dataclass(frozen=True, slots=True)
class Ground:
    """
    What lists of the customers of `heldout` are held against.

    Attributes:
        heldout: What was hidden.
        owned: Customers of `heldout` × items, what they had before, CSR.
        purchases: The same, what they had and liked.
        catalog: The items.
        owners: How many customers of the training part have each item, int64 [items].
        customers: How many customers of the training part have anything.
        offered: Whether each item could be offered to anybody, boolean [items].
        target: Share of each category in what was hidden, float32 [categories]; empty where lists should resemble the customer's own history.
    """

    heldout: Heldout
    owned: sp.csr_array
    purchases: sp.csr_array
    catalog: Catalog
    owners: NDArray[np.int64]
    customers: int
    offered: Mask
    target: Floats

    @classmethod
    def of(cls, part: Training, heldout: Heldout, scope: str) -> Self:
        """
        Look at a training part from where its customers are asked.

        Args:
            part: What was known before.
            heldout: What was hidden.
            scope: Under all but `any` only items with a category are offered, and under `new` lists are held against the new categories that customers took up.
        """
        bought = part.history.purchases
        category = part.catalog.category
        wanted = np.bincount(category[heldout.item] + 1, minlength=part.catalog.n_categories + 1)[1:] if scope == "new" else np.zeros(0)
        return cls(
            heldout,
            part.history.owned[heldout.user],
            bought[heldout.user],
            part.catalog,
            np.bincount(bought.indices, minlength=part.n_items).astype(np.int64),
            int((np.diff(bought.indptr) > 0).sum()),
            category >= 0 if scope != "any" else np.ones(part.n_items, bool),
            (wanted / max(wanted.sum(), 1)).astype(np.float32),
        )


class Look:
    """
    The lists of a block of customers beside what is known of them; everything is worked out once, when first asked for.

    Attributes:
        ground: What they are held against.
        items: Customers of the block × k, -1 where a list has ended.
        block: Which of the customers of the ground.
    """

    def __init__(self, ground: Ground, items: Ints, block: slice) -> None:
        self.ground = ground
        self.items = items[block]
        self.block = block

    def first(self, k: int) -> "Look":
        """Look at the first places only; what does not depend on the length of lists is not worked out again."""
        if k == self.items.shape[1]:
            return self
        short = Look(self.ground, self.items[:0, :k], slice(0, 0))
        short.items, short.block = self.items[:, :k], self.block
        for name in OF_CUSTOMERS:
            setattr(short, name, getattr(self, name))
        for name in OF_PLACES:
            setattr(short, name, getattr(self, name)[:, :k])
        return short

    @cached_property
    def heldout(self) -> Heldout:
        """What was hidden of these customers."""
        whole = self.ground.heldout
        start = whole.indptr[self.block.start : self.block.stop + 1]
        return Heldout(whole.user[self.block], start - start[0], whole.item[start[0] : start[-1]])

    @cached_property
    def hits(self) -> ranking.Hits:
        """Whether each place is a hit."""
        return ranking.hits(self.items, self.heldout)

    @cached_property
    def relevant(self) -> ranking.Counts:
        """How many items were hidden of each customer."""
        return ranking.relevant(self.heldout)

    @cached_property
    def real(self) -> Mask:
        """Whether each place holds an item."""
        return np.asarray(self.items >= 0)

    @cached_property
    def length(self) -> ranking.Counts:
        """How long each list is."""
        return np.asarray(self.real.sum(1), np.int64)

    @cached_property
    def category(self) -> Ints:
        """Category of the item at each place, -1 where it has none."""
        return np.where(self.real, self.ground.catalog.category[self.items], -1)

    @cached_property
    def had(self) -> Mask:
        """Whether each customer had anything of each category before, [customers × (categories + 1)]; the last column is true: no category is not new."""
        found = categories_had(self.ground.owned[self.block], self.ground.catalog)
        found[:, -1] = True
        return found

    @cached_property
    def new(self) -> Mask:
        """Whether the item at each place is of a category new to the customer, and of none that is not."""
        row, place = np.nonzero(self.real)
        found = np.zeros(self.items.shape, bool)
        found[row, place] = new_to(self.had, self.ground.catalog, row, self.items[row, place])
        return found

    @cached_property
    def new_hits(self) -> ranking.Hits:
        """Whether each place is a hit in a category new to the customer."""
        return self.hits & self.new

    @cached_property
    def wanted(self) -> NDArray[np.int64]:
        """How many hidden items each customer has in each new category, [customers × categories]."""
        n = self.ground.catalog.n_categories
        owner = np.repeat(np.arange(len(self.relevant)), self.relevant)
        category = self.ground.catalog.category[self.heldout.item]
        fresh = new_to(self.had, self.ground.catalog, owner, self.heldout.item)
        cells = owner[fresh] * n + category[fresh]
        return np.bincount(cells, minlength=len(self.items) * n).reshape(len(self.items), n)

    @cached_property
    def shelves(self) -> Slots:
        """How many places of each list go to each category, [customers × categories]."""
        n, known = self.ground.catalog.n_categories, self.category >= 0
        cells = (np.arange(len(self.items))[:, None] * n + self.category)[known]
        return np.bincount(cells, minlength=len(self.items) * n).reshape(len(self.items), n).astype(np.float32)


def share(above: NDArray[np.number], below: NDArray[np.number]) -> ranking.Values:
    """Quotients, NaN where there is nothing below."""
    out: ranking.Values = np.full(len(above), np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out
