"""Raw files of one kind laid on top of each other under the names of the fields, and back to the rows of the files."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from xsell.data.rawtable import STDIN, RawTable
from xsell.data.schema import REJECTS
from xsell.prep.columns import cells, recognise, require
from xsell.prep.diary import REJECTED, Ledger
from xsell.prep.vocabulary import FIELDS

RULES = (
    "too many fields",
    "unclosed quote",
    "no JSON object",
    "no user",
    "no item",
    "no query",
    "dropped item",
    "no product",
    "unreadable date",
    "unreadable rating",
    "unreadable quantity",
    "unreadable price",
    "unreadable rank",
    "unreadable score",
    "no rating",
    "zero quantity",
    "negative price",
    "rating outside the scale",
)
"""Reasons to refuse a row, in the order in which they apply."""


class Stacked(NamedTuple):
    """
    Files of one kind as one frame.

    Attributes:
        frame: `part` (number of the file), `row` (number of the row in it), the fields found, further columns if wanted, and an empty `reason`.
        columns: Field → the columns it came from, joined with ` / `.
        extras: Names of the further columns.
        files: What to call the files within a sentence, by `part`.
    """

    frame: pl.DataFrame
    columns: dict[str, str]
    extras: tuple[str, ...]
    files: tuple[str, ...]


def stack(kind: str, raws: Sequence[RawTable], overrides: Mapping[str, str], *, extras: bool = False) -> Stacked:
    """
    Recognise the columns of every file and lay the files on top of each other.

    Args:
        kind: `events`, `items`, `users` or `searches`.
        raws: At least one file.
        overrides: Columns named by the user.
        extras: Whether to keep the columns that are no field.

    Raises:
        InputError: A file lacks a column it cannot do without.
    """
    found = [recognise(kind, raw.frame.columns, overrides) for raw in raws]
    frames = []
    for part, (raw, columns) in enumerate(zip(raws, found, strict=True)):
        require(kind, raw, columns)
        others = [c for c in raw.frame.columns if c not in columns.values()] if extras else []
        frames.append(
            raw.frame.select(
                pl.lit(part, pl.Int32).alias("part"),
                pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
                *(cells(column, raw.frame.columns).alias(field) for field, column in columns.items()),
                *(pl.col(column).cast(pl.String).alias(_free(column)) for column in others),
            )
        )
    frame = pl.concat(_alike(frames), how="diagonal").with_columns(pl.lit(None, pl.String).alias("reason"))
    sources = {field: " / ".join(dict.fromkeys(c[field] for c in found if field in c)) for field in FIELDS[kind]}
    known = {field: source for field, source in sources.items() if source}
    further = tuple(c for c in frame.columns if c not in {"part", "row", "reason", *FIELDS[kind]})
    return Stacked(frame, known, further, tuple("standard input" if raw.path == STDIN else raw.path for raw in raws))


def _alike(frames: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """Write columns as text whose type differs from file to file."""
    types: dict[str, set[pl.DataType]] = {}
    for frame in frames:
        for name, dtype in frame.schema.items():
            types.setdefault(name, set()).add(dtype)
    mixed = [name for name, kinds in types.items() if len(kinds) > 1]
    return [frame.with_columns(pl.col(name).cast(pl.String) for name in mixed if name in frame.columns) for frame in frames]


def _free(column: str) -> str:
    """Keep the name of a further column apart from the names with a meaning."""
    return f"{column}_given" if column in TAKEN else column


TAKEN = {"part", "row", "reason", "age_band", *(field for kind, fields in FIELDS.items() if kind != "lists" for field in fields)}


def refuse(frame: pl.DataFrame, condition: pl.Expr | pl.Series, reason: str) -> pl.DataFrame:
    """Refuse the rows where a condition holds, unless they are refused already."""
    return frame.with_columns(pl.coalesce("reason", pl.when(condition).then(pl.lit(reason))).alias("reason"))


def refused(frame: pl.DataFrame) -> pl.DataFrame:
    """Give the refused rows: part, row, reason."""
    return frame.filter(pl.col("reason").is_not_null()).select(*REJECTED)


def ledger(kind: str, raws: Sequence[RawTable], rejected: pl.DataFrame, kept: int, merged: int) -> Ledger:
    """
    Account for every row.

    Raises:
        XsellError: The numbers do not add up.
    """
    reasons = pl.concat([rejected["reason"], *(raw.refused["reason"] for raw in raws)])
    counts = dict(reasons.value_counts().iter_rows())
    book = Ledger(sum(raw.rows for raw in raws), kept, merged, {rule: counts[rule] for rule in RULES if rule in counts})
    book.check(kind)
    return book


def rejects(raws: Sequence[RawTable], rejected: pl.DataFrame) -> pl.DataFrame:
    """
    Write out refused rows as the table of rejects.

    Args:
        raws: Files of one kind.
        rejected: Their refused rows: part, row, reason.
    """
    frames = [pl.DataFrame(schema=dict(REJECTS.columns))]
    for part, raw in enumerate(raws):
        chosen = rejected.filter(pl.col("part") == part)
        rows = raw.frame[chosen["row"]].with_columns(pl.selectors.temporal().cast(pl.String))
        text = rows.select(pl.struct(pl.all()).struct.json_encode()).to_series()
        told = pl.DataFrame({"line": raw.lines.gather(chosen["row"]), "reason": chosen["reason"], "row": text})
        both = pl.concat([told, raw.refused])
        frames.append(both.select(pl.lit(raw.path).alias("file"), "line", "reason", "row"))
    return pl.concat(frames)
