"""Reading a page as a browser would, far enough for tests."""

from collections import Counter
from html.parser import HTMLParser

VOID = {"meta", "input", "wbr", "br"}


class Markup(HTMLParser):
    """
    What a page is made of.

    Attributes:
        wrong: Ends that fit no beginning, and beginnings without an end.
        tags: How often each element is there.
        attributes: Every attribute as element, name and value.
        text: All text outside of style and script.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(page)
        self.close()
        self.wrong += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and its attributes."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that ends at once; in a drawing only."""
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if "svg" not in self._open:
            self.wrong.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Hold an end against the latest beginning."""
        if not self._open or self._open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        """Keep what is read."""
        if not {"style", "script"} & set(self._open):
            self.text += data
