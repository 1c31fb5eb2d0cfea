"""A small shop to hold lists against: given histories, categories and hidden items."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from xsell.data.cuts import Heldout
from xsell.data.training import Catalog, pairs
from xsell.metrics.ground import Ground


def heldout(hidden: Sequence[Sequence[int]]) -> Heldout:
    """Give hidden items, one ascending sequence a customer."""
    ends = np.cumsum([0, *map(len, hidden)])
    return Heldout(np.arange(len(hidden), dtype=np.int32), ends, np.array([i for h in hidden for i in sorted(h)], np.int32))


def ground(
    hidden: Sequence[Sequence[int]],
    owned: Sequence[Sequence[int]],
    category: Sequence[int],
    *,
    content: sp.csr_array | None = None,
    target: Sequence[float] = (),
) -> Ground:
    """Give what lists are held against; the customers asked are all there are, and every item with a category could be offered."""
    shape = (len(owned), len(category))
    row = np.repeat(np.arange(len(owned)), [len(o) for o in owned])
    bought = pairs(row, np.array([i for o in owned for i in o], np.int64), shape)
    known = Catalog(
        np.array(category, np.int32), max(category) + 1, sp.csr_array((shape[1], 1), dtype=np.float32) if content is None else content
    )
    owners = np.bincount(bought.indices, minlength=shape[1]).astype(np.int64)
    there = int((np.diff(bought.indptr) > 0).sum())
    return Ground(
        heldout(hidden), bought, bought, known, owners, there, known.category >= min(0, max(category)), np.array(target, np.float32)
    )
