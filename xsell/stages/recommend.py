"""`xsell recommend`: lists for customers, with reasons."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell import ranking
from xsell.assemble import World, world
from xsell.contract.options import Fit, Recommend, Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Report, Warned
from xsell.data.matrix import codes
from xsell.data.rawtable import STDIN
from xsell.data.schema import RECOMMENDATIONS, Table, recommendations
from xsell.data.training import History, Ints
from xsell.errors import InputError, ModelError
from xsell.files.raw import read_list
from xsell.files.workspace import Workspace
from xsell.models.popular import Popular
from xsell.models.reasons import reasons
from xsell.models.recommender import Recommender
from xsell.parallel import each
from xsell.prep.audience import listed, names_users
from xsell.prep.spelling import as_in
from xsell.report import lists as words
from xsell.selection.frozen import from_values


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


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Make lists for customers.

    Args:
        workspace: Holds the clean tables, the features and a trained model.
        settings: The groups `recommend` and `common` are used.
        tell: Hears about the progress.
    """
    wanted = settings.recommend
    bundle, sidecar = workspace.load_model(wanted.model)
    scope = sidecar["scope"] if wanted.scope == "auto" else wanted.scope
    known = world(workspace, Fit(scope=scope, like=sidecar["like"]))
    if bundle["items"] != known.items["item_id"].to_list():
        raise ModelError(
            f"Model {wanted.model} was trained on other products than are here now.", f"Type `xsell train --model {wanted.model}`."
        )
    asked = _asked(known, wanted)
    frame = lists(known, from_values(bundle["model"]), wanted, asked, tell)
    return _report(workspace, known, frame, asked, wanted, sidecar["window_days"])


def _asked(known: World, wanted: Recommend) -> Asked:
    inputs: tuple[FileFact, ...] = ()
    if wanted.user:
        ids = pl.Series("user_id", [wanted.user])
    elif wanted.only_users:
        raw = read_list(wanted.only_users, names_users)
        ids, inputs = listed(raw), (raw.fact,)
    else:
        ids = known.users
    if not len(ids):
        raise InputError(f"{wanted.only_users} names no customer.", "Put one id on each line, or give a table with a user column.")
    return Asked(ids, codes(as_in(ids, known.users), known.users), inputs)


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
        history = _histories(known, asked.number[block])
        bought = np.diff(history.purchases.indptr) > 0
        groups = ((np.flatnonzero(bought), model, "personal"), (np.flatnonzero(~bought), popular, "popular"))
        ids = asked.ids[block.start : block.stop]
        return [_block(known, chosen, history.rows(rows), ids.gather(rows), n, source) for rows, chosen, source in groups if len(rows)]

    frames = each(work, ranking.blocks(len(asked.ids), known.training.n_items))
    return pl.concat([pl.DataFrame(schema=RECOMMENDATIONS), *(frame for some in frames for frame in some)]).sort("user_id", "rank")


def _histories(known: World, number: Ints) -> History:
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


def _report(workspace: Workspace, known: World, frame: pl.DataFrame, asked: Asked, wanted: Recommend, days: float | None) -> Report:
    table = recommendations(wanted.model)
    outputs = [workspace.write(table, frame)] if not wanted.user else []
    if wanted.output:
        outputs.append(workspace.export(wanted.output, frame))
    sizes = frame.group_by("user_id").len()
    counts = {
        "customers": len(asked.ids),
        "rows": frame.height,
        "without_a_list": len(asked.ids) - sizes.height,
        "short_lists": sizes.filter(pl.col("len") < wanted.n).height,
        "not_in_the_data": int((asked.number < 0).sum()),
        "by_popularity": frame.filter(pl.col("source") == "popular")["user_id"].n_unique(),
        "items_without_category": int((known.training.catalog.category < 0).sum()) if known.scope == "new" else 0,
    }
    common = {
        "counts": counts,
        "inputs": asked.inputs,
        "outputs": tuple(outputs),
        "details": {"scope": known.scope, "model": wanted.model, "window_days": days},
    }
    return _of_one(known, frame, asked, wanted, common) if wanted.user else _of_all(workspace, table, wanted, common)


def _of_all(workspace: Workspace, table: Table, wanted: Recommend, common: dict[str, Any]) -> Report:
    """What there is to say of the lists of many customers."""
    places = [str(workspace.root / table.path), *([wanted.output] if wanted.output not in {"", STDIN} else [])]
    return Report(
        "recommend",
        sentences=tuple(words.made(common["counts"], wanted.n, places, common["details"]["window_days"])),
        warnings=tuple(words.lacks(common["counts"])),
        next_step="xsell evaluate" if wanted.output else "xsell recommend --output offers.csv",
        **common,
    )


def _of_one(known: World, frame: pl.DataFrame, asked: Asked, wanted: Recommend, common: dict[str, Any]) -> Report:
    """What there is to say of one customer, and the list itself."""
    owned = known.items["category"].gather(_histories(known, asked.number).owned.indices).to_list()
    absent = Warned("unknown-customers", "This customer is not in the data; popular products are offered instead.")
    offers = frame.with_columns(pl.col("score").cast(pl.String).cast(pl.Float64)).rows(named=True)
    strange = bool(common["counts"]["not_in_the_data"])
    return Report(
        "recommend",
        sentences=(
            *(() if strange else (words.owner(owned),)),
            *words.one(common["counts"], wanted.n, "" if wanted.output == STDIN else wanted.output),
        ),
        grids=(words.page(offers, wanted.user, common["details"]["window_days"]),) if offers else (),
        warnings=(absent,) if strange else (),
        results=tuple(offers),
        **common,
    )
