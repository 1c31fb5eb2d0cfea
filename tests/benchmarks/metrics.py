"""
Time and memory of judging lists, beside the time of making them and beside other libraries on the same lists.

`python -m tests.benchmarks.metrics [--implicit PYTHON] [--rectools PYTHON]`: interpreters of environments in which these libraries are installed.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import scipy.sparse as sp

from xsell import ranking
from xsell.contract.progress import silent
from xsell.data.cuts import Heldout
from xsell.data.training import Catalog, Floats, History, pairs
from xsell.metrics.ground import Ground
from xsell.metrics.measured import measure
from xsell.metrics.scoreboard import judge
from xsell.parallel import limit

CUSTOMERS, ITEMS, CATEGORIES, TERMS, FACTORS = 100_000, 20_000, 100, 3000, 64
LENGTHS = (10, 20)
IMPLICIT = """
import sys, time, numpy as np, scipy.sparse as sp
from implicit.evaluation import ranking_metrics_at_k
d = np.load(sys.argv[1]); lists = d["lists"]; n, m = len(lists), int(d["items"])
of = lambda name: sp.csr_matrix((np.ones(len(d[name]), np.float32), d[name], d[name + "_ends"]), shape=(n, m))
class Stored:
    def recommend(self, users, history, N=10, **more):
        return lists[users, :N], np.zeros((len(users), N), np.float32)
start = time.perf_counter()
for k in (10, 20):
    ranking_metrics_at_k(Stored(), of("owned"), of("hidden"), K=k, show_progress=False)
print(time.perf_counter() - start)
"""
RECTOOLS = """
import sys, time, numpy as np, pandas as pd, rectools.metrics as m
d = np.load(sys.argv[1]); lists = d["lists"]; n, k = lists.shape
reco = pd.DataFrame({"user_id": np.repeat(np.arange(n), k), "item_id": lists.ravel(), "rank": np.tile(np.arange(1, k + 1), n)})
of = lambda name: pd.DataFrame({"user_id": np.repeat(np.arange(n), np.diff(d[name + "_ends"])), "item_id": d[name]})
hidden, owned = of("hidden"), of("owned")
start = time.perf_counter()
for k in (10, 20):
    named = {"precision": m.Precision(k), "recall": m.Recall(k), "capped": m.Precision(k, r_precision=True), "ndcg": m.NDCG(k, divide_by_achievable=True),
             "map": m.MAP(k), "mrr": m.MRR(k), "hit": m.HitRate(k), "novelty": m.MeanInvUserFreq(k), "popularity": m.AvgRecPopularity(k),
             "coverage": m.CatalogCoverage(k, normalize=True)}
    m.calc_metrics(named, reco, hidden, prev_interactions=owned, catalog=np.arange(int(d["items"])))
print(time.perf_counter() - start)
"""


class Factors:
    """Scores from given factors of the items, or from nothing but their popularity."""

    def __init__(self, values: Floats) -> None:
        self.values = values

    def score(self, history: History) -> Floats:
        """Scores of all items, float32 [customers × items]."""
        return np.asarray((history.purchases @ self.values) @ self.values.T, np.float32)


def world() -> tuple[History, Catalog, Ground]:
    """Customers with twenty purchases each of a long-tailed catalogue and five hidden ones."""
    dice = np.random.default_rng(0)
    rows = np.repeat(np.arange(CUSTOMERS), 25)
    bought = pairs(rows, np.minimum(dice.zipf(1.3, len(rows)) + dice.integers(0, ITEMS // 4, len(rows)), ITEMS) - 1, (CUSTOMERS, ITEMS))
    hide = dice.random(bought.nnz) < 0.2
    row = np.repeat(np.arange(CUSTOMERS), np.diff(bought.indptr))
    owned, wanted = (pairs(row[side], bought.indices[side], bought.shape) for side in (~hide, hide))
    content = sp.csr_array(sp.random_array((ITEMS, TERMS), density=8 / TERMS, dtype=np.float32, rng=dice))
    content = sp.csr_array(sp.diags_array(1 / np.maximum(np.sqrt(content.power(2).sum(1)), 1e-9)) @ content).astype(np.float32)
    catalog = Catalog(dice.integers(0, CATEGORIES, ITEMS).astype(np.int32), CATEGORIES, content)
    asked = np.flatnonzero(np.diff(wanted.indptr) > 0).astype(np.int32)
    some = wanted[asked]
    heldout = Heldout(asked, some.indptr.astype(np.int64), some.indices)
    owners = np.bincount(owned.indices, minlength=ITEMS).astype(np.int64)
    history = History(owned[asked], owned[asked], (), sp.csr_array((len(asked), 0), dtype=np.float32))
    ground = Ground(heldout, history.owned, history.purchases, catalog, owners, CUSTOMERS, np.ones(ITEMS, bool), np.zeros(0, np.float32))
    return history, catalog, ground


def seconds(work: Callable[[], object]) -> tuple[float, object]:
    """How long something takes, and what it gives."""
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


def main() -> None:
    """Print one line a row: what was measured, and the value."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--implicit")
    asked.add_argument("--rectools")
    words = asked.parse_args()
    history, catalog, ground = world()
    dice = np.random.default_rng(1)
    models = {
        "als": Factors(dice.normal(size=(ITEMS, FACTORS)).astype(np.float32)),
        "popular": Factors(np.sqrt(ground.owners[:, None]).astype(np.float32)),
    }
    with limit(0):
        spent = {
            name: seconds(lambda model=model: ranking.recommend(model, history, catalog, "any", max(LENGTHS), silent).items)
            for name, model in models.items()
        }
        lists = {name: made for name, (_, made) in spent.items()}
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        measuring, measured = seconds(lambda: measure(lists, ground, LENGTHS))
        judging = seconds(lambda: judge([measured], "popular", 0))[0]
    making, total = sum(s for s, _ in spent.values()), measuring + judging
    rows = [
        (f"lists of 20 for {len(history):,} customers × {ITEMS:,} products, two models", f"{making:.1f} s"),
        ("all metrics of two models at k = 10 and 20", f"{measuring:.1f} s"),
        ("intervals from 1,000 resamples, tests with 10,000 signs", f"{judging:.1f} s"),
        ("judging / making (at most 0.5 wanted)", f"{total / making:.3f}"),
        (
            "peak memory of the process before and after judging",
            f"{before / 1024:.0f}, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB",
        ),
        *(
            (f"{name} on the lists of one model, k = 10 and 20", f"{s:.1f} s; judging one model / it: {total / 2 / s:.2f}")
            for name, s in _peers(words, lists, ground)
        ),
    ]
    for what, value in rows:
        sys.stdout.write(f"{what:<80} {value}\n")


def _peers(words: argparse.Namespace, lists: dict[str, np.ndarray], ground: Ground) -> list[tuple[str, float]]:
    with tempfile.TemporaryDirectory() as directory:
        place = Path(directory) / "lists.npz"
        ends = {"owned_ends": ground.owned.indptr, "hidden_ends": ground.heldout.indptr}
        np.savez(place, lists=lists["als"], owned=ground.owned.indices, hidden=ground.heldout.item, items=ITEMS, **ends)
        asked = (("implicit", words.implicit, IMPLICIT), ("rectools", words.rectools, RECTOOLS))
        return [(name, _timed(python, script, place)) for name, python, script in asked if python]


def _timed(python: str, script: str, place: Path) -> float:
    ran = subprocess.run([python, "-c", script, str(place)], check=True, capture_output=True, text=True)
    return float(ran.stdout.split()[-1])


if __name__ == "__main__":
    main()
