"""Lists for customers: those with purchases by a model, the others by popularity; with reasons, as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell import ranking
from xsell.assemble import World
from xsell.contract.options import Recommend
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact
from xsell.data.schema import REASONS, RECOMMENDATIONS
from xsell.data.training import History, Ints, Mask
from xsell.models.popular import Popular
from xsell.offers.because import because, meanings
from xsell.offers.choosing import Found, offers
from xsell.offers.limits import Limits
from xsell.offers.popularity import counted, since
from xsell.offers.sources import FOR_ALL, sources
from xsell.parallel import flow
from xsell.selection.hybrid import Looked, Model, voices

CAUSES = ("scope", "rules", "caps", "scores", "history")
"""What can make a list short: the customer owns the rest, rules hold it back, caps are reached, the model cannot score it, or nothing is known of the customer."""

PIECE = 50_000
"""Offers that are in memory at once, about; reasons take some hundred bytes each."""
FEWEST_BLOCKS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """
    Who gets lists.

    Attributes:
        ids: Their ids, sorted.
        number: Their numbers, -1 for customers not in the data.
        inputs: The file that named them, if one did.
    """

    ids: pl.Series
    number: Ints
    inputs: tuple[FileFact, ...] = ()


@dataclass(frozen=True, slots=True)
class Made:
    """
    Lists of some customers.

    Attributes:
        frame: The columns of `RECOMMENDATIONS`, sorted by user_id and rank.
        short: How many lists are shorter than asked for, empty ones included, by cause.
        since: The day from which on popularity counts customers, None for all time.
    """

    frame: pl.DataFrame
    short: dict[str, int]
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Recipe:
    """
    What lists are made by.

    Attributes:
        model: A fitted model.
        popular: What is offered to those of whom the model knows nothing.
        wanted: Length of the lists, and for whom the model may speak.
        bounds: What the business allows.
        cells: Scores that each worker has in memory at once; 0 for the usual number.
    """

    model: Model
    popular: Popular
    wanted: Recommend
    bounds: Limits
    cells: int = 0


def lists(known: World, recipe: Recipe, asked: Asked, tell: Tell) -> Iterator[Made]:
    """
    Rank, explain and name, in blocks of customers; some blocks at a time, so that memory does not grow with the customers.

    Args:
        known: Everything; single events are not asked for.
        recipe: What lists are made by.
        asked: Who gets lists.
        tell: Hears about the progress.
    """
    model, popular, wanted, meant = recipe.model, recipe.popular, recipe.wanted, meanings(known)
    said = counted(popular)

    def work(block: slice) -> list[Made]:
        tell("making lists", block.start, len(asked.ids))
        history = histories(known, asked.number[block])
        made, served = [], 0
        for rows, chosen, source in sources(known, model, popular, history, wanted.strategy):
            served += len(rows)
            place = (rows + block.start).astype(np.int32)
            some = history.rows(rows)
            found = offers(known, chosen, some, recipe.bounds, place, wanted.n)
            row, item = found.pairs()
            spoken = said.gather(item) if source in FOR_ALL else because(meant, voices(chosen, found.looked, row, item), some, row, item)
            made.append(Made(_table(known, found, asked.ids.gather(place), spoken, source), _causes(found, wanted.n)))
        without = len(history) - served
        return [*made, Made(pl.DataFrame(schema=RECOMMENDATIONS), {"history": without})]

    blocks = list(ranking.blocks(len(asked.ids), known.training.n_items, recipe.cells))
    at_once = max(FEWEST_BLOCKS, PIECE // (min(wanted.n, known.training.n_items) * blocks[0].stop)) if blocks else 1
    parts: list[Made] = []
    for number, made in enumerate(flow(work, blocks), 1):
        parts += made
        if number % at_once == 0 or number == len(blocks):
            yield together(parts, since(popular))
            parts = []


def together(parts: Sequence[Made], since: str | None) -> Made:
    """Put lists of several groups of customers into one table."""
    frame = pl.concat([pl.DataFrame(schema=RECOMMENDATIONS), *(part.frame for part in parts)]).sort("user_id", "rank")
    return Made(frame, {cause: sum(part.short.get(cause, 0) for part in parts) for cause in CAUSES}, since)


def histories(known: World, number: Ints) -> History:
    """Histories of customers; empty ones for those who are not in the data."""
    history = known.training.history.rows(np.maximum(number, 0))
    if (number >= 0).all():
        return history
    there = number >= 0
    return History(
        purchases=_only(there, history.purchases),
        owned=_only(there, history.owned),
        streams=tuple(_only(there, stream) for stream in history.streams),
        profile=_only(there, history.profile),
        recent=None if history.recent is None else _only(there, history.recent),
        ratings=None if history.ratings is None else _only(there, history.ratings),
    )


def _only(there: Mask, matrix: sp.csr_array) -> sp.csr_array:
    """Empty the rows of customers who are not in the data."""
    size = np.diff(matrix.indptr)
    kept = np.repeat(there, size)
    indptr = np.r_[0, np.cumsum(size * there)].astype(matrix.indptr.dtype)
    return sp.csr_array((matrix.data[kept], matrix.indices[kept], indptr), shape=matrix.shape)


def _causes(found: Found, n: int) -> dict[str, int]:
    """Count short lists by what made them short."""
    by_scope = found.free < n
    by_rules = ~by_scope & (found.left < n)
    by_caps = ~by_scope & ~by_rules & (found.scored > (found.ranking.items[found.short] >= 0).sum(axis=1))
    by_scores = ~by_scope & ~by_rules & ~by_caps
    return {cause: int(rows.sum()) for cause, rows in zip(CAUSES, (by_scope, by_rules, by_caps, by_scores), strict=False)}


def _table(known: World, found: Found, ids: pl.Series, why: pl.DataFrame | pl.Series, source: str) -> pl.DataFrame:
    row, place = np.nonzero(found.ranking.items >= 0)
    item = found.ranking.items[row, place]
    offered = pl.DataFrame(
        {
            "user_id": ids.gather(row),
            "rank": pl.Series(place + 1, dtype=pl.Int32),
            "item": pl.Series(item, dtype=pl.Int32),
            "score": pl.Series(found.scores[row, place], dtype=pl.Float32),
            "value": pl.Series(found.ranking.scores[row, place] if found.valued else [None] * len(row), dtype=pl.Float32),
        }
    ).with_row_index("offer")
    return _named(known, offered, why, source)


def phrases(known: World, model: Model, looked: Looked | None, history: History, row: Ints, item: Ints) -> pl.DataFrame:
    """
    Say why offers are made.

    Args:
        known: Everything.
        model: A fitted model.
        looked: What a fusion looked at, all offers among it.
        history: The customers.
        row: Row of the customer of every offer, ascending, int32.
        item: Product offered, int32.

    Returns:
        Columns offer (UInt32, from 0) and because; no row for an offer for which nothing speaks.
    """
    return because(meanings(known), voices(model, looked, row, item), history, row, item).drop("reasons")


def _named(known: World, offers: pl.DataFrame, why: pl.DataFrame | pl.Series, source: str) -> pl.DataFrame:
    item = offers["item"]
    named = offers.with_columns(
        known.items["item_id"].gather(item),
        known.items["category"].gather(item),
        known.items["name"].gather(item),
        pl.lit(source).alias("source"),
    )
    if isinstance(why, pl.Series):
        one = pl.concat_list(
            pl.struct(kind=pl.lit("popularity"), what="because", item_id=pl.lit(None, pl.String), share=pl.lit(1, pl.Float32))
        )
        return named.with_columns(why.alias("because")).with_columns(reasons=one.cast(REASONS)).select(list(RECOMMENDATIONS))
    named = named.join(why, on="offer", how="left", maintain_order="left")
    reasons = pl.col("reasons").fill_null(pl.lit([], dtype=REASONS))
    return named.with_columns(because=worded(), reasons=reasons).select(list(RECOMMENDATIONS))


def worded() -> pl.Expr:
    """What `because` says where it may be that nothing but popularity speaks for an offer."""
    alone = pl.col("because").is_null() | (pl.col("because") == "popular (100 %)")
    return pl.when(alone).then(pl.lit("popular among the customers")).otherwise("because")
