"""The first model of an evaluation beside another one of the same run, or beside an earlier evaluation."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from xsell.best import Ranking
from xsell.contract import judging
from xsell.contract.judging import Rival
from xsell.contract.options import Evaluate
from xsell.data.training import Ints, Mask
from xsell.files.earlier import Earlier
from xsell.metrics.apart import apart
from xsell.metrics.guards import fallback_share, top_item_share
from xsell.metrics.intervals import FEWEST, Interval, intervals
from xsell.metrics.ranking import Values
from xsell.metrics.scoreboard import LEADING, Score
from xsell.models.popular import Popular
from xsell.report import comparison as words
from xsell.report.comparison import Against, Intervals
from xsell.selection.plan import Chosen

MOST_WITHIN = 0.8
"""A model that takes more than this share of what another one leaves to perfect lists, on the same customers, has seen the answers."""
MOST_SINCE = 1.0
"""A model that gained more than this share of its earlier value has seen the answers, or the question was made easier."""


def court(board: Mapping[str, Score], twins: Container[str], rivals: Iterable[Rival], seed: int) -> dict[str, Against]:
    """Hold the first model against the baseline and against the rivals of the same run."""
    first = next(iter(board))
    others = dict.fromkeys((judging.BASELINE, *(rival.name for rival in rivals if rival.name in board)))
    return {other: within(board, twins, other, seed) for other in others if other != first}


def twins(lists: Mapping[str, Ints], chosen: Mapping[str, Chosen]) -> frozenset[str]:
    """
    Find models whose lists are those of the first one.

    Args:
        lists: By model, the first one first.
        chosen: The models; a hybrid that is one of its parts has said so, and may give the same lists as that part.
    """
    first = next(iter(lists))

    def declared(other: str) -> bool:
        return "hybrid" in {first, other} and type(chosen[first].model) is type(chosen[other].model)

    return frozenset(
        other for other, items in lists.items() if other != first and not declared(other) and np.array_equal(items, lists[first])
    )


def guards(lists: Mapping[str, Ranking], chosen: Mapping[str, Chosen], strangers: Mask, k: int) -> dict[str, float]:
    """
    Measure how one-sided and how impersonal lists are.

    Args:
        lists: By model; what has a score of 0 only fills them.
        chosen: The models.
        strangers: Customers without purchases: nothing that they took up speaks for what they are offered.
        k: Length to which the lists are cut.

    Returns:
        Numbers under flat names such as `hybrid.top_item_share@10`.
    """
    flat = {}
    for model, found in lists.items():
        items, idle = found.items[:, :k], found.scores[:, :k] == 0
        impersonal = strangers[:, None] | isinstance(chosen[model].model, Popular) | idle
        flat[f"{model}.top_item_share@{k}"] = top_item_share(items)
        flat[f"{model}.fallback_share@{k}"] = fallback_share(items, impersonal)
    return flat


def closed(options: Evaluate, board: Mapping[str, Score], found: Mapping[str, float], pairs: Mapping[str, Against]) -> tuple[str, ...]:
    """
    Say why the gates do not let the first model pass, one clause each; none where no gate was asked for.

    Too few customers, lists that are those of another model, and implausible gains close any gate.

    Args:
        options: The gates.
        board: The scores by model, the first one first.
        found: All metrics under flat names.
        pairs: The first model held against others, by the names of the rivals.
    """
    gates, rivals = judging.gates(options), judging.rivals(options.fail_worse_than)
    if not gates and not rivals:
        return ()
    model, score = next(iter(board.items()))
    customers = len(score.values[LEADING])
    few = words.few(customers) if customers < FEWEST else ""
    own = {name.removeprefix(f"{model}."): value for name, value in found.items() if name.startswith(f"{model}.")}
    named = {rival.name: rival for rival in rivals}
    doubts = {name: words.doubt(pair, options.length) for name, pair in pairs.items() if name in named or name == judging.BASELINE}
    lost = (words.worse(pairs[name], rival, options.length) for name, rival in named.items() if not doubts[name])
    return tuple(dict.fromkeys(clause for clause in (few, *judging.closed(gates, own), *doubts.values(), *lost) if clause))


def within(board: Mapping[str, Score], twins: Container[str], rival: str, seed: int) -> Against:
    """
    Hold the first model against another of the same run.

    Args:
        board: The scores by model, the first one first.
        twins: Models whose lists are those of the first, without having said so.
        rival: Name of the other model.
        seed: Seed of the resamples.
    """
    model = next(iter(board))
    ours, theirs = board[model], board[rival]
    names = list(ours.means)
    gaps = _paired(np.column_stack([ours.values[m] - theirs.values[m] for m in names]), names, seed)
    most = MOST_WITHIN * (1 - theirs.means[LEADING].mean)
    return Against(model, rival, ours.means, theirs.means, gaps, len(ours.values[LEADING]), True, rival in twins, most)


def since(board: Mapping[str, Score], users: pl.Series, earlier: Earlier, question: Mapping[str, object], seed: int) -> Against:
    """
    Hold the first model against the one of the same name in an earlier evaluation, or the first one there.

    Args:
        board: The scores by model, the first one first.
        users: Ids of the customers judged, in the order of the values.
        earlier: The other evaluation.
        question: What this one asks: split, scope, length of the lists, and whatever else the answer depends on.
        seed: Seed of the resamples.
    """
    model = next(iter(board))
    other = model if model in earlier.models else next(iter(earlier.models))
    k = question["k"]
    if f"{LEADING}@{k}" in earlier.models[other]:
        earlier = replace(earlier, question={**earlier.question, "k": k})
    ours = {m: i for m, i in board[model].means.items() if f"{m}@{k}" in earlier.models[other]}
    theirs = {m: Interval(*earlier.models[other][f"{m}@{k}"]) for m in ours}
    now = pl.DataFrame({"user_id": users, **{m: board[model].values[m] for m in ours}}).sort("user_id")
    then = _then(earlier, other, [f"{m}@{k}" for m in ours])
    paired = then is not None and now["user_id"].equals(then["user_id"])
    alike = False
    if paired and then is not None:
        change = now.drop("user_id").to_numpy() - then.drop("user_id").to_numpy()
        gaps, alike = _paired(change, list(ours), seed), other != model and not np.nan_to_num(change).any()
    else:
        gaps = {m: apart(ours[m], theirs[m]) for m in ours}
    most = MOST_SINCE * theirs[LEADING].mean if LEADING in theirs else 0.0
    customers = min(len(users), earlier.customers)
    name = f"{other} in {earlier.path}"
    return Against(model, name, ours, theirs, gaps, customers, paired, alike, most, _trouble(earlier, question, LEADING in ours))


def _then(earlier: Earlier, model: str, metrics: list[str]) -> pl.DataFrame | None:
    if earlier.values is None:
        return None
    return earlier.values.filter(pl.col("model") == model).select("user_id", *metrics).sort("user_id")


def _paired(change: Values, names: list[str], seed: int) -> Intervals:
    return dict(zip(names, intervals(change, seed), strict=True)) if names else {}


def _trouble(earlier: Earlier, question: Mapping[str, object], measured: bool) -> str:
    other = [
        f"{name} {earlier.question.get(name)} there and {value} here"
        for name, value in question.items()
        if earlier.question.get(name) != value
    ]
    if other:
        return f"{earlier.path} answers another question ({', '.join(other)})"
    return "" if measured else f"{earlier.path} has no {LEADING} to compare"
