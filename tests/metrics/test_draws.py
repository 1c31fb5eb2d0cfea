"""Draws for customers out of one stream."""

import numpy as np
import pytest

from xsell import parallel
from xsell.metrics.draws import summed


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("customers", [0, 7, 8, 21])
def test_blocks_go_on_where_the_one_before_ends(customers: int, threads: int) -> None:
    """What is added up is the stream of the seed drawn in one go, whatever the threads; of nobody it is 0."""
    words = 3
    drawn: dict[int, int] = {}

    def work(stream: np.random.Generator, rows: slice) -> np.ndarray:
        some = stream.integers(0, 1 << 64, (rows.stop - rows.start, words), np.uint64)
        drawn.update({row: int(some[row - rows.start, 0]) for row in range(rows.start, rows.stop)})
        return (some >> np.uint64(40)).astype(np.float64).sum(0, keepdims=True)

    with parallel.limit(threads):
        total = summed(work, customers, 4, words * 64, (1, words), seed=5)
    whole = np.random.default_rng(np.random.PCG64(5)).integers(0, 1 << 64, (customers, words), np.uint64)
    assert np.array_equal(total, (whole >> np.uint64(40)).astype(np.float64).sum(0, keepdims=True))
    assert drawn == dict(enumerate(whole[:, 0].tolist()))
