"""How numbers are written in reasons."""

import polars as pl

from xsell.offers.popularity import thousands


def test_thousands_stand_apart() -> None:
    """Numbers in reasons are written as in sentences, whatever their length."""
    numbers = [0, 7, 999, 1000, 1665, 12345, 100000, 1234567, None]
    found = pl.DataFrame({"n": numbers}).select(thousands(pl.col("n"))).to_series().to_list()
    assert found == [None if number is None else f"{number:,}" for number in numbers]
