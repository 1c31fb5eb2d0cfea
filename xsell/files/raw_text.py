"""Bytes that should be text: which encoding they have, and what a reader of text gives."""

import codecs
import re
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


class Script(NamedTuple):
    """
    An encoding of two bytes a sign that files do not tell.

    Attributes:
        codec: Its name in Python.
        title: What to call it.
        sign: A sign that is not ASCII.
        common: A sign as most texts are made of.
        proof: A sign without which it is something else, a fifth of them at least.
    """

    codec: str
    title: str
    sign: re.Pattern[bytes]
    common: re.Pattern[bytes]
    proof: re.Pattern[bytes]


PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]|[\x80-\xff]")
SCRIPTS = (
    Script("cp949", "Korean (CP949)", PAIR, re.compile(rb"[\xa1\xa3\xb0-\xc8][\xa1-\xfe]"), re.compile(rb"[\xb0-\xc8][\xa1-\xfe]")),
    Script("gb18030", "Chinese (GB18030)", PAIR, re.compile(rb"[\xa1-\xa3\xb0-\xd7][\xa1-\xfe]"), re.compile(rb"[\xb0-\xd7][\xa1-\xfe]")),
    Script(
        "cp932",
        "Japanese (Shift-JIS)",
        re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\xfc]|[\x80-\xff]"),
        re.compile(rb"[\x81-\x83\x88-\x97][\x40-\xfc]|[\xa1-\xdf]"),
        re.compile(rb"\x82[\x9f-\xf1]|\x83[\x40-\x96]"),
    ),
    Script(
        "cp950", "Chinese (Big5)", PAIR, re.compile(rb"[\xa1-\xc6][\x40-\x7e\xa1-\xfe]"), re.compile(rb"[\xa4-\xc6][\x40-\x7e\xa1-\xfe]")
    ),
)
"""In the order in which they are tried: Korean syllables would be Chinese signs too, but Chinese texts use those of half the range only."""
FEWEST_SIGNS = 8
COMMON_SHARE, PROOF_SHARE = 0.9, 0.2
LOOKED_AT = 1 << 20


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
    Turn bytes into text: UTF-8, UTF-16 with a byte order mark, what East Asian text it looks like, else Windows-1252; line ends become those of Unix.

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
    for script in SCRIPTS:
        if (guessed := _guessed(content, script)) is not None:
            return guessed, (
                f"{name} is not UTF-8 and looks like {script.title}, so it was read as that; save it as UTF-8 if words are wrong.",
            )
    try:
        return content.decode("cp1252"), (f"{name} is not UTF-8 and was read as Windows-1252.",)
    except UnicodeDecodeError:
        raise InputError(f"{name} is neither UTF-8 nor Windows-1252 text, nor Parquet.", TEXT_HINT) from None


def _guessed(content: bytes, script: Script) -> str | None:
    """Text of an encoding if it can be nothing else: all of it can be decoded, and nearly all signs are those that such texts are made of."""
    signs = set(script.sign.findall(content, 0, LOOKED_AT))
    common, proof = (sum(pattern.fullmatch(sign) is not None for sign in signs) for pattern in (script.common, script.proof))
    if len(signs) < FEWEST_SIGNS or common < COMMON_SHARE * len(signs) or proof < PROOF_SHARE * len(signs):
        return None
    try:
        return content.decode(script.codec)
    except UnicodeDecodeError:
        return None
