"""Random draws for customers, block by block, out of one stream: what is drawn for a customer does not hang on threads or memory."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from xsell.parallel import each

STEP = 64
"""Random bits that one step of the generator gives."""


def summed(
    work: Callable[[np.random.Generator, slice], NDArray[np.floating]],
    customers: int,
    block: int,
    bits: int,
    shape: tuple[int, int],
    seed: int,
) -> NDArray[np.float64]:
    """
    Add up what is drawn for blocks of customers; every block goes on in the stream of the seed where the one before it ends.

    Args:
        work: Takes the stream at the place of a block, and the block; gives an array of the shape.
        customers: How many.
        block: Customers whose draws are in memory at once; part of what a seed means, for it orders the draws.
        bits: Random bits that are drawn for each customer, so that those of a block are a multiple of `STEP`.
        shape: Of the sum.
        seed: Seed of the stream.
    """

    def one(start: int) -> NDArray[np.floating]:
        stream = np.random.PCG64(seed)
        stream.advance(start * bits // STEP)
        return work(np.random.Generator(stream), slice(start, min(start + block, customers)))

    total = np.zeros(shape)
    for part in each(one, range(0, customers, block)):
        total += part
    return total
