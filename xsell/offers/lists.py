"""Lists for customers: those with purchases by a model, the others by popularity; with reasons, as a table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from xsell import ranking
from xsell.assemble import World
from xsell.contract.options import Recommend
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact
from xsell.data.schema import REASONS, RECOMMENDATIONS
from xsell.data.sparse import only
from xsell.data.training import Floats, History, Ints
from xsell.models.popular import Popular
from xsell.models.reasons import Reasons, joined, reasons
from xsell.offers.because import Meanings, because, meanings
from xsell.offers.choosing import Found, offers
from xsell.offers.limits import Limits
from xsell.offers.popularity import counted, since
from xsell.offers.sources import FILLER, FOR_ALL, sources
from xsell.parallel import flow
from xsell.selection.hybrid import Looked, Model, voices

CAUSES = ("scope", "rules", "caps", "scores", "history")
"""
What can make a list short: the customer owns the rest, rules hold it back, caps are reached, the model cannot score it, or nothing is known of the
customer.
"""

FILLS = "fills the list: nothing known of the customer speaks for it"

PIECE = 10_000
"""Offers that are put into words at once, about; with reasons they take some hundred bytes each, and several pieces are in memory at a time."""
FEWEST = 8
"""Blocks of customers into which work is cut at least, where there are as many."""


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
    Rank and explain in blocks of customers, and put some blocks at a time into words, so that memory does not grow with the customers.

    Args:
        known: Everything; single events are not asked for.
        recipe: What lists are made by.
        asked: Who gets lists.
        tell: Hears about the progress.
    """
    model, popular, wanted, meant = recipe.model, recipe.popular, recipe.wanted, meanings(known)
    plain = {id(one): counted(one) for one in (model, popular) if isinstance(one, Popular)}

    def work(stretch: Sequence[slice]) -> list[Made]:
        drawn: dict[tuple[str, int], list[_Drawn]] = {}
        without = sum(block.stop - block.start for block in stretch)
        for block in stretch:
            tell("making lists", block.start, len(asked.ids))
            history = histories(known, asked.number[block])
            for rows, chosen, source in sources(known, model, popular, history, wanted.strategy):
                some, place = history.rows(rows), (rows + block.start).astype(np.int32)
                found = offers(known, chosen, some, recipe.bounds, place, wanted.n)
                row, item = found.pairs()
                said = None if source in FOR_ALL else reasons(voices(chosen, found.looked, row, item), some, row, item, meant.alike)
                drawn.setdefault((source, id(chosen)), []).append(_drawn(found, place, said))
                without -= len(rows)
        made = [_named(known, asked.ids, parts, source, plain.get(who, meant)) for (source, who), parts in drawn.items()]
        return [*made, Made(pl.DataFrame(schema=RECOMMENDATIONS), {"history": without})]

    blocks = list(ranking.blocks(len(asked.ids), known.training.n_items, recipe.cells))
    rows = blocks[0].stop if blocks else 1
    offered = min(wanted.n, known.training.n_items) * rows
    alike = max(min(PIECE // offered, len(blocks) // FEWEST), 1)
    for made in flow(work, [blocks[start : start + alike] for start in range(0, len(blocks), alike)]):
        yield together(made, since(popular))


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
        purchases=only(history.purchases, there),
        owned=only(history.owned, there),
        streams=tuple(only(stream, there) for stream in history.streams),
        profile=only(history.profile, there),
        recent=None if history.recent is None else only(history.recent, there),
        ratings=None if history.ratings is None else only(history.ratings, there),
    )


@dataclass(frozen=True, slots=True)
class _Drawn:
    """
    Offers to some customers, not yet in words.

    Attributes:
        customer: Place among those asked for of the customer of every offer, int32.
        rank: From 1.
        item: What is offered, int32.
        score: float32.
        value: What lists are ordered by, float32, or None where that is the score.
        said: Why, unless it is the same for everybody.
        short: Short lists by cause.
    """

    customer: Ints
    rank: NDArray[np.intp]
    item: Ints
    score: Floats
    value: Floats | None
    said: Reasons | None
    short: dict[str, int]


def _drawn(found: Found, place: Ints, said: Reasons | None) -> _Drawn:
    row, rank = np.nonzero(found.ranking.items >= 0)
    value = found.ranking.scores[row, rank] if found.valued else None
    return _Drawn(place[row], rank + 1, found.ranking.items[row, rank], found.scores[row, rank], value, said, _causes(found))


def _causes(found: Found) -> dict[str, int]:
    """Count short lists by what made them short in the end: the last that left fewer than there were before it."""
    listed = (found.ranking.items[found.short] >= 0).sum(axis=1)
    by_caps = listed < found.scored
    by_scores = ~by_caps & (found.scored < found.left)
    by_rules = ~by_caps & ~by_scores & (found.left < found.free)
    by_scope = ~by_caps & ~by_scores & ~by_rules
    return {cause: int(rows.sum()) for cause, rows in zip(CAUSES, (by_scope, by_rules, by_caps, by_scores), strict=False)}


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
    meant = meanings(known)
    found = reasons(voices(model, looked, row, item), history, row, item, meant.alike)
    return because(meant, found, history.width).drop("reasons")


def _named(known: World, ids: pl.Series, parts: Sequence[_Drawn], source: str, words: Meanings | pl.Series) -> Made:
    """Put offers of one source into words: what is said of every product, or what reasons mean."""
    item = np.concatenate([part.item for part in parts])
    value = [part.value for part in parts if part.value is not None]
    named = pl.DataFrame(
        {
            "user_id": ids.gather(np.concatenate([part.customer for part in parts])),
            "rank": pl.Series(np.concatenate([part.rank for part in parts]), dtype=pl.Int32),
            **{name: known.items[name].gather(item) for name in ("item_id", "category", "name")},
            "score": pl.Series(np.concatenate([part.score for part in parts]), dtype=pl.Float32),
            "value": pl.Series(np.concatenate(value) if value else [None] * len(item), dtype=pl.Float32),
        }
    ).with_columns(source=pl.lit(source))
    said = [part.said for part in parts if part.said is not None]
    if isinstance(words, pl.Series):
        one = pl.struct(kind=pl.lit("popularity"), what="because", item_id=pl.lit(None, pl.String), share=pl.lit(1, pl.Float32))
        named = named.with_columns(words.gather(item).alias("because")).with_columns(reasons=pl.concat_list(one).cast(REASONS))
    else:
        why = because(words, joined(said, [len(part.item) for part in parts]), known.training.history.width)
        named = named.with_row_index("offer").join(why, on="offer", how="left", maintain_order="left")
        idle = pl.col("because").is_null() & (pl.col("score") == 0)
        named = named.with_columns(source=pl.when(idle).then(pl.lit(FILLER)).otherwise("source"))
        named = named.with_columns(
            because=pl.when(idle).then(pl.lit(FILLS)).otherwise(worded()), reasons=pl.col("reasons").fill_null(pl.lit([], dtype=REASONS))
        )
    short = {cause: sum(part.short[cause] for part in parts) for cause in parts[0].short}
    return Made(named.select(list(RECOMMENDATIONS)), short)


def worded() -> pl.Expr:
    """What `because` says where it may be that nothing but popularity speaks for an offer."""
    alone = pl.col("because").is_null() | (pl.col("because") == "popular (100%)")
    return pl.when(alone).then(pl.lit("popular among the customers")).otherwise("because")
