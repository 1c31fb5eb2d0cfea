"""What cleaning has to tell: how rows fared, in numbers that must add up, and sentences for people."""

from dataclasses import dataclass, field

import polars as pl

from xsell.contract.reports import Warned
from xsell.errors import XsellError

REJECTED = {"part": pl.Int32, "row": pl.UInt32, "reason": pl.String}
"""Refused rows: number of the file, number of the row in it, and why."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """
    How the rows of one kind of table fared.

    Attributes:
        read: Records in the files.
        kept: Rows in the clean table that come from them.
        merged: Rows that repeated another one.
        rejected: Rows refused, by reason, in the order in which the rules apply.
    """

    read: int
    kept: int
    merged: int
    rejected: dict[str, int]

    @property
    def refused(self) -> int:
        """All rows refused."""
        return sum(self.rejected.values())

    def check(self, what: str) -> None:
        """
        Make sure that no row was lost or doubled.

        Raises:
            XsellError: The numbers do not add up.
        """
        if self.read != self.kept + self.merged + self.refused:
            raise XsellError(
                f"Of {self.read} rows of {what}, {self.kept} were kept, {self.merged} merged and {self.refused} rejected, which does not add up.",
                "This is a fault of xsell; please report it with the file's first lines.",
            )


@dataclass(slots=True)
class Diary:
    """
    Collects what there is to tell while tables are cleaned.

    Attributes:
        sentences: What happened, in order.
        warnings: What the user must know.
        counts: How often a rule changed something without refusing a row.
        lists: Ids of items that are too many for a sentence.
        bookings: Items that are left out as they are no products, those with the most rows first, and what each is called.
    """

    sentences: list[str] = field(default_factory=list)
    warnings: list[Warned] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    bookings: dict[str, str] = field(default_factory=dict)

    def say(self, sentence: str) -> None:
        """Add a sentence, unless it was said before."""
        if sentence not in self.sentences:
            self.sentences.append(sentence)

    def warn(self, code: str, message: str) -> None:
        """Add a warning."""
        self.warnings.append(Warned(code, message))

    def count(self, rule: str, number: int) -> None:
        """Count what a rule did; zero is not worth a line."""
        if number:
            self.counts[rule] = self.counts.get(rule, 0) + number


def some(words: list[str], most: int = 8) -> str:
    """List a few words, and say how many more there are."""
    shown = ", ".join(words[:most])
    return f"{shown} and {len(words) - most} more" if len(words) > most else shown
