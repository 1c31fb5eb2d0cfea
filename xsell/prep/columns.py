"""Which column of a raw table is which field."""

import difflib
import re
from collections.abc import Mapping, Sequence

import polars as pl

from xsell.data.rawtable import RawTable
from xsell.errors import InputError, UsageError
from xsell.prep.vocabulary import ALSO, COLUMNS, CURRENCIES, FIELDS, NEEDED

Columns = Mapping[str, str]
"""Field → column."""

CODES = tuple(code.lower() for code in CURRENCIES if code.isascii() and code.isalpha())
LEVEL = "+"
WORDS = {"user_id": "user", "item_id": "item", "query": "search text"}


def bare(name: str) -> str:
    """Strip a name of everything but letters and digits, in lower case."""
    return re.sub(r"[\W_]+", "", name.casefold())


def parse_map(texts: Sequence[str]) -> dict[str, str]:
    """
    Read `--map` words such as `user_id=basket,item_id=item`.

    Args:
        texts: As typed; several pairs in one text are separated by commas.

    Raises:
        UsageError: A pair has no `=`, or names a field that does not exist.
    """
    pairs: list[str] = []
    for piece in (piece for text in texts for piece in text.split(",")):
        if "=" not in piece and pairs:
            pairs[-1] += f",{piece}"
        else:
            pairs.append(piece)
    return dict(_pair(pair) for pair in pairs if pair.strip())


def _pair(text: str) -> tuple[str, str]:
    field, _, column = (part.strip() for part in text.partition("="))
    if not field or not column:
        raise UsageError(f"--map {text.strip()} does not name a field and a column.", "Write it like --map user_id=CustomerID.")
    if field not in COLUMNS:
        raise UsageError(
            f"--map {text.strip()}: there is no field {field}.", f"{_close(field, list(COLUMNS))}Fields are {', '.join(COLUMNS)}."
        )
    return field, column


def _close(word: str, choices: Sequence[str]) -> str:
    plain = {bare(choice): choice for choice in choices}
    near = difflib.get_close_matches(bare(word), list(plain), n=1)
    return f"Did you mean {plain[near[0]]}? " if near else ""


def check_map(overrides: Columns, tables: Mapping[str, Sequence[RawTable]]) -> None:
    """
    Make sure that every column named with `--map` is in a table that can use it.

    Args:
        overrides: What `parse_map` gave.
        tables: The raw tables by kind.

    Raises:
        UsageError: A column is in none of them, or one column of a table is named for two fields.
    """
    for kind, raws in tables.items():
        for raw in raws:
            _check_once({f: c for f, c in overrides.items() if f in FIELDS[kind]}, raw.frame.columns)
    for field, column in overrides.items():
        names = dict.fromkeys(n for kind, raws in tables.items() if field in FIELDS[kind] for raw in raws for n in raw.frame.columns)
        if _meant(field, column, list(names)) is None:
            raise UsageError(
                f"--map {field}={column}: no file has a column {column} that could be used so.",
                f"{_close(column, list(names))}Columns are {', '.join(names) or 'none, as no such file was given'}.",
            )


def _check_once(overrides: Columns, columns: Sequence[str]) -> None:
    taken: dict[str, str] = {}
    for field, column in overrides.items():
        if found := _named(column, columns):
            other = taken.setdefault(found, field)
            if other != field:
                raise UsageError(
                    f"--map gives column {found} to both {other} and {field}.",
                    f"Name another column for one of them: {', '.join(columns)}.",
                )


def _named(wanted: str, columns: Sequence[str]) -> str | None:
    """Find a column by its exact name, else by its bare one."""
    if wanted in columns:
        return wanted
    return next((column for column in columns if bare(column) == bare(wanted)), None)


def _meant(field: str, wanted: str, columns: Sequence[str]) -> str | None:
    """Find the column that was named for a field; of a path of categories several, from the highest level down, with + between them."""
    if found := _named(wanted, columns):
        return found
    levels = [_named(part.strip(), columns) for part in wanted.split(LEVEL)] if field == "category" else []
    return LEVEL.join(level for level in levels if level) if len(levels) > 1 and all(levels) else None


def cells(column: str, columns: Sequence[str]) -> pl.Expr:
    """Give the cells of a column that `recognise` found, of several the path of them: `A > B`, without the empty ones."""
    if column in columns:
        return pl.col(column)
    levels = [pl.col(level).cast(pl.String).str.strip_chars().replace("", None) for level in column.split(LEVEL)]
    return pl.concat_str(levels, separator=" > ", ignore_nulls=True)


def recognise(kind: str, columns: Sequence[str], overrides: Columns) -> dict[str, str]:
    """
    Find the column of every field that a table can tell.

    Args:
        kind: `events`, `items`, `users` or `searches`.
        columns: Column names of one file.
        overrides: Columns named by the user; they go before any other.

    Returns:
        Field → column. Where several columns fit, the first name in the vocabulary wins; no column serves two fields.
    """
    found: dict[str, str] = {}
    for field in FIELDS[kind]:
        if field in overrides and (column := _meant(field, overrides[field], columns)):
            found[field] = column
    left = {bare(column): column for column in reversed(columns) if column not in found.values()}
    for field in FIELDS[kind]:
        if field not in found and (column := _by_name(kind, field, left)):
            found[field] = column
            left.pop(bare(column))
    return {field: found[field] for field in FIELDS[kind] if field in found}


def lone_baskets(columns: Sequence[Sequence[str]], overrides: Columns) -> str:
    """
    Find the column of baskets in logs that tell no customer, so that each basket can stand for one.

    Args:
        columns: Column names of every file of events.
        overrides: Columns named by the user.

    Returns:
        The column of the first file, or nothing where any file tells customers or no baskets.
    """
    found = [recognise("events", names, overrides) for names in columns]
    if not found or any("user_id" in one or "order_id" not in one for one in found):
        return ""
    return found[0]["order_id"]


def _by_name(kind: str, field: str, left: Mapping[str, str]) -> str | None:
    names = [bare(name) for name in f"{COLUMNS[field]} {ALSO.get(kind, {}).get(field, '')}".split()]
    if field in {"price", "total"}:
        names += [name + code for name in names for code in CODES]
    return next((left[name] for name in names if name in left), None)


def require(kind: str, raw: RawTable, found: Columns) -> None:
    """
    Make sure that a table has what it cannot do without.

    Args:
        kind: What the table should be.
        raw: The file.
        found: What `recognise` gave.

    Raises:
        InputError: A needed column was not recognised.
    """
    missing = [field for field in NEEDED[kind] if field not in found]
    if missing:
        what = " and no ".join(f"{WORDS[field]} column" for field in missing)
        spare = [column for column in raw.frame.columns if column not in {found.get(field) for field in NEEDED[kind]}] or ["COLUMN"]
        example = ",".join(f"{field}={_quoted(column)}" for field, column in zip(missing, spare * len(missing), strict=False))
        raise InputError(
            f"{raw.label} has no {what}; its columns are {_listed(raw.frame.columns)}.",
            " ".join((f"Name the column yourself, such as --map {example}.", *(f"Or save it as UTF-8: {note}" for note in raw.notes))),
        )


def _listed(columns: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(column[:40] for column in columns[:most])
    return f"{shown} and {len(columns) - most} more" if len(columns) > most else shown


def _quoted(column: str) -> str:
    return f'"{column}"' if " " in column else column
