"""Parts of sparse matrices that keep their shape."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from xsell.data.sparse import entries, only

SHAPE = (4, 3)


@given(st.lists(st.booleans(), min_size=12, max_size=12), st.lists(st.booleans(), min_size=12, max_size=12))
def test_entries_stay_where_they_were(there: list[bool], wanted: list[bool]) -> None:
    """What is kept is what a full matrix has there; the rest is empty."""
    full = (np.arange(1, 13, dtype=np.float32) * there).reshape(SHAPE)
    matrix = sp.csr_array(full)
    keep = np.array(wanted).reshape(SHAPE)
    assert (entries(matrix, keep[full > 0]).toarray() == full * keep).all()


@given(st.lists(st.booleans(), min_size=4, max_size=4))
def test_rows_of_others_are_empty(who: list[bool]) -> None:
    """Rows of those who are asked for are whole, those of others hold nothing."""
    full = np.arange(12, dtype=np.float32).reshape(SHAPE)
    found = only(sp.csr_array(full), np.array(who))
    assert (found.toarray() == full * np.array(who)[:, None]).all()
    assert found.nnz == np.count_nonzero(full[who])
