"""
One side of a race: fits, or makes lists, whenever a line arrives and answers how long that took.

`PYTHON contestant.py NAME DATA FACTORS THREADS` runs in the environment of the tool called NAME, which need not have xsell. DATA is an npz file
with the arrays user, item (each pair once) and category, and for lists the vectors of items and of people. All factorisations minimise, over customers' and items' vectors u and v,
`Σ_owned 4 (1 − u·v)² + Σ_others (u·v)² + 10 (Σ‖u‖² + Σ‖v‖²)`.
"""

import importlib
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

CONFIDENCE, PENALTY, SWEEPS = 4.0, 10.0, 15
RIDGE = 300.0
LENGTH, BATCH = 10, 1000

Data = dict[str, NDArray[Any]]
Fit = Callable[[], NDArray[np.floating] | None]


def matrix(data: Data) -> sp.csr_matrix:
    """Customers × items, 1 where owned."""
    found = sp.csr_matrix((np.ones(len(data["user"]), np.float32), (data["user"], data["item"])))
    found.sort_indices()
    return found


def objective(owned: sp.csr_matrix, items: NDArray[np.floating]) -> float:
    """What all factorisations minimise, with the customers' vectors that are best for the items' vectors."""
    V = items.astype(np.float64)
    base = V.T @ V + PENALTY * np.eye(V.shape[1])
    total = PENALTY * float((V**2).sum())
    for start, stop in zip(owned.indptr[:-1], owned.indptr[1:], strict=True):
        own = V[owned.indices[start:stop]]
        pull = CONFIDENCE * own.sum(axis=0)
        total += CONFIDENCE * len(own) - float(pull @ np.linalg.solve(base + (CONFIDENCE - 1) * own.T @ own, pull))
    return total


def xsell_als(data: Data, factors: int, threads: int) -> Fit:
    """Als with the penalty of its peers, which is the same for all rows, and vectors in their scale."""
    module = importlib.import_module("xsell.models.als")
    alpha = 1 / (CONFIDENCE - 1)

    class Plain(module.Als):
        """Als with one penalty for all rows."""

        def _penalty(self, size: NDArray[Any], _others: int) -> NDArray[Any]:
            return np.full(np.shape(size), PENALTY / CONFIDENCE)

    training = known(data)

    def fit() -> NDArray[np.floating]:
        with importlib.import_module("xsell.parallel").limit(threads):
            return np.asarray(Plain(factors, alpha, 1.0, SWEEPS).fit(training).items_ * np.sqrt(1 + alpha))

    return fit


def xsell_regression(exclude: str) -> Callable[[Data, int, int], Fit]:
    """`ease` or `cross`."""

    def prepare(data: Data, _factors: int, threads: int) -> Fit:
        module = importlib.import_module("xsell.models.regression")
        training = known(data)

        def fit() -> None:
            with importlib.import_module("xsell.parallel").limit(threads):
                module.Regression(exclude, RIDGE).fit(training)

        return fit

    return prepare


def known(data: Data) -> Any:
    """The Training that the pairs make."""
    module = importlib.import_module("xsell.data.training")
    events, items = len(data["user"]), len(data["category"])
    user, item, category = (data[name].astype(np.int32) for name in ("user", "item", "category"))
    log = module.Log(
        user, item, np.full(events, np.nan), np.ones(events, np.float32), np.zeros(events, bool), np.full(events, module.NEVER)
    )
    catalog = module.Catalog(category, int(category.max()) + 1, sp.csr_array((items, 0), dtype=np.float32))
    return module.build(log, (), catalog, sp.csr_array((int(user.max()) + 1, 0), dtype=np.float32), 0.0)


def xsell_lists(scope: str) -> Callable[[Data, int, int], Fit]:
    """Lists of xsell from the items' vectors: customers' vectors, scores, what is allowed, the best ten."""

    def prepare(data: Data, _factors: int, threads: int) -> Fit:
        training, ranking = known(data), importlib.import_module("xsell.ranking")
        model = importlib.import_module("xsell.models.als").Als(data["vectors"].shape[1], regularization=1e-3)
        model.items_ = data["vectors"]

        def lists() -> None:
            with importlib.import_module("xsell.parallel").limit(threads):
                ranking.recommend(model, training.history, training.catalog, scope, LENGTH, lambda *_: None)

        return lists

    return prepare


