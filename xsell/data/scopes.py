"""What a scope closes to a customer: lists, validation and evaluation ask here and nowhere else."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.shelves import categories_of
from xsell.data.training import Catalog, History, Ints, Mask

NOWHERE = "without a category"
BOUGHT = "in a category already bought from"
STRANGE = "in a category never bought from"
LATELY = "in a category bought from lately"


def shelf_of(catalog: Catalog) -> Ints:
    """The column of every item in what `closed` gives, int32 [items]."""
    if catalog.shelves is not None:
        return catalog.shelves.of_item
    return np.where(catalog.category < 0, catalog.n_categories, catalog.category).astype(np.int32)


def closed(history: History, catalog: Catalog, scope: str) -> dict[str, Mask]:
    """
    Why items may not be offered to customers, whether they own them or not.

    Under `new` the categories that a customer owns anything of are closed, under `same` all others, under `dormant` all but those owned
    of which nothing was bought lately. Where items belong to several categories, one that is owned opens or closes all of them.

    Args:
        history: The customers.
        catalog: The items.
        scope: `new`, `dormant`, `same` or `any`.

    Returns:
        By cause a boolean [customers × shelves], or [1 × shelves] where it is the same for all; the columns are those of `shelf_of`.
    """
    if scope == "any":
        return {}
    bought = _touched(history.owned, catalog)
    causes = {NOWHERE: _nowhere(catalog)}
    if scope == "new":
        return causes | {BOUGHT: bought}
    causes |= {STRANGE: ~bought}
    if scope == "dormant":
        causes |= {LATELY: bought if history.recent is None else _touched(history.recent, catalog)}
    return causes


def _touched(items: sp.csr_array, catalog: Catalog) -> Mask:
    """Whether each customer has anything of each shelf's categories."""
    if catalog.shelves is not None:
        return catalog.shelves.touched(items)
    return categories_of(items, catalog.category, catalog.n_categories)


def categories_had(items: sp.csr_array, catalog: Catalog) -> Mask:
    """
    Whether each customer has anything of each category that counts.

    Args:
        items: Customers × items.
        catalog: The items.

    Returns:
        Boolean [customers × (categories + 1)]; the last column is for items without a category.
    """
    if catalog.shelves is not None:
        return catalog.shelves.had(items)
    return categories_of(items, catalog.category, catalog.n_categories)


def new_to(had: Mask, catalog: Catalog, row: NDArray[np.integer], item: NDArray[np.integer]) -> Mask:
    """
    Whether items have categories of which the customer has nothing, and no other.

    Args:
        had: What `categories_had` says of the customers.
        catalog: The items.
        row: Row of the customer in `had`, for each pair.
        item: Item of each pair.
    """
    place, category = categories_each(catalog, item)
    strange = catalog.category[item] >= 0
    strange[place[had[row[place], category]]] = False
    return np.asarray(strange)


def _nowhere(catalog: Catalog) -> Mask:
    """Shelves of items without a category, boolean [1 × shelves]."""
    if catalog.shelves is not None:
        return np.asarray(np.diff(catalog.shelves.member.indptr)[None] == 0)
    return np.asarray(np.arange(catalog.n_categories + 1)[None] == catalog.n_categories)


def categories_each(catalog: Catalog, item: NDArray[np.integer]) -> tuple[NDArray[np.intp], Ints]:
    """
    The categories that count of some items: the main one, or all where they belong together.

    Returns:
        Place in `item`, ascending, and category; nothing for an item without one.
    """
    if catalog.shelves is not None:
        return catalog.shelves.categories(item)
    place = np.flatnonzero(catalog.category[item] >= 0)
    return place, catalog.category[item[place]]
