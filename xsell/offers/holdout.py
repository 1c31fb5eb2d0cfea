"""Who is held out: a control group that stays the same from run to run."""

from hashlib import blake2b

import numpy as np
import polars as pl

from xsell.data.training import Mask

BYTES = 8


def held_out(ids: pl.Series, share: float, key: bytes) -> Mask:
    """
    Tell from a customer's id alone, and a secret key, whether the customer is held out.

    A keyed hash (BLAKE2, RFC 7693) of the id is a number between 0 and 1 that nobody can foretell without the key; who has one below the share is
    held out. So a customer is held out whatever else is in the data, and a larger share holds the same customers out and more.

    Args:
        ids: Ids of customers.
        share: Share to hold out, 0..1.
        key: The secret, at most 64 bytes.
    """
    every = ids.unique()
    number = [int.from_bytes(blake2b(name.encode(), key=key, digest_size=BYTES).digest()) for name in every]
    out = every.filter(pl.Series([value < share * 256**BYTES for value in number], dtype=pl.Boolean))
    return np.asarray(ids.is_in(out.implode()).to_numpy(), bool)
