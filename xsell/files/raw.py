"""The user's own files, whatever their form: CSV, TSV, JSON Lines, Parquet, packed with gzip or not, or a pipe."""

import codecs
import hashlib
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from xsell.data.rawtable import REFUSED, STDIN, RawTable, label
from xsell.errors import InputError
from xsell.files.raw_csv import read_csv
from xsell.files.raw_json import read_json_lines
from xsell.files.raw_parquet import read_parquet
from xsell.files.raw_text import WIDE_MARKS, Records, decode

GZIP = b"\x1f\x8b"
PARQUET = b"PAR1"
COMMENT = "# "
JSON = re.compile(r"\s*\[?\s*\{")
FOREIGN = {
    b"PK\x03\x04": ("a zip archive or an Excel workbook", "Save the sheet as CSV, or unpack the archive, and give that file."),
    b"\xd0\xcf\x11\xe0": ("an old Excel workbook", "Save the sheet as CSV and give that file."),
    b"\x28\xb5\x2f\xfd": ("packed with zstd", "Unpack it with `unzstd` and give the result."),
    b"BZh": ("packed with bzip2", "Unpack it with `bunzip2` and give the result."),
    b"\xfd7zXZ": ("packed with xz", "Unpack it with `unxz` and give the result."),
    b"%PDF": ("a PDF document", "Give the data as CSV."),
    b"SQLite format 3": ("an SQLite database", "Export the table as CSV and give that file."),
}


def read_raw(path: str) -> RawTable:
    """
    Read one raw file; its form is told by its bytes, not by its name.

    Args:
        path: File name, or `-` for standard input.

    Raises:
        InputError: The file is missing, empty, damaged, of an unknown form, or has no row.
    """
    content, digest = _content(path)
    if _blank(content):
        raise InputError(f"{label(path)} is empty.", "Give a file with a header line and at least one row.")
    read = _read(content, label(path))
    if read.frame.is_empty() and read.refused.is_empty():
        raise InputError(f"{label(path)} has a header and no rows.", "Give a file with at least one row.")
    return RawTable(path, read.frame, read.lines, read.refused, read.notes, digest)


def read_list(path: str, is_header: Callable[[str], bool], *, may_be_empty: bool = False) -> RawTable:
    """
    Read a file that holds either one id a line, where a line that begins with `# ` is a comment, or a table.

    Args:
        path: File name, or `-` for standard input.
        is_header: Tells from the first line of a text whether it is a table.
        may_be_empty: Whether an empty file is a list without ids.

    Returns:
        The table, or a table of one column that holds the lines.

    Raises:
        InputError: The file is missing, empty, damaged or of an unknown form.
    """
    content, digest = _content(path)
    if _blank(content) and not may_be_empty:
        raise InputError(f"{label(path)} is empty.", "Give one id a line, or a table with a header line.")
    if not content.startswith(PARQUET):
        text, notes = decode(content, label(path))
        first = text.lstrip().partition("\n")[0]
        if first.startswith(COMMENT) or not (JSON.match(text) or is_header(first)):
            lines = pl.Series("line", text.split("\n"), pl.String)
            bare = lines.str.strip_chars()
            frame = lines.filter((bare != "") & ~bare.str.starts_with(COMMENT)).to_frame()
            return RawTable(path, frame, pl.Series(range(1, frame.height + 1), dtype=pl.Int64), pl.DataFrame(schema=REFUSED), notes, digest)
    read = _read(content, label(path))
    return RawTable(path, read.frame, read.lines, read.refused, read.notes, digest)


def _content(path: str) -> tuple[bytes, str]:
    """Give the unpacked bytes of a file, and the hex digest of what it holds, which a pipe has not."""
    data = _bytes(path)
    return _unpack(data, label(path)), "" if path == STDIN else hashlib.sha256(data).hexdigest()


def _blank(content: bytes) -> bool:
    """Whether there is nothing but white space, with or without a mark of the encoding before it."""
    if content.startswith(WIDE_MARKS):
        content = content[len(WIDE_MARKS[0]) :].replace(b"\0", b"")
    return not content.removeprefix(codecs.BOM_UTF8).strip()


def _bytes(path: str) -> bytes:
    if path == STDIN and sys.stdin is None:
        raise InputError("Standard input is closed.", "Name a file, or put one before the command: `cat FILE | xsell …`.")
    return sys.stdin.buffer.read() if path == STDIN else _file_bytes(Path(path))


def require(path: str) -> None:
    """
    Make sure that a file can be read, without reading it.

    Args:
        path: File name; a pipe or a device is left alone.

    Raises:
        InputError: It is missing, a directory, or may not be read.
    """
    place = Path(path)
    if place.is_file() or place.is_dir() or not place.exists():
        with _explained(place):
            place.open("rb").close()


def _file_bytes(path: Path) -> bytes:
    with _explained(path):
        return path.read_bytes()


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"There is no file {path}.", f"Look at the spelling, or list what is there with `ls {path.parent}`.") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a directory.", f"Name the files in it, such as `{path}/*.csv`.") from None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.", "Check the file's permissions and the disk.") from None


def _unpack(data: bytes, name: str) -> bytes:
    """Undo gzip, also where several packed files were put one after the other."""
    if not data.startswith(GZIP):
        return data
    content = []
    while data.startswith(GZIP):
        member = zlib.decompressobj(wbits=31)
        try:
            content.append(member.decompress(data))
        except zlib.error:
            raise InputError(f"{name} is damaged: its gzip data cannot be unpacked.", "Copy or pack the file again.") from None
        if not member.eof:
            raise InputError(f"{name} is cut off: its gzip data end too early.", "Copy or download the file again.")
        data = member.unused_data
    if data.strip(b"\0"):  # tapes fill their blocks with zeros
        raise InputError(f"{name} is damaged: there are bytes after its gzip data.", "Copy or pack the file again.")
    return b"".join(content)


def _read(content: bytes, name: str) -> Records:
    for magic, (what, hint) in FOREIGN.items():
        if content.startswith(magic):
            raise InputError(f"{name} is {what}, which xsell does not read.", hint)
    if content.startswith(PARQUET):
        return read_parquet(content, name)
    text, notes = decode(content, name)
    reader = read_json_lines if JSON.match(text) else read_csv
    return reader(text, name, notes)
