import errno
import os
import resource
from pathlib import Path

import pytest

from xsell.errors import InputError, XsellError
from xsell.files.atomic import digest, explained, refused, replacing


def test_a_write_replaces_the_whole_file(tmp_path: Path) -> None:
    """The new content is there under the old name, directories are made, and nothing else is left."""
    path = tmp_path / "deep/er/a.bin"
    for content in (b"first", b"second"):
        with replacing(path) as file:
            file.write(content)
        assert path.read_bytes() == content
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_failed_write_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    """Whatever interrupts a write, the old file is whole and no temporary file is left."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_reader_never_sees_half_a_file(tmp_path: Path) -> None:
    """Until the block ends the old content stands."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    with replacing(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


def test_the_bytes_are_on_the_disk_before_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is synced before it is renamed and its directory afterwards."""
    path, seen = tmp_path / "a.bin", []
    sync = os.fsync
    monkeypatch.setattr(os, "fsync", lambda number: (seen.append(path.exists()), sync(number)))
    with replacing(path) as file:
        file.write(b"new")
    assert seen == [False, True]


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("new", ""),
        ("old", ""),
        ("deep/er/new", ""),
        ("pipe", ""),
        ("folder", "is a directory"),
        ("old/new", "not a directory"),
        ("n" * 250, "file name too long"),
        ("n" * 300, "file name too long"),
        ("loop", "too many levels of symbolic links"),
        *([("/proc/new", "no such file or directory")] if Path("/proc").is_dir() else []),
    ],
)
def test_a_place_is_tried_before_the_work(tmp_path: Path, place: str, reason: str) -> None:
    """A place that cannot be written is known before there is anything to write, with its reason; nothing is left and nothing made."""
    (tmp_path / "old").write_bytes(b"old")
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    os.mkfifo(tmp_path / "pipe")
    before = sorted(tmp_path.iterdir())
    assert refused(tmp_path / place) == reason
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "old").read_bytes() == b"old"


def test_a_protected_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be written is not replaced either."""
    (tmp_path / "old").write_bytes(b"old")
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "old" or mode != os.W_OK)
    assert refused(tmp_path / "old") == "permission denied"
    assert refused(tmp_path / "new") == ""


def test_left_files_of_killed_runs_are_removed(tmp_path: Path) -> None:
    """The next write of a file removes what a killed writer left, but not what a living one is writing or another file's."""
    path = tmp_path / "a.bin"
    (tmp_path / ".a.bin.0123abcd.tmp").write_bytes(b"left")
    (tmp_path / ".b.bin.0123abcd.tmp").write_bytes(b"other")
    with replacing(path) as living:
        living.write(b"slow")
        with replacing(path) as file:
            file.write(b"fast")
    assert path.read_bytes() == b"slow"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".b.bin.0123abcd.tmp", "a.bin"]


def test_permissions_and_links_are_kept(tmp_path: Path) -> None:
    """A replaced file keeps its permissions, and a symbolic link still points to it."""
    path, link = tmp_path / "a.bin", tmp_path / "link"
    path.write_bytes(b"old")
    path.chmod(0o640)
    link.symlink_to(path)
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640


def test_a_device_is_written_straight() -> None:
    """A file that is none, such as /dev/null, is not replaced."""
    with replacing(Path(os.devnull)) as file:
        file.write(b"gone")
    assert Path(os.devnull).is_char_device()


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    """When the disk takes no more, the error says so, the old file is whole and nothing is left."""
    path = tmp_path / "a.bin"
    path.write_bytes(b"old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(XsellError, match="no room") as caught, replacing(path) as file:
            file.write(b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.exit_code == 1
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_files_and_directories_in_the_way(tmp_path: Path) -> None:
    """A directory where a file should be, or a file where a directory should be, is an input error."""
    (tmp_path / "file").write_bytes(b"")
    for path in (tmp_path, tmp_path / "file/a.bin"):
        with pytest.raises(InputError), replacing(path) as file:
            file.write(b"x")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, 1),
        (errno.EDQUOT, 1),
        (errno.EACCES, 3),
        (errno.EROFS, 3),
        (errno.EPERM, 3),
        (errno.EISDIR, 3),
        (errno.ENAMETOOLONG, 3),
        (errno.EIO, 1),
    ],
)
def test_every_system_error_has_a_hint(number: int, code: int) -> None:
    """A full, protected, read-only or broken disk each give one sentence, one hint and an exit code."""
    found = explained(OSError(number, os.strerror(number)), Path("x"))
    assert found.exit_code == code
    assert found.message.endswith(".")
    assert found.hint.endswith(".")


def test_digest(tmp_path: Path) -> None:
    """The digest is SHA-256 in hex."""
    (tmp_path / "a").write_bytes(b"abc")
    assert digest(tmp_path / "a") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
