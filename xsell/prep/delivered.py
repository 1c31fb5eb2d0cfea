"""Lists that were delivered: who was offered what, in which order, and who was held back."""

from dataclasses import dataclass

import polars as pl

from xsell.contract.options import Clean
from xsell.contract.wording import many
from xsell.data.rawtable import RawTable
from xsell.data.schema import INSTANT
from xsell.errors import InputError
from xsell.prep.columns import parse_map
from xsell.prep.dates import read_dates
from xsell.prep.diary import Diary, some
from xsell.prep.reading import read_id, told_dates
from xsell.prep.stacking import refuse, refused, stack
from xsell.prep.values import numbers, words

HELD = ("true", "yes", "y", "1", "holdout", "hold out", "held out", "held back", "control", "kontrolle", "对照组")
SENT = ("false", "no", "n", "0", "treated", "treatment", "target", "contacted", "contact", "sent", "test", "")
PERSONAL = "personal"
AUDIENCE = {"kind", "target"}
"""Columns of a list of customers to contact; it ranks the customers of a target, and not what is offered to a customer."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """
    What was delivered.

    Attributes:
        offers: user_id, item_id, rank (from 1 without gaps within a customer and a group), held (in the control group), plain (not
            personal), at (when it was delivered, or null), score (or null); sorted by user_id, held, rank.
        columns: Field → the column it came from.
        refused: Rows that could not be used, by reason.
        repeats: Rows that offered a customer the same product again.
    """

    offers: pl.DataFrame
    columns: dict[str, str]
    refused: dict[str, int]
    repeats: int


def delivered(raw: RawTable, options: Clean, diary: Diary) -> Delivered:
    """
    Read lists: one row an offer. The order is that of a rank, else of a score from the highest down, else of the file.

    Args:
        raw: The file.
        options: How columns and dates are read.
        diary: Hears what there is to tell.

    Raises:
        InputError: It has no customers or no products, no row that can be used, or a group that cannot be told from the others.
    """
    stacked = stack("lists", [raw], parse_map(options.map))
    frame, columns = stacked.frame, dict(stacked.columns)
    if set(raw.frame.columns) >= AUDIENCE:
        columns.pop("rank", None)
    for field in ("user_id", "item_id"):
        frame, _ = read_id(frame, field, columns[field], stacked.files, diary)
    for field, what in (("rank", "rank"), ("rating", "score")):
        read = numbers(frame[field] if field in columns else pl.Series([None], dtype=pl.Float64).new_from_index(0, frame.height))
        frame = refuse(frame.with_columns(read.values.alias(field)), read.unreadable, f"unreadable {what}")
    frame = frame.with_columns(_held(frame, columns).alias("held"), _plain(frame, columns).alias("plain"))
    frame = _dated(frame, columns, options, diary)
    good = frame.filter(pl.col("reason").is_null())
    if good.is_empty():
        raise InputError(f"No row of {raw.path} could be used.", "Give one row an offer, with a customer and a product.")
    order = good.sort("user_id", "held", "rank", -pl.col("rating"), "row", nulls_last=True)
    again = int(good.filter(pl.col("rank").is_not_null()).select("user_id", "held", "rank").is_duplicated().sum())
    if again:
        diary.warn(
            "ranks-repeat",
            f"{many(again, 'offer shares its rank', 'offers share their rank')} with others to the same customer; they stand by score, else as in the file.",
        )
    once = order.unique(["user_id", "held", "item_id"], keep="first", maintain_order=True)
    rank = pl.int_range(1, pl.len() + 1, dtype=pl.Int32).over("user_id", "held")
    reasons = pl.concat([refused(frame)["reason"], raw.refused["reason"]])
    return Delivered(
        once.select("user_id", "item_id", rank.alias("rank"), "held", "plain", "at", pl.col("rating").alias("score")),
        columns,
        dict(reasons.value_counts().sort("reason").iter_rows()),
        good.height - once.height,
    )


def _held(frame: pl.DataFrame, columns: dict[str, str]) -> pl.Series:
    """
    Whether each row is of the control group.

    Raises:
        InputError: The words for the groups are others.
    """
    if "group" not in columns:
        return pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    text = words(frame["group"].cast(pl.String)).fill_null("").str.to_lowercase().str.replace_all(r"[_-]+", " ")
    strange = sorted(set(text.unique()) - {*HELD, *SENT})
    if strange:
        raise InputError(
            f"Column {columns['group']} does not say who was held back: it holds {some(strange)}.",
            "Write `control` for those who were held back and `treated` for the others.",
        )
    return text.is_in(HELD)


def _plain(frame: pl.DataFrame, columns: dict[str, str]) -> pl.Series:
    if "source" not in columns:
        return pl.repeat(value=False, n=frame.height, dtype=pl.Boolean, eager=True)
    return words(frame["source"]).fill_null(PERSONAL).str.to_lowercase() != PERSONAL


def _dated(frame: pl.DataFrame, columns: dict[str, str], options: Clean, diary: Diary) -> pl.DataFrame:
    if "at" not in columns:
        return frame.with_columns(pl.lit(None, INSTANT).alias("at"))
    dates = read_dates(frame["at"], options.dates, options.time_zone)
    told_dates(dates, columns["at"], options, diary)
    return refuse(frame.with_columns(dates.values.alias("at")), dates.unreadable, "unreadable date")


def after(interactions: pl.DataFrame, offers: pl.DataFrame) -> pl.DataFrame:
    """
    Leave out events from before a customer's lists were delivered, where both times are known.

    Args:
        interactions: The columns of `INTERACTIONS`, spelled as the offers.
        offers: As in `Delivered`.
    """
    since = offers.group_by("user_id").agg(pl.col("at").min().alias("since"))
    early = (pl.col("at") < pl.col("since")).fill_null(value=False)
    return interactions.join(since, on="user_id", how="left", maintain_order="left").filter(~early).drop("since")
