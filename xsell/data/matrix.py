"""Tables to matrices and back: the one file where Polars and SciPy meet."""

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell.data.ids import numbering
from xsell.data.shelves import Shelves
from xsell.data.training import Catalog, Ints, pairs


def codes(ids: pl.Series, numbering: pl.Series) -> Ints:
    """
    Number ids.

    Args:
        ids: Strings, with repeats.
        numbering: All known ids, without repeats; the place of an id is its number.

    Returns:
        int32, -1 for an id that is not known or null.
    """
    return ids.to_frame("id").select(coded("id", numbering)).to_series().to_numpy(writable=True)


def codes_of_runs(ids: pl.Series, numbering: pl.Series) -> Ints:
    """Number ids as `codes` does, where equal ones follow each other and the numbering is sorted: each is looked up once, in place."""
    runs = ids.rle().struct.unnest()
    place = numbering.search_sorted(runs["value"]).clip(upper_bound=len(numbering) - 1)
    number = np.where(numbering.gather(place) == runs["value"], place, -1).astype(np.int32)
    return np.repeat(number, runs["len"])


def coded(column: str, numbering: pl.Series) -> pl.Expr:
    """Give the numbers of a column of ids, as `codes` does, within a plan."""
    place = pl.col(column).cast(pl.Enum(numbering), strict=False).to_physical().cast(pl.Int32)
    return place.fill_null(-1).alias(column)


def pair_counts(owners: pl.DataFrame, categories: pl.Series, minimum: int) -> pl.DataFrame:
    """
    Count for every two categories the customers who own something of both.

    Args:
        owners: Columns customer and category, numbers from 0, each pair once, no nulls.
        categories: Names by number, sorted.
        minimum: Pairs with fewer customers are left out.

    Returns:
        Columns from, to, n (customers of both), n_from, n_to, sorted by from and to; every pair in both directions, no category with itself.
    """
    customer, category = owners["customer"].to_numpy(), owners["category"].to_numpy()
    matrix = pairs(customer, category, (int(customer.max(initial=-1)) + 1, len(categories)))
    counts = matrix.astype(np.int32)
    gram = (counts.T.tocsr() @ counts).tocoo()
    keep = (gram.data >= minimum) & (gram.row != gram.col)
    row, column = gram.row[keep], gram.col[keep]
    each = gram.diagonal().astype(np.int64)
    return pl.DataFrame(
        {
            "from": categories.gather(row),
            "to": categories.gather(column),
            "n": gram.data[keep].astype(np.int64),
            "n_from": each[row],
            "n_to": each[column],
        }
    ).sort("from", "to")


def catalog_of(belongs: pl.Series, content: sp.csr_array, *, together: bool) -> tuple[pl.Series, Catalog]:
    """
    Number categories.

    Args:
        belongs: A list of categories for every item, the main one first; null where there is none.
        content: Items × terms.
        together: Whether an item belongs to all its categories, not to the main one alone.

    Returns:
        Names of the categories by number, and the Catalog.
    """
    main = belongs.list.first()
    names = numbering(belongs.explode() if together else main)
    shelves = _shelves(belongs, names) if together else None
    return names, Catalog(codes(main, names), len(names), content, shelves)


def _shelves(belongs: pl.Series, names: pl.Series) -> Shelves:
    """One shelf for every different set of categories, whatever their order."""
    of_item = belongs.list.sort().list.join(" | ").fill_null("")
    sets = numbering(of_item)
    cells = pl.DataFrame({"shelf": sets, "category": sets.str.split(" | ")}).explode("category")
    shelf, category = codes(cells["shelf"], sets), codes(cells["category"], names)
    known = category >= 0
    return Shelves(codes(of_item, sets), pairs(shelf[known], category[known], (len(sets), len(names))))
