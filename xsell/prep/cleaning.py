"""Raw events in, clean interactions out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from xsell.contract.options import Clean
from xsell.contract.wording import many
from xsell.data.rawtable import RawTable
from xsell.data.schema import INTERACTIONS, PURCHASE, RATING, RETURN
from xsell.prep.columns import LEVEL, parse_map
from xsell.prep.diary import Diary, Ledger, some
from xsell.prep.events import name_events
from xsell.prep.merging import inline_values
from xsell.prep.products import BOOKING, bookings, matches, of_goods, warn_unused
from xsell.prep.ratings import Scale, infer, parse_scale
from xsell.prep.reading import Reading, read_ids, read_moment, read_numbers
from xsell.prep.returns import match_returns
from xsell.prep.spelling import as_in
from xsell.prep.stacking import ledger, refuse, refused, stack

SAME = ("user_id", "item_id", "event", "rating", "quantity", "price", "order_id", "at")
INLINE = dict.fromkeys(("category", "name", "brand"), "item") | dict.fromkeys(("age", "gender", "location"), "customer")
TOLD = {"item_id": ("category", "name", "brand", "price"), "user_id": ("age", "gender", "location")}
"""What events may tell of items and of customers, by whose id."""
FATES = {"clip": "moved to its ends", "keep": "kept"}
MODES = {"minmax": "mapped to 0 to 1", "zscore": "mapped to mean 0 and deviation 1", "none": "kept as they are"}
BLANK = ("quantity", "price", "order_id")
"""What many logs do not tell, and then takes no memory while they are sorted."""
ORDER = ("user_id", "item_id", "at", "event", "part", "row")


@dataclass(frozen=True, slots=True)
class Events:
    """
    Clean events and what came with them.

    Attributes:
        interactions: The columns of `INTERACTIONS`.
        items: What the events tell of items: item_id, category, name, brand, price.
        users: What they tell of customers: user_id, age, gender, location.
        refused: Rows refused: part, row, reason.
        ledger: How the rows fared.
        scale: The scale of the ratings, or None.
        readings: How each column was read.
    """

    interactions: pl.DataFrame
    items: pl.DataFrame
    users: pl.DataFrame
    refused: pl.DataFrame
    ledger: Ledger
    scale: Scale | None
    readings: tuple[Reading, ...]


def clean_events(raws: Sequence[RawTable], options: Clean, diary: Diary) -> Events:
    """
    Clean the events of one log.

    A row is refused for the first of the `RULES` that it breaks. Of rows that are equal in all columns of `INTERACTIONS` as they were
    given, one is kept. A purchase with a rating is a rating; a rating beside a view or another event does not count.

    Args:
        raws: The files of the log, at least one.
        options: How to clean.
        diary: Hears what there is to tell.

    Raises:
        InputError: A needed column is missing.
        UsageError: An option cannot be read.
    """
    given = parse_scale(options.rating_scale)
    frame, columns, _, files = stack("events", raws, parse_map(options.map))
    _tell_unread(raws, columns, diary)
    frame, readings = read_ids(frame, columns, files, diary)
    for step in (read_moment, read_numbers, name_events):
        frame, more = step(frame, columns, options, diary)
        readings += more
    frame = _drop_items(frame, of_goods(raws, options), diary)
    frame = _judge(frame)
    frame, scale = _bound(frame, given, options)
    if scale and scale.outside and options.outliers != "drop":
        diary.count(f"ratings outside the scale, {FATES[options.outliers]}", scale.outside)
        lie = f"{many(scale.outside, 'rating lies', 'ratings lie')} outside the scale of {scale.low:g} to {scale.high:g}"
        diary.warn(
            "ratings-outside-scale", f"{lie}: {FATES[options.outliers]} (--outliers drop refuses them, --rating-scale gives other ends)."
        )
    bad = refused(frame)
    frame = (frame.filter(pl.col("reason").is_null()) if bad.height else frame).drop("reason")
    items, users = (inline_values(frame, key, fields) for key, fields in TOLD.items())
    read = frame.height
    frame = _once(frame)
    scale = _measured(frame, scale)
    frame = _ordered(frame, scale)
    frame = _returned(frame, diary)
    return Events(
        frame,
        items,
        users,
        bad,
        ledger("events", raws, bad, frame.height, read - frame.height),
        scale,
        tuple(_on_scale(reading, scale) for reading in readings) + _inline_readings(columns),
    )


def _tell_unread(raws: Sequence[RawTable], columns: Mapping[str, str], diary: Diary) -> None:
    """Name the columns that were read as nothing."""
    given = {name for source in columns.values() for name in source.split(" / ")}
    used = given | {level for name in given for level in name.split(LEVEL)}
    unread = list(dict.fromkeys(name for raw in raws for name in raw.frame.columns if name not in used))
    if unread:
        diary.say(f"Not read: {'column' if len(unread) == 1 else 'columns'} {some(unread)}.")


def _once(frame: pl.DataFrame) -> pl.DataFrame:
    """Keep the first of rows that are equal in `SAME`, and of the columns those that are needed; only rows whose digests repeat are compared."""
    frame = frame.select(name for name in frame.columns if name in {*SAME, "bounded", "part", "row"})
    digests = frame.select(SAME).hash_rows()
    ordered = digests.sort()
    twice = ordered.filter(ordered == ordered.shift()).unique()
    if twice.is_empty():
        return frame
    alike = digests.is_in(twice.implode())
    place = pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    first = frame.filter(alike).with_columns(place.filter(alike).alias("place")).unique(SAME, keep="first")["place"]
    return frame.filter(~alike | place.is_in(first.implode()))


def _on_scale(reading: Reading, scale: Scale | None) -> Reading:
    if reading.field != "rating" or scale is None:
        return reading
    return reading._replace(how=f"scale {scale.low:g} to {scale.high:g}, {MODES[scale.mode]}")


def _inline_readings(columns: Mapping[str, str]) -> tuple[Reading, ...]:
    return tuple(Reading(field, columns[field], "text, of the " + whose) for field, whose in INLINE.items() if field in columns)


def _drop_items(frame: pl.DataFrame, options: Clean, diary: Diary) -> pl.DataFrame:
    items = frame["item_id"].unique()
    warn_unused(options.drop_items, items, diary)
    frame = refuse(frame, matches(pl.col("item_id"), options.drop_items), "dropped item")
    told = frame.select(column for column in ("item_id", "name", "category") if column in frame.columns)
    found = diary.bookings | dict(bookings(told, options).iter_rows())
    if not found:
        return frame
    ids = as_in(pl.Series(list(found), dtype=pl.String), items)
    label, gone = dict(zip(ids, found.values(), strict=True)), pl.col("item_id").is_in(ids.implode())
    rows = told.filter(gone).group_by("item_id").len().sort(["len", "item_id"], descending=[True, False])
    diary.bookings = {item: label[item] for item in rows["item_id"]}
    return refuse(frame, gone, BOOKING) if diary.bookings else frame


def _judge(frame: pl.DataFrame) -> pl.DataFrame:
    """Refuse rows whose values make no event."""
    bought = pl.col("event").is_in([PURCHASE, RATING])
    frame = refuse(frame, (pl.col("event") == RATING) & pl.col("rating").is_null(), "no rating")
    frame = refuse(frame, bought & (pl.col("quantity") == 0), "zero quantity")
    return refuse(frame, pl.col("price") < 0, "negative price")


def _bound(frame: pl.DataFrame, given: tuple[float, float] | None, options: Clean) -> tuple[pl.DataFrame, Scale | None]:
    """Find the scale of the ratings and deal with what lies outside."""
    rated = (pl.col("event") == RATING) & pl.col("reason").is_null()
    ratings = frame.filter(rated)["rating"]
    if ratings.is_empty():
        return frame, None
    low, high = given or infer(ratings)
    outside = rated & ~pl.col("rating").is_between(low, high)
    scale = Scale(low, high, given is None, options.scale, outside=int(frame.select(outside.sum()).item()))
    bounded = pl.col("rating").clip(low, high) if options.outliers == "clip" else pl.col("rating")
    frame = frame.with_columns(bounded.alias("bounded"))
    return (refuse(frame, outside, "rating outside the scale") if options.outliers == "drop" else frame), scale


def _measured(once: pl.DataFrame, scale: Scale | None) -> Scale | None:
    if scale is None:
        return None
    ratings = once.filter(pl.col("event") == RATING)["bounded"]
    mean, sd = (value if isinstance(value, float) else 0.0 for value in (ratings.mean(), ratings.std(ddof=0)))
    return replace(scale, mean=mean, sd=sd, ratings=len(ratings))


def _ordered(once: pl.DataFrame, scale: Scale | None) -> pl.DataFrame:
    """Normalise and sort."""
    value = pl.lit(1.0)
    if scale:
        value = pl.when(pl.col("event") == RATING).then(scale.normalise(pl.col("bounded"))).otherwise(1.0)
    blank = {name for name in BLANK if name in once.columns and once[name].null_count() == once.height}
    needed = [name for name in once.columns if name in {*ORDER, *INTERACTIONS.columns} - blank]
    return once.select(*needed, value.cast(pl.Float32).alias("value")).sort(ORDER, nulls_last=False).drop("part", "row")


def _returned(ordered: pl.DataFrame, diary: Diary) -> pl.DataFrame:
    """Match returns with purchases."""
    matched, short = match_returns(ordered)
    back, undone = (int(matched.select(e.sum()).item()) for e in (pl.col("event") == RETURN, pl.col("undone")))
    diary.count("returns", back)
    diary.count("purchases undone by returns", undone)
    diary.count("returns without enough to undo", short)
    if back:
        tail = f"; {many(short, 'return')} found no purchase big enough" if short else ""
        diary.say(f"{many(back, 'return')} undid {many(undone, 'purchase')}{tail}.")
    blank = {name: pl.lit(None) for name in BLANK if name not in matched.columns}
    return matched.with_columns(**blank).select(pl.col(name).cast(dtype) for name, dtype in INTERACTIONS.columns.items())
