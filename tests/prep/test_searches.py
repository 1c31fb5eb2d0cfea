"""Queries become terms."""

from tests.prep.shop_tables import day, searches
from xsell.data.schema import SEARCH_TERMS
from xsell.prep.searches import search_terms


def test_every_word_counts_once_a_search() -> None:
    """A search gives its different words at its time, in the order of customers, times and words."""
    made = search_terms(searches(("b", "red red mug", day(2)), ("b", "Tea", None), ("a", "?!", day(1))))
    assert SEARCH_TERMS.check(made).rows() == [("b", "tea", None), ("b", "mug", day(2)), ("b", "red", day(2))]


def test_a_query_cannot_pass_for_an_attribute() -> None:
    """The separator of whole terms is a space inside a query."""
    assert search_terms(searches(("a", "red\x1fbrand=acme", None)))["term"].to_list() == ["acme", "brand", "red"]


def test_no_searches_give_no_terms() -> None:
    """An empty table stays one with the promised columns."""
    assert SEARCH_TERMS.check(search_terms(searches())).is_empty()
