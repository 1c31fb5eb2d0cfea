"""Parts of sparse matrices that keep their shape."""

import numpy as np
import scipy.sparse as sp

from xsell.data.training import Mask


def only(matrix: sp.csr_array, who: Mask) -> sp.csr_array:
    """The same rows for some customers, empty ones for the others."""
    return entries(matrix, np.repeat(who, np.diff(matrix.indptr)))


def entries(matrix: sp.csr_array, keep: Mask) -> sp.csr_array:
    """Some of the entries of a matrix, each in its place."""
    start = np.concatenate([[0], np.cumsum(keep)]).astype(matrix.indptr.dtype)[matrix.indptr]
    return sp.csr_array((matrix.data[keep], matrix.indices[keep], start), shape=matrix.shape)
