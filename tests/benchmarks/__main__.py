"""Run every benchmark and print its rows: `python -m tests.benchmarks`. Times hold for this machine and moment only; ratios travel better."""

import sys
from collections.abc import Callable

from tests.benchmarks.help_time import help_time

BENCHMARKS: tuple[Callable[[], list[tuple[str, str]]], ...] = (help_time,)


def main() -> None:
    """Print one line a row: what was measured, and the value."""
    for benchmark in BENCHMARKS:
        for what, value in benchmark():
            sys.stdout.write(f"{what:<64} {value:>14}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
