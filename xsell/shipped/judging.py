"""Delivered lists, judged: by everybody who got one, by those who bought anything, and beside those who were held back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from xsell import comparison
from xsell.contract import judging
from xsell.contract.options import Evaluate, Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Report
from xsell.contract.runs import json_ready
from xsell.data.schema import PER_USER, per_user
from xsell.data.training import Ints, Mask
from xsell.errors import InputError
from xsell.files.earlier import Earlier, read_earlier
from xsell.files.modelfile import versions
from xsell.files.workspace import Workspace
from xsell.metrics import ACCURACY
from xsell.metrics.apart import apart
from xsell.metrics.curves import along
from xsell.metrics.guards import top_item_share
from xsell.metrics.intervals import intervals
from xsell.metrics.scoreboard import Score
from xsell.prep.delivered import AUDIENCE
from xsell.report import comparison as told
from xsell.report import figures, verdicts
from xsell.report import shipped as words
from xsell.report.comparison import Against
from xsell.report.evaluation import kept
from xsell.report.shipped import Group
from xsell.shipped.reading import Read, read, too_many_refused
from xsell.shipped.reading import told as heard
from xsell.shipped.sides import CONTACTED, Side, group, side

NAME = "shipped"


@dataclass(frozen=True, slots=True)
class Delivery:
    """
    Delivered lists, judged.

    Attributes:
        read: The files.
        sides: Who was contacted, then, where there are any, who was held back.
        groups: What came of their lists, by length, the one that leads first.
        boards: The metrics over contacted buyers by length; empty where nobody bought.
        past: The lists beside an earlier evaluation, or None.
        report: What the evaluation says.
        settings: What it was told, with lengths that the lists have.
    """

    read: Read
    sides: tuple[Side, ...]
    groups: Mapping[int, list[Group]]
    boards: figures.Boards
    past: Against | None
    report: Report
    settings: Settings

    @property
    def k(self) -> int:
        """Length of the lists that verdicts are about."""
        return self.settings.evaluate.length


def judge(workspace: Workspace, settings: Settings, tell: Tell) -> Delivery:
    """
    Judge delivered lists.

    Args:
        workspace: Takes the evaluation.
        settings: The groups `clean`, `fit`, `evaluate` and `common` are used.
        tell: Hears about the progress.

    Raises:
        InputError: A file cannot be used.
        UsageError: A gate is about lists of another length.
    """
    options, seed = settings.evaluate, settings.common.seed
    judging.check(options)
    earlier = read_earlier(options.baseline) if options.baseline else None
    tell("reading")
    found = read(settings)
    longest = int(found.lists.offers["rank"].to_numpy().max())
    options = replace(options, k=tuple(min(k, longest) for k in options.lengths))
    judging.gates(options)
    tell("measuring")
    sides = tuple(one for held in (False, True) if len((one := side(found, held, max(options.lengths))).users))
    if sides[0].label != CONTACTED:
        raise InputError(f"{found.raws[0].path} holds a control group only.", "Give the customers who were contacted too.")
    groups = {n: [group(one, n, seed) for one in sides] for n in options.lengths}
    boards = _boards(sides[0], options.lengths, seed)
    past = _since(boards.get(options.length, {}), sides[0], earlier, options.length, seed)
    settings = replace(settings, evaluate=options)
    made = Delivery(found, sides, groups, boards, past, Report("evaluate"), settings)
    return replace(made, report=_report(workspace, made, earlier))


def _report(workspace: Workspace, made: Delivery, earlier: Earlier | None) -> Report:
    found, options, k = made.read, made.settings.evaluate, made.k
    groups, board, past = made.groups[k], made.boards.get(k, {}), made.past
    numbers = {name: value for n in options.lengths for name, value in _numbers(made, n).items()}
    failed = comparison.closed(options, board, numbers, {judging.EARLIER: past} if past else {}) if board else _unproven(options)
    outputs, counts = _write(workspace, made, numbers), _counts(made)
    return Report(
        "evaluate",
        sentences=tuple(sentence for sentence in (*heard(found), words.strangers(counts["customers_without_a_list"])) if sentence),
        asides=tuple(found.diary.sentences),
        verdict=(*words.came(groups), *told.since(past, k)),
        places=(kept(str(workspace.root / outputs[0].path), verbose=made.settings.common.verbose),),
        grids=(
            *(words.grid(some, n) for n, some in made.groups.items()),
            *words.quality(board, k),
            *verdicts.lengths(made.boards),
            *told.grids(past, k),
        ),
        counts=counts,
        metrics=numbers,
        warnings=(
            *found.diary.warnings,
            *words.lacks(
                groups, counts["in_both_groups"], found.lists.columns.get("at", ""), bool(found.events.interactions["at"].count())
            ),
            *(() if set(found.raws[0].frame.columns) >= AUDIENCE else told.alarms(NAME, numbers, k, counts["contacted"], named=False)),
        ),
        inputs=(*(raw.fact for raw in found.raws), *((earlier.fact,) if earlier else ())),
        outputs=outputs,
        details={"split": NAME, "k": k, "models": [NAME], "columns": found.lists.columns},
        failed_gate=_gate((*failed, too_many_refused(found, made.settings.clean))),
    )


def _boards(sent: Side, lengths: tuple[int, ...], seed: int) -> dict[int, dict[str, Score]]:
    """Judge the lists of those who took up anything as `evaluate` judges models, by length; nothing where nobody did."""
    there = sent.buyers
    if not there.any():
        return {}
    right, relevant = sent.right[there], np.diff(sent.taken.indptr)[there]
    curve = along(right, relevant, np.full(len(right), 1 / len(right)))
    return {k: {NAME: _score(right[:, :k], relevant, curve, seed)} for k in lengths}


def _score(right: Mask, relevant: Ints, curve: dict[str, list[float]], seed: int) -> Score:
    values = {name: metric(right, relevant) for name, metric in ACCURACY.items()}
    means = dict(zip(values, intervals(np.column_stack(list(values.values())), seed), strict=True))
    return Score(values, means, traits={}, together={}, difference={}, versus=None, behind=None, curve=curve)


def _since(board: Mapping[str, Score], sent: Side, earlier: Earlier | None, k: int, seed: int) -> Against | None:
    if earlier is None or not board:
        return None
    users = sent.users.filter(pl.Series(sent.buyers))
    return comparison.since(board, users, earlier, {"split": NAME, "scope": NAME, "k": k}, seed)


def _unproven(options: Evaluate) -> tuple[str, ...]:
    """Close any gate where nobody took up anything."""
    return ("nobody who got a list took up anything",) if judging.gates(options) or options.fail_worse_than else ()


def _gate(reasons: tuple[str, ...]) -> str:
    known = [reason for reason in reasons if reason]
    return f"The lists did not pass: {'; '.join(known)}." if known else ""


def _numbers(made: Delivery, k: int) -> dict[str, float]:
    """Every number under a flat name, such as `shipped.contacted_hit@10.low`."""
    groups, found = made.groups[k], made.read
    spread = {"contacted_hit": groups[0].conversion, "contacted_precision": groups[0].precision}
    spread |= {"uplift": apart(groups[0].conversion, groups[1].conversion)} if len(groups) > 1 else {}
    flat = figures.flat(made.boards.get(k, {}), k)
    for metric, interval in spread.items():
        key = f"{NAME}.{metric}@{k}"
        flat |= {key: interval.mean, f"{key}.low": interval.low, f"{key}.high": interval.high}
    offered = found.lists.offers.filter(~pl.col("held") & (pl.col("rank") <= k))
    flat[f"{NAME}.coverage@{k}"] = offered["item_id"].n_unique() / len(found.products)
    flat[f"{NAME}.top_item_share@{k}"] = top_item_share(made.sides[0].lists[:, :k])
    if "source" in found.lists.columns:
        flat[f"{NAME}.fallback_share@{k}"] = float(offered["plain"].to_numpy().mean())
    return flat


def _counts(made: Delivery) -> dict[str, int]:
    lists, took = made.read.lists, made.read.took
    known = pl.concat([one.users for one in made.sides])
    return {
        "offers": lists.offers.height,
        "offers_repeated": lists.repeats,
        "offers_rejected": sum(lists.refused.values()),
        "contacted": len(made.sides[0].users),
        "held_back": sum(len(one.users) for one in made.sides[1:]),
        "in_both_groups": len(known) - known.n_unique(),
        "buyers": int(made.sides[0].buyers.sum()),
        "pairs": took.height,
        "customers_without_a_list": took.filter(~pl.col("user_id").is_in(known.implode()))["user_id"].n_unique(),
    }


def _write(workspace: Workspace, made: Delivery, numbers: Mapping[str, float]) -> tuple[FileFact, ...]:
    """Write the numbers with their conventions, and the values of every buyer."""
    (lists, later), sent = made.read.raws[:2], made.sides[0]
    facts = {
        "split": {
            "rule": NAME,
            "lists": lists.path,
            "lists_sha256": lists.sha256,
            "against": later.path,
            "against_sha256": later.sha256,
        },
        "scope": NAME,
        "k": made.k,
        "lengths": made.settings.evaluate.lengths,
        "seed": made.settings.common.seed,
        "counts": {"customers": int(sent.buyers.sum())},
        "models": {NAME: figures.model_facts(made.boards, NAME)} if made.boards else {},
        "numbers": numbers,
        "conventions": words.CONVENTIONS,
        **versions(),
    }
    users = sent.users.filter(pl.Series(sent.buyers))
    values = figures.per_customer(made.boards, users) if made.boards else pl.DataFrame(schema=PER_USER)
    return (workspace.write_json(f"evaluation/{NAME}.json", json_ready(facts)), workspace.write(per_user(NAME), values))
