"""The house keeps its own rules: names, rooms and sizes."""

import ast
import statistics
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from xsell import job
from xsell.cli import app
from xsell.contract import names
from xsell.contract.options import COMMANDS, Settings
from xsell.contract.splits import ROLLING
from xsell.data.splits import CUTS
from xsell.metrics import METRICS
from xsell.metrics.scoreboard import LIFT
from xsell.models import MODELS
from xsell.plan import ABOVE, OWN

ROOT = Path(__file__).parents[1]
SOURCES = sorted((ROOT / "xsell").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def test_names_are_those_of_the_registries() -> None:
    """What a user can type is what there is: models (and hybrid, fused from them), metrics and cuts."""
    assert set(names.MODELS) == {"hybrid", *MODELS}
    assert {*names.METRICS, *names.TRAITS} == {*METRICS, LIFT}
    assert set(names.SPLITS) == {*CUTS, ROLLING}


def test_the_subcommand_is_the_thread() -> None:
    """Every subcommand has one file among the commands, one among the stages, and one among the tests of stages."""
    assert tuple(COMMANDS) == names.STAGES == tuple(job.STAGES) == tuple(ABOVE) == tuple(OWN)
    assert {command.name for command in app.app.registered_commands} == set(COMMANDS)
    for name in COMMANDS:
        assert (ROOT / f"xsell/cli/{name}.py").is_file()
        assert (ROOT / f"xsell/stages/{name}.py").is_file()
        assert (ROOT / f"tests/stages/test_{name}.py").is_file()


def test_every_stage_obeys_options_of_its_command() -> None:
    """The groups that a stage obeys are among those that its command takes, and every group belongs to a stage or to all."""
    for name, groups in OWN.items():
        assert set(groups) <= set(COMMANDS[name])
    assert {group for groups in OWN.values() for group in groups} | {"common"} == set(Settings.__dataclass_fields__)


def test_the_guard_has_no_exceptions() -> None:
    """The import contracts are exhaustive and ignore nothing."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    stairs = linter["contracts"][0]
    assert stairs["exhaustive"]
    assert not any("ignore_imports" in contract for contract in linter["contracts"])
    rooms = {name for layer in stairs["layers"] for name in layer.split(" | ")}
    assert rooms >= {path.stem for path in (ROOT / "xsell").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()} - {
        "__init__"
    }


@pytest.mark.parametrize("path", [*SOURCES, *TESTS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_files_are_short(path: Path) -> None:
    """No source file is longer than 300 lines, and no test file longer than 500."""
    assert len(path.read_text(encoding="utf-8").splitlines()) <= (300 if path in SOURCES else 500)


def test_functions_are_short() -> None:
    """The body of a function has at most 8 lines in the median, 25 at the 90th percentile, and never more than 50."""
    lengths = [length for path in SOURCES for length in bodies(path)]
    assert max(lengths) <= 50
    assert statistics.median(lengths) <= 8
    assert statistics.quantiles(lengths, n=10)[-1] <= 25


def bodies(path: Path) -> Iterator[int]:
    """Give the length of the body of every function in a file, without its docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
            yield (node.end_lineno or 0) - first.lineno + 1


def test_suppressions_are_rare() -> None:
    """There is at most one suppressed warning in 200 lines of source."""
    lines = [line for path in SOURCES for line in path.read_text(encoding="utf-8").splitlines()]
    suppressed = [line for line in lines if "# noqa" in line or "# type: ignore" in line]
    assert len(suppressed) <= len(lines) / 200


def test_nothing_is_left_for_later() -> None:
    """No source file puts work off."""
    words = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    assert [path for path in SOURCES for word in words if word in path.read_text(encoding="utf-8")] == []


def test_every_test_promises() -> None:
    """Every test has a docstring of one sentence that says what it promises."""
    found = [node for path in TESTS for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]
    assert [node.name for node in found if node.name.startswith("test_") and not ast.get_docstring(node)] == []
