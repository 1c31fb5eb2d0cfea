"""What cleaning tells people and scripts: tables of columns and rules, the report file, the gate, and what is missing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from xsell.contract.reports import Cell, Grid
from xsell.contract.wording import many
from xsell.data.rawtable import RawTable
from xsell.errors import InputError
from xsell.prep.diary import Diary, Ledger
from xsell.prep.products import BOOKING
from xsell.prep.ratings import Scale
from xsell.prep.reading import Reading

HEADER = "Let the header name every column, and quote cells that hold the delimiter."
HELP = {
    "too many fields": HEADER,
    "unclosed quote": HEADER,
    "no rating": "Name another column with --map rating=COLUMN.",
    "unreadable date": "Name another column with --map at=COLUMN.",
    "unreadable rating": "Name another column with --map rating=COLUMN.",
    "unreadable quantity": "Name another column with --map quantity=COLUMN.",
    "unreadable price": "Name another column with --map price=COLUMN.",
    "no user": "Name another column with --map user_id=COLUMN.",
    "no item": "Name another column with --map item_id=COLUMN.",
    "dropped item": "Let --drop-items match less.",
    "no product": "Keep what looks like postage, fees or coupons with --drop-items none.",
    "rating outside the scale": "Give other ends with --rating-scale LOW,HIGH.",
}


@dataclass(frozen=True, slots=True)
class Account:
    """
    Everything there is to tell of one run.

    Attributes:
        ledgers: How the rows of each kind of table fared.
        readings: How the columns of each kind of table were read.
        diary: Sentences, warnings and counts.
        scale: The scale of the ratings, or None.
        notes: Sentences about the files.
    """

    ledgers: Mapping[str, Ledger]
    readings: Mapping[str, Sequence[Reading]]
    diary: Diary
    scale: Scale | None
    notes: Sequence[str]

    def grids(self) -> tuple[Grid, ...]:
        """Draw up the columns, then what became of the rows."""
        return (self._columns(), self._rows(), *self._other())

    def columns(self, *fields: str) -> dict[str, str]:
        """Give the column of the events that some fields were read from, in brackets to stand after what is said of them."""
        return {r.field: f" ({r.column})" for r in self.readings["events"] if r.field in fields}

    def _columns(self) -> Grid:
        rows = ((kind, r.field, r.column[:30], r.how) for kind, readings in self.readings.items() for r in readings)
        return Grid(
            "How the columns were read",
            ("table", "field", "column", "read as"),
            tuple(rows),
            note="Name a column yourself with --map FIELD=COLUMN.",
        )

    def _rows(self) -> Grid:
        rows = [row for kind, book in self.ledgers.items() for row in _fate(kind, book)]
        ends = tuple(place for place, row in enumerate(rows) if "kept" in str(row[1]))
        return Grid("What became of the rows", ("table", "rule", "rows", "left"), tuple(rows), bold=ends)

    def _other(self) -> tuple[Grid, ...]:
        rows = tuple(self.diary.counts.items())
        return (Grid("Changed, marked or added", ("rule", "rows"), rows),) if rows else ()

    def details(self) -> dict[str, Any]:
        """Give what `clean/report.json` holds; `tables` has read = kept + merged + the sum of rejected."""
        return {
            "tables": {kind: asdict(book) for kind, book in self.ledgers.items()},
            "rules": dict(self.diary.counts),
            "lists": {**self.diary.lists, **({BOOKING: list(self.diary.bookings)} if self.diary.bookings else {})},
            "columns": {kind: [r._asdict() for r in readings] for kind, readings in self.readings.items()},
            "ratings": self.scale.details() if self.scale else None,
            "dates": self._how("at"),
            "currency": self._how("price") or self._how("total"),
            "notes": list(self.notes),
            "sentences": list(self.diary.sentences),
            "warnings": [{"code": w.code, "message": w.message} for w in self.diary.warnings],
        }

    def _how(self, field: str) -> str | None:
        return next((r.how for r in self.readings["events"] if r.field == field), None)

    def counts(self) -> dict[str, int]:
        """Give rows read, kept, merged and rejected of each kind of table."""
        return {
            f"{kind}_{name}": number
            for kind, book in self.ledgers.items()
            for name, number in (("read", book.read), ("kept", book.kept), ("merged", book.merged), ("rejected", book.refused))
        }

    def summary(self) -> str:
        """Say how the events fared."""
        book = self.ledgers["events"]
        return f"{many(book.read, 'row')} read: {book.kept:,} kept, {book.merged:,} merged as exact repeats, {book.refused:,} rejected."

    def gate(self, limit: float | None) -> str:
        """Say why `--max-rejected` does not let this pass, or nothing."""
        book = self.ledgers["events"]
        share = book.refused / book.read
        if limit is None or share <= limit:
            return ""
        return f"{share:.2%} of the rows were rejected, more than the {limit:.2%} allowed with --max-rejected."


def _fate(kind: str, book: Ledger) -> Iterator[tuple[Cell, ...]]:
    """One line a rule that took rows away; a single line where none did."""
    if book.kept == book.read:
        yield (kind, "all kept", None, book.kept)
        return
    yield (kind, "read", None, book.read)
    left = book.read
    merged = "exact repeats merged" if kind in {"events", "searches"} else "rows of one id merged"
    for rule, number in (*book.rejected.items(), (merged, book.merged)):
        if number:
            left -= number
            yield (kind, rule, number, left)
    yield (kind, "kept", None, book.kept)


def require_some(book: Ledger, raws: Sequence[RawTable]) -> None:
    """
    Refuse to go on without any event.

    Raises:
        InputError: No row was kept.
    """
    if book.kept:
        return
    reasons = sorted(book.rejected.items(), key=lambda pair: -pair[1])
    told = ", ".join(f"{reason} ({number:,})" for reason, number in reasons[:3])
    names = ", ".join(raw.label for raw in raws)
    raise InputError(f"No row of {names} could be used: {told}.", HELP.get(reasons[0][0], "Look at the first lines of the file."))
