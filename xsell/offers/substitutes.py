"""What replaces a product: others of its category that are described alike, or that are seldom bought with it."""

import numpy as np
import scipy.sparse as sp

from xsell.contract.progress import Tell
from xsell.data.training import Floats, Ints
from xsell.offers.meetings import Baskets, deviation, steps
from xsell.offers.together import FEWEST, Found, best, joined
from xsell.parallel import each

ALIKE = 0.8
"""Cosine of two products' words from which on they are alike."""

EXPECTED = 2.0
"""Meetings that chance must give two products before their absence tells anything: with fewer, never is not seldom."""

MOST = 2_000
"""Products of one category that are compared with each other: the work grows with their square."""


def substitutes(baskets: Baskets, category: Ints, content: sp.csr_array, name: Ints, n: int, tell: Tell) -> Found:
    """
    Find the products of the same category that are alike, the likest and most bought first, and then those that meet less often than by chance.

    Of products of one name none replaces another: they are one product in several sizes or under several ids.

    Args:
        baskets: What was bought together.
        category: Category of every item, -1 where it has none.
        content: Items × terms with rows of length one.
        name: Number of the name of every item, -1 where it has none and no more is known of it than its category.
        n: Most substitutes of a product.
        tell: Hears how far it is.
    """
    groups = members(category, baskets.counts, baskets.buyers)

    def work(place: int) -> Found:
        tell("comparing products of a category", place, len(groups))
        mine = groups[place]
        words = content[mine] * (name[mine, None] >= 0).astype(np.float32)
        turned = baskets.turned[mine]
        return _of_category(baskets, mine, name[mine], (turned @ turned.T).toarray(), (words @ words.T).toarray(), n)

    return joined(each(work, range(len(groups))))


def members(category: Ints, counts: Ints, buyers: Ints) -> list[Ints]:
    """Items of every category that enough customers have, ascending: of the largest categories those that most baskets hold."""
    able = np.flatnonzero((buyers >= FEWEST) & (category >= 0)).astype(np.int32)
    order = able[np.lexsort((able, -counts[able], category[able]))]
    groups = np.split(order, np.flatnonzero(np.diff(category[order])) + 1)
    return [np.sort(group[:MOST]) for group in groups if len(group) > 1]


def crowded(category: Ints, buyers: Ints) -> int:
    """Count the products that large categories leave out."""
    return int(np.maximum(np.bincount(category[(buyers >= FEWEST) & (category >= 0)]) - MOST, 0).sum())


def _of_category(baskets: Baskets, mine: Ints, name: Ints, both: Ints, cosine: Floats, n: int) -> Found:
    expected = baskets.expected(mine[:, None], mine)
    telling = expected >= EXPECTED
    alike = np.where(cosine >= ALIKE, np.minimum(np.round(cosine, 3), 1), 0).astype(np.float32)
    same = (name[:, None] == name) & (name >= 0)
    np.fill_diagonal(same, val=True)
    for square in (telling, alike):
        square[same] = 0
    row, column = np.nonzero((telling & (both < expected)) | (alike > 0))
    counts = baskets.counts[mine]
    often = (baskets.counts / np.maximum(baskets.buyers, 1))[mine]
    far = deviation(both[row, column], expected[row, column], np.minimum(often[row], often[column]))
    far = np.where(telling[row, column] | (far > 0), far, 0)
    chosen, rank = best(row.astype(np.int32), n, column, np.where(alike[row, column] > 0, -counts[column], far), -alike[row, column])
    row, column, seen = row[chosen], column[chosen], steps(-far[far < 0])
    return Found(
        mine[row],
        mine[column],
        rank,
        both[row, column],
        np.full(len(row), -1, np.int32),
        far[chosen],
        alike[row, column],
        seen,
        int(telling.sum()),
    )
