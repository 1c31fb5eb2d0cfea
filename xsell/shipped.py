"""Lists that were delivered, judged by what customers did afterwards: no model, no working directory, only the two files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from xsell import comparison
from xsell.contract import judging
from xsell.contract.options import Evaluate, Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Report
from xsell.contract.runs import json_ready
from xsell.data.cuts import Heldout
from xsell.data.ids import numbering
from xsell.data.matrix import codes
from xsell.data.rawtable import STDIN, RawTable
from xsell.data.schema import PER_USER, per_user
from xsell.data.training import Ints, Mask, pairs
from xsell.errors import InputError, UsageError
from xsell.files.earlier import Earlier, read_earlier
from xsell.files.modelfile import versions
from xsell.files.raw import read_raw
from xsell.files.workspace import Workspace
from xsell.metrics import ACCURACY
from xsell.metrics.apart import apart, rate
from xsell.metrics.curves import along
from xsell.metrics.guards import top_item_share
from xsell.metrics.intervals import intervals
from xsell.metrics.ranking import hits
from xsell.metrics.scoreboard import Score
from xsell.prep.cleaning import Events, clean_events
from xsell.prep.columns import check_map, parse_map
from xsell.prep.delivered import Delivered, after, delivered
from xsell.prep.diary import Diary
from xsell.prep.heldout import border, wanted
from xsell.prep.spelling import as_in
from xsell.prep.weighting import ownership_events
from xsell.report import comparison as told
from xsell.report import figures, verdicts
from xsell.report import shipped as words
from xsell.report.comparison import Against
from xsell.report.shipped import Group

NAME = "shipped"


@dataclass(frozen=True, slots=True)
class Read:
    """
    The two files, read.

    Attributes:
        raw: The lists as they came.
        lists: The lists.
        later: The purchases as they came.
        events: The purchases.
        took: Pairs of a customer and a product taken up after the delivery, each once, spelled as in the lists.
        diary: What there is to tell of the reading.
    """

    raw: RawTable
    lists: Delivered
    later: RawTable
    events: Events
    took: pl.DataFrame
    diary: Diary

    @property
    def products(self) -> pl.Series:
        """Ids of all products offered or taken up."""
        return numbering(self.lists.offers["item_id"], self.took["item_id"])


@dataclass(frozen=True, slots=True)
class Side:
    """
    Customers of one group, and what they took up.

    Attributes:
        users: Their ids, sorted.
        lists: Customers × k, -1 where a list has ended.
        taken: What they took up, offered or not; customers with nothing have no items.
    """

    users: pl.Series
    lists: Ints
    taken: Heldout


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
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
    read = _read(settings)
    longest = int(read.lists.offers["rank"].to_numpy().max())
    options = replace(options, k=tuple(min(k, longest) for k in options.lengths))
    judging.gates(options)
    k = options.length
    tell("measuring")
    sent, held = (_side(read, held, max(options.lengths)) for held in (False, True))
    if not len(sent.users):
        raise InputError(f"{read.raw.path} holds a control group only.", "Give the customers who were contacted too.")
    sides = [(label, side) for label, side in (("contacted", sent), ("held back", held)) if len(side.users)]
    grouped = {n: [_group(label, side, n, seed) for label, side in sides] for n in options.lengths}
    boards = _boards(sent, options.lengths, seed)
    groups, board = grouped[k], boards.get(k, {})
    past = _since(board, sent, earlier, k, seed)
    found = {name: value for n in options.lengths for name, value in _numbers(read, sent, grouped[n], boards.get(n, {}), n).items()}
    failed = comparison.closed(options, board, found, {judging.EARLIER: past} if past else {}) if board else _unproven(options)
    return Report(
        "evaluate",
        sentences=(*_told(read),),
        asides=tuple(read.diary.sentences),
        verdict=(*words.came(groups, read.lists.offers, read.took), *told.since(past, k)),
        grids=(
            *(words.grid(some, n) for n, some in grouped.items()),
            *words.quality(board, k),
            *verdicts.lengths(boards),
            *told.grids(past, k),
        ),
        counts=_counts(read, sent, held),
        metrics=found,
        warnings=(
            *read.diary.warnings,
            *words.lacks(groups, read.lists.columns.get("at", ""), bool(read.events.interactions["at"].count())),
            *told.alarms(NAME, found, k),
        ),
        inputs=(read.raw.fact, read.later.fact, *((earlier.fact,) if earlier else ())),
        outputs=_write(workspace, read, sent, boards, found, replace(settings, evaluate=options)),
        details={"split": NAME, "k": k, "models": [NAME], "columns": read.lists.columns},
        failed_gate=_gate(settings, read, failed),
    )


def _read(settings: Settings) -> Read:
    wanted, options, diary = settings.evaluate, settings.clean, Diary()
    if wanted.recommendations == wanted.against == STDIN:
        raise UsageError("Standard input can be read once only.", "Give the other table as a file.")
    raw, later = read_raw(wanted.recommendations), read_raw(wanted.against)
    check_map(parse_map(options.map), {"lists": [raw], "events": [later]})
    lists = delivered(raw, options, diary)
    events = clean_events([later], replace(options, scale="none"), diary)
    return Read(raw, lists, later, events, _took(events, lists, settings.fit.like), diary)


def _took(events: Events, lists: Delivered, like: float | None) -> pl.DataFrame:
    """Pairs of a customer and a product taken up after the delivery, spelled as in the lists."""
    offers, known = lists.offers, events.interactions
    spelt = known.with_columns(as_in(known[field], offers[field]) for field in ("user_id", "item_id"))
    later = after(spelt, offers).sort("user_id", "item_id", "at", "event", nulls_last=False)
    return wanted(later, ownership_events(later), border(like, events.scale))


def _told(read: Read) -> Iterator[str]:
    customers = read.lists.offers["user_id"].n_unique()
    yield from words.lists(read.raw, read.lists.columns, customers, {**read.lists.refused, "offered twice": read.lists.repeats})
    days = read.events.interactions["at"].drop_nulls().dt.strftime("%Y-%m-%d")
    yield words.against(read.later, read.took.height, days, read.events.ledger.rejected)


def _side(read: Read, held: bool, k: int) -> Side:
    offers = read.lists.offers.filter((pl.col("held") == held) & (pl.col("rank") <= k))
    users, items = numbering(offers["user_id"]), read.products
    lists = np.full((len(users), k), -1, np.int32)
    lists[codes(offers["user_id"], users), offers["rank"].to_numpy() - 1] = codes(offers["item_id"], items)
    own = read.took.filter(pl.col("user_id").is_in(users.implode()))
    matrix = pairs(codes(own["user_id"], users), codes(own["item_id"], items), (len(users), len(items)))
    taken = Heldout(np.arange(len(users), dtype=np.int32), matrix.indptr.astype(np.int64), matrix.indices.astype(np.int32))
    return Side(users, lists, taken)


def _group(label: str, side: Side, k: int, seed: int) -> Group:
    right = hits(side.lists[:, :k], side.taken)
    (precision,) = intervals(right.sum(1, keepdims=True) / k, seed)
    buyers = int(_buyers(side).sum())
    return Group(label, len(side.users), buyers, int(right.any(1).sum()), rate(int(right.any(1).sum()), len(side.users)), precision)


def _buyers(side: Side) -> Mask:
    """Customers who took up anything, offered or not."""
    return np.diff(side.taken.indptr) > 0


def _boards(side: Side, lengths: tuple[int, ...], seed: int) -> dict[int, dict[str, Score]]:
    """Judge the lists of those who took up anything as `evaluate` judges models, by length; nothing where nobody did."""
    there = _buyers(side)
    if not there.any():
        return {}
    right, relevant = hits(side.lists, side.taken)[there], np.diff(side.taken.indptr)[there]
    curve = along(right, relevant, np.full(len(right), 1 / len(right)))
    return {k: {NAME: _score(right[:, :k], relevant, curve, seed)} for k in lengths}


def _score(right: Mask, relevant: Ints, curve: dict[str, list[float]], seed: int) -> Score:
    values = {name: metric(right, relevant) for name, metric in ACCURACY.items()}
    means = dict(zip(values, intervals(np.column_stack(list(values.values())), seed), strict=True))
    return Score(values, means, traits={}, together={}, difference={}, versus=None, behind=None, curve=curve)


def _since(board: Mapping[str, Score], sent: Side, earlier: Earlier | None, k: int, seed: int) -> Against | None:
    if earlier is None or not board:
        return None
    users = sent.users.filter(pl.Series(_buyers(sent)))
    return comparison.since(board, users, earlier, {"split": NAME, "scope": NAME, "k": k}, seed)


def _unproven(options: Evaluate) -> tuple[str, ...]:
    """Close any gate where nobody took up anything."""
    return ("nobody who got a list took up anything",) if judging.gates(options) or options.fail_worse_than else ()


def _gate(settings: Settings, read: Read, failed: tuple[str, ...]) -> str:
    share, limit = sum(read.events.ledger.rejected.values()) / read.events.ledger.read, settings.clean.max_rejected
    much = f"{share:.2%} of the rows of {read.later.path} were rejected, more than the {limit:.2%} allowed" if limit is not None else ""
    reasons = (*failed, *((much,) if limit is not None and share > limit else ()))
    return f"The lists did not pass: {'; '.join(reasons)}." if reasons else ""


def _numbers(read: Read, sent: Side, groups: list[Group], board: Mapping[str, Score], k: int) -> dict[str, float]:
    """Every number under a flat name, such as `shipped.contacted_hit@10.low`."""
    spread = {"contacted_hit": groups[0].conversion, "contacted_precision": groups[0].precision}
    spread |= {"uplift": apart(groups[0].conversion, groups[1].conversion)} if len(groups) > 1 else {}
    flat = figures.flat(board, k)
    for metric, interval in spread.items():
        key = f"{NAME}.{metric}@{k}"
        flat |= {key: interval.mean, f"{key}.low": interval.low, f"{key}.high": interval.high}
    offered = read.lists.offers.filter(~pl.col("held") & (pl.col("rank") <= k))
    flat[f"{NAME}.coverage@{k}"] = offered["item_id"].n_unique() / len(read.products)
    flat[f"{NAME}.top_item_share@{k}"] = top_item_share(sent.lists[:, :k])
    if "source" in read.lists.columns:
        flat[f"{NAME}.fallback_share@{k}"] = float(offered["plain"].to_numpy().mean())
    return flat


def _counts(read: Read, sent: Side, held: Side) -> dict[str, int]:
    known = pl.concat([sent.users, held.users])
    return {
        "offers": read.lists.offers.height,
        "offers_repeated": read.lists.repeats,
        "offers_rejected": sum(read.lists.refused.values()),
        "contacted": len(sent.users),
        "held_back": len(held.users),
        "buyers": int(_buyers(sent).sum()),
        "pairs": read.took.height,
        "customers_without_a_list": read.took.filter(~pl.col("user_id").is_in(known.implode()))["user_id"].n_unique(),
    }


def _write(
    workspace: Workspace, read: Read, sent: Side, boards: figures.Boards, found: Mapping[str, float], settings: Settings
) -> tuple[FileFact, ...]:
    """Write the numbers with their conventions, and the values of every buyer."""
    facts = {
        "split": {
            "rule": NAME,
            "lists": read.raw.path,
            "lists_sha256": read.raw.sha256,
            "against": read.later.path,
            "against_sha256": read.later.sha256,
        },
        "scope": NAME,
        "k": settings.evaluate.length,
        "lengths": settings.evaluate.lengths,
        "seed": settings.common.seed,
        "counts": {"customers": int(_buyers(sent).sum())},
        "models": {NAME: figures.model_facts(boards, NAME)} if boards else {},
        "numbers": found,
        "conventions": words.CONVENTIONS,
        **versions(),
    }
    users = sent.users.filter(pl.Series(_buyers(sent)))
    values = figures.per_customer(boards, users) if boards else pl.DataFrame(schema=PER_USER)
    return (workspace.write_json(f"evaluation/{NAME}.json", json_ready(facts)), workspace.write(per_user(NAME), values))
