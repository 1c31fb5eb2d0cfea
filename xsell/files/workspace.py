"""The working directory: every table, matrix and model that passes from one stage to the next is read and written here."""

import json
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell.contract.reports import FileFact
from xsell.data.schema import Table
from xsell.errors import UsageError, XsellError
from xsell.files import modelfile, secret
from xsell.files.atomic import digest, explained, replacing, system_errors
from xsell.files.spool import Spool, spooled

SUFFIXES = (".parquet", ".csv", ".jsonl")
ROW_GROUP = 1 << 16
"""Rows that are written together, so that bytes do not depend on the pieces in which they came."""
AGAIN = "Run `xsell clean FILE` and the later commands again."


class Workspace:
    """
    A directory in which stages keep their files.

    Attributes:
        root: The directory; it is made at the first write.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, table: Table | str) -> bool:
        """Whether a table, or the file with this path in the directory, exists."""
        return self._place(table).is_file()

    def read(self, table: Table) -> pl.DataFrame:
        """
        Read a table and check it.

        Raises:
            XsellError: It is missing, damaged, or not the table it should be.
        """
        with self._opened(table) as path:
            return table.check(pl.read_parquet(path))

    @contextmanager
    def scan(self, table: Table) -> Iterator[pl.LazyFrame]:
        """
        Check a table and give it as a plan, to be run within the block: what is not asked for is never in memory.

        Raises:
            XsellError: It is missing, damaged, or not the table it should be.
        """
        with self._opened(table) as path:
            yield table.check(pl.scan_parquet(path))

    def write(self, table: Table, frame: pl.DataFrame) -> FileFact:
        """Check a table and write it."""
        table.check(frame)
        return self._written(table.path, lambda file: _parquet(frame, file), frame.height)

    def spool(self, table: Table) -> AbstractContextManager[Spool]:
        """Give a table that grows piece by piece, and is gone when the block ends."""
        return spooled(self.root, table)

    def write_spool(self, spool: Spool) -> FileFact:
        """Write a table that has grown."""
        return self._written(spool.table.path, lambda file: _parquet(spool, file), spool.height)

    def read_matrix(self, path: str) -> sp.csr_array:
        """
        Read a sparse matrix.

        Raises:
            XsellError: It is missing or damaged.
        """
        with self._opened(path) as place, place.open("rb") as file:
            return sp.csr_array(sp.load_npz(file))

    def write_matrix(self, path: str, matrix: sp.csr_array) -> FileFact:
        """Write a sparse matrix such that SciPy's `load_npz` can read it; the same matrix gives the same bytes."""
        return self._written(path, lambda file: _npz(matrix, file), int(matrix.shape[0]))

    def read_json(self, path: str) -> dict[str, Any]:
        """
        Read a JSON object.

        Raises:
            XsellError: It is missing or damaged.
        """
        with self._opened(path) as place:
            return dict(json.loads(place.read_bytes()))

    def write_json(self, path: str, value: Mapping[str, Any]) -> FileFact:
        """Write a JSON object, indented, so that people can read it."""
        return self.write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")

    def write_text(self, path: str, text: str) -> FileFact:
        """Write a text."""
        return self._written(path, lambda file: file.write(text.encode()), None)

    def save_model(self, name: str, bundle: dict[str, Any], sidecar: dict[str, Any]) -> tuple[FileFact, ...]:
        """
        Write `models/<name>.joblib` and `models/<name>.json`.

        Args:
            name: Name of the model.
            bundle: Nested dictionaries, lists and tuples of plain values, NumPy arrays and SciPy CSR arrays.
            sidecar: JSON-ready facts about it; format, versions and the digest of the bundle are added.
        """
        fact = self._written(f"models/{name}.joblib", lambda file: modelfile.dump(bundle, file), None)
        return fact, self.write_json(f"models/{name}.json", modelfile.stamped(sidecar, fact.sha256))

    def load_model(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """
        Give back the bundle and the sidecar of a model; large arrays are read-only maps of the file.

        Raises:
            ModelError: It was never trained, is incompatible, or damaged.
        """
        return modelfile.load(self.root / "models", name)

    def secret(self) -> tuple[bytes, bool]:
        """
        Give the secret of this directory, and whether it is new.

        Raises:
            XsellError: It is damaged.
        """
        return secret.kept(self.root)

    def export(self, path: str, frame: pl.DataFrame | Spool) -> FileFact:
        """
        Write a table where the user asked for it.

        Args:
            path: Ends in .parquet, .csv (without columns of lists) or .jsonl; `-` is CSV on standard output, and so is a pipe or a device.
            frame: What to write.

        Raises:
            UsageError: The suffix is another one.
        """
        if path == "-":
            _csv(frame, sys.stdout.buffer)
            sys.stdout.buffer.flush()
            return FileFact("-", "", frame.height)
        place = Path(path)
        suffix = place.suffix.lower() if place.is_file() or not place.exists() else ".csv"
        if suffix not in SUFFIXES:
            raise UsageError(f"{path} does not say which kind of file it is.", f"End its name in {', '.join(SUFFIXES)}.")
        with replacing(place) as file, system_errors():
            {".parquet": _parquet, ".csv": _csv, ".jsonl": _jsonl}[suffix](frame, file)
        return FileFact(path, digest(place) if place.is_file() else "", frame.height)

    def export_text(self, path: str, text: str) -> FileFact:
        """Write a text where the user asked for it."""
        place = Path(path)
        with replacing(place) as file, system_errors():
            file.write(text.encode())
        return FileFact(path, digest(place) if place.is_file() else "", None)

    def answer(self, frame: pl.DataFrame) -> FileFact:
        """Write a table to standard output as JSON Lines."""
        sys.stdout.buffer.write(frame.write_ndjson().encode())
        sys.stdout.buffer.flush()
        return FileFact("-", "", frame.height)

    def _place(self, table: Table | str) -> Path:
        return self.root / (table if isinstance(table, str) else table.path)

    def _written(self, path: str, write: Callable[[BinaryIO], object], rows: int | None) -> FileFact:
        place = self.root / path
        with replacing(place) as file, system_errors():
            write(file)
        return FileFact(path, digest(place), rows)

    @contextmanager
    def _opened(self, table: Table | str) -> Iterator[Path]:
        place = self._place(table)
        try:
            yield place
        except FileNotFoundError:
            raise XsellError(f"{place} is missing.", AGAIN) from None
        except OSError as error:
            raise explained(error, place) from error
        except (pl.exceptions.PolarsError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
            raise XsellError(f"{place} is damaged.", AGAIN) from error


def _parquet(frame: pl.DataFrame | Spool, file: BinaryIO) -> None:
    """Row groups of a fixed size, over one chunk or over pieces in order, make the bytes depend on the values only."""
    if isinstance(frame, Spool):
        frame.scan().sink_parquet(file, compression="zstd", statistics=True, row_group_size=ROW_GROUP)
    else:
        frame.rechunk().write_parquet(file, compression="zstd", statistics=True, row_group_size=ROW_GROUP)


def _csv(frame: pl.DataFrame | Spool, file: BinaryIO) -> None:
    """Leave out columns of lists, which CSV cannot hold."""
    for place, piece in enumerate(_pieces(frame)):
        flat = piece.select(name for name, dtype in piece.schema.items() if not dtype.is_nested())
        file.write(flat.write_csv(include_header=place == 0).encode())


def _jsonl(frame: pl.DataFrame | Spool, file: BinaryIO) -> None:
    for piece in _pieces(frame):
        piece.write_ndjson(file)


def _pieces(frame: pl.DataFrame | Spool) -> Iterable[pl.DataFrame]:
    return frame.pieces() if isinstance(frame, Spool) else [frame]


def _npz(matrix: sp.csr_array, file: BinaryIO) -> None:
    """The layout of `scipy.sparse.save_npz` with a fixed time in the archive."""
    arrays = {
        "indices": matrix.indices,
        "indptr": matrix.indptr,
        "format": np.array(b"csr"),
        "shape": np.array(matrix.shape),
        "data": matrix.data,
        "_is_array": np.array(1, bool),
    }
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in arrays.items():
            entry = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(entry, "w", force_zip64=True) as part:
                np.lib.format.write_array(cast("BinaryIO", part), array, allow_pickle=False)
