"""What popularity counts, in words, and how numbers are written in reasons."""

import numpy as np
import polars as pl

from xsell.models.popular import Popular


def since(popular: Popular) -> str | None:
    """Give the day from which on customers are counted, None for all time."""
    return str(np.datetime64(int(popular.since_), "s").astype("datetime64[D]")) if np.isfinite(popular.since_) else None


def counted(popular: Popular) -> pl.Series:
    """Say of every item how many customers took it up, since when, and, of a trend, how many were to be expected."""
    buyers = pl.col("buyers").cast(pl.Int64)
    who = pl.format("bought by {} customer{}", thousands(buyers), pl.when(buyers == 1).then(pl.lit("")).otherwise(pl.lit("s")))
    day = since(popular)
    when = f" since {day}" if day else ""
    expected = pl.format("; {} expected", pl.col("expected").round(1)) if popular.kind_ == "trending" else pl.lit("")
    frame = pl.DataFrame({"buyers": popular.buyers_, "expected": popular.expected_})
    return frame.select(pl.concat_str(who, pl.lit(when), expected)).to_series()


def thousands(number: pl.Expr) -> pl.Expr:
    """Write whole numbers with a comma after every three digits."""
    return number.cast(pl.String).str.reverse().str.replace_all(r"(\d{3})", "${1},").str.strip_suffix(",").str.reverse()
