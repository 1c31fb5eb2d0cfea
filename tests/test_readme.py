import re
import shlex
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests import readme_tables
from tests.conftest import ROOT
from xsell import errors
from xsell.contract import names
from xsell.models.regression import MOST_REGRESSORS, MOST_TARGETS
from xsell.selection.parts import COVERED, FEWEST

README = (ROOT / "README.md").read_text(encoding="utf-8")


def sessions() -> list[tuple[str, list[str]]]:
    """Every `$ xsell …` of the README's console blocks, and every file they print, in order, with the lines printed under it."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```(?:console|sh)\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            elif found:
                found[-1][1].append(line)
    return [(words, lines) for words, lines in found if words.startswith(("xsell ", "printf "))]


def shape(text: str) -> str:
    """Replace numbers, and runs of spaces, rules or bars, so that only the wording counts."""
    return re.sub(r"[\s█▉▊▋▌▍▎▏─━│┃═┌┐└┘├┤┬┴┼╭╮╰╯╷╵╶╴╇╈┡┩]+", " ", re.sub(r"\d+(?:[.,]\d+)*", "#", text)).strip()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with a copy of the sample shop, as after a clone."""
    here = tmp_path_factory.mktemp("clone")
    shutil.copytree(ROOT / "sample_data", here / "sample_data")
    return here


def test_every_command_runs_and_prints_what_is_shown(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `$ xsell …` in the README, run in order on the sample shop, exits 0 (or with the code noted) and prints the lines shown, numbers aside."""
    from xsell.cli.app import app  # noqa: PLC0415 - the other tests here need no command line

    monkeypatch.chdir(shop)
    assert len(sessions()) >= 5
    for line, shown in sessions():
        if line.startswith("printf "):
            _, text, _, path = shlex.split(line)
            (shop / path).write_text(text.replace("\\n", "\n"), encoding="utf-8")
            continue
        words, _, note = line.partition("  #")
        code = re.search(r"exits (\d+)", note)
        ran = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "180", "XSELL_THREADS": "1"}).invoke(app, shlex.split(words)[1:])
        assert ran.exit_code == (int(code[1]) if code else 0), f"{words}\n{ran.output}"
        printed = shape(ran.output)
        for wanted in shown:
            assert shape(wanted.replace("…", "")) in printed, f"{words}\n{wanted!r} is not in\n{ran.output}"


def test_every_command_and_exit_code_is_mentioned() -> None:
    """The README names every subcommand, every exit code, and every model, split and metric a user can type."""
    for stage in names.STAGES:
        assert f"xsell {stage}" in README
    codes = {kind.exit_code for kind in vars(errors).values() if isinstance(kind, type)} | {0, 1, 130, 141, 143}
    for code in codes:
        assert f"| {code} |" in README
    for name in (*names.MODELS, *names.SPLITS, *names.METRICS):
        assert f"`{name}`" in README


def test_tables_are_those_of_the_code() -> None:
    """The tables of files and options are what the code declares; `python -m tests.readme_tables` writes them."""
    for name in readme_tables.PARTS:
        assert f"<!-- {name} -->" in README
    assert readme_tables.filled(README) == README


@pytest.mark.parametrize("command", names.STAGES)
def test_help_of_every_command_has_examples(command: str) -> None:
    """The help of every command has an Examples section with a line that starts with the command."""
    from xsell.cli.app import app  # noqa: PLC0415 - the other tests here need no command line

    ran = CliRunner(env={"NO_COLOR": "1", "COLUMNS": "150"}).invoke(app, [command, "--help"])
    assert ran.exit_code == 0
    assert "Examples" in ran.output
    assert f"xsell {command}" in ran.output


def test_sizes_are_those_of_the_models() -> None:
    """What README says of large catalogues is what the models do."""
    said = " ".join(README.split())
    parts = f"(as parts of `hybrid` from those that {COVERED:.0%} of the purchases are of, at least {FEWEST:,})"
    learnt = f"learn from the {MOST_REGRESSORS:,} products that most customers have {parts}"
    assert f"{learnt} about the {MOST_TARGETS:,} that most have" in said
