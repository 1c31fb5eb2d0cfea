import io
import os
import threading
from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from xsell.data.schema import TERMS
from xsell.errors import InputError, UsageError, XsellError
from xsell.files.atomic import digest
from xsell.files.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Give a working directory that does not exist yet."""
    return Workspace(tmp_path / "work")


def scanned(workspace: Workspace) -> pl.DataFrame:
    """Read a table by a plan."""
    with workspace.scan(TERMS) as rows:
        return rows.collect()


def terms(*words: str) -> pl.DataFrame:
    """Make a table of terms."""
    return pl.DataFrame({"term": words, "df": [1] * len(words), "idf": [0.5] * len(words)}, schema=dict(TERMS.columns))


def test_a_table_comes_back_as_it_was(workspace: Workspace) -> None:
    """What is written is read, and the fact says path, digest and rows."""
    assert not workspace.has(TERMS)
    fact = workspace.write(TERMS, terms("a", "b"))
    assert workspace.has(TERMS)
    assert workspace.has(TERMS.path)
    assert workspace.read(TERMS).equals(terms("a", "b"))
    assert scanned(workspace).equals(terms("a", "b"))
    assert (fact.path, fact.rows, fact.sha256) == (TERMS.path, 2, digest(workspace.root / TERMS.path))


def test_bytes_depend_on_values_only(workspace: Workspace) -> None:
    """A frame in pieces and a frame in one give the same bytes."""
    many = [str(n) for n in range(3000)]
    whole = workspace.write(TERMS, terms(*many))
    pieces = workspace.write(TERMS, pl.concat([terms(*many[:10]), terms(*many[10:2000]), terms(*many[2000:])], rechunk=False))
    assert whole.sha256 == pieces.sha256


def test_a_wrong_table_is_neither_written_nor_read(workspace: Workspace) -> None:
    """A frame that breaks its Table's promise is refused on write and on read, and the old file stands."""
    before = workspace.write(TERMS, terms("a"))
    for wrong in (terms("a", "a"), terms("a").drop("idf"), terms("a").with_columns(df=pl.lit(1.0))):
        with pytest.raises(XsellError):
            workspace.write(TERMS, wrong)
        assert digest(workspace.root / TERMS.path) == before.sha256
        wrong.write_parquet(workspace.root / "wrong.parquet")
        (workspace.root / "wrong.parquet").replace(workspace.root / TERMS.path)
        for read in (workspace.read, lambda _: scanned(workspace)):
            with pytest.raises(XsellError, match="not the table it should be"):
                read(TERMS)
        workspace.write(TERMS, terms("a"))


@pytest.mark.parametrize("harm", [b"", b"PAR1", b"no parquet at all", b"PAR1" + b"\xff" * 200 + b"PAR1"])
def test_damage_is_a_sentence(workspace: Workspace, harm: bytes) -> None:
    """Missing and damaged files of every kind end in one sentence and a hint."""
    readers = {
        TERMS.path: lambda: workspace.read(TERMS),
        f"./{TERMS.path}": lambda: scanned(workspace),
        "features/item_content.npz": lambda: workspace.read_matrix("features/item_content.npz"),
        "clean/report.json": lambda: workspace.read_json("clean/report.json"),
    }
    for path, read in readers.items():
        (workspace.root / path).unlink(missing_ok=True)
        with pytest.raises(XsellError, match="missing"):
            read()
        (workspace.root / path).parent.mkdir(parents=True, exist_ok=True)
        (workspace.root / path).write_bytes(harm)
        with pytest.raises(XsellError, match="damaged") as caught:
            read()
        assert "xsell clean" in caught.value.hint


def test_a_shortened_table_is_damaged(workspace: Workspace) -> None:
    """A parquet file or matrix that lost its end is said to be damaged."""
    workspace.write(TERMS, terms(*map(str, range(500))))
    workspace.write_matrix("m.npz", sp.csr_array(np.eye(50, dtype=np.float32)))
    for path in (TERMS.path, "m.npz"):
        place = workspace.root / path
        place.write_bytes(place.read_bytes()[:-40])
    for read in (lambda: workspace.read(TERMS), lambda: scanned(workspace), lambda: workspace.read_matrix("m.npz")):
        with pytest.raises(XsellError, match="damaged"):
            read()


