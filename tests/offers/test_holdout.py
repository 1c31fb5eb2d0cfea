import polars as pl
import pytest

from xsell.offers.holdout import held_out

IDS = pl.Series([f"客户,{n}" for n in range(20_000)])
KEY = bytes(range(32))


def test_a_customer_once_held_out_stays_so() -> None:
    """Whether a customer is held out depends on the id and the key alone, and a larger share only adds customers."""
    tenth, fifth = held_out(IDS, 0.1, KEY), held_out(IDS, 0.2, KEY)
    assert not (tenth & ~fifth).any()
    some = IDS.gather([5, 19_999, 5, 17])
    assert held_out(some, 0.1, KEY).tolist() == [tenth[5], tenth[19_999], tenth[5], tenth[17]]
    assert (held_out(IDS, 0.1, KEY[::-1]) != tenth).any()


def test_the_share_is_what_was_asked_for() -> None:
    """About the share asked for is held out, all and nobody at the ends."""
    for share in (0.0, 0.1, 0.5, 1.0):
        assert held_out(IDS, share, KEY).mean() == pytest.approx(share, abs=0.01)
    assert held_out(IDS[:0], 0.5, KEY).tolist() == []
