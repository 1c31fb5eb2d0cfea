"""JSON Lines: one object a line."""

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any

import polars as pl

from xsell.data.rawtable import REFUSED
from xsell.errors import InputError
from xsell.files.raw_parquet import plain
from xsell.files.raw_text import Records, nothing_refused

CHUNK = 50_000
NO_OBJECT = "no JSON object"


def read_json_lines(text: str, name: str, notes: tuple[str, ...] = ()) -> Records:
    """
    Read one object a line; a key that a line lacks is null there. Blank lines are no records.

    Args:
        text: The whole file, line ends as in Unix.
        name: What to call it in a sentence.
        notes: Handed through.

    Raises:
        InputError: No line holds an object.
    """
    numbered = pl.DataFrame({"text": pl.Series(text.split("\n"), dtype=pl.String)}).with_row_index("line", 1)
    numbered = numbered.filter(pl.col("text").str.strip_chars() != "").cast({"line": pl.Int64})
    frame = _quick(text)
    if frame is not None and frame.height == numbered.height:
        return Records(plain(frame), numbered["line"], nothing_refused(), notes)
    frame, lines, refused = _careful(numbered)
    if frame.is_empty():
        raise InputError(
            f"{name} looks like JSON, but no line of it is a whole object.", "Write one object a line: `jq -c '.[]' FILE` makes it so."
        )
    return Records(frame, lines, refused, notes)


def _quick(text: str) -> pl.DataFrame | None:
    try:
        return pl.read_ndjson(text.encode(), infer_schema_length=None)
    except pl.exceptions.PolarsError:
        return None


def _careful(numbered: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame]:
    """Read line by line, for files with broken lines or with values of several kinds under one key."""
    frames, lines = [pl.DataFrame()], []
    refused: list[tuple[int, str, str]] = []
    rows = _objects(numbered, refused)
    while chunk := list(islice(rows, CHUNK)):
        keys = dict.fromkeys(key for _, row in chunk for key in row)
        frames.append(pl.DataFrame([row for _, row in chunk], schema=dict.fromkeys(keys, pl.String), orient="row"))
        lines += [line for line, _ in chunk]
    frame = pl.concat(frames, how="diagonal")
    return frame, pl.Series("line", lines, pl.Int64), pl.DataFrame(refused, schema=REFUSED, orient="row")


def _objects(numbered: pl.DataFrame, refused: list[tuple[int, str, str]]) -> Iterator[tuple[int, dict[str, str | None]]]:
    for line, text in numbered.iter_rows():
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            row = None
        if isinstance(row, dict) and row:
            yield line, {key: _cell(value) for key, value in row.items()}
        else:
            refused.append((line, NO_OBJECT, json.dumps([text], ensure_ascii=False)))


def _cell(value: Any) -> str | None:
    """Text as it is, lists joined with `|`, all else as JSON writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, list) and not any(isinstance(part, list | dict) for part in value):
        return "|".join(str(part) for part in value)
    return json.dumps(value, ensure_ascii=False)
