import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Call


@pytest.mark.parametrize(
    "words",
    [
        ("recommend", "--user", "u1", "--only-users", "a.csv"),
        ("recommend", "--user", "u1", "--basket", "a"),
        ("evaluate", "--test", "a.csv", "--split", "random"),
    ],
)
def test_rivals_are_refused(xsell: Call, words: tuple[str, ...]) -> None:
    """Two options of which only one can be obeyed are a usage error that names both."""
    xsell("clean", "a.csv")
    ran = xsell(*words)
    assert ran.exit_code == 2
    assert all(word in ran.stderr for word in words if word.startswith("--"))


def test_what_is_typed_outdoes_the_project_file(xsell: Call, here: Path) -> None:
    """A rival in the project file gives way instead of stopping the run."""
    xsell("train", "a.csv")
    (here / "xsell.toml").write_text("[recommend]\nonly_users = 'a.csv'", encoding="utf-8")
    assert xsell("recommend", "--user", "u1").exit_code == 0


@pytest.mark.parametrize(
    ("words", "named", "able"),
    [
        (("--for", "items", "--user", "u1"), "--user", "--for users"),
        (("--for", "items", "--model", "ease"), "--model", "--for users"),
        (("--item", "a"), "--item", "--for items"),
        (("--user", "u1", "--holdout", "0.1"), "--holdout", "--for audience"),
        (("--for", "audience", "--item", "a", "--diversity", "0.5"), "--diversity", "--for users"),
        (("--for", "items", "--category", "a"), "--category", "--for audience"),
    ],
)
def test_options_beside_the_question_are_refused(xsell: Call, words: tuple[str, ...], named: str, able: str) -> None:
    """An option that the answer would not obey is a usage error that names it and says which question does."""
    xsell("train", "a.csv")
    ran = xsell("recommend", *words)
    assert ran.exit_code == 2
    assert named in ran.stderr
    assert able in ran.stderr


def test_one_stdout_for_one_thing(xsell: Call) -> None:
    """Lists on standard output and the JSON object exclude each other, as the output would be neither."""
    xsell("train", "a.csv")
    ran = xsell("recommend", "--json", "--output", "-")
    assert ran.exit_code == 2
    assert ran.stdout.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ("clean", "a.csv", "--log-file", "a.csv"),
        ("clean", "a.csv", "--log-file", "link.csv"),
        ("recommend", "--output", "a.csv"),
        ("recommend", "--output", "b.csv", "--only-users", "b.csv"),
        ("recommend", "--output", "xsell-work/clean/report.json"),
        ("recommend", "--output", "xsell-work/xsell.json"),
        ("evaluate", "--report", "link.html"),
    ],
)
def test_no_file_that_is_read_is_written(xsell: Call, here: Path, words: tuple[str, ...]) -> None:
    """Neither lists nor the log go into a file that this run or the working directory needs, and it stays as it was."""
    (here / "link.csv").symlink_to("a.csv")
    (here / "link.html").symlink_to("a.csv")
    (here / "b.csv").write_text("u1", encoding="utf-8")
    xsell("train", "a.csv")
    files = [path for path in here.rglob("*") if path.is_file() and path.name != ".lock"]
    before = [path.read_bytes() for path in files]
    ran = xsell(*words)
    assert ran.exit_code == 2
    assert words[-1] in ran.stderr
    assert [path.read_bytes() for path in files] == before


def test_a_page_without_its_library(xsell: Call, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library that draws is not installed, --report is refused before any work with the words that install it."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    ran = xsell("evaluate", "a.csv", "--report", "r.html")
    assert ran.exit_code == 2
    assert "pip install 'xsell[report]'" in ran.stderr
    assert [path.name for path in here.iterdir()] == ["a.csv"]
