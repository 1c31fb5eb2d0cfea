"""What only a process of its own can show: signals, pipes, kill -9 and what help imports."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fake_stages import Stages, run
from xsell.contract.options import COMMANDS, Clean, Settings

ROOT = Path(__file__).parents[2]
HEAVY = {"polars", "numpy", "scipy", "sklearn", "joblib", "pyarrow", "pandas"}
DRIVER = """
import os, sys, time
import pytest
from tests.fake_stages import Stages
from xsell.cli.app import main

stages = Stages()
stages.install(pytest.MonkeyPatch())

def wait(_):
    print("waiting", file=sys.stderr, flush=True)
    time.sleep(30)

def die_before_rename(_):
    os.fsync = lambda _: os.kill(os.getpid(), 9)

def print_much(_):
    for _ in range(100_000):
        print("much of it")

stages.troubles.update({stage: globals()[what] for stage, what in (pair.split("=") for pair in os.environ["TROUBLES"].split())})
main()
"""


def command(*words: str, troubles: str = "", cwd: Path) -> "subprocess.Popen[str]":
    """Start xsell with fake stages in a process of its own."""
    environment = {**os.environ, "TROUBLES": troubles, "PYTHONPATH": str(ROOT)}
    pipe = subprocess.PIPE
    return subprocess.Popen([sys.executable, "-c", DRIVER, *words], stdout=pipe, stderr=pipe, text=True, env=environment, cwd=cwd)


def until_waiting(process: "subprocess.Popen[str]") -> None:
    """Read what a process says until it waits in the middle of a stage."""
    assert process.stderr is not None
    said = ""
    while not said.endswith("waiting\n"):
        line = process.stderr.readline()
        assert line, said
        said += line


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Give a directory with one file."""
    (tmp_path / "a.csv").write_text("one two three", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("number", "code", "sentence"), [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Terminated.")])
def test_signals_end_with_a_sentence(here: Path, number: int, code: int, sentence: str) -> None:
    """Ctrl-C and SIGTERM in the middle of a stage end in their exit codes with a sentence, are recorded, and leave the lock free."""
    with command("train", "a.csv", troubles="features=wait", cwd=here) as process:
        until_waiting(process)
        process.send_signal(number)
        _, talk = process.communicate(timeout=30)
    assert process.returncode == code
    assert sentence in talk
    assert "Traceback" not in talk
    entry = json.loads((here / "xsell-work/xsell.json").read_text(encoding="utf-8"))["stages"]["features"]
    assert entry["last_failure"]["exit_code"] == code
    with command("train", "--lock-timeout", "0", cwd=here) as process:
        process.communicate(timeout=30)
    assert process.returncode == 0


def test_a_second_run_waits_and_then_gives_up(here: Path) -> None:
    """While one run holds the directory another ends in exit code 6, and says who holds it."""
    with command("clean", "a.csv", troubles="clean=wait", cwd=here) as first:
        until_waiting(first)
        with command("clean", "a.csv", "--lock-timeout", "0.2", cwd=here) as second:
            _, talk = second.communicate(timeout=30)
        first.kill()
    assert second.returncode == 6
    assert f"process {first.pid}" in talk
    assert "--lock-timeout" in talk


@pytest.mark.parametrize("stage", ["clean", "features", "train", "evaluate"])
def test_kill_between_writing_and_renaming(here: Path, stage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """After kill -9 with a file written but not yet in place the previous files are whole; the next run succeeds and tidies up."""
    final = "evaluate" if stage == "evaluate" else "train"
    Stages().install(monkeypatch)
    monkeypatch.chdir(here)
    run("train", Settings(clean=Clean(events=("a.csv",))))
    run("evaluate", Settings())
    work = here / "xsell-work"
    before = {path: path.read_bytes() for path in work.rglob("*.json") if path.name != "xsell.json"}
    (here / "a.csv").write_text("four five", encoding="utf-8")
    with command(final, troubles=f"{stage}=die_before_rename", cwd=here) as process:
        process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
    folder = {"train": "models", "evaluate": "evaluation"}.get(stage, stage)
    assert [path for path in work.rglob("*.tmp") if path.parent.name == folder]
    whole = [path for path in before if path.parent.name == folder]
    assert whole
    assert all(path.read_bytes() == before[path] for path in whole)
    run(final, Settings())
    assert not list(work.rglob("*.tmp"))


def test_a_reader_that_leaves(here: Path) -> None:
    """When the reader of the output leaves, the run ends in exit code 141 without a word."""
    with command("clean", "a.csv", troubles="clean=print_much", cwd=here) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        talk = process.stderr.read()
        process.wait(timeout=30)
    assert process.returncode == 141
    assert talk == ""


@pytest.mark.parametrize("words", [("--help",), ("train", "--help"), ("clean", "b.csv"), ("clean", "b.csv", "--json")])
def test_nobody_reads(here: Path, words: tuple[str, ...]) -> None:
    """Whatever is printed, a pipe without a reader ends in exit code 141 without a traceback."""
    (here / "b.csv").write_text("user,item\nu,i\n", encoding="utf-8")
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([sys.executable, "-m", "xsell", *words], stdout=writer, stderr=subprocess.PIPE, text=True, cwd=here, check=False)
    os.close(writer)
    assert ran.returncode == 141
    assert "Traceback" not in ran.stderr


@pytest.mark.skipif(not Path("/dev/full").is_char_device(), reason="this system has no /dev/full")
@pytest.mark.parametrize("words", [("--help",), ("clean", "b.csv"), ("clean", "b.csv", "--json"), ("train", "--nonsense", "--json")])
def test_standard_output_is_full(here: Path, words: tuple[str, ...]) -> None:
    """A full disk under standard output is a sentence."""
    (here / "b.csv").write_text("user,item\nu,i\n", encoding="utf-8")
    with Path("/dev/full").open("w") as full:
        ran = subprocess.run([sys.executable, "-m", "xsell", *words], stdout=full, stderr=subprocess.PIPE, text=True, cwd=here, check=False)
    assert ran.returncode in {1, 2}
    assert "Error" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_help_is_light() -> None:
    """Help, the pages of all commands and the version load no library that computes."""
    calls = [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)]
    code = f"import sys; from xsell.cli.app import app; [app(words, standalone_mode=False) for words in {calls}]; print(*sys.modules, file=sys.stderr)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert ran.stdout.count("Usage:") == 1 + len(COMMANDS)
    assert "typer" in ran.stderr.split()
    assert not HEAVY & set(ran.stderr.split())


def test_lists_load_nothing_that_learns() -> None:
    """Making lists, cleaning and features do without the library that models are fitted by, which takes as long to load as all the rest."""
    for stage in ("clean", "features", "recommend"):
        code = f"import sys, xsell.stages.{stage}; print(*sys.modules)"
        ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
        assert not {"sklearn", "scipy.stats"} & set(ran.stdout.split())


def test_python_m(tmp_path: Path) -> None:
    """`python -m xsell` is xsell, and an error has its exit code."""
    ran = subprocess.run([sys.executable, "-m", "xsell", "train"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert ran.returncode == 2
    assert "xsell train FILE" in ran.stderr


def test_kill_while_it_works(here: Path) -> None:
    """After kill -9 in the middle of a stage no lock is left behind."""
    with command("clean", "a.csv", troubles="clean=wait", cwd=here) as process:
        until_waiting(process)
        time.sleep(0.05)
        process.kill()
    with command("clean", "a.csv", "--lock-timeout", "0", cwd=here) as process:
        process.communicate(timeout=30)
    assert process.returncode == 0
