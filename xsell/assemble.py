"""The one way from tables to what a model sees."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell.contract import spans
from xsell.contract.options import Common, Fit
from xsell.data import matrix, schema
from xsell.data.events import Events, seconds
from xsell.data.piles import Ground, Histories
from xsell.data.streams import Stream
from xsell.data.training import NEVER, Catalog, Ints, Log, Training, build, pairs
from xsell.errors import InputError
from xsell.files.workspace import Workspace
from xsell.models.popular import Popular, window
from xsell.models.regression import MOST_REGRESSORS, MOST_TARGETS, within
from xsell.parallel import budget
from xsell.prep.levels import at_level, deepest
from xsell.prep.weighting import chosen_events
from xsell.report.categories import remarks
from xsell.selection.plan import Plan

PROFILE = {"age_band": "aged", "gender": "is", "location": "from"}
"""Columns of the profile, and how a reason says that a customer has a value."""
MOST_VALUES = 50
FEWEST_CUSTOMERS = 5
REGRESSIONS = {"hybrid", "cross", "ease"}
LARGEST = float(np.finfo(np.float32).max)
SHORT_PAIRS = 3_000_000
"""Pairs of customer and item up to which fits are short."""


@dataclass(frozen=True, slots=True)
class World:
    """
    Everything known, numbered, with the way back to the ids.

    Attributes:
        training: What models learn from.
        users: Ids of the customers by number.
        items: The item features by number.
        scope: `new`, `dormant`, `same` or `any`, decided.
        events: Names of the events that count as ownership.
        columns: What the columns of `History.wide()` mean, and one more row for what is the same for all customers: verb (`has `) and what.
        categories: Names of the categories by number, at the level asked for.
        remarks: What a user should know of how categories were read.
    """

    training: Training
    users: pl.Series
    items: pl.DataFrame
    scope: str
    events: tuple[str, ...]
    columns: pl.DataFrame
    categories: pl.Series
    remarks: tuple[str, ...]


def world(workspace: Workspace, fit: Fit) -> World:
    """
    Read clean tables and features and number them.

    Args:
        workspace: Where they are.
        fit: Scope, what counts as owning and as a like, and what tells categories apart.

    Raises:
        InputError: There is nothing to learn from, no rating is a like, or the scope needs what is not there.
        UsageError: An event is named that is not there.
    """

    def whole(events: Events, ground: Ground) -> Training:
        log, seen = events.whole()
        streams = (*seen, *ground.searched)
        return build(log, streams, ground.catalog, ground.profile, ground.like, since=ground.since)

    return _read(workspace, fit, whole)


def condensed(workspace: Workspace, fit: Fit, popular: Popular) -> World:
    """
    Read as `world` does, but let go of the events of each customer once it is known what follows from them.

    Args:
        workspace: Where they are.
        fit: As for `world`.
        popular: Counts the customers on the way.

    Returns:
        A world in which what customers have is known, and no single event.

    Raises:
        InputError, UsageError: As `world` does.
    """

    def condense(events: Events, ground: Ground) -> Training:
        span, found = window(events.times()), Histories()
        popular.count(found.parts(events, ground, span[1]), *span)
        log, streams = events.none()
        return Training(log, (*streams, *ground.searched), ground.catalog, found.whole(ground), ground.like, ground.since)

    return _read(workspace, fit, condense)


def _read(workspace: Workspace, fit: Fit, make: Callable[[Events, Ground], Training]) -> World:
    items = workspace.read(schema.ITEM_FEATURES)
    scale = workspace.read_json(schema.CLEANED).get("ratings") or {}
    with workspace.scan(schema.USER_FEATURES) as rows:
        users = rows.select("user_id").collect().to_series()
        profile, values = _profile(rows, len(users))
    belongs, together = at_level(items["all_categories"], fit.category_level), fit.category_match == "any"
    categories, catalog = matrix.catalog_of(belongs, workspace.read_matrix("features/item_content.npz"), together=together)
    searched, terms = _searches(workspace.read(schema.SEARCH_TERMS), users)
    with workspace.scan(schema.INTERACTIONS) as rows:
        events = Events(rows, users, items["item_id"], chosen_events(rows, fit.owned_by), scale)
        if not events.height:
            raise InputError(
                "No event tells who has which product.",
                "See clean/report.json for what was read and clean/rejects.parquet for what was not.",
            )
        scope = decided(fit.scope, catalog, events)
        since = spans.seconds(fit.owned_since, "--owned-since") if scope == "dormant" else NEVER
        training = _liked(make(events, Ground(catalog, profile, tuple(searched), _like(fit.like, scale), since)), scale)
    several = int((belongs.list.len() > 1).sum())
    choice = (several, 0) if together else (None, several)
    said = remarks(len(categories), deepest(items["all_categories"]), fit.category_level, *choice)
    columns = _columns(items, training.streams, terms, values)
    return World(training, users, items, scope, events.owning, columns, categories, tuple(said))


def _liked(training: Training, scale: Mapping[str, Any]) -> Training:
    """
    Give a training back if there is anything in it to learn from.

    Raises:
        InputError: There are ratings, and none of them is a like.
    """
    if scale and not training.history.purchases.nnz:
        raise InputError(
            f"No rating is a like, so there is nothing to learn from; they lie on a scale from {scale['low']:g} to {scale['high']:g}.",
            "Set the lowest rating that is a like with --like RATING.",
        )
    return training


def of_baskets(workspace: Workspace, fit: Fit, baskets: Sequence[Sequence[str]], width: int) -> World:
    """
    Give a world in which customers have what lies in baskets, and nothing else is known of them; only the products are read.

    Args:
        workspace: Where they are.
        fit: As the model was trained; a basket is of today, so that scope `dormant` closes its categories as `new` does.
        baskets: Ids of products; those that are not known are left out.
        width: Columns of the histories that the model learnt from.

    Returns:
        The world; customers are called by the places of their baskets.
    """
    items = workspace.read(schema.ITEM_FEATURES)
    belongs, together = at_level(items["all_categories"], fit.category_level), fit.category_match == "any"
    categories, catalog = matrix.catalog_of(belongs, workspace.read_matrix("features/item_content.npz"), together=together)
    held = [item for basket in baskets for item in basket]
    item = matrix.codes(pl.Series("item_id", held, pl.String), items["item_id"])
    user = np.repeat(np.arange(len(baskets), dtype=np.int32), [len(basket) for basket in baskets])[item >= 0]
    item = item[item >= 0]
    unknown, plain = np.full(len(item), np.nan), np.ones(len(item), np.float32)
    log = Log(user, item, at=unknown, value=plain, rated=plain < 0, undone_at=np.full(len(item), NEVER))
    others = pairs(user[:0], item[:0], (len(baskets), width - items.height))
    training = build(log, (), catalog, others, 0.0)
    scope = "new" if fit.scope == "dormant" else fit.scope
    names = pl.Series([f"{place:012}" for place in range(len(baskets))], dtype=pl.String)
    blank = pl.repeat("", width - items.height, dtype=pl.String, eager=True)
    columns = _columns(items, (), names, pl.DataFrame({"verb": blank, "what": blank}))
    return World(training, names, items, scope, (), columns, categories, ())


def planned(known: World, names: tuple[str, ...], fit: Fit, common: Common, rule: str) -> Plan:
    """
    How to choose models here.

    Args:
        known: Everything.
        names: The models wanted; only regressions are bounded by memory.
        fit: What was given and need not be chosen.
        common: Seed and memory.
        rule: How the validation part is cut off, or empty.

    Raises:
        InputError: Expected ratings are wanted, and there are no ratings to learn from.
        MemoryLimitError: A regression is wanted and the memory is too little for any.
    """
    if "ratings" in names:
        _rated(known)
    memory = budget(common.memory)
    regressors, targets = (
        within(memory, known.training.history.width, known.training.n_items)
        if REGRESSIONS & set(names)
        else (MOST_REGRESSORS, MOST_TARGETS)
    )
    whole = regressors >= min(MOST_REGRESSORS, known.training.history.width)
    few = known.training.history.purchases.nnz <= SHORT_PAIRS
    return Plan(known.scope, common.seed, rule, fit.regularization, fit.rho, fit.factors, regressors, targets, abreast=whole and few)


def _rated(known: World) -> None:
    """
    Refuse to expect ratings where none are given.

    Raises:
        InputError: No event that makes an owner is a rating, or all ratings are equal.
    """
    ratings = known.training.history.ratings
    if ratings is None:
        events = f"of the events that make an owner ({', '.join(known.events)}) none is one"
        raise InputError(
            f"Model ratings learns from ratings, and {events}.",
            "Name the column with --map rating=COLUMN, let ratings make owners with --owned-by, or choose another --model.",
        )
    if np.ptp(ratings.data) == 0:
        raise InputError(
            f"Model ratings learns from ratings that differ, and all of them are {ratings.data[0]:g}.", "Choose another --model."
        )


def decided(scope: str, catalog: Catalog, log: Log | Events) -> str:
    """
    What `auto` means here.

    Raises:
        InputError: A scope was asked for that needs categories or times which are not there.
    """
    few = catalog.n_categories < (2 if scope == "new" else 1)
    if few and scope not in {"auto", "any"}:
        needed = "products of at least two categories" if scope == "new" else "products with categories"
        raise InputError(f"Scope {scope} needs {needed}.", "Give a catalogue with --items, or use --scope any.")
    if scope == "dormant" and not log.timed:
        raise InputError("Scope dormant needs times, and no event has one.", "Name the column with --map at=COLUMN, or use --scope same.")
    return ("new" if catalog.n_categories > 1 else "any") if scope == "auto" else scope


def _columns(items: pl.DataFrame, streams: tuple[Stream, ...], terms: pl.Series, values: pl.DataFrame) -> pl.DataFrame:
    label = items["name"].fill_null(items["item_id"]).alias("what")
    of_streams = [
        pl.DataFrame({"what": label}).select(pl.lit(f"{s.name}: ").alias("verb"), "what")
        if s.of_items
        else pl.DataFrame({"what": terms}).select(pl.lit("searched for ").alias("verb"), "what")
        for s in streams
    ]
    bought = pl.DataFrame({"what": label}).select(pl.lit("has ").alias("verb"), "what")
    return pl.concat([bought, *of_streams, values, pl.DataFrame({"verb": "", "what": "popular"})])


def _searches(searches: pl.DataFrame, users: pl.Series) -> tuple[list[Stream], pl.Series]:
    """The words that at least two customers searched for, and these words."""
    shared = searches.group_by("term").agg(pl.col("user_id").n_unique().alias("n")).filter(pl.col("n") > 1)["term"].sort()
    known = searches.filter(pl.col("term").is_in(shared.implode()))
    if not known.height:
        return [], shared
    user, column = matrix.codes(known["user_id"], users), matrix.codes(known["term"], shared)
    at = known.select(seconds("at", np.nan)).to_series().to_numpy()
    return [Stream("search", user, column, at, len(shared), of_items=False)], shared


def _profile(people: pl.LazyFrame, customers: int) -> tuple[sp.csr_array, pl.DataFrame]:
    """One column for every value of the profile that enough customers have, and what these columns mean."""
    rows, columns, width = [np.zeros(0, np.int32)], [np.zeros(0, np.int32)], 0
    values = [pl.DataFrame(schema={"verb": pl.String, "what": pl.String})]
    for name, verb in PROFILE.items():
        given = people.select(name).collect().to_series()
        counts = given.drop_nulls().value_counts(sort=True).sort(["count", name], descending=[True, False])
        common = counts.filter(pl.col("count") >= FEWEST_CUSTOMERS)[name].head(MOST_VALUES)
        code: Ints = matrix.codes(given, common)
        rows.append(np.flatnonzero(code >= 0).astype(np.int32))
        columns.append(code[code >= 0] + np.int32(width))
        width += len(common)
        values.append(pl.DataFrame({"what": common.cast(pl.String)}).select(pl.lit(f"{verb} ").alias("verb"), "what"))
    return pairs(np.concatenate(rows), np.concatenate(columns), (customers, width)), pl.concat(values)


def _like(like: float | None, scale: Mapping[str, Any]) -> float:
    """Give the smallest rating that is a like, by default the middle of the scale."""
    if not scale:
        return 0.0
    return (float(scale["low"]) + float(scale["high"])) / 2 if like is None else float(np.clip(like, -LARGEST, LARGEST))
