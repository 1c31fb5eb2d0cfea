"""
What stands on a page: sections of blocks, in plain values.

A block that has nothing to show is falsy; the page leaves it out, and with it a section that has no other.
"""

import re
from dataclasses import dataclass

from xsell.metrics.intervals import Interval
from xsell.page.charts import Curves, Heat, Ranges

Text = str | int | float | None


@dataclass(frozen=True, slots=True)
class Words:
    """
    Sentences, one a line.

    Attributes:
        lines: The sentences.
        kind: `plain`, or `warning` for what must not be missed.
    """

    lines: tuple[str, ...]
    kind: str = "plain"

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.lines)


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    A number in a table with where it may lie.

    Attributes:
        value: The number.
        interval: Its interval, or None where there is none to believe.
        best: Whether it is the best of its row.
        note: A word beneath, such as `tied`, or empty.
    """

    value: float
    interval: Interval | None = None
    best: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """
    A share in a table, drawn as a bar too.

    Attributes:
        value: The share, 0..1.
    """

    value: float


Cell = Text | Estimate | Share


@dataclass(frozen=True, slots=True)
class Table:
    """
    Rows of values; the first cell of a row names it.

    Attributes:
        caption: What it shows.
        columns: Headings.
        rows: Cells; floats are shown with four significant digits, None as a dash.
        note: A sentence beneath, or empty.
        explained: For the row of the same place, what its name means; may be empty.
    """

    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""
    explained: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether it has rows."""
        return bool(self.rows)

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Whether each column is one of numbers, as such or written out; the first one names the rows."""
        first, *others = zip(*self.rows, strict=True)
        return (any(map(_number, first)), *(any(map(_number, column)) or all(map(_spelt, filter(None, column))) for column in others))


def _number(cell: Cell) -> bool:
    return not isinstance(cell, str) and cell is not None


def _spelt(cell: Cell) -> bool:
    return isinstance(cell, str) and bool(re.fullmatch(r"[+−-]?[\d,]+(\.\d+)?%?( (±|to) ?[+−-]?[\d.,]+)?", cell))


@dataclass(frozen=True, slots=True)
class Offer:
    """
    One product offered to a customer.

    Attributes:
        product: Its name.
        category: Its category, or empty.
        because: Why, or empty.
        taken: Whether the customer took it up.
    """

    product: str
    category: str
    because: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Customer:
    """
    What one customer had, was offered and took up.

    Attributes:
        label: What the customer is called here.
        had: Category and products of it, the largest first; None where that is not known.
        offers: The list, by rank.
        took: What was taken up that was not offered.
    """

    label: str
    had: tuple[tuple[str, str], ...] | None
    offers: tuple[Offer, ...]
    took: tuple[str, ...]

    @property
    def gist(self) -> str:
        """Where most of what the customer had belongs."""
        return " · ".join(category for category, _ in (self.had or ())[:2])

    @property
    def hits(self) -> int:
        """How many offers were taken up."""
        return sum(offer.taken for offer in self.offers)


@dataclass(frozen=True, slots=True)
class Customers:
    """
    A look-up of some customers.

    Attributes:
        people: The customers.
        note: How they were chosen.
    """

    people: tuple[Customer, ...]
    note: str

    def __bool__(self) -> bool:
        """Whether there is anybody."""
        return bool(self.people)


@dataclass(frozen=True, slots=True)
class Facts:
    """
    Terms and what they mean or are.

    Attributes:
        caption: What they are about.
        pairs: Term and meaning.
        code: Whether the meanings are to be read letter by letter.
    """

    caption: str
    pairs: tuple[tuple[str, str], ...]
    code: bool = False

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.pairs)


Block = Words | Table | Ranges | Curves | Heat | Customers | Facts


@dataclass(frozen=True, slots=True)
class Section:
    """
    A part of a page.

    Attributes:
        key: Its name within the page, for links.
        title: Its heading.
        lead: One sentence that says what it shows, or empty.
        blocks: What stands in it; neighbours of one kind stand beside each other where there is room.
    """

    key: str
    title: str
    lead: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """
    A number that is read first.

    Attributes:
        value: The number, written out.
        meaning: What it is.
        beside: What to compare it with, or empty.
    """

    value: str
    meaning: str
    beside: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page.

    Attributes:
        about: What it is about, in a line above the title.
        title: What was found.
        lead: The same with its numbers, and what was asked: sentences.
        tiles: The numbers that are read first.
        sections: Its parts.
        foot: A line at the end.
    """

    about: str
    title: str
    lead: tuple[str, ...]
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    foot: str
