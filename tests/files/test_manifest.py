import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from xsell.contract.reports import FileFact
from xsell.data.schema import CLEANED, REJECTS
from xsell.errors import InputError, XsellError
from xsell.files.atomic import digest
from xsell.files.manifest import FACTS, Manifest, called, identity, noted, opened, same


def facts(**some: Any) -> dict[str, Any]:
    """Give the facts of a run of which only some matter."""
    return {name: kind() for name, kind in {**FACTS, "events": list}.items()} | some


def test_entries_survive(tmp_path: Path) -> None:
    """What is recorded is read again, sorted by stage; an empty directory has an empty manifest."""
    book = opened(tmp_path)
    assert book.stages == {}
    book.record("train/ease", facts(details={"loss": float("nan"), "pair": (1, 2)}))
    book.record("clean", facts())
    found = opened(tmp_path)
    assert list(found.stages) == ["clean", "train/ease"]
    assert found.stages["train/ease"]["details"] == {"loss": None, "pair": [1, 2]}


def test_what_is_handed_on_depends_on_data(tmp_path: Path) -> None:
    """Of a stage others see the digests of its files; of what cleaning reports only the scale of ratings, so that other words make nothing stale."""
    book = opened(tmp_path)
    told = [
        {"path": CLEANED, "sha256": "words"},
        {"path": REJECTS.path, "sha256": "reasons"},
        {"path": "clean/items.parquet", "sha256": "i"},
    ]
    book.record("clean", facts(outputs=told, details={"ratings": {"low": 1.0}}))
    assert book.handed_on("clean") == {"clean/items.parquet": "i", CLEANED: '{"low": 1.0}'}
    book.record("features", facts(outputs=[{"path": "a", "sha256": "b"}]))
    assert book.handed_on("features") == {"a": "b"}
    assert book.handed_on("train/ease") == {}


def test_a_failure_keeps_the_last_good_facts(tmp_path: Path) -> None:
    """A failure stands beside the facts of the last good run, and the next good run removes it."""
    book = opened(tmp_path)
    book.record_failure("clean", {"sentence": "Odd."})
    assert opened(tmp_path).good("clean") is None
    book.record("clean", facts(status="ok", outputs=[{"path": "a", "sha256": "b"}]))
    book.record_failure("clean", {"sentence": "Odd again."})
    entry = opened(tmp_path).good("clean")
    assert entry is not None
    assert (entry["status"], entry["outputs"], entry["last_failure"]) == (
        "failed",
        [{"path": "a", "sha256": "b"}],
        {"sentence": "Odd again."},
    )
    book.record("clean", facts(status="ok"))
    assert "last_failure" not in opened(tmp_path).stages["clean"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"stages": 3}', '{"stages": {"clean": 3}}'])
def test_damage_is_a_sentence(tmp_path: Path, text: str) -> None:
    """A manifest that is none ends in a sentence and a hint."""
    (tmp_path / "xsell.json").write_text(text, encoding="utf-8")
    with pytest.raises(XsellError, match="damaged"):
        opened(tmp_path)


@pytest.mark.parametrize("name", [*FACTS, "events"])
@pytest.mark.parametrize("value", [None, 3.5, [{"path": 1, "sha256": ""}], [3]])
def test_an_entry_that_lacks_a_fact_is_damage(tmp_path: Path, name: str, value: Any) -> None:
    """A fact that is missing or of another kind is found when the manifest is read, and not in the middle of a plan."""
    Manifest(tmp_path).record("clean", facts(**{name: value}))
    with pytest.raises(XsellError, match="damaged"):
        opened(tmp_path)


def test_another_format(tmp_path: Path) -> None:
    """A manifest of another format is named as such."""
    (tmp_path / "xsell.json").write_text('{"format": 2, "stages": {}}', encoding="utf-8")
    with pytest.raises(XsellError, match="another version"):
        opened(tmp_path)


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    """A name that is too long for a disk is no damage, and the sentence says what is wrong with it."""
    with pytest.raises(InputError, match="too long"):
        opened(tmp_path / ("x" * 300))


def test_files_to_keep(tmp_path: Path) -> None:
    """Raw files, what stages made of them and the manifest are kept, by whatever path; lists and other files may be replaced."""
    for name in ("raw.csv", "table", "lists", "other"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("raw.csv")
    book = opened(tmp_path)
    raw = noted([FileFact("raw.csv", "1", 1)], tmp_path)
    book.record("clean", facts(inputs=raw, outputs=noted([FileFact("table", "1", 1)], tmp_path)))
    book.record("recommend/ease", facts(outputs=noted([FileFact("lists", "1", 1)], tmp_path)))
    names = ("raw.csv", "link.csv", "table", "xsell.json", "lists", "other", "missing", "y" * 300)
    assert [book.keeps(tmp_path / name) for name in names] == [True] * 4 + [False] * 4


def test_size_and_time_make_checks_cheap(tmp_path: Path) -> None:
    """A file whose size and time are those noted counts as the same; else its digest decides."""
    path = tmp_path / "a"
    path.write_bytes(b"one")
    os.utime(path, (1, 1))
    (note,) = noted([FileFact("a", digest(path), 1)], tmp_path)
    assert note["absolute"] == str(path)
    path.write_bytes(b"two")
    assert not same(note, path)
    os.utime(path, (1, 1))
    assert same(note, path)
    path.write_bytes(b"one")
    os.utime(path, (2, 2))
    assert same(note, path)
    path.unlink()
    assert not same(note, path)


def test_a_file_that_changes_while_it_is_read_is_hashed_next_time(tmp_path: Path) -> None:
    """Size and time of a file that is younger than the run are not trusted."""
    path = tmp_path / "a"
    path.write_bytes(b"read")
    fact = FileFact("a", digest(path), 1)
    path.write_bytes(b"late")
    (note,) = noted([fact], tmp_path, settled_by=time.time() - 1)
    assert "mtime_ns" not in note
    assert not same(note, path)


def test_a_pipe_is_a_dash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input and named pipes are `-`, files their absolute path; a pipe has nothing to compare."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert identity("-") == identity("pipe") == "-"
    assert identity("a.csv") == identity(f"../{tmp_path.name}/a.csv") == str(tmp_path / "a.csv")
    assert noted([FileFact("-", "", 3)], tmp_path) == [{"path": "-", "sha256": "", "rows": 3}]


def test_the_file_is_for_people(tmp_path: Path) -> None:
    """The manifest is indented JSON with a format number."""
    Manifest(tmp_path).record("clean", {"outputs": []})
    text = (tmp_path / "xsell.json").read_text(encoding="utf-8")
    assert text.count("\n") > 4
    assert json.loads(text)["format"] == 1


def test_files_of_one_name_are_told_apart() -> None:
    """A file is called by its name, and by its whole path beside another one of that name; a pipe has none."""
    assert called("/a/b.csv", ["/a/c.csv"]) == "b.csv"
    assert called("/a/b.csv", ["/c/b.csv", "-"]) == "/a/b.csv"
    assert called("-", ["-"]) == "standard input"
