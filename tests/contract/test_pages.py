"""Pages that could not be written are refused before any work."""

import sys

import pytest

from xsell.contract import pages
from xsell.contract.options import Evaluate
from xsell.errors import UsageError


@pytest.mark.parametrize(
    ("words", "hint"), [({"report": "r.pdf"}, "report.html"), ({"report": "-"}, "report.html"), ({"show_ids": True}, "--report")]
)
def test_words_that_make_no_page(words: dict[str, object], hint: str) -> None:
    """A file that is none of HTML is refused, and so are ids without a page; the hint names what to type."""
    with pytest.raises(UsageError) as caught:
        pages.check(Evaluate(**words))  # type: ignore[arg-type]
    assert hint in caught.value.hint


@pytest.mark.parametrize("words", [{}, {"report": "a/b.html"}, {"report": "B.HTM", "show_ids": True}])
def test_words_that_do(words: dict[str, object]) -> None:
    """No page at all is fine, and so is any file of HTML."""
    pages.check(Evaluate(**words))  # type: ignore[arg-type]


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library that draws is not installed, a page is refused with the words that install it; nothing else needs it."""
    monkeypatch.setitem(sys.modules, pages.DRAWS, None)
    pages.check(Evaluate())
    with pytest.raises(UsageError) as caught:
        pages.check(Evaluate(report="r.html"))
    assert (caught.value.exit_code, caught.value.hint) == (2, "Type `pip install 'xsell[report]'`.")