def xsell_product(data: Data, _factors: int, threads: int) -> Fit:
    """The floor: the product of all vectors in float32, in the blocks and on the threads of xsell, and nothing else."""
    ranking, parallel = importlib.import_module("xsell.ranking"), importlib.import_module("xsell.parallel")
    people, items = data["people"], data["vectors"]

    def work(block: slice) -> None:
        np.matmul(people[block], items.T)

    def lists() -> None:
        with parallel.limit(threads):
            parallel.each(work, ranking.blocks(len(people), len(items)))

    return lists


def implicit_lists(data: Data, factors: int, threads: int) -> Fit:
    """Lists of implicit, whose customers' vectors are there already."""
    module, owned = importlib.import_module("implicit.als"), matrix(data)
    model = module.AlternatingLeastSquares(factors=factors, num_threads=threads)
    model.user_factors, model.item_factors = data["people"], data["vectors"]

    def lists() -> None:
        for start in range(0, owned.shape[0], BATCH):
            ids = np.arange(start, min(start + BATCH, owned.shape[0]))
            model.recommend(ids, owned[ids], N=LENGTH, filter_already_liked_items=True)

    return lists


def rusket_lists(data: Data, factors: int, _threads: int) -> Fit:
    """Lists of rusket as a table, whose customers' vectors are there already."""
    model = importlib.import_module("rusket").ALS(factors=factors, iterations=1)
    model.fit(matrix(data))
    model._user_factors, model._item_factors = data["people"], data["vectors"]

    def lists() -> None:
        model.batch_recommend(n=LENGTH, exclude_seen=True)

    return lists


def implicit(data: Data, factors: int, threads: int) -> Fit:
    """ALS of implicit, with its three steps of conjugate gradients."""
    module, owned = importlib.import_module("implicit.als"), matrix(data)

    def fit() -> NDArray[np.floating]:
        model = module.AlternatingLeastSquares(
            factors=factors, alpha=CONFIDENCE, regularization=PENALTY, iterations=SWEEPS, num_threads=threads, random_state=0
        )
        model.fit(owned, show_progress=False)
        return np.asarray(model.item_factors)

    return fit


def rusket(data: Data, factors: int, _threads: int) -> Fit:
    """ALS of rusket with three steps of conjugate gradients."""
    module, owned = importlib.import_module("rusket"), matrix(data)

    def fit() -> NDArray[np.floating]:
        model = module.ALS(factors=factors, alpha=CONFIDENCE - 1, regularization=PENALTY, iterations=SWEEPS, cg_iters=3)
        model.fit(owned)
        return np.asarray(model.item_factors)

    return fit


def irspack(data: Data, _factors: int, _threads: int) -> Fit:
    """DenseSLIM of irspack, which is EASE."""
    module, owned = importlib.import_module("irspack.recommenders"), matrix(data).astype(np.float64)

    def fit() -> None:
        module.DenseSLIMRecommender(owned, reg=RIDGE).learn()

    return fit


CONTESTANTS = {
    "als": xsell_als,
    "ease": xsell_regression("item"),
    "cross": xsell_regression("category"),
    "implicit": implicit,
    "rusket": rusket,
    "irspack": irspack,
    "lists_any": xsell_lists("any"),
    "lists_new": xsell_lists("new"),
    "lists_product": xsell_product,
    "lists_implicit": implicit_lists,
    "lists_rusket": rusket_lists,
}


def processor_seconds() -> float:
    """Processor time of this process so far, on all cores."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak() -> float:
    """Most memory of this process so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Answer every line with seconds, processor seconds and the most memory in MB, the first also with the objective, as JSON."""
    name, path, factors, threads = sys.argv[1:]
    with np.load(Path(path)) as file:
        data = dict(file)
    fit = CONTESTANTS[name](data, int(factors), int(threads))
    for number, _ in enumerate(sys.stdin):
        spent, start = processor_seconds(), time.perf_counter()
        items = fit()
        answer = {"seconds": time.perf_counter() - start, "processor": processor_seconds() - spent, "peak": peak()}
        if items is not None and number == 0:
            answer["objective"] = objective(matrix(data), items)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
