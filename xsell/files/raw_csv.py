"""CSV in its many forms: any usual delimiter, quoted cells with line ends in them, and lines that are not as they should be."""

import csv
import io
import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

import polars as pl

from xsell.data.rawtable import REFUSED
from xsell.errors import InputError
from xsell.files.raw_text import TEXT_HINT, Records, nothing_refused

DELIMITERS = (",", "\t", ";", "|")
SAMPLE = 50
CHUNK = 50_000
ENCODED = 1 << 24
NUMBER = re.compile(r"\s*[-+]?\d+([.,]\d+)?\s*")
TOO_MANY = "too many fields"
UNCLOSED = "unclosed quote"

csv.field_size_limit(2**31 - 1)


class Header(NamedTuple):
    """Column names, what stands between cells, and how many lines the header takes."""

    names: list[str]
    delimiter: str
    height: int


def read_csv(text: str, name: str, notes: tuple[str, ...] = ()) -> Records:
    """
    Read CSV with a header.

    A line with fewer cells than the header is filled up with nulls; a line with more is refused. Blank lines are no records.

    Args:
        text: The whole file, line ends as in Unix.
        name: What to call it in a sentence.
        notes: Handed through.

    Raises:
        InputError: There is no header.
    """
    text = text.lstrip("\n")
    header = _header(text, name)
    frame, lines, refused = _records(text, _after(text, header.height), header)
    frame = frame.rename(dict(zip(frame.columns, header.names, strict=True)))
    return Records(frame, lines, refused, notes)


def _after(text: str, lines: int) -> int:
    """Where the text goes on after some lines."""
    place = 0
    for _ in range(lines):
        place = text.find("\n", place) + 1 or len(text)
    return place


def _header(text: str, name: str) -> Header:
    delimiter = _delimiter(text)
    reader = csv.reader(_lines(text), delimiter=delimiter)
    cells = [cell.strip() for cell in next(reader)]
    if not any(cells):
        raise InputError(f"{name} begins with a line of empty cells.", "Let the first line name the columns.")
    if len(cells) > 1 and all(NUMBER.fullmatch(cell) for cell in cells):
        raise InputError(
            f"{name} has no header line: it begins with {', '.join(cells[:4])}.",
            f"Let the first line name the columns, such as user_id{delimiter}item_id{delimiter}rating.".replace("\t", "<tab>"),
        )
    if reader.line_num > SAMPLE:
        raise InputError(f"{name} opens a quote in its header and never closes it.", TEXT_HINT)
    return Header(_distinct(cells), delimiter, reader.line_num)


def _lines(text: str) -> Iterator[str]:
    """Give lines one by one without cutting the whole text."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]


def _delimiter(text: str) -> str:
    """Take the delimiter that cuts the most of the first lines into as many cells as the header, then the one with the most cells."""
    lines = [line for line in islice(_lines(text), SAMPLE) if line.strip()]

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        return (sum(w == widths[0] for w in widths) / len(widths), widths[0]) if widths[0] > 1 else (0.0, 1)

    return max(DELIMITERS, key=fit)


def _distinct(cells: list[str]) -> list[str]:
    """Name empty headings by their place and number those that repeat."""
    names: list[str] = []
    for place, cell in enumerate(cells, 1):
        base = name = cell or f"column_{place}"
        copy = 2
        while name in names:
            name, copy = f"{base}_{copy}", copy + 1
        names.append(name)
    return names


def _records(text: str, start: int, header: Header) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame]:
    """Let Polars read a body in which every line is one good record, else go through it with care."""
    width = len(header.names)
    frame = _quick(text, start, width, header.delimiter)
    expected = text.count("\n", start) + (start < len(text) and not text.endswith("\n"))
    if frame is None or frame.height != expected or frame[:, -1].null_count() < frame.height:
        return _careful(text[start:], header)
    lines = pl.Series("line", range(header.height + 1, header.height + 1 + frame.height), pl.Int64)
    filled = frame.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    return frame[:, :-1].filter(filled), lines.filter(filled), nothing_refused()


def _quick(text: str, start: int, width: int, delimiter: str) -> pl.DataFrame | None:
    """Read with one column more than the header has, which catches lines with too many cells."""
    content = io.BytesIO()
    content.write((delimiter.join(f"c{n}" for n in range(width + 1)) + "\n").encode())
    for place in range(start, len(text), ENCODED):
        content.write(text[place : place + ENCODED].encode())
    try:
        return pl.read_csv(content.getvalue(), separator=delimiter, infer_schema=False, truncate_ragged_lines=True, raise_if_empty=False)
    except pl.exceptions.PolarsError:
        return None


def _careful(body: str, header: Header) -> tuple[pl.DataFrame, pl.Series, pl.DataFrame]:
    """Read record by record, for files with line ends inside cells or with broken lines."""
    width, frames, lines = len(header.names), [], []
    refused: list[tuple[int, str, str]] = []
    schema = {f"c{n}": pl.String for n in range(width)}
    records = _good(body.split("\n"), header, refused)
    while chunk := list(islice(records, CHUNK)):
        frames.append(pl.DataFrame([cells for _, cells in chunk], schema=schema, orient="row"))
        lines += [line for line, _ in chunk]
    frame = pl.concat(frames) if frames else pl.DataFrame(schema=schema)
    return frame, pl.Series("line", lines, pl.Int64), pl.DataFrame(refused, schema=REFUSED, orient="row")


def _good(lines: list[str], header: Header, refused: list[tuple[int, str, str]]) -> Iterator[tuple[int, list[str | None]]]:
    """Give the records that fit the header with their lines, and note the others."""
    width = len(header.names)
    for start, cells, raw in _cut(lines, header):
        number = start + header.height + 1
        if cells is None or len(cells) > width:
            refused.append((number, TOO_MANY if cells else UNCLOSED, json.dumps(cells or [raw], ensure_ascii=False)))
        elif any(cells):
            yield number, [cell or None for cell in cells] + [None] * (width - len(cells))


def _cut(lines: list[str], header: Header) -> Iterator[tuple[int, list[str] | None, str]]:
    """
    Cut lines into records.

    A record over several lines whose number of cells is wrong, or that never ends, was opened by a stray quote: its first line is
    given back without cells, and reading goes on with the next line.
    """
    start = 0
    while start < len(lines):
        begun = start
        reader = csv.reader((lines[n] + "\n" for n in range(start, len(lines))), delimiter=header.delimiter)
        for cells in reader:
            end = start + reader.line_num
            if end > begun + 1 and not _sound(lines[begun:end], header):
                yield begun, None, lines[begun]
                break
            yield begun, cells, ""
            begun = end
        start = begun + 1


def _sound(lines: list[str], header: Header) -> bool:
    """Whether lines are one record with the right number of cells and nothing between a closing quote and the next delimiter."""
    try:
        records = list(csv.reader((line + "\n" for line in lines), delimiter=header.delimiter, strict=True))
    except csv.Error:
        return False
    return [len(cells) for cells in records] == [len(header.names)]