@settings(max_examples=25, deadline=None)
@given(rows=st.integers(0, 8), columns=st.integers(0, 8), seed=st.integers(0, 99))
def test_a_matrix_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, rows: int, columns: int, seed: int) -> None:
    """Matrices of any shape come back equal with their type, the same matrix gives the same bytes, and SciPy can read them itself."""
    workspace = Workspace(tmp_path_factory.mktemp("w"))
    dense = np.random.default_rng(seed).poisson(0.4, (rows, columns)).astype(np.float32)
    first = workspace.write_matrix("m.npz", sp.csr_array(dense))
    second = workspace.write_matrix("m.npz", sp.csr_array(dense))
    assert first == second
    for found in (workspace.read_matrix("m.npz"), sp.load_npz(workspace.root / "m.npz")):
        assert isinstance(found, sp.csr_array)
        assert found.dtype == np.float32
        assert np.array_equal(found.toarray(), dense)


def test_json_keeps_every_letter(workspace: Workspace) -> None:
    """Objects come back as they were, letters of all scripts are written as themselves, and numbers that JSON lacks are refused."""
    value = {"名": ["ü", 1, 2.5, None, True]}
    workspace.write_json("a.json", value)
    assert workspace.read_json("a.json") == value
    assert "名" in (workspace.root / "a.json").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="JSON"):
        workspace.write_json("a.json", {"x": float("nan")})
    assert workspace.read_json("a.json") == value


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet", ".CSV"])
def test_exports_by_suffix(workspace: Workspace, tmp_path: Path, suffix: str) -> None:
    """The suffix decides the form of an export."""
    path = tmp_path / f"out{suffix}"
    fact = workspace.export(str(path), terms("a", "b"))
    read = {".csv": pl.read_csv, ".jsonl": pl.read_ndjson, ".parquet": pl.read_parquet}[suffix.lower()]
    assert read(path)["term"].to_list() == ["a", "b"]
    assert (fact.path, fact.rows, fact.sha256) == (str(path), 2, digest(path))


def test_other_suffixes_are_usage_errors(workspace: Workspace, tmp_path: Path) -> None:
    """A name that does not say its form is refused with the names that do."""
    with pytest.raises(UsageError) as caught:
        workspace.export(str(tmp_path / "out.xlsx"), terms("a"))
    assert ".csv" in caught.value.hint
    assert not list(tmp_path.iterdir())


def test_a_pipe_is_csv(workspace: Workspace, tmp_path: Path) -> None:
    """A named pipe takes CSV whatever its name, and is not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    assert workspace.export(str(pipe), terms("a")).rows == 1
    reader.join(5)
    assert pl.read_csv(io.BytesIO(read[0]))["term"].to_list() == ["a"]
    assert pipe.is_fifo()


def test_a_dash_is_csv_on_stdout(workspace: Workspace, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """`-` writes the table as CSV to standard output."""
    assert workspace.export("-", terms("a")).sha256 == ""
    assert pl.read_csv(io.BytesIO(capsysbinary.readouterr().out))["term"].to_list() == ["a"]


def test_a_full_disk_keeps_the_old_table(workspace: Workspace, full_disk: None) -> None:
    """A disk that is full while a table, a matrix or an export is written leaves the old file and says so."""
    dice = np.random.default_rng(1)
    large = pl.DataFrame({"term": [str(n) for n in range(20_000)], "df": dice.integers(0, 10**9, 20_000), "idf": dice.random(20_000)})
    before = workspace.write(TERMS, terms("a"))
    for write in (
        lambda: workspace.write(TERMS, large.cast(dict(TERMS.columns))),
        lambda: workspace.write_matrix("m.npz", sp.csr_array(dice.random((200, 200)))),
        lambda: workspace.export(str(workspace.root / "o.csv"), large),
        lambda: workspace.export(str(workspace.root / "o.jsonl"), large),
        lambda: workspace.save_model("ease", {"B": dice.random((200, 200))}, {}),
    ):
        with pytest.raises(XsellError, match="no room"):
            write()
    assert digest(workspace.root / TERMS.path) == before.sha256
    assert [path.name for path in workspace.root.rglob("*") if path.is_file()] == ["terms.parquet"]


def test_a_file_in_place_of_the_directory(tmp_path: Path) -> None:
    """A working directory that is a file is an input error."""
    (tmp_path / "work").write_bytes(b"")
    with pytest.raises(InputError):
        Workspace(tmp_path / "work").write(TERMS, terms("a"))
