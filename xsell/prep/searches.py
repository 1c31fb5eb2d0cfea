"""The words customers searched for."""

import polars as pl

from xsell.data.schema import SEARCH_TERMS
from xsell.text import FIELD, tokens


def search_terms(searches: pl.DataFrame) -> pl.DataFrame:
    """
    Split queries into terms.

    Args:
        searches: The clean searches.

    Returns:
        The columns of `SEARCH_TERMS`: every term once a search, sorted by user_id, at (nulls first), term.
    """
    queries = searches["query"].unique().sort()
    words = [sorted(set(tokens(query.replace(FIELD, " ")))) for query in queries]
    terms = pl.DataFrame({"query": queries, "term": pl.Series(words, dtype=pl.List(pl.String))})
    spread = searches.join(terms, on="query").explode("term").drop_nulls("term")
    return spread.select(*SEARCH_TERMS.columns).sort("user_id", "at", "term")
