"""Lists for customers: those with purchases by a model, the others by popularity; with reasons, as a table."""

from dataclasses import dataclass

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell import ranking
from xsell.assemble import World
from xsell.contract.options import Recommend
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact
from xsell.data.schema import RECOMMENDATIONS
from xsell.data.training import History, Ints
from xsell.models.popular import Popular
from xsell.models.reasons import reasons
from xsell.models.recommender import Recommender
from xsell.parallel import each


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


def lists(known: World, model: Recommender, wanted: Recommend, asked: Asked, tell: Tell) -> pl.DataFrame:
    """
    Rank, explain and name, in blocks of customers: those with purchases by the model, the others by popularity.

    Args:
        known: Everything.
        model: A fitted model.
        wanted: Length of the lists.
        asked: Who gets lists.
        tell: Hears about the progress.
    """
    popular = Popular().fit(known.training)
    n = min(wanted.n, known.training.n_items)

    def work(block: slice) -> list[pl.DataFrame]:
        tell("making lists", block.start, len(asked.ids))
        history = histories(known, asked.number[block])
        bought = np.diff(history.purchases.indptr) > 0
        groups = ((np.flatnonzero(bought), model, "personal"), (np.flatnonzero(~bought), popular, "popular"))
        ids = asked.ids[block.start : block.stop]
        return [_block(known, chosen, history.rows(rows), ids.gather(rows), n, source) for rows, chosen, source in groups if len(rows)]

    frames = each(work, ranking.blocks(len(asked.ids), known.training.n_items))
    return pl.concat([pl.DataFrame(schema=RECOMMENDATIONS), *(frame for some in frames for frame in some)]).sort("user_id", "rank")


def histories(known: World, number: Ints) -> History:
    """Histories of customers; empty ones for those who are not in the data."""
    history = known.training.history.rows(np.maximum(number, 0))
    if (number >= 0).all():
        return history
    keep = sp.diags_array((number >= 0).astype(np.float32)).tocsr()
    return History(
        purchases=_only(keep, history.purchases),
        owned=_only(keep, history.owned),
        streams=tuple(_only(keep, stream) for stream in history.streams),
        profile=_only(keep, history.profile),
    )


def _only(keep: sp.csr_array, matrix: sp.csr_array) -> sp.csr_array:
    """Empty the rows of customers who are not in the data."""
    found = sp.csr_array(keep @ matrix)
    found.eliminate_zeros()
    found.sort_indices()
    return found


def _block(known: World, model: Recommender, history: History, ids: pl.Series, n: int, source: str) -> pl.DataFrame:
    free = ranking.allowed(history, known.training.catalog, known.scope)
    ranked = ranking.top(ranking.score(model, history, free), free, n)
    row, place = np.nonzero(ranked.items >= 0)
    item = ranked.items[row, place]
    offers = pl.DataFrame(
        {
            "user_id": ids.gather(row),
            "rank": pl.Series(place + 1, dtype=pl.Int32),
            "item": pl.Series(item, dtype=pl.Int32),
            "score": pl.Series(ranked.scores[row, place], dtype=pl.Float32),
        }
    ).with_row_index("offer")
    because = _because(known, model, history, row.astype(np.int32), item) if source == "personal" else None
    return _named(known, offers, because, source)


def _because(known: World, model: Recommender, history: History, row: Ints, item: Ints) -> pl.DataFrame:
    """One phrase an offer: the products owned that speak most for it, with their shares."""
    found = reasons(model, history, row, item)
    label = known.items["name"].fill_null(known.items["item_id"])
    phrase = pl.format("{} ({} %)", "what", (pl.col("share") * 100).round().cast(pl.Int32))
    return (
        pl.DataFrame({"offer": pl.Series(found.offer, dtype=pl.UInt32), "what": label.gather(found.owned), "share": found.share})
        .group_by("offer", maintain_order=True)
        .agg(phrase.alias("phrase"))
        .select("offer", because=pl.col("phrase").list.join(", "))
    )


def _named(known: World, offers: pl.DataFrame, because: pl.DataFrame | None, source: str) -> pl.DataFrame:
    item = offers["item"]
    named = offers.with_columns(
        known.items["item_id"].gather(item),
        known.items["category"].gather(item),
        known.items["name"].gather(item),
        pl.lit(source).alias("source"),
    )
    if because is None:
        share = (pl.col("score") * 100).round().cast(pl.Int32)
        return named.with_columns(because=pl.format("bought by {} % of the customers", share)).select(list(RECOMMENDATIONS))
    named = named.join(because, on="offer", how="left", maintain_order="left")
    reason = pl.format("has {}", "because").fill_null("popular among the customers")
    return named.with_columns(because=reason).select(list(RECOMMENDATIONS))
