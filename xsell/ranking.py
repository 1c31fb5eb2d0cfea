"""From models to lists: what may be offered, block by block, and the best of it. Written once, used for every model."""

from collections.abc import Callable, Iterator
from functools import reduce
from typing import Protocol

import numpy as np
import scipy.sparse as sp

from xsell.best import Ranking, top
from xsell.contract.progress import Tell
from xsell.data.scopes import closed, shelf_of
from xsell.data.training import Catalog, Floats, History, Ints, Mask
from xsell.errors import MemoryLimitError
from xsell.parallel import budget, each, room, workers

BLOCK_CELLS = 6_000_000
LARGEST_BLOCK = 1024
CELL = 40
"""Bytes that go with each score while lists are made."""
PIECES = 250 << 20
"""Bytes for lists that are made and not on the disk yet."""
WIDE_CELLS = 32_000_000
EVEN = 128
"""Rows of which larger blocks are multiples, as products of vectors are made of so many; as many are taken from a wide catalogue where there is room."""


class Scorer(Protocol):
    """What the ranking asks of a model."""

    def score(self, history: History) -> Floats:
        """Scores of all items, float32 [customers × items]; -inf where the model cannot say."""


class ScopedScorer(Protocol):
    """A model whose scores depend on what may be offered."""

    def score_allowed(self, history: History, free: Mask, wanted: Mask | None = None) -> Floats:
        """Scores, float32 [customers × items]; anything where the scope does not allow it, never changed by what else is wanted."""


Cut = Callable[[Floats, Mask, int], Ranking]
"""Scores, what may be offered and the length of lists in, lists out."""


def blocks(rows: int, columns: int, cells: int = 0) -> Iterator[slice]:
    """Row ranges whose matrices have no more than some cells (0 for the usual number), but at least a row."""
    step = int(min(LARGEST_BLOCK, max(1, (cells or BLOCK_CELLS) // max(columns, 1))))
    step -= step % EVEN if step > EVEN else 0
    for start in range(0, rows, step):
        yield slice(start, min(start + step, rows))


def cells_within(memory: str, columns: int) -> int:
    """
    Scores that each worker may have in memory at once.

    Args:
        memory: The budget, as `parallel.budget` reads it.
        columns: Number of items.

    Raises:
        MemoryLimitError: What is in memory already leaves no room within the budget given for one customer a worker.
    """
    each_cell = workers() * CELL
    cells = (room(memory) - PIECES) // each_cell
    if cells < columns and memory.strip():
        needed = budget(memory) + (columns - cells) * each_cell
        raise MemoryLimitError(
            f"Lists from these data take at least {needed / 1e6:,.0f} MB, more than --memory {memory} allows.", "Give more with --memory."
        )
    whole = EVEN * columns
    return max(min(cells, whole if BLOCK_CELLS < whole <= WIDE_CELLS else BLOCK_CELLS), columns)


def allowed(history: History, catalog: Catalog, scope: str) -> Mask:
    """
    What may be offered: nothing owned, and nothing of what the scope closes.

    Args:
        history: The customers.
        catalog: The items.
        scope: `new`, `dormant`, `same` or `any`.

    Returns:
        Boolean [customers × items].
    """
    causes = closed(history, catalog, scope)
    if not causes:
        return unowned(history)
    open_shelves = ~reduce(np.logical_or, causes.values())
    return _without_owned(_spread(open_shelves, shelf_of(catalog)), history.owned)


def _spread(shelves: Mask, shelf_of_item: Ints) -> Mask:
    """Give every item what its shelf has, eight customers at a time in the bits of a byte: a look-up costs more than taking bits apart."""
    packed = np.zeros((-(-len(shelves) // 8), shelves.shape[1]), np.uint8)
    for bit in range(8):
        eighth = shelves[bit::8].view(np.uint8)
        packed[: len(eighth)] |= eighth << bit
    packed = np.take(packed, shelf_of_item, axis=1, mode="clip")
    apart = np.empty((8 * len(packed), len(shelf_of_item)), np.uint8)
    for bit in range(8):
        np.bitwise_and(packed, 1, out=apart[bit::8])
        np.right_shift(packed, 1, out=packed)
    return apart.view(bool)[: len(shelves)]


def unowned(history: History) -> Mask:
    """Which items each customer does not own, boolean [customers × items]."""
    return _without_owned(np.ones(history.owned.shape, bool), history.owned)


def _without_owned(free: Mask, owned: sp.csr_array) -> Mask:
    np.put(free, np.repeat(np.arange(len(free)) * free.shape[1], np.diff(owned.indptr)) + owned.indices, False)
    return free


def score(model: Scorer | ScopedScorer, history: History, free: Mask, wanted: Mask | None = None) -> Floats:
    """
    Ask a model, telling it what may be offered if it wants to know.

    Args:
        model: Any fitted model.
        history: The customers.
        free: What the scope allows, boolean [customers × items].
        wanted: What business rules leave of the items, boolean [customers × items] or [1 × items], or None for all: these are to be scored
            even where they would not come first without the rules.
    """
    if hasattr(model, "score_allowed"):
        return model.score_allowed(history, free, wanted)
    return model.score(history)


def recommend(model: Scorer | ScopedScorer, history: History, catalog: Catalog, scope: str, k: int, tell: Tell, cut: Cut = top) -> Ranking:
    """
    Lists for all customers of a history, in blocks of rows.

    Args:
        model: Any fitted model.
        history: The customers.
        catalog: The items.
        scope: `new`, `dormant`, `same` or `any`.
        k: Length of the lists.
        tell: Hears how far it is.
        cut: Makes lists of scores.
    """

    def work(block: slice) -> Ranking:
        tell("making lists", block.start, len(history))
        some = history.rows(block)
        free = allowed(some, catalog, scope)
        return cut(score(model, some, free), free, k)

    parts = each(work, blocks(len(history), catalog.n_items))
    if not parts:
        return Ranking(np.zeros((0, k), np.int32), np.zeros((0, k), np.float32))
    return Ranking(np.concatenate([p.items for p in parts]), np.concatenate([p.scores for p in parts]))
