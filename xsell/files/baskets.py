"""Baskets from the shell: one as typed, or many as JSON Lines on standard input."""

import csv
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from xsell.errors import InputError, UsageError

STDIN = "-"
EXAMPLE = 'Write each like {"id": "b1", "basket": ["A", "B"]}.'


@dataclass(frozen=True, slots=True)
class Basket:
    """
    What stands in a basket.

    Attributes:
        name: What it is called: its id, or the number of its line, or nothing for the only one.
        items: Ids of products, as they were given.
    """

    name: str
    items: tuple[str, ...]


def read_baskets(text: str) -> list[Basket]:
    """
    Read what was typed, or standard input where that is `-`.

    Args:
        text: Ids with commas; an id that holds a comma stands in quotation marks, as in CSV.

    Raises:
        UsageError: No id was typed.
        InputError: A line of standard input is no basket, or there is none.
    """
    if text == STDIN:
        return _lines()
    try:
        items = tuple(cell.strip() for row in csv.reader([text], skipinitialspace=True) for cell in row if cell.strip())
    except csv.Error:
        items = ()
    if not items:
        raise UsageError(
            "--basket holds no product.", 'Type ids with commas, such as --basket "A,B", or - for JSON Lines on standard input.'
        )
    return [Basket("", items)]


def _lines() -> list[Basket]:
    if sys.stdin is None:
        raise InputError("Standard input is closed.", "Put baskets before the command: `cat baskets.jsonl | xsell recommend --basket -`.")
    lines = sys.stdin.buffer.read().split(b"\n")
    found = [_basket(line, number) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise InputError("Standard input holds no basket.", EXAMPLE)
    return found


def _basket(line: bytes, number: int) -> Basket:
    try:
        record = json.loads(line)
        items = tuple(_ids(record["basket"]))
        (name,) = _ids([record.get("id", number)])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise InputError(f"Line {number} of standard input is no basket.", EXAMPLE) from None
    return Basket(name, items)


def _ids(values: Any) -> Iterator[str]:
    """
    Give ids as text.

    Raises:
        TypeError: There is no list of texts and whole numbers.
    """
    if not isinstance(values, list):
        raise TypeError
    for value in values:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise TypeError
        text = str(value).strip()
        text.encode()
        if text:
            yield text
