"""The ways in which people write dates, as patterns, and how to cut a text into the pieces of a date."""

import polars as pl

ZONE = r"(?<zone>Z|z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})"
CLOCK = (
    r"(?:[Tt,\s]+(?:at\s+)?(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?"
    rf"\s*(?:(?<half>[AaPp])\.?[Mm]\.?)?\s*{ZONE}?)?\s*$"
)
WEEKDAY = r"^(?:\p{L}{2,9}\.?,?\s+)?"
YEAR = r"(?<year>\d{4}|\d{2})"
WORD = r"(?<word>\p{L}{3,9})"
DAY = r"(?<day>\d{1,2})(?:st|nd|rd|th)?"

NUMERIC = "numeric dates"
EPOCH = "epoch"
FORMS = {
    "ISO dates": rf"^(?<year>\d{{4}})[-/.年](?<month>\d{{1,2}})[-/.月](?<day>\d{{1,2}})日?{CLOCK}",
    NUMERIC: rf"^(?<left>\d{{1,2}})[-/.](?<right>\d{{1,2}})[-/.]{YEAR}{CLOCK}",
    "dates without separators": r"^(?<year>(?:19|20)\d{2})(?<month>0[1-9]|1[0-2])(?<day>0[1-9]|[12]\d|3[01])"
    rf"(?:[T\s]?(?<hour>[01]\d|2[0-3]):?(?<minute>[0-5]\d):?(?<second>[0-5]\d)?\s*{ZONE}?)?$",
    "years": r"^(?<year>(?:19|20)\d{2})(?:[-/.](?<month>\d{1,2}))?$",
    EPOCH: r"^(?<epoch>\d+(?:\.\d+)?(?:[eE]\+?\d+)?)$",
    "dates with the month's name": rf"{WEEKDAY}{DAY}\.?[-\s/]*(?:of\s+)?{WORD}\.?,?[-\s/]*{YEAR}{CLOCK}",
    "dates that begin with the month's name": rf"{WEEKDAY}{WORD}\.?[-\s/]*{DAY},?[-\s/]+{YEAR}{CLOCK}",
    "dates that end with the year": rf"^\p{{L}}{{2,9}},?\s+{WORD}\s+{DAY}\s+(?<hour>\d{{1,2}}):(?<minute>\d{{2}}):(?<second>\d{{2}})"
    rf"\s+(?:{ZONE}\s+|[A-Z]{{3,5}}\s+)?(?<year>\d{{4}})$",
}
"""Name and pattern of each form, in the order in which they are tried."""

NUMBERS = ("year", "month", "day", "hour", "minute", "second", "left", "right")
PIECES = (*NUMBERS, "fraction", "half", "zone", "word", "epoch")
MONTH_NAMES = (
    "jan ene",
    "feb fév fev",
    "mar mär mrz",
    "apr abr avr",
    "may mai",
    "jun juin",
    "jul juil",
    "aug ago aoû",
    "sep set",
    "oct okt out",
    "nov",
    "dec dez dic déc",
)
MONTHS = {name: number for number, names in enumerate(MONTH_NAMES, 1) for name in names.split()}


def cut(texts: pl.Series) -> pl.DataFrame:
    """
    Cut texts into the pieces of the first form that fits.

    Args:
        texts: Strings without repeats and nulls.

    Returns:
        One row a text that has a form: `text`, `form`, the `PIECES`, and `named`, the month that `word` means. Numbers are Int64.
    """
    schema = dict.fromkeys(("text", "form", *PIECES), pl.String)
    found, left = [pl.DataFrame(schema=schema)], texts.to_frame("text")
    for form, pattern in FORMS.items():
        key = "epoch" if form == EPOCH else "year"
        digits = pattern.replace(r"\d", "[0-9]")  # \d is every script's digits, which no cast reads
        pieces = left.with_columns(pl.col("text").str.extract_groups(digits).alias("pieces"))
        fits = pl.col("pieces").struct.field(key).is_not_null()
        found.append(pieces.filter(fits).unnest("pieces").with_columns(pl.lit(form).alias("form")))
        left = pieces.filter(~fits).select("text")
    table = pl.concat(found, how="diagonal")
    return table.with_columns(pl.col(NUMBERS).cast(pl.Int64), pl.col("epoch").cast(pl.Float64), _month().alias("named"))


def _month() -> pl.Expr:
    """Tell a month by the four or three letters its name begins with."""
    word = pl.col("word").str.to_lowercase()
    return pl.coalesce(word.str.slice(0, n).replace_strict(MONTHS, default=None, return_dtype=pl.Int64) for n in (4, 3))
