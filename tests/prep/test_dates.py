"""Dates in many forms are read as the moment they name."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xsell.data.schema import INSTANT
from xsell.errors import UsageError
from xsell.prep import values
from xsell.prep.dates import check_zone, read_dates

MOMENTS = st.datetimes(datetime(1971, 1, 1), datetime(2068, 12, 31)).map(lambda t: t.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001 UTC follows
FORMS = [
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%SZ",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%Y年%m月%d日 %H:%M:%S",
    "%d %b %Y %H:%M:%S",
    "%B %d, %Y %I:%M:%S %p",
    "%a, %d %b %Y %H:%M:%S GMT",
    "%a %b %d %H:%M:%S %Y",
    "%Y-%m-%dT%H:%M:%S.000+00:00",
]


def read(*texts: str, order: str = "auto", zone: str = "UTC") -> list[str | None]:
    """Read texts and write the moments shortly."""
    values = read_dates(pl.Series(texts), order, zone).values
    return values.dt.strftime("%Y-%m-%d %H:%M").to_list()


@settings(deadline=None)
@given(moments=st.lists(MOMENTS, min_size=1, max_size=5))
def test_every_form_gives_the_moment_back(moments: list[datetime]) -> None:
    """A moment written in any form, also mixed in one column, is read as that moment."""
    texts = [moment.strftime(form) for moment in moments for form in FORMS]
    dates = read_dates(pl.Series(texts))
    assert dates.values.to_list() == [moment for moment in moments for _ in FORMS]
    assert not dates.unreadable.any()


@settings(deadline=None)
@given(moment=MOMENTS.filter(lambda t: t.year >= 1974), unit=st.sampled_from([1, 10**3, 10**6, 10**9]))
def test_numbers_are_read_by_their_size(moment: datetime, unit: int) -> None:
    """Seconds, milli-, micro- and nanoseconds since 1970 give the same moment, as numbers and as text."""
    number = int(moment.timestamp()) * unit
    for column in (pl.Series([number]), pl.Series([str(number)])):
        assert read_dates(column).values.to_list() == [moment]


@settings(deadline=None)
@given(days=st.lists(st.dates(datetime(1971, 1, 1).date(), datetime(2068, 1, 1).date()), min_size=1), day_first=st.booleans())  # noqa: DTZ001 days only
def test_one_number_above_twelve_settles_day_and_month(days: list[object], *, day_first: bool) -> None:
    """With one telling date in the column all are read in its order, whatever the separator and the length of the year."""
    every = [*days, datetime(2020, 5, 25, tzinfo=UTC).date()]
    form = "%d/%m/%Y" if day_first else "%m/%d/%Y"
    dates = read_dates(pl.Series([format(day, form) for day in every]))
    assert dates.values.dt.date().to_list() == every
    assert (dates.order, dates.sure) == ("day first" if day_first else "month first", True)


def test_without_a_telling_date_the_guess_is_unsure() -> None:
    """Slashes are read month first and points day first, neither is sure, and an order given by the user is."""
    assert read("03/04/2026") == ["2026-03-04 00:00"]
    assert read("03.04.2026") == ["2026-04-03 00:00"]
    assert read("03/04/26", order="day-first") == ["2026-04-03 00:00"]
    assert not read_dates(pl.Series(["03/04/2026"])).sure
    assert read_dates(pl.Series(["03/04/2026"]), "day-first").sure
    assert read_dates(pl.Series(["2026-04-03"])).sure


def test_a_date_possible_in_one_order_only_is_read_so() -> None:
    """Under a given order a date that would have a thirteenth month is read the other way."""
    assert read("12/25/2020", "01/02/2020", order="day-first") == ["2020-12-25 00:00", "2020-02-01 00:00"]


@pytest.mark.parametrize(
    "text",
    ["२०२४", "०१/०२/२०२४", "yesterday", "2025-13-45", "1969-12-31", "2101-01-01", "29/02/2021", "2020-01-01 25:00", "-5", "1e300", "8:26"],
)
def test_what_is_no_date_is_unreadable(text: str) -> None:
    """Impossible days, words, and years outside 1970 to 2100 are unreadable, while empty cells are merely empty."""
    dates = read_dates(pl.Series([text, "", None, "N/A", "2020-01-01"]))
    assert dates.unreadable.to_list() == [True, False, False, False, False]
    assert dates.values.null_count() == 4


def test_times_without_a_zone_are_in_the_zone_given() -> None:
    """Local times go to UTC, also where clocks change, and a zone in the text goes first."""
    texts = ("2020-07-01 12:00", "2020-07-01 12:00+02:00", "2020-03-29 02:30", "2020-10-25 02:30")
    assert read(*texts, zone="Europe/Berlin") == ["2020-07-01 10:00", "2020-07-01 10:00", "2020-03-29 01:30", "2020-10-25 00:30"]
    with pytest.raises(UsageError) as caught:
        check_zone("Europe/Berln")
    assert "Europe/Berlin" in caught.value.hint


@pytest.mark.parametrize("stretch", [1, 2, 5])
@pytest.mark.parametrize("numeric", ["13/04/2026", "04/13/2026", "03/04/2026", "03.04.2026"])
@pytest.mark.parametrize("number", ["45000", "1700000000", "x"])
def test_how_many_are_read_at_a_time_changes_nothing(monkeypatch: pytest.MonkeyPatch, stretch: int, numeric: str, number: str) -> None:
    """What all dates together tell, of day and month and of spreadsheets' days, holds for those in other stretches too."""
    told = ["2026-03-04 10:00Z", "03/04/2026", number, "", "45001", "4 March 2026", "2026-03-04", numeric, "2026-03-04"]
    whole = read_dates(pl.Series(told))
    monkeypatch.setattr(values, "STRETCH", stretch)
    parts = read_dates(pl.Series(told))
    assert parts.values.equals(whole.values, null_equal=True)
    assert parts.unreadable.equals(whole.unreadable)
    assert (parts.forms, parts.order, parts.sure, parts.zoned) == (whole.forms, whole.order, whole.sure, whole.zoned)


def test_native_times_are_taken_as_they_are() -> None:
    """Columns that are times already keep their moment; those without a zone are in the zone given."""
    moment = datetime(2020, 7, 1, 12, tzinfo=timezone(timedelta(hours=9)))
    aware = pl.Series([moment, None]).dt.convert_time_zone("Asia/Tokyo")
    assert read_dates(aware).values.to_list() == [moment, None]
    assert read_dates(pl.Series(["2020-07-01"]).str.to_date(), zone="Asia/Tokyo").values[0] == datetime(2020, 6, 30, 15, tzinfo=UTC)
    assert read_dates(aware).values.dtype == INSTANT


def test_days_of_spreadsheets_are_recognised() -> None:
    """A column of numbers that all look like a spreadsheet's days is read so."""
    assert read("40513.5", "41000") == ["2010-12-01 12:00", "2012-04-01 00:00"]
