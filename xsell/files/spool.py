"""Tables that grow piece by piece on the disk, so that they need not fit into memory."""

import io
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from xsell.data.schema import Table
from xsell.files.atomic import explained, system_errors

NAME = ".pieces"
PIECE = 1 << 14
"""Rows that are put on the disk together."""


class Spool:
    """
    The rows of a table in pieces, in their order.

    Attributes:
        table: What every piece is checked against; that no key repeats across pieces is for the one who adds them.
        height: Rows so far.
    """

    def __init__(self, directory: Path, table: Table) -> None:
        self.table = table
        self.height = 0
        self._directory = directory
        self._pieces: list[Path] = []
        self._rest: pl.DataFrame | None = None

    def add(self, piece: pl.DataFrame) -> None:
        """
        Check some rows and put them on the disk.

        Raises:
            XsellError: They do not keep the promise of the table, or the disk is full.
        """
        rows = self.table.check(piece) if self._rest is None else pl.concat([self._rest, self.table.check(piece)])
        whole = rows.height - rows.height % PIECE
        for start in range(0, whole, PIECE):
            self._put(rows.slice(start, PIECE))
        self._rest = rows.slice(whole)
        self.height += piece.height

    def _put(self, rows: pl.DataFrame) -> None:
        place = self._directory / f"{len(self._pieces):08}.arrow"
        try:
            with system_errors():
                packed = io.BytesIO()
                rows.rechunk().write_ipc(packed, compression="lz4")
                place.write_bytes(packed.getbuffer())  # Polars does not hear of it if the last bytes find no room
        except OSError as error:
            raise explained(error, place) from error
        self._pieces.append(place)

    def pieces(self) -> Iterator[pl.DataFrame]:
        """Give the rows, some at a time."""
        return (pl.read_ipc(place) for place in self._whole())

    def scan(self) -> pl.LazyFrame:
        """Give all rows as a plan that reads them when it runs."""
        return pl.scan_ipc(self._whole())

    def _whole(self) -> list[Path]:
        """Where all rows are, those too that waited for more."""
        if self._rest is not None and (self._rest.height or not self._pieces):
            self._put(self._rest)
        self._rest = None
        return self._pieces


@contextmanager
def spooled(root: Path, table: Table) -> Iterator[Spool]:
    """
    Give an empty spool whose pieces are gone when the block ends; what a killed run left goes first.

    Args:
        root: The working directory, which this run has locked.
        table: What grows.

    Raises:
        InputError: The directory cannot be written.
    """
    directory = root / NAME
    try:
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
    except OSError as error:
        raise explained(error, directory) from error
    try:
        yield Spool(directory, table)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
