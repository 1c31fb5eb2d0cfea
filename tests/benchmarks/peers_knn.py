"""
Time to fit `knn` and `rules` beside other tools, on equal customers, products, neighbours and threads.

`python -m tests.benchmarks.peers_knn TRAIN.parquet [--rusket PYTHON] [--implicit PYTHON] [--mlxtend PYTHON]` reads pairs of user_id and item_id.
Each PYTHON is an interpreter that has the tool. The runs alternate; a row has both medians and the median ratio of the pairs. Processor seconds
are shown beside, which a busy machine disturbs less.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell import parallel
from xsell.data.ids import numbering
from xsell.data.matrix import codes
from xsell.data.training import NEVER, Catalog, Log, Training, build
from xsell.models.knn import Knn
from xsell.models.rules import Rules

RUNS = 5
NEIGHBOURS = (20, 200)
THREADS = 2
LEAST = 0.01
"""Smallest support of a rule, so that all find the same pairs."""

SERVER = """
import sys, time, warnings
import numpy as np, scipy.sparse as sp
warnings.simplefilter("ignore")
X = sp.load_npz(sys.argv[1])
{prepare}
for line in sys.stdin:
    wall, used = time.perf_counter(), time.process_time()
    {fit}
    print("took", time.perf_counter() - wall, time.process_time() - used, flush=True)
"""
RUSKET = ("from rusket import ItemKNN", "ItemKNN(method='cosine', k=int(line)).fit(X)")
IMPLICIT = (
    "from implicit.nearest_neighbours import CosineRecommender\nY = X.tocsr()",
    f"CosineRecommender(K=int(line), num_threads={THREADS}).fit(Y, show_progress=False)",
)
MLXTEND = (
    "import pandas as pd\nfrom mlxtend.frequent_patterns import association_rules, fpgrowth\nD = pd.DataFrame.sparse.from_spmatrix(X.astype(bool))",
    "association_rules(fpgrowth(D, min_support=float(line), max_len=2), metric='confidence', min_threshold=0.0)",
)

Took = tuple[float, float]


def training(file: Path) -> Training:
    """Pairs of customers and products, each once."""
    frame = pl.read_parquet(file).select(pl.col("user_id", "item_id").cast(pl.String)).unique()
    users, items = numbering(frame["user_id"]), numbering(frame["item_id"])
    n = frame.height
    log = Log(
        user=codes(frame["user_id"], users),
        item=codes(frame["item_id"], items),
        at=np.full(n, np.nan),
        value=np.ones(n, np.float32),
        rated=np.zeros(n, bool),
        undone_at=np.full(n, NEVER),
    )
    catalog = Catalog(np.full(len(items), -1, np.int32), 0, sp.csr_array((len(items), 0), dtype=np.float32))
    return build(log, (), catalog, sp.csr_array((len(users), 0), dtype=np.float32), 0.0)


def ours(fit: Callable[[], object]) -> Took:
    """Wall and processor seconds of one fit."""
    wall, used = time.perf_counter(), time.process_time()
    fit()
    return time.perf_counter() - wall, time.process_time() - used


class Peer:
    """Another tool in an interpreter of its own, which fits once for every line it is sent."""

    def __init__(self, python: str, script: tuple[str, str], matrix: Path) -> None:
        prepare, fit = script
        words = [python, "-c", SERVER.format(prepare=prepare, fit=fit), str(matrix)]
        self.child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def fit(self, line: str) -> Took:
        """Wall and processor seconds of one fit; the tool may print what it likes in between."""
        assert self.child.stdin
        assert self.child.stdout
        self.child.stdin.write(f"{line}\n")
        self.child.stdin.flush()
        said = next(text for text in self.child.stdout if text.startswith("took "))
        wall, used = said.split()[1:]
        return float(wall), float(used)


def row(name: str, own: Callable[[], object], peer: Peer, line: str) -> str:
    """Run both in turn, the first pair for warming up."""
    pairs = [(ours(own), peer.fit(line)) for _ in range(RUNS + 1)][1:]
    wall, used = ((statistics.median(a[k] for a, _ in pairs), statistics.median(b[k] for _, b in pairs)) for k in (0, 1))
    ratios = [statistics.median(a[k] / b[k] for a, b in pairs) for k in (0, 1)]
    return f"{name:<28} {wall[0]:8.3f} {wall[1]:8.3f} {ratios[0]:6.2f}   {used[0]:8.3f} {used[1]:8.3f} {ratios[1]:6.2f}\n"


def main() -> None:
    """Print one line a comparison."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("train", type=Path)
    for name in ("rusket", "implicit", "mlxtend"):
        asked.add_argument(f"--{name}", metavar="PYTHON")
    words = asked.parse_args()
    known = training(words.train)
    sys.stdout.write(f"{'':<28} {'seconds':>8} {'theirs':>8} {'ratio':>6}   {'cpu s':>8} {'theirs':>8} {'ratio':>6}\n")
    with tempfile.TemporaryDirectory() as work, parallel.limit(THREADS):
        matrix = Path(work) / "bought.npz"
        sp.save_npz(matrix, sp.csr_matrix(known.history.purchases))
        for name, script in (("rusket", RUSKET), ("implicit", IMPLICIT)):
            if python := getattr(words, name):
                peer = Peer(python, script, matrix)
                for k in NEIGHBOURS:
                    sys.stdout.write(row(f"knn / {name}, {k} neighbours", lambda k=k: Knn("cosine", k).fit(known), peer, str(k)))
        if words.mlxtend:
            least = int(np.ceil(LEAST * known.n_users))
            peer = Peer(words.mlxtend, MLXTEND, matrix)
            sys.stdout.write(row("rules / mlxtend", lambda: Rules("sum", known.n_items, least).fit(known), peer, str(LEAST)))


if __name__ == "__main__":
    main()
