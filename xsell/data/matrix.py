"""Tables to matrices and back: the one file where Polars and SciPy meet."""

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.ids import numbering
from xsell.data.training import Ints, pairs

BLOCK_CELLS = 20_000_000
"""Cells of a block of the category matrix counted at once, were it dense: at most 240 MB."""


def codes(ids: pl.Series, numbering: pl.Series) -> Ints:
    """
    Number ids.

    Args:
        ids: Strings, with repeats.
        numbering: All known ids, without repeats; the place of an id is its number.

    Returns:
        int32, -1 for an id that is not known or null.
    """
    known = pl.Enum(numbering)
    place = ids.cast(known, strict=False).to_physical().cast(pl.Int32)
    return place.fill_null(-1).to_numpy(writable=True)


def pair_counts(owners: pl.DataFrame, minimum: int) -> pl.DataFrame:
    """
    Count for every two categories the customers who own something of both.

    Args:
        owners: Columns user_id and category, each pair once, no nulls.
        minimum: Pairs with fewer customers are left out.

    Returns:
        Columns from, to, n (customers of both), n_from, n_to, sorted by from and to; every pair in both directions, no category with itself.
    """
    users, categories = numbering(owners["user_id"]), numbering(owners["category"])
    matrix = pairs(codes(owners["user_id"], users), codes(owners["category"], categories), (len(users), len(categories)))
    row, column, together = _gram(matrix, minimum)
    each = np.bincount(matrix.indices, minlength=len(categories)).astype(np.int64)
    return pl.DataFrame(
        {"from": categories.gather(row), "to": categories.gather(column), "n": together, "n_from": each[row], "n_to": each[column]}
    )


def _gram(matrix: sp.csr_array, minimum: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Entries of XᵀX off the diagonal that reach the minimum, in the order of rows and columns, a block of rows at a time."""
    width = int(matrix.shape[1])
    counts = matrix.astype(np.int32)
    across = counts.T.tocsr()
    step = max(BLOCK_CELLS // max(width, 1), 1)
    found = [_frequent(across[start : start + step] @ counts, start, minimum) for start in range(0, width, step)]
    found.append((np.zeros(0, np.int64),) * 3)
    row, column, together = (np.concatenate(part) for part in zip(*found, strict=True))
    return row, column, together


def _frequent(block: sp.csr_array, start: int, minimum: int) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    block.sort_indices()
    row = np.repeat(np.arange(start, start + block.shape[0], dtype=np.int64), np.diff(block.indptr))
    keep = (block.data >= minimum) & (row != block.indices)
    return row[keep], block.indices[keep].astype(np.int64), block.data[keep].astype(np.int64)
