"""How long `xsell --help` takes beside a bare Typer application with five empty commands."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 15
BARE = """\
import typer

app = typer.Typer()


@app.command()
def clean() -> None: ...


@app.command()
def features() -> None: ...


@app.command()
def train() -> None: ...


@app.command()
def recommend() -> None: ...


@app.command()
def evaluate() -> None: ...


app()
"""


def help_time() -> list[tuple[str, str]]:
    """Run both in turn and compare the medians."""
    with tempfile.TemporaryDirectory() as directory:
        bare = Path(directory) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        calls = ([sys.executable, str(bare), "--help"], [str(Path(sys.executable).with_name("xsell")), "--help"])
        times = [tuple(_seconds(call) for call in calls) for _ in range(RUNS + 1)][1:]
    theirs, ours = (statistics.median(column) for column in zip(*times, strict=True))
    ratio = statistics.median(b / a for a, b in times)
    return [
        ("bare Typer application, five commands, --help, median", f"{theirs:.3f} s"),
        ("xsell --help, median", f"{ours:.3f} s"),
        (f"xsell / bare, median ratio of {RUNS} pairs (at most 1.25 wanted)", f"{ratio:.3f}"),
    ]


def _seconds(call: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(call, check=True, capture_output=True)
    return time.perf_counter() - start
