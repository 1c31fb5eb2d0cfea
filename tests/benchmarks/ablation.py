"""
What each ingredient of the models is worth: NDCG@10 with and without it on the test customers of a prepared split in time.

`python -m tests.benchmarks.ablation SPLIT` prints one table. A split is a folder as `tests.benchmarks.lists` reads it; `users.parquet`
and `searches.parquet` are read too where they are there, and then, or where there are views and the like, it is shown what these are worth. Each line leaves one thing out
(or puts another in its place) and changes nothing else; the interval is that of the paired difference over customers.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.assemble import World, world
from xsell.contract.options import Fit
from xsell.contract.progress import silent
from xsell.data.cuts import Heldout
from xsell.data.matrix import codes
from xsell.data.training import Training, build, pairs
from xsell.files.workspace import Workspace
from xsell.metrics.intervals import intervals
from xsell.metrics.ranking import hits, ndcg, relevant
from xsell.models import regression
from xsell.models.recommender import Recommender
from xsell.models.regression import Regression
from xsell.ranking import recommend
from xsell.selection import fusion, parts, tuning
from xsell.selection.choose import _earlier, _looked
from xsell.selection.hybrid import Hybrid, Model
from xsell.selection.plan import Plan, Trial
from xsell.selection.table import Table
from xsell.selection.validation import quick, validation

K = 10
Values = NDArray[np.float64]


def prepared(split: Path, work: str) -> tuple[World, Heldout]:
    """Clean and describe a split; give what is known and what its test customers took up."""
    more = [word for name in ("users", "searches") if (file := split / f"{name}.parquet").exists() for word in (f"--{name}", str(file))]
    files = [str(split / "train.parquet"), "--items", str(split / "items.parquet"), *more, "-w", work, "-q"]
    for words in (["clean", *files], ["features", "-w", work, "-q"]):
        subprocess.run([sys.executable, "-m", "xsell", *words], check=True, stdout=subprocess.DEVNULL)
    rules = json.loads((split / "rules.json").read_text())
    known = world(Workspace(Path(work)), Fit(scope="new" if rules["exclude_owned_categories"] else "any"))
    asked = pl.read_parquet(split / "test.parquet").select(pl.col("user_id", "item_id").cast(pl.String)).unique()
    user, item = codes(asked["user_id"], known.users), codes(asked["item_id"], known.items["item_id"])
    there = (user >= 0) & (item >= 0)
    wanted = pairs(user[there], item[there], (known.training.n_users, known.training.n_items))
    who = np.flatnonzero(np.diff(wanted.indptr)).astype(np.int32)
    return known, Heldout(who, wanted[who].indptr.astype(np.int64), wanted.indices)


def values(model: Model, known: World, asked: Heldout) -> Values:
    """NDCG@10 of every test customer."""
    history = known.training.history.rows(asked.user)
    return ndcg(hits(recommend(model, history, known.training.catalog, known.scope, K, silent).items, asked), relevant(asked))


def without(training: Training, what: str) -> Training:
    """The same without the profile, or without one kind of weaker events; the columns stay, with nothing in them."""
    known = training.history.profile
    profile = sp.csr_array(known.shape, dtype=np.float32) if what == "profile" else known
    streams = tuple(s.take(np.full(len(s.user), s.name != what)) for s in training.streams)
    return build(training.log, streams, training.catalog, profile, training.like, since=training.since)


def poorer(training: Training) -> dict[str, Training]:
    """What is left without each thing that is known besides ownership."""
    there = [s.name for s in training.streams if len(s.user)] + (["profile"] if training.history.profile.nnz else [])
    return {f"without {name}": without(training, name) for name in dict.fromkeys(there)}


def of_regressions(training: Training, lead: dict[str, float]) -> Iterator[tuple[str, str, Model]]:
    """Name of the whole model, what is changed, and the model."""
    base = {"regularization": lead["regularization"], "rho": lead["rho"], "beta": lead.get("beta", 0.0)}
    for name, exclude in (("cross", "category"), ("ease", "item")):
        changes = {
            "": {},
            "row scaling ρ 0.5 for 0, or 0 for 0.5": {"rho": 0.5 - base["rho"]},
            "λ ten times as large": {"regularization": 10 * base["regularization"]},
            "terms as customers: β 10 for 0, or 0": {"beta": 0.0 if base["beta"] else 10.0},
            "beginnings of histories": {"prefixes": True},
        }
        for said, change in changes.items():
            yield name, said, Regression(**{"exclude": exclude, **base, **change}).fit(training)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(regression, "INTERCEPT_PENALTY", 1e9)
            yield name, "without the intercept", Regression(exclude, **base).fit(training)
        for said, less in poorer(training).items():
            yield name, said, Regression(exclude, **base).fit(less)


@dataclass(frozen=True, slots=True)
class Learnt:
    """Parts fitted on a training, and what a fusion of them is learnt from."""

    training: Training
    parts: dict[str, Recommender]
    late: Table
    early: Table | None
    window: float
    groups: dict[str, NDArray[np.intp]]

    @classmethod
    def of(cls, training: Training, names: list[str], best: dict[str, Trial], plan: Plan) -> Self:
        """Fit parts with settings that are known."""
        judge = validation(training, plan.scope, "temporal", 0)
        assert judge
        earlier = _earlier(judge, plan)
        late, *early = [_looked(window, names, best, plan, silent) for window in (judge, earlier) if window]
        fitted, known = parts.fitted(training, names, best, plan, silent), fusion.groups(names, late.statics)
        return cls(training, fitted, late.table, early[0].table if early else None, judge.cut.window, known)

    def fused(self, group: str = "") -> Hybrid:
        """A fusion without one group of features."""
        use = fusion.left(self.groups, set(self.groups) - {group}, self.late.seen.shape[1])
        weights = fusion.learn(self.late, use, also=self.early)
        fused = Hybrid(self.parts, self.window, weights.mean, weights.slope / weights.spread, weights.intercept)
        return fused.fit(self.training)


def of_fusion(known: World) -> Iterator[tuple[str, str, Model]]:
    """Fusions without one group of features each, all learnt on the same windows."""
    training, plan = known.training, Plan(known.scope)
    judge = validation(training, known.scope, "temporal", 0)
    if judge is None:
        return
    names = parts.parts(training, plan)
    trials = tuning.trials_of(set(names) - {parts.PREFIXES} | {"popular"}, quick(judge, 0), plan, silent)
    best = parts.together(trials, names)
    yield from of_regressions(training, best["cross" if "cross" in best else "ease"].parameters)
    whole = Learnt.of(training, names, best, plan)
    for group in ("", *whole.groups):
        yield "hybrid (all parts)", f"without {group}" if group else "", whole.fused(group)
    for said, less in poorer(training).items():
        yield "hybrid (all parts)", said, Learnt.of(less, names, best, plan).fused()


def main() -> None:
    """Print the table of one split."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("split", type=Path)
    with tempfile.TemporaryDirectory() as work:
        known, wanted = prepared(asked.parse_args().split, work)
        whole: dict[str, Values] = {}
        sys.stdout.write("| model | change | NDCG@10 | difference | 95% interval |\n|---|---|---|---|---|\n")
        for name, change, model in of_fusion(known):
            found = values(model, known, wanted)
            whole.setdefault(name, found)
            gap = intervals((found - whole[name])[:, None], 0)[0]
            shown = f"{gap.mean:+.4f} | {gap.low:+.4f} to {gap.high:+.4f}" if change else "– | –"
            sys.stdout.write(f"| {name} | {change or '–'} | {found.mean():.4f} | {shown} |\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
