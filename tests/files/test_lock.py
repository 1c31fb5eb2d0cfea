import threading
from pathlib import Path

import pytest

from xsell.contract.progress import silent
from xsell.errors import InputError, LockedError
from xsell.files.lock import locked


def test_one_at_a_time(tmp_path: Path) -> None:
    """While the directory is held nobody else gets it; afterwards anybody does. The error names the holder and the option to wait longer."""
    root = tmp_path / "new"
    with locked(root, 0, silent):
        with pytest.raises(LockedError, match="process") as caught, locked(root, 0, silent):
            pass
        assert caught.value.exit_code == 6
        assert "--lock-timeout" in caught.value.hint
    with locked(root, 0, silent):
        pass


def test_an_error_lets_go(tmp_path: Path) -> None:
    """A run that fails lets go of the directory."""
    with pytest.raises(ValueError, match="x"), locked(tmp_path, 0, silent):
        raise ValueError("x")
    with locked(tmp_path, 0, silent):
        pass


def test_a_run_waits_for_its_turn(tmp_path: Path) -> None:
    """A run that may wait gets the directory when the other is done, and says that it waits."""
    held, said = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(tmp_path, 0, silent):
            held.set()
            said.wait(5)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(5)
    with locked(tmp_path, 5, lambda *_: said.set()):
        assert said.is_set()
    holder.join()


def test_a_file_in_the_way(tmp_path: Path) -> None:
    """A working directory that is a file is an input error."""
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(InputError), locked(tmp_path / "file", 0, silent):
        pass
