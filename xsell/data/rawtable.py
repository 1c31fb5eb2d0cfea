"""One raw file of the user's: its cells as they stand, and where each row stood."""

from dataclasses import dataclass

import polars as pl

from xsell.contract.reports import FileFact

STDIN = "-"
"""The path that means standard input."""

REFUSED = {"line": pl.Int64, "reason": pl.String, "row": pl.String}
"""Columns of the records that have no place in a table."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """
    A file that was read and not yet understood.

    Attributes:
        path: As the user gave it.
        frame: One row a record, columns as the file names them; text, or the file's own types where it is Parquet.
        lines: Where each row of `frame` begins: the line of a text file (the header of a CSV is line 1), else the row from 1.
        refused: Records that have no place in `frame`: line, reason, and the record as JSON.
        notes: What the user must know of how the file was read, one sentence each.
        sha256: Hex digest of the file's bytes; empty for a pipe.
    """

    path: str
    frame: pl.DataFrame
    lines: pl.Series
    refused: pl.DataFrame
    notes: tuple[str, ...]
    sha256: str

    @property
    def label(self) -> str:
        """What to call the file at the beginning of a sentence."""
        return label(self.path)

    @property
    def rows(self) -> int:
        """Records in the file, readable or not."""
        return self.frame.height + self.refused.height

    @property
    def fact(self) -> FileFact:
        """What the manifest keeps of it."""
        return FileFact(self.path, self.sha256, self.rows)


def label(path: str) -> str:
    """Name a file at the beginning of a sentence."""
    return "Standard input" if path == STDIN else path
