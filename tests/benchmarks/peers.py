"""
Fit times beside peers, in pairs of runs that take turns.

`python -m tests.benchmarks.peers SPLIT [--implicit PYTHON] [--rusket PYTHON] [--irspack PYTHON] [--runs 5] [--threads 2]` prints one line a
race. SPLIT is a folder with `train.parquet` and `items.parquet`, PYTHON the interpreter of an environment that has the peer. Both sides of a race are
processes that stay, have loaded the data before, fit in turn, and time the fit alone. Times hold for this machine and moment; the ratios are
medians over the pairs, of time and of processor time, which tells more on a busy machine.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from xsell.data.ids import numbering
from xsell.data.matrix import codes

CONTESTANT = Path(__file__).with_name("contestant.py")
ROOT = CONTESTANT.parents[2]


@dataclass(frozen=True, slots=True)
class Race:
    """
    Who runs against whom.

    Attributes:
        ours: A model of xsell.
        peer: A tool.
        factors: Length of vectors, 0 where there are none.
        wanted: The ratio that ours should not exceed.
        blas: Threads of BLAS that the peer should have, 0 for all; some have threads of their own.
    """

    ours: str
    peer: str
    factors: int
    wanted: float
    blas: int = 0


RACES = (
    Race("als", "rusket", 64, 1.0, 1),
    Race("als", "rusket", 128, 1.0, 1),
    Race("als", "implicit", 64, 1.0, 1),
    Race("als", "implicit", 128, 1.0, 1),
    Race("ease", "irspack", 0, 0.8),
    Race("cross", "irspack", 0, 0.8),
)


def prepared(split: Path, target: Path) -> None:
    """Write the pairs and categories of a split as arrays."""
    pairs = (
        pl.read_parquet(split / "train.parquet").select(pl.col("user_id", "item_id").cast(pl.String)).unique().sort("user_id", "item_id")
    )
    items = pl.read_parquet(split / "items.parquet").with_columns(pl.col("item_id").cast(pl.String))
    known = numbering(pairs["item_id"])
    named = "category" if "category" in items.columns else "item_id"
    found = known.to_frame("item_id").join(items.unique("item_id", keep="first"), "item_id", "left", maintain_order="left")
    categories = (found[named] if named in found.columns else known).cast(pl.String)
    np.savez(
        target,
        user=codes(pairs["user_id"], numbering(pairs["user_id"])),
        item=codes(pairs["item_id"], known),
        category=codes(categories, numbering(categories)),
    )


def started(python: str, name: str, data: Path, factors: int, threads: int, blas: int) -> subprocess.Popen[str]:
    """Start a contestant."""
    each = {f"{library}_NUM_THREADS": str(blas or threads) for library in ("OPENBLAS", "MKL", "BLIS")}
    each |= {"OMP_NUM_THREADS": str(threads), "RAYON_NUM_THREADS": str(threads)}
    call = [python, str(CONTESTANT), name, str(data), str(factors), str(threads)]
    environment = {**os.environ, **each} | ({"PYTHONPATH": str(ROOT)} if python == sys.executable else {})
    return subprocess.Popen(call, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment)


def asked(contestant: subprocess.Popen[str]) -> dict[str, float]:
    """Let a contestant fit once."""
    if contestant.stdin is None or contestant.stdout is None:
        raise BrokenPipeError
    contestant.stdin.write("fit\n")
    contestant.stdin.flush()
    answer: dict[str, float] = json.loads(contestant.stdout.readline())
    return answer


def run(race: Race, python: str, data: Path, runs: int, threads: int) -> list[tuple[dict[str, float], dict[str, float]]]:
    """Let both sides fit in turn; the first fit of each is there for the objective, its time does not count."""
    with (
        started(sys.executable, race.ours, data, race.factors, threads, 0) as ours,
        started(python, race.peer, data, race.factors, threads, race.blas) as theirs,
    ):
        answers = [(asked(ours), asked(theirs)) for _ in range(runs + 1)]
        for side in (ours, theirs):
            side.communicate()
    return answers


def line(race: Race, answers: list[tuple[dict[str, float], dict[str, float]]]) -> str:
    """One line of the table."""
    first, *times = answers
    cells: list[Any] = [f"{race.ours} / {race.peer}", race.factors or "", len(times)]
    for kind in ("seconds", "processor"):
        ours, theirs = (statistics.median(side[kind] for side in sides) for sides in zip(*times, strict=True))
        cells += [f"{ours:.2f}", f"{theirs:.2f}", f"{statistics.median(a[kind] / b[kind] for a, b in times):.2f}"]
    ends = [side["objective"] for side in first if "objective" in side]
    cells += [race.wanted, f"{ends[0] / ends[1] - 1:+.3%}" if ends else ""]
    return "| " + " | ".join(str(cell) for cell in cells) + " |"


def main() -> None:
    """Run every race whose peer is there."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("split", type=Path)
    peers = sorted({race.peer for race in RACES})
    for peer in peers:
        words.add_argument(f"--{peer}", metavar="PYTHON")
    words.add_argument("--runs", type=int, default=5)
    words.add_argument("--threads", type=int, default=2)
    given = words.parse_args()
    head = ("fit", "factors", "pairs", "s", "peer s", "ratio", "CPU s", "peer CPU s", "CPU ratio", "wanted", "objective above peer's")
    sys.stdout.write("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|\n")
    with tempfile.TemporaryDirectory() as work:
        data = Path(work) / "pairs.npz"
        prepared(given.split, data)
        for race in (race for race in RACES if getattr(given, race.peer)):
            sys.stdout.write(line(race, run(race, getattr(given, race.peer), data, given.runs, given.threads)) + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
