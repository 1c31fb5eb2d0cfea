"""An evaluation in numbers for scripts: flat metrics, JSON with conventions, and a table of every customer's values."""

import inspect
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import polars as pl

from xsell.contract.judging import BASELINE
from xsell.metrics import METRICS
from xsell.metrics.intervals import LEVEL, ROUNDS, Interval
from xsell.metrics.scoreboard import LEADING, LIFT, Score, Versus
from xsell.metrics.significance import DRAWS
from xsell.report import expected
from xsell.report.verdicts import shown

Board = Mapping[str, Score]
Boards = Mapping[int, Board]
"""What was judged by length of the lists, the one that leads first."""


def flat(board: Board, k: int) -> dict[str, float]:
    """Every number under one flat name, such as `hybrid.ndcg@10.low` or `hybrid-popular.ndcg@10.p`."""
    out: dict[str, float] = {}
    for model, score in board.items():
        for prefix, named in ((model, score.means | score.traits), (f"{model}-{BASELINE}", score.difference)):
            for metric, interval in named.items():
                key = f"{prefix}.{metric}@{k}"
                out |= {key: interval.mean, f"{key}.low": interval.low, f"{key}.high": interval.high}
        out |= {f"{model}.{metric}@{k}": value for metric, value in score.together.items()}
        if score.versus:
            out[f"{model}-{BASELINE}.{LEADING}@{k}.p"] = score.versus.p
    return out


def all_lengths(boards: Boards) -> dict[str, float]:
    """Every number of every length under one flat name."""
    return {name: value for k, board in boards.items() for name, value in flat(board, k).items()}


def model_facts(boards: Boards, model: str) -> dict[str, Any]:
    """Everything measured of one model: `metrics` are comparable customer by customer, `traits` are what its lists are like; what is undefined is left out."""
    scores = {k: board[model] for k, board in boards.items()}
    k, score = next(iter(scores.items()))
    longest = len(score.curve["hit"])

    def known(part: str) -> dict[str, Any]:
        return {name: value for length, one in scores.items() for name, value in _known(getattr(one, part), length).items()}

    return {
        "metrics": known("means") | {f"{m}@{length}": v for length, one in scores.items() for m, v in one.together.items()},
        "traits": known("traits"),
        f"minus_{BASELINE}": known("difference"),
        **({f"against_{BASELINE}": _versus(score.versus, BASELINE, k)} if score.versus else {}),
        **({"against_best": {**_versus(score.behind, "the best", k), "tied": score.tied}} if score.behind else {}),
        "curve": {f"{name}@1..{longest}": values for name, values in score.curve.items()},
    }


def _known(named: Mapping[str, Interval], k: int) -> dict[str, Any]:
    return {f"{metric}@{k}": asdict(interval) for metric, interval in named.items() if np.isfinite(interval.mean)}


def _versus(versus: Versus, rival: str, k: int) -> dict[str, Any]:
    found = {"p": versus.p, "detectable": versus.detectable, "verdict": shown(versus, rival)}
    return {"metric": f"{LEADING}@{k}", **asdict(versus.difference), **found}


def per_customer(boards: Boards, users: pl.Series) -> pl.DataFrame:
    """
    Metrics of every customer, one row a model and customer, with a column a metric and length.

    Args:
        boards: What was judged, by length of the lists.
        users: Ids in the order of the held-out customers.
    """
    models = sorted(next(iter(boards.values())))
    values = {model: {f"{m}@{k}": v for k, board in boards.items() for m, v in board[model].values.items()} for model in models}
    parts = [
        pl.DataFrame(columns, nan_to_null=True).select(pl.lit(model).alias("model"), users.alias("user_id"), pl.all())
        for model, columns in values.items()
    ]
    return pl.concat(parts)


def conventions() -> dict[str, str]:
    """Say how every number is defined."""
    metrics = {name: inspect.cleandoc(metric.__doc__ or "").partition("\n\n")[0].replace("\n", " ") for name, metric in METRICS.items()}
    return {
        **metrics,
        **expected.CONVENTIONS,
        LIFT: "Recall of new categories over that of the most popular products of new categories, among customers who took up something of a new category.",
        "mean": "Over all customers with something to find for whom the metric is defined, those with empty lists included; none is weighted. With rolling "
        "windows a customer counts once, with the mean over the windows in which the customer had something to find.",
        "interval": f"{LEVEL:.0%} percentile bootstrap over customers, {ROUNDS} resamples, the same ones for every model and difference.",
        "p": f"Two-sided sign-flip test of the paired differences with {DRAWS} draws, corrected for the number of models by Holm's method.",
        "detectable": "The smallest true difference that so many customers would show with 80% power at the 5% level.",
        "tied": "Not shown to be worse than the best model by that test.",
        "relevant": "Held-out purchases that were not sent back and ratings that are likes, if the customer did not own the product before.",
        "ranking": "Over all products that may be offered; none are sampled.",
    }
