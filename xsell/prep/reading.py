"""Cells of events read as ids, times and numbers, with a word on how."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import polars as pl

from xsell.contract.options import Clean
from xsell.contract.wording import listed, many
from xsell.data.schema import INSTANT
from xsell.prep.dates import Dates, check_zone, read_dates
from xsell.prep.diary import Diary
from xsell.prep.stacking import refuse
from xsell.prep.values import Numbers, currencies, damaged, ids, numbers, percent


class Reading(NamedTuple):
    """
    How one column was read.

    Attributes:
        field: What it is.
        column: What the file calls it.
        how: In a few words.
    """

    field: str
    column: str
    how: str


Step = tuple[pl.DataFrame, list[Reading]]
IDS = {"user_id": "no user", "item_id": "no item"}


def read_id(frame: pl.DataFrame, field: str, column: str, files: Sequence[str], diary: Diary) -> Step:
    """Read ids of customers, items or orders; rows without a customer or an item are refused."""
    raw = frame[field]
    frame = frame.with_columns(ids(raw).alias(field))
    broken = damaged(frame[field])
    if broken.any():
        count = int(broken.sum())
        they, name = ("it", "names") if count == 1 else ("they", "name")
        fate = f"emptied, as {they} {name} no order any more" if field == "order_id" else f"kept, though {they} may stand for several"
        where = f"{column} of {listed([files[part] for part in frame['part'].filter(broken).unique().sort()])}"
        diary.warn("damaged-ids", f"{many(count, 'id')} in {where} went through a spreadsheet that rounds, as in 4.0128e+10: {fate}.")
        diary.count(f"{field} rounded by a spreadsheet", count)
    if field == "order_id":
        frame = frame.with_columns(frame[field].set(broken, None))
    else:
        frame = refuse(frame, pl.col(field).is_null(), IDS[field])
    how = "text" if raw.dtype == pl.String else "numbers, written as text"
    return frame, [Reading(field, column, how)]


def read_ids(frame: pl.DataFrame, columns: Mapping[str, str], files: Sequence[str], diary: Diary) -> Step:
    """Read user_id, item_id and order_id of events."""
    readings = []
    for field in ("user_id", "item_id", "order_id"):
        if field in columns:
            frame, more = read_id(frame, field, columns[field], files, diary)
            readings += more
        else:
            frame = frame.with_columns(pl.lit(None, pl.String).alias(field))
    return frame, readings


def read_moment(frame: pl.DataFrame, columns: Mapping[str, str], options: Clean, diary: Diary) -> Step:
    """Read the column `at`; rows with something that is no date are refused."""
    check_zone(options.time_zone)
    if "at" not in columns:
        return frame.with_columns(pl.lit(None, INSTANT).alias("at")), []
    dates = read_dates(frame["at"], options.dates, options.time_zone)
    how = told_dates(dates, columns["at"], options, diary)
    frame = refuse(frame.with_columns(dates.values.alias("at")), dates.unreadable, "unreadable date")
    return frame, [Reading("at", columns["at"], how)]


def told_dates(dates: Dates, column: str, options: Clean, diary: Diary) -> str:
    """Say how dates were read, and warn where day and month could be the other way round."""
    forms = listed(dates.forms[:3]) or "no date that could be read"
    zone = "which name their zone" if dates.zoned else f"taken as {options.time_zone}"
    if dates.zoned and any(form.startswith("epoch") for form in dates.forms):
        zone = "which are UTC"
    order = f", {dates.order}" if dates.order else ""
    if dates.forms:
        diary.say(f"Times (column {column}) are {forms}{order}, {zone}.")
    if dates.order and not dates.sure:
        other = "month-first" if dates.order == "day first" else "day-first"
        doubt = (
            f"Some dates in {column} make sense day first only and others month first only, so that 03/04 may be either"
            if dates.both
            else f"Nothing in {column} settles whether 03/04 is in March or April"
        )
        diary.warn("ambiguous-dates", f"{doubt}; it was read {dates.order}. Use --dates {other} if that is wrong.")
    return f"{forms}{order}"


def read_numbers(frame: pl.DataFrame, columns: Mapping[str, str], options: Clean, diary: Diary) -> Step:
    """Read rating, quantity and the price of one unit; rows with something that is no number are refused."""
    del options
    given = {field: frame[field] for field in ("rating", "quantity", "price", "total") if field in columns}
    read = {field: numbers(percent(cells) if field == "rating" else cells) for field, cells in given.items()}
    empty = Numbers(pl.Series([None], dtype=pl.Float64).new_from_index(0, frame.height), pl.Series([False]).new_from_index(0, frame.height))
    rating, quantity, price, total = (read.get(field, empty) for field in ("rating", "quantity", "price", "total"))
    frame = frame.with_columns(rating.values.alias("rating"), quantity.values.alias("quantity"))
    unit = frame.select(pl.coalesce(price.values, _per_unit(total.values)).alias("price")).to_series()
    for reason, bad in (
        ("unreadable rating", rating.unreadable),
        ("unreadable quantity", quantity.unreadable),
        ("unreadable price", price.unreadable | (price.values.is_null() & total.unreadable)),
    ):
        frame = refuse(frame, bad, reason)
    money = told_currency(frame, columns, diary)
    readings = [Reading(field, columns[field], _how(field, columns, money)) for field in read]
    return frame.with_columns(unit), readings


def _per_unit(total: pl.Series) -> pl.Expr:
    """Divide line totals by quantities; a return's price is positive whatever its signs."""
    quantity = pl.col("quantity")
    share = pl.when(quantity.is_null() | (quantity == 0)).then(total).otherwise(total / quantity)
    return pl.when(quantity < 0).then(share.abs()).otherwise(share)


def told_currency(frame: pl.DataFrame, columns: Mapping[str, str], diary: Diary) -> str:
    """Say in which currency prices are, as far as cells or headings tell."""
    found: set[str] = set()
    money = [field for field in ("price", "total") if field in columns]
    for field in money:
        found.update(currencies(frame[field], columns[field]))
    if len(found) > 1:
        diary.warn("several-currencies", f"Prices are in several currencies ({', '.join(sorted(found))}) and were not converted.")
    text = listed(sorted(found)) or "no currency"
    if money:
        diary.say(f"Prices are in {text}." if found else "Prices name no currency.")
    return text


def _how(field: str, columns: Mapping[str, str], money: str) -> str:
    if field == "total":
        told = "else line total" if "price" in columns else "line total"
        return f"{told}/quantity, {money}" if "quantity" in columns else f"{told}, {money}"
    return f"price of one unit, {money}" if field == "price" else "numbers"
