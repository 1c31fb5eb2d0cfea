"""For some products or categories: the customers to contact."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from xsell.assemble import World
from xsell.contract.options import Recommend
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Report
from xsell.data.answers import AUDIENCE
from xsell.data.rawtable import STDIN
from xsell.files.workspace import Workspace
from xsell.offers.holdout import held_out
from xsell.offers.limits import Limits
from xsell.offers.lists import Asked
from xsell.offers.reach import Reach, assigned, bound, deep_enough, place, total
from xsell.offers.seeking import Sought, known_buyers, seek
from xsell.offers.spoken import spoken
from xsell.offers.targets import Target, targets
from xsell.report import audience as words
from xsell.selection.hybrid import Model

SHOWN = 10
CONTACT, CONTROL = "contact", "control"


@dataclass(frozen=True, slots=True)
class Question:
    """
    All that an audience is made from.

    Attributes:
        known: Everything.
        model: A fitted model.
        asked: The customers.
        bounds: What the business allows to them.
        wanted: The options.
        days: Length of the window that scores speak of, or None where they only order.
    """

    known: World
    model: Model
    asked: Asked
    bounds: Limits
    wanted: Recommend
    days: float | None


@dataclass(frozen=True, slots=True)
class Made:
    """
    What was made for the targets.

    Attributes:
        targets: The targets.
        outputs: Files written.
        fresh: Whether the key of the control group is new.
        sums: Sum of what the contacts are worth, and what no choice could exceed; empty where customers are not shared out.
    """

    targets: list[Target]
    outputs: tuple[FileFact, ...]
    fresh: bool
    sums: tuple[float, ...]


def run(workspace: Workspace, question: Question, tell: Tell) -> Report:
    """
    Find the customers to contact, and write them down.

    Args:
        workspace: Where the table goes, and where the key of the control group is.
        question: What it is made from.
        tell: Hears about the progress.

    Raises:
        UsageError: Nothing was named to find customers for.
        InputError: A product or a category is not known.
    """
    known, wanted = question.known, question.wanted
    mask = question.bounds.banned.get("--only does not name it")
    sought_for = targets(wanted.item, wanted.category, None if mask is None else ~mask, known)
    deep = deep_enough(wanted.n, len(sought_for), wanted.max_per_user)
    found = seek(known, question.model, sought_for, question.asked, question.bounds, deep, tell)
    chosen = assigned(found.pairs, wanted.n, wanted.max_per_user)
    frame = _table(question, sought_for, chosen)
    fresh = False
    if wanted.holdout:
        key, fresh = workspace.secret()
        frame = frame.with_columns(group=_groups(frame["user_id"], wanted.holdout, key))
    outputs = [workspace.write(AUDIENCE, frame)]
    outputs += [workspace.export(wanted.output, frame)] if wanted.output else []
    shared = wanted.max_per_user and len(sought_for) > 1
    sums = (total(found.pairs, chosen), bound(found.pairs, chosen, wanted.n, wanted.max_per_user)) if shared else ()
    return _report(workspace, question, found, frame, Made(sought_for, tuple(outputs), fresh, sums))


def _groups(ids: pl.Series, share: float, key: bytes) -> pl.Series:
    return pl.Series(np.where(held_out(ids, share, key), CONTROL, CONTACT), dtype=pl.String)


def _table(question: Question, sought_for: list[Target], chosen: Reach) -> pl.DataFrame:
    """The chosen customers as `AUDIENCE` has them, all of them to be contacted."""
    known, items = question.known, question.known.items
    kind, name = ([getattr(target, part) for target in sought_for] for part in ("kind", "name"))
    frame = pl.DataFrame(
        {
            "kind": pl.Series(kind, dtype=pl.String).gather(chosen.target),
            "target": pl.Series(name, dtype=pl.String).gather(chosen.target),
            "rank": pl.Series(place(chosen.target) + 1, dtype=pl.Int32),
            "user_id": question.asked.ids.gather(chosen.user),
            "group": pl.Series([CONTACT], dtype=pl.String).gather(np.zeros(len(chosen), np.int32)),
            "item_id": items["item_id"].gather(chosen.item),
            "name": items["name"].gather(chosen.item),
            "category": items["category"].gather(chosen.item),
            "score": chosen.score,
            "value": pl.Series(chosen.worth if question.bounds.value is not None else [None] * len(chosen), dtype=pl.Float32),
        }
    )
    return (
        frame.with_columns(because=spoken(known, question.model, question.asked, chosen))
        .select(list(AUDIENCE.columns))
        .sort("kind", "target", "rank")
    )


def _report(workspace: Workspace, question: Question, found: Sought, frame: pl.DataFrame, made: Made) -> Report:
    wanted = question.wanted
    places = [str(workspace.root / AUDIENCE.path), *([wanted.output] if wanted.output not in {"", STDIN} else [])]
    rows = frame.with_columns(pl.col("score", "value").cast(pl.String).cast(pl.Float64))
    per_target = _per_target(found, frame, made.targets)
    counts = _counts(question, found, frame, made)
    single = len(made.targets) == 1
    return Report(
        "recommend",
        sentences=(
            *words.told(counts, wanted.n, question.days, wanted.model),
            *words.spread(counts, made.sums, question.days),
            *words.held(counts, made.fresh),
            words.placed(places),
        ),
        grids=tuple(words.customers(rows.head(SHOWN).rows(named=True)) if single else words.overview(per_target)),
        counts=counts,
        metrics={"sum": made.sums[0], "bound": made.sums[1]} if made.sums else {},
        warnings=(*question.bounds.warnings, *words.lacks(counts, per_target)),
        inputs=(*question.asked.inputs, *question.bounds.inputs),
        outputs=made.outputs,
        details={"scope": question.known.scope, "model": wanted.model, "window_days": question.days, "question": wanted.question},
        results=tuple(rows.rows(named=True)) if single else (),
    )


def _counts(question: Question, found: Sought, frame: pl.DataFrame, made: Made) -> dict[str, int]:
    asked = question.asked
    return {
        "customers": len(asked.ids),
        "not_in_the_data": int((asked.number < 0).sum()),
        "without_purchases": len(asked.ids) - len(known_buyers(question.known, asked.number)),
        "targets": len(made.targets),
        "rows": frame.height,
        "customers_chosen": frame["user_id"].n_unique(),
        "control": frame.filter(pl.col("group") == CONTROL).height,
        "control_customers": frame.filter(pl.col("group") == CONTROL)["user_id"].n_unique(),
        "max_per_user": question.wanted.max_per_user,
        "without_customers": int((found.eligible == 0).sum()),
        "listed_items_not_in_the_data": question.bounds.strange,
        "targets_with_ties": 0 if made.sums else int((found.level > 0).sum()),
    }


def _per_target(found: Sought, frame: pl.DataFrame, sought_for: list[Target]) -> list[dict[str, object]]:
    """What there is to say of each target, in the order asked."""
    sums = frame.group_by("kind", "target").agg(
        pl.len().alias("chosen"),
        (pl.col("group") == CONTROL).sum().alias("control"),
        pl.col("score").max().cast(pl.Float64).alias("best"),
        pl.col("score").min().cast(pl.Float64).alias("last"),
        pl.col("name").first(),
    )
    told = pl.DataFrame(
        {
            "kind": pl.Series([target.kind for target in sought_for], dtype=pl.String),
            "target": pl.Series([target.name for target in sought_for], dtype=pl.String),
            "eligible": pl.Series(found.eligible, dtype=pl.Int64),
            "level": pl.Series(found.level, dtype=pl.Int64),
        }
    )
    joined = told.join(sums, on=["kind", "target"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("chosen", "control").fill_null(0)).rows(named=True)
