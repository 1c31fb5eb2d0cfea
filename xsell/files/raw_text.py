"""Bytes that should be text: which encoding they have, and what a reader of text gives."""

import codecs
from typing import NamedTuple

import polars as pl

from xsell.data.rawtable import REFUSED
from xsell.errors import InputError

TEXT_HINT = "Give CSV, TSV, JSON Lines or Parquet; a spreadsheet can save a sheet as `CSV UTF-8`."
REPLACEMENT = "\ufffd"
SPOILT_SHARE = 0.01
WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
CONTROL = dict.fromkeys((*range(9), 11, *range(14, 32)))
CONTROL_SHARE = 0.01


class Records(NamedTuple):
    """
    What was read from one file.

    Attributes:
        frame: One row a record.
        lines: Where each row begins.
        refused: Records with no place in the frame.
        notes: One sentence each.
    """

    frame: pl.DataFrame
    lines: pl.Series
    refused: pl.DataFrame
    notes: tuple[str, ...]


def nothing_refused() -> pl.DataFrame:
    """Give the empty table of refused records."""
    return pl.DataFrame(schema=REFUSED)


def decode(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """
    Turn bytes into text: UTF-8, UTF-16 with a byte order mark, else Windows-1252; line ends become those of Unix.

    Args:
        content: The bytes.
        name: What to call the file in a sentence.

    Returns:
        The text, and sentences about an encoding that the user may not expect.

    Raises:
        InputError: This is no text.
    """
    if content.startswith(WIDE_MARKS):
        text, notes = _wide(content, name)
    else:
        text, notes = _narrow(content, name)
    if "\0" in text or _controls(text[:65536]):
        raise InputError(f"{name} is no text and no Parquet file.", TEXT_HINT)
    return (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text), notes


def _controls(text: str) -> bool:
    return len(text) - len(text.translate(CONTROL)) > CONTROL_SHARE * len(text)


def _wide(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    try:
        return content.decode("utf-16"), (f"{name} was read as UTF-16.",)
    except UnicodeDecodeError:
        raise InputError(f"{name} is damaged: it begins like UTF-16 and does not go on so.", TEXT_HINT) from None


def _narrow(content: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    try:
        return content.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        text = content.decode("utf-8-sig", errors="replace")
    spoilt = text.count(REPLACEMENT)
    if spoilt <= SPOILT_SHARE * sum(not c.isascii() for c in text):
        return text, (f"{name} is UTF-8 with {spoilt} damaged characters, which became {REPLACEMENT}.",)
    try:
        return content.decode("cp1252"), (f"{name} is not UTF-8 and was read as Windows-1252.",)
    except UnicodeDecodeError:
        raise InputError(f"{name} is neither UTF-8 nor Windows-1252 text, nor Parquet.", TEXT_HINT) from None
