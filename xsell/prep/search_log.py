"""Raw searches in, clean searches out."""

from collections.abc import Sequence

import polars as pl

from xsell.contract.options import Clean
from xsell.data.rawtable import RawTable
from xsell.data.schema import SEARCHES
from xsell.prep.columns import parse_map
from xsell.prep.diary import Diary
from xsell.prep.merging import Cleaned
from xsell.prep.reading import Reading, read_id, read_moment
from xsell.prep.stacking import ledger, refuse, refused, stack
from xsell.prep.values import words


def clean_searches(raws: Sequence[RawTable], options: Clean, diary: Diary) -> Cleaned:
    """
    Clean a search log: rows without customer or words are refused, exact repeats merged.

    Args:
        raws: Its files, at least one.
        options: How to clean.
        diary: Hears what there is to tell.

    Raises:
        InputError: There is no column with customers, or none with search texts.
    """
    stacked = stack("searches", raws, parse_map(options.map))
    frame, readings = read_id(stacked.frame, "user_id", stacked.columns["user_id"], stacked.files, diary)
    frame = frame.with_columns(words(frame["query"]))
    frame = refuse(frame, pl.col("query").is_null(), "no query")
    frame, more = read_moment(frame, stacked.columns, options, diary)
    good, bad = frame.filter(pl.col("reason").is_null()), refused(frame)
    clean = good.select(*SEARCHES.columns).unique(maintain_order=True).sort("user_id", "at", "query", nulls_last=False)
    book = ledger("searches", raws, bad, clean.height, good.height - clean.height)
    return Cleaned(clean, bad, book, (*readings, Reading("query", stacked.columns["query"], "text"), *more))
