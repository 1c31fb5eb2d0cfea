"""Columns of dates, read into UTC."""

import difflib
import zoneinfo
from dataclasses import dataclass

import polars as pl

from xsell.data.schema import INSTANT
from xsell.errors import UsageError
from xsell.prep.date_forms import EPOCH, FORMS, NUMERIC, cut
from xsell.prep.values import stretches, words

FIRST_YEAR, LAST_YEAR = 1970, 2100
PIVOT = 70
SHEET_DAYS = (30_000, 60_000)
SHEET_UNIT = ("days as spreadsheets count them", 86_400e6, -25_569 * 86_400e6)
UNITS = (
    (1e11, "epoch seconds", 1e6),
    (1e14, "epoch milliseconds", 1e3),
    (1e17, "epoch microseconds", 1.0),
    (1e20, "epoch nanoseconds", 1e-3),
)
"""Numbers below the first value are counted in the unit, which lasts so many microseconds."""
NAMES = pl.Enum(sorted({*FORMS, SHEET_UNIT[0], *(unit[1] for unit in UNITS)}))
"""What forms are called; as a type, so that a name takes a byte."""


@dataclass(frozen=True, slots=True)
class Dates:
    """
    A column read as times.

    Attributes:
        values: Datetime in UTC, null where empty or unreadable.
        unreadable: True where something stands that is no date between 1970 and 2100.
        forms: How the readable ones were written, the most frequent first.
        order: `day first`, `month first`, or empty where no date needed the choice.
        sure: Whether the data or the user settled that order.
        zoned: Whether every date names its own time zone.
        both: Whether some dates make sense day first only, and others month first only.
    """

    values: pl.Series
    unreadable: pl.Series
    forms: tuple[str, ...]
    order: str = ""
    sure: bool = True
    zoned: bool = False
    both: bool = False


def check_zone(zone: str) -> None:
    """
    Make sure that a time zone exists.

    Raises:
        UsageError: It does not.
    """
    known = zoneinfo.available_timezones() | {"UTC"}
    if zone not in known:
        near = difflib.get_close_matches(zone, sorted(known), n=1) or ["Europe/Berlin"]
        raise UsageError(f"There is no time zone {zone}.", f"Write it like --time-zone {near[0]}.")


def read_dates(column: pl.Series, order: str = "auto", zone: str = "UTC") -> Dates:
    """
    Read a column of times.

    Args:
        column: Native dates, or text in any of the `FORMS`, which may be mixed; numbers are counted from 1970 in seconds, milli-, micro-
            or nanoseconds by their size, or in days where all of them look like a spreadsheet's.
        order: `auto`, `day-first` or `month-first`, for dates such as 03/04/2026. `auto` lets the numbers above 12 decide; without any,
            dates with points are read day first, all others month first. A date that makes sense in the other order only is read so.
        zone: Time zone of times that name none.
    """
    if column.dtype.is_temporal():
        return _native(column, zone)
    parts, late, days = zip(*(_settled(words(part), zone) for part in stretches(column)), strict=True)
    day_first, sure, both = _order(pl.concat(late).unique("text"), order)
    sheet = all(days)
    again = zip(stretches(column), parts, strict=True)
    read = pl.concat([_read(words(given), zone, day_first=day_first, sheet=sheet) if part is None else part for given, part in again])
    good = read.lazy().filter(pl.col("at").is_not_null()).group_by("form").agg(pl.len(), pl.col("own_zone").all()).collect()
    numeric = bool((good["form"] == NUMERIC).any())
    return Dates(
        values=read["at"],
        unreadable=read["unreadable"],
        forms=tuple(good.sort(["len", "form"], descending=[True, False])["form"]),
        order=("day first" if day_first else "month first") if numeric else "",
        sure=sure or not numeric,
        zoned=bool(good["own_zone"].all()),
        both=both and numeric,
    )


def _settled(text: pl.Series, zone: str) -> tuple[pl.DataFrame | None, pl.DataFrame, bool]:
    """
    Read some cells, if none of them has a form whose meaning depends on all cells.

    Returns:
        What was read, or None; the dates of numbers, where day and month are to be told apart; and whether all other numbers may be days.
    """
    pieces = cut(text.unique().drop_nulls())
    numeric = pieces.filter(pl.col("form") == NUMERIC).select("text", "left", "right")
    numbers = pieces["epoch"].drop_nulls()
    read = None if numeric.height or len(numbers) else _read(text, zone, day_first=False, sheet=False, pieces=pieces)
    return read, numeric, bool(numbers.is_between(*SHEET_DAYS).all())


def _read(text: pl.Series, zone: str, *, day_first: bool, sheet: bool, pieces: pl.DataFrame | None = None) -> pl.DataFrame:
    """Time, form, whether the cell names its zone, and whether it cannot be read."""
    cells = cut(text.unique().drop_nulls()) if pieces is None else pieces
    table = _moments(_dated(cells, day_first=day_first), zone, sheet=sheet)
    read = text.alias("text").to_frame().join(table, on="text", how="left", maintain_order="left")
    unreadable = (pl.col("text").is_not_null() & pl.col("at").is_null()).alias("unreadable")
    return read.select("at", pl.col("form").cast(NAMES), "own_zone", unreadable)


