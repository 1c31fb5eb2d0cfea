"""
Quality and time of xsell's models on prepared splits, through its command line.

Cleaning and features have a column of their own: other tools are handed numbered pairs, and their times begin with those.

`python -m tests.benchmarks.lists SPLIT… [--models hybrid,cross,ease,als]` prints one table a split. A split is a folder with `train.parquet`,
`test.parquet` (user_id, item_id), `items.parquet` and `rules.json` (`task`, `exclude_owned_categories`). Results of other tools are shown beside
where a folder named by `--results` holds `SPLIT/*.result.json` with `ndcg@10`, `ndcg@10_ci95`, `precision@10`, `fit_s`, `tune_s`, `recommend_s`, `peak_mb`.
Where the lists of the best of them are there too (`SPLIT/*.parquet`: user_id, item_id, rank), a line under the table tells the paired difference of the
first model to it.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from xsell.data.cuts import Heldout
from xsell.data.matrix import codes
from xsell.data.training import pairs
from xsell.metrics import ranking
from xsell.metrics.intervals import intervals

K = 10
RULES = {"newcat": "new-category", "firsts": "temporal", "temporal": "temporal", "random": "random"}
COLUMNS = ("tool", "model", "P@10", "NDCG@10", "95% interval", "coverage", "clean s", "tune + fit s", "lists s", "peak MB")


def ran(*words: str) -> tuple[float, float]:
    """Seconds and peak memory in MB of one command of xsell."""
    start = time.perf_counter()
    child = subprocess.Popen([sys.executable, "-m", "xsell", *words, "--quiet"], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, words)
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def measured(split: Path, model: str) -> dict[str, Any]:
    """Train a model on a split, make its lists, and judge them."""
    rules = json.loads((split / "rules.json").read_text())
    scope = "new" if rules["exclude_owned_categories"] else "any"
    with tempfile.TemporaryDirectory() as work:
        out = str(Path(work) / "lists.parquet")
        files = (str(split / "train.parquet"), "--items", str(split / "items.parquet"))
        read = [ran("clean", *files, "-w", work), ran("features", "-w", work)]
        fit, peak = ran("train", "-w", work, "--model", model, "--scope", scope, "--split", RULES[rules["task"]])
        wanted = ("--only-users", str(split / "test.parquet"), "-n", str(K), "--output", out)
        lists, more = ran("recommend", "-w", work, "--model", model, *wanted)
        found = judged(split, pl.read_parquet(out))
    cleaning, peaks = sum(seconds for seconds, _ in read), (peak, more, *(peak for _, peak in read))
    times = {"clean_s": cleaning, "tune_s": 0.0, "fit_s": fit, "recommend_s": lists}
    return {"peer": "xsell", "model": model, **times, "peak_mb": max(peaks), **found}


def judged(split: Path, lists: pl.DataFrame) -> dict[str, Any]:
    """Metrics of lists over all customers of the test part, those without a list included."""
    asked = pl.read_parquet(split / "test.parquet").select(pl.col("user_id", "item_id").cast(pl.String)).unique()
    catalogue = pl.concat([pl.read_parquet(split / f"{name}.parquet", columns=["item_id"]) for name in ("train", "items")])["item_id"]
    users = asked["user_id"].unique().sort()
    items = pl.concat([catalogue.cast(pl.String), asked["item_id"]]).unique().sort()
    wanted = pairs(codes(asked["user_id"], users), codes(asked["item_id"], items), (len(users), len(items)))
    heldout = Heldout(np.arange(len(users), dtype=np.int32), wanted.indptr.astype(np.int64), wanted.indices)
    ranked = np.full((len(users), K), -1, np.int32)
    rows = lists.filter(pl.col("rank") <= K)
    ranked[codes(rows["user_id"], users), rows["rank"].to_numpy() - 1] = codes(rows["item_id"], items)
    hits, relevant = ranking.hits(ranked, heldout), ranking.relevant(heldout)
    gain = ranking.ndcg(hits, relevant)
    interval = intervals(gain[:, None], 0)[0]
    coverage = len(np.unique(ranked[ranked >= 0])) / catalogue.n_unique()
    return {
        "precision@10": float(ranking.precision(hits, relevant).mean()),
        "ndcg@10": float(gain.mean()),
        "gain": gain,
        "ndcg@10_ci95": (interval.low, interval.high),
        "coverage@10": coverage,
    }


def table(rows: list[dict[str, Any]]) -> str:
    """One markdown table, the best NDCG first."""
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---" * len(COLUMNS) + "|"]
    for row in sorted(rows, key=lambda r: -r["ndcg@10"]):
        low, high = row["ndcg@10_ci95"]
        cells = (
            row["peer"],
            row.get("label", row["model"]),
            f"{row['precision@10']:.4f}",
            f"{row['ndcg@10']:.4f}",
            f"{low:.4f}–{high:.4f}",
            f"{row['coverage@10']:.3f}",
            f"{row['clean_s']:.1f}" if "clean_s" in row else "–",
            f"{row.get('tune_s', 0.0) + row['fit_s']:.1f}",
            f"{row['recommend_s']:.1f}",
            f"{row['peak_mb']:.0f}",
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def against(row: dict[str, Any], others: list[Path], split: Path) -> str:
    """How much more NDCG@10 customers get than from the best of other tools; nothing where its lists are not there."""
    best = max(others, key=lambda file: json.loads(file.read_text()).get("ndcg@10", 0.0), default=None)
    lists = best and best.with_name(best.name.replace(".result.json", ".parquet"))
    if not lists or not lists.exists():
        return ""
    gap = intervals((row["gain"] - judged(split, pl.read_parquet(lists))["gain"])[:, None], 0)[0]
    name = lists.stem.replace("-", " ", 1)
    return f"\n{row['model']} − {name}: NDCG@10 {gap.mean:+.4f}, 95% interval of the paired difference {gap.low:+.4f} to {gap.high:+.4f}\n"


def main() -> None:
    """Print a table for every split named."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("splits", nargs="+", type=Path)
    asked.add_argument("--models", default="hybrid,cross,ease,als")
    asked.add_argument("--results", type=Path)
    words = asked.parse_args()
    for split in words.splits:
        rows = [measured(split, model) for model in words.models.split(",")]
        others = sorted((words.results / split.name).glob("*.result.json")) if words.results else []
        gap = against(rows[0], others, split)
        rows += [row for row in (json.loads(file.read_text()) for file in others) if "ndcg@10" in row]
        sys.stdout.write(f"\n### {split.name}\n\n{table(rows)}\n{gap}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
