from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.fake_stages import Stages
from xsell.cli.app import app

Call = Callable[..., Result]


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Give fake stages in place of the real ones."""
    fakes = Stages()
    fakes.install(monkeypatch)
    return fakes


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with one file and an environment without options."""
    for name in ("XSELL_WORKDIR", "XSELL_SEED", "COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("one two three", encoding="utf-8")
    return tmp_path


@pytest.fixture
def xsell(stages: Stages, here: Path) -> Call:
    """Type `xsell` with words."""

    def call(*words: str, env: dict[str, str] | None = None) -> Result:
        return CliRunner(env=env).invoke(app, list(words))

    return call