def _native(column: pl.Series, zone: str) -> Dates:
    zoned = isinstance(column.dtype, pl.Datetime) and column.dtype.time_zone is not None
    at = pl.col("at").cast(INSTANT) if zoned else _located(pl.col("at").cast(pl.Datetime("us")), zone)
    read = column.alias("at").to_frame().select(at).select(_sensible()).to_series()
    return Dates(read, column.is_not_null() & read.is_null(), ("native times",), zoned=zoned)


def _sensible() -> pl.Expr:
    return pl.when(pl.col("at").dt.year().is_between(FIRST_YEAR, LAST_YEAR)).then("at")


def _located(at: pl.Expr, zone: str) -> pl.Expr:
    """Put naive times into a zone; an hour that clocks skipped in spring is read an hour later."""
    known, skipped = (
        t.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
        for t in (at, at.dt.offset_by("1h"))
    )
    return pl.coalesce(known, skipped)


def _order(numeric: pl.DataFrame, order: str) -> tuple[bool, bool, bool]:
    """Whether the day comes first in dates of numbers, whether that is sure, and whether single dates say both."""
    if order != "auto":
        return order == "day-first", True, False
    days, months = (int((numeric[name] > 12).sum()) for name in ("left", "right"))
    if days or months:
        return days > months, not (days and months), bool(days and months)
    return bool(numeric.height and numeric["text"].str.contains(r"^\d+\.\d+\.").all()), False, False


def _dated(pieces: pl.DataFrame, *, day_first: bool) -> pl.DataFrame:
    """Settle year, month and day of every text."""
    left, right, year = pl.col("left"), pl.col("right"), pl.col("year")
    month, other = (right, left) if day_first else (left, right)
    swapped = (month > 12) & (other <= 12)
    century = pl.when(year < PIVOT).then(2000).otherwise(1900)
    return pieces.with_columns(
        day=pl.coalesce("day", pl.when(swapped).then(month).otherwise(other), pl.lit(1)),
        month=pl.coalesce("month", "named", pl.when(swapped).then(other).otherwise(month), pl.when(pl.col("word").is_null()).then(1)),
        year=pl.when(year < 100).then(year + century).otherwise(year),
    )


def _moments(dated: pl.DataFrame, zone: str, *, sheet: bool) -> pl.DataFrame:
    """Give the time of every text in UTC, the name of its form, and whether it names its zone."""
    forms = dated.with_columns(_calendar().alias("naive"), _counted(sheet=sheet))
    local = pl.col("naive") - _offset()
    at = pl.coalesce(
        pl.col("counted").struct.field("at"),
        pl.when(pl.col("zone").is_null()).then(_located(pl.col("naive"), zone)).otherwise(local.dt.replace_time_zone("UTC")),
    )
    form = pl.coalesce(pl.col("counted").struct.field("form"), "form")
    own = pl.col("zone").is_not_null() | pl.col("epoch").is_not_null()
    return forms.select("text", form=form, at=at, own_zone=own).with_columns(_sensible().alias("at"))


def _calendar() -> pl.Expr:
    """The calendar's day and the clock's time, without any zone; null where there is no such day."""
    half = pl.col("half").str.to_lowercase()
    twelve = pl.when(pl.col("hour").is_between(1, 12)).then(pl.col("hour") % 12 + pl.when(half == "p").then(12).otherwise(0))
    hour = pl.when(half.is_null()).then("hour").otherwise(twelve)
    clock = (pl.col(name).fill_null(0) for name in ("minute", "second"))
    blank = pl.when(pl.col("hour").is_null()).then(0).otherwise(hour)
    text = pl.format("{}-{}-{} {}:{}:{}", "year", "month", "day", blank, *clock)
    micros = pl.col("fraction").str.pad_end(6, "0").str.slice(0, 6).cast(pl.Int64).fill_null(0)
    return text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us") + pl.duration(microseconds=micros)


def _offset() -> pl.Expr:
    """How far the zone that a text names is ahead of UTC."""
    digits = pl.col("zone").str.extract_groups(r"(?<sign>[+-])(?<hours>\d{2}):?(?<minutes>\d{2})?")
    hours, minutes = (digits.struct.field(name).cast(pl.Int64).fill_null(0) for name in ("hours", "minutes"))
    return pl.duration(minutes=(hours * 60 + minutes) * pl.when(digits.struct.field("sign") == "-").then(-1).otherwise(1))


def _counted(*, sheet: bool) -> pl.Expr:
    """Times counted from 1970 (or as spreadsheets count), with the name of the unit."""
    number = pl.col("epoch")
    units = list(UNITS)
    if sheet:
        name, length, start = SHEET_UNIT
        micros, form = number * length + start, pl.lit(name)
    else:
        micros, form = _chosen(units, number)
    at = micros.cast(pl.Int64, strict=False).cast(INSTANT)
    return pl.when(pl.col("form") == EPOCH).then(pl.struct(at=at, form=form)).alias("counted")


def _chosen(units: list[tuple[float, str, float]], number: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    micros, form = pl.lit(None, pl.Float64), pl.lit(None, pl.String)
    for limit, name, length in reversed(units):
        micros = pl.when(number < limit).then(number * length).otherwise(micros)
        form = pl.when(number < limit).then(pl.lit(name)).otherwise(form)
    return micros, form
