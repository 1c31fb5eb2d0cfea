"""Why offers are made: as structure for machines, and as a line for people."""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from xsell.assemble import World
from xsell.data.matrix import codes
from xsell.data.schema import REASONS
from xsell.data.training import Floats, Ints, Mask
from xsell.models.explicit import Explicit
from xsell.models.reasons import MOST, Reasons
from xsell.models.regression import Regression
from xsell.selection.hybrid import Hybrid, Model

OTHERS = "others"
LEAST = 0.005
"""A smaller share would be rounded to nothing."""
SAME = "the same for everybody"


@dataclass(frozen=True, slots=True)
class Meanings:
    """
    What reasons can be.

    Attributes:
        rows: Columns verb (its number), what, label (verb and what), kind and item_id; one row for each column of `History.wide()`, one for what is
            the same for everybody, and one each for 0, 1, 2 … more, up to as many things as a customer has.
        verbs: Verbs by number, such as `has `.
        alike: For `models.reasons.reasons`: number of the label of every column and of what is the same for everybody, or None where all differ.
    """

    rows: pl.DataFrame
    verbs: pl.Series
    alike: Ints | None


def named(known: World, model: Model) -> World:
    """
    Call what is the same for all customers what it is for a model.

    It is popularity where numbers of customers are weighed, and where nothing but the intercepts of regressions say it, what these expect of a
    customer with nothing: close to popularity, but what comes from other reasons is taken out of it.
    """
    what = "popular"
    if isinstance(model, Explicit):
        what = "ratings of others"
    elif isinstance(model, Regression) or (isinstance(model, Hybrid) and not model.weights[-model.statics_.shape[1] :].any()):
        what = SAME
    return replace(known, columns=pl.concat([known.columns.head(-1), pl.DataFrame({"verb": "", "what": what})]))


def meanings(known: World) -> Meanings:
    """Put together what reasons can be."""
    ids, blank, history = known.items["item_id"], pl.Series("item_id", [None], dtype=pl.String), known.training.history
    kinds, items = [("product", len(ids))], [ids]
    for stream in known.training.streams:
        kinds.append((stream.name, stream.width))
        items.append(ids if stream.of_items else blank.new_from_index(0, stream.width))
    values = known.columns.height - sum(width for _, width in kinds) - 1
    more = sum(np.diff(has.indptr).max(initial=0) for has in (history.purchases, *history.streams, history.profile)) + 1
    kinds += [("profile", values), ("popularity", 1), (OTHERS, more)]
    items += [blank.new_from_index(0, values + 1 + more)]
    kind = pl.concat([pl.Series("kind", [name], dtype=pl.String).new_from_index(0, width) for name, width in kinds])
    rest = pl.select(verb=pl.lit(""), what=pl.format("{} more", pl.int_range(more)))
    rows = pl.concat([known.columns, rest]).with_columns(kind, pl.concat(items).rename("item_id"), label=pl.concat_str("verb", "what"))
    verbs = rows["verb"].unique().sort()
    labels = rows["label"].head(known.columns.height)
    names = labels.unique(maintain_order=True)
    alike = codes(labels, names) if len(names) < len(labels) else None
    return Meanings(rows.with_columns(pl.Series("verb", codes(rows["verb"], verbs))).rechunk(), verbs, alike)


def because(meant: Meanings, found: Reasons, width: int) -> pl.DataFrame:
    """
    Put reasons into words.

    Args:
        meant: What reasons can be.
        found: The reasons.
        width: Of `History.wide()`.

    Returns:
        Columns offer, because and reasons; offers for which nothing speaks are missing.
    """
    offer, meaning, share = _entries(found, width)
    number = pl.Series("offer", offer, dtype=pl.UInt32).set_sorted()
    entries = meant.rows[meaning].with_columns(number, share=share)
    structure = entries.group_by("offer", maintain_order=True).agg(
        reasons=pl.struct("kind", what="label", item_id="item_id", share="share")
    )
    order, lead = _told(offer, entries["verb"].to_numpy(), meaning > width, len(meant.verbs))
    leads = pl.concat([pl.Series([", "]), meant.verbs, "; " + meant.verbs]).gather(lead)
    percent = pl.when(pl.col("share") < LEAST).then(pl.lit("<1")).otherwise((pl.col("share") * 100).round().cast(pl.Int32).cast(pl.String))
    phrase = pl.concat_str(leads, "what", pl.format(" ({}%)", percent))
    phrases = entries[order].select(number, phrase=phrase).group_by("offer", maintain_order=True).agg("phrase")
    return phrases.select("offer", structure["reasons"].cast(REASONS), because=pl.col("phrase").list.join(""))


def _entries(found: Reasons, width: int) -> tuple[Ints, Ints, Floats]:
    """Offer, place in `meanings` and share of everything that is told, ascending by offer; how many things more comes last."""
    more = np.flatnonzero(found.others).astype(np.int32)
    offer = np.concatenate([found.offer, more])
    order = np.argsort(offer, kind="stable")
    meaning = np.concatenate([found.column, width + 1 + found.others[more]])
    return offer[order], meaning[order], np.concatenate([found.share, found.rest[more]])[order]


def _told(offer: Ints, verb: NDArray[np.integer], last: Mask, verbs: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """
    Put what has the same verb together, where it was first.

    Args:
        offer: Ascending.
        verb: Number of the verb of every entry.
        last: What stands alone.
        verbs: How many there are.

    Returns:
        The order, and what comes before each entry in it: 0 for a comma, 1 and more for a verb that begins, and behind all these for one that goes on.
    """
    place = np.arange(len(offer))
    group, first = np.where(last, -1, verb.astype(np.int64)), place.copy()
    for back in range(1, min(MOST + 2, len(offer))):
        same = (offer[back:] == offer[: len(offer) - back]) & (group[back:] == group[: len(offer) - back])
        first[back:] = np.where(same, place[: len(offer) - back], first[back:])
    order = np.argsort(first, kind="stable")
    begins, opens = np.diff(offer, prepend=-1) > 0, np.diff(first[order], prepend=-1) > 0
    return order, np.where(opens, 1 + verb[order] + np.where(begins, 0, verbs), 0)
