"""
Times of making lists against the bare product of vectors, and beside implicit.

`python -m tests.benchmarks.recommend [--implicit PYTHON] [--rusket PYTHON] [--users 20000] [--items 20000] [--factors 64] [--runs 3] [--threads 2]` prints one line
a side: rows per second and the most memory, and medians over the rounds of its time over that of the product and of lists under scope any in the same round.
All sides have the same random vectors and 20 products a customer, in 200 categories; xsell works out the vectors of customers on the way, the others
have them. PYTHON is the interpreter of an environment that has the tool. Every side is a process that stays, and they take turns.
"""

import argparse
import statistics
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tests.benchmarks.peers import asked, started

EACH, CATEGORIES = 20, 200
PRODUCT, ANY = "lists_product", "lists_any"
NAMES = {
    PRODUCT: "product alone",
    ANY: "xsell, any",
    "lists_new": "xsell, new",
    "lists_implicit": "implicit, any",
    "lists_rusket": "rusket, any",
}
HEAD = ("lists", "rows / s", "peak MB", "time / product", "CPU / product", "time / any", "CPU / any")


def made(target: Path, users: int, items: int, factors: int) -> None:
    """Write random vectors, popular products being bought more often."""
    dice = np.random.default_rng(0)
    chance = 1 / (np.arange(items) + 20.0) ** 0.8
    item = np.searchsorted(np.cumsum(chance / chance.sum()), dice.random(users * EACH)).clip(max=items - 1)
    pairs = np.unique(np.repeat(np.arange(users), EACH) * items + item)
    vectors, people = (dice.normal(0, factors**-0.5, (n, factors)).astype(np.float32) for n in (items, users))
    category = dice.integers(0, CATEGORIES, items).astype(np.int32)
    pairs = np.r_[pairs, users * items - 1] if pairs[-1] != users * items - 1 else pairs
    np.savez(
        target,
        user=(pairs // items).astype(np.int32),
        item=(pairs % items).astype(np.int32),
        category=category,
        vectors=vectors,
        people=people,
    )


def main() -> None:
    """Let every side make its lists in turn; the first round warms up."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    peers = ("implicit", "rusket")
    for peer in peers:
        words.add_argument(f"--{peer}", metavar="PYTHON")
    for name, default in (("users", 20000), ("items", 20000), ("factors", 64), ("runs", 3), ("threads", 2)):
        words.add_argument(f"--{name}", type=int, default=default)
    given = words.parse_args()
    sides = {name: getattr(given, name.removeprefix("lists_"), sys.executable) for name in NAMES}
    with tempfile.TemporaryDirectory() as work, ExitStack() as stack:
        data = Path(work) / "vectors.npz"
        made(data, given.users, given.items, given.factors)
        there = {
            name: stack.enter_context(started(python, name, data, given.factors, given.threads, 1 if name == "lists_implicit" else 0))
            for name, python in sides.items()
            if python
        }
        rounds = [{name: asked(side) for name, side in there.items()} for _ in range(given.runs + 1)]
        for side in there.values():
            side.communicate()
    sys.stdout.write("| " + " | ".join(HEAD) + " |\n" + "|---" * len(HEAD) + "|\n")
    for name in there:
        own = [turn[name] for turn in rounds[1:]]
        cells = [NAMES[name], f"{given.users / statistics.median(turn['seconds'] for turn in own):,.0f}", f"{own[-1]['peak']:.0f}"]
        for base in (PRODUCT, ANY):
            cells += [
                f"{statistics.median(turn[name][kind] / turn[base][kind] for turn in rounds[1:]):.2f}" for kind in ("seconds", "processor")
            ]
        sys.stdout.write("| " + " | ".join(cells) + " |\n")


if __name__ == "__main__":
    main()
