import stat
from pathlib import Path

import pytest

from xsell.errors import XsellError
from xsell.files.secret import KEY, kept


def test_the_secret_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    """The first call makes a file that only its owner may read, later ones give the same bytes, another directory has another secret."""
    made, fresh = kept(tmp_path)
    assert fresh
    assert len(made) == 32
    assert stat.S_IMODE((tmp_path / KEY).stat().st_mode) == 0o600
    assert kept(tmp_path) == (made, False)
    assert kept(tmp_path / "other")[0] != made


@pytest.mark.parametrize("text", [b"", b"00", b"\xff\xfe", b"z" * 64])
def test_a_damaged_secret_is_not_replaced(tmp_path: Path, text: bytes) -> None:
    """What is no secret is an error that says what deleting it would mean, and stays as it is."""
    (tmp_path / KEY).write_bytes(text)
    with pytest.raises(XsellError, match="damaged"):
        kept(tmp_path)
    assert (tmp_path / KEY).read_bytes() == text
