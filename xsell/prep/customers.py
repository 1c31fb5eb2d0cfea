"""The customer table, from its own file, from the events, or from both."""

from collections.abc import Sequence

import polars as pl

from xsell.contract.options import Clean
from xsell.contract.wording import many
from xsell.data.rawtable import RawTable
from xsell.data.schema import USERS
from xsell.prep.columns import parse_map
from xsell.prep.diary import Diary
from xsell.prep.merging import Cleaned, complete, one_row_each
from xsell.prep.reading import Reading, read_id
from xsell.prep.stacking import stack
from xsell.prep.values import words

OLDEST = 120
BANDS = (18, 25, 35, 45, 55, 65)
BAND_NAMES = ("<18", "18-24", "25-34", "35-44", "45-54", "55-64", "65+")
GENDERS = {
    "male": "m male man men boy masculine mann männlich hombre homme 男 男性 男士",
    "female": "f w female woman women girl feminine frau weiblich mujer femme 女 女性 女士",
}
HOW = {"age": "number or band", "gender": "word", "location": "text"}


def clean_users(raws: Sequence[RawTable], options: Clean, diary: Diary) -> Cleaned:
    """
    Clean a customer table: of several rows with one id, the first filled cell of each column counts.

    Args:
        raws: Its files, at least one.
        options: How to clean.
        diary: Hears what there is to tell.

    Raises:
        InputError: There is no column with ids of customers.
    """
    stacked = stack("users", raws, parse_map(options.map), extras=True)
    frame, readings = read_id(stacked.frame, "user_id", stacked.columns["user_id"], stacked.files, diary)
    texts = [name for name in (*HOW, *stacked.extras) if name in frame.columns]
    frame = frame.with_columns(words(frame[name]) for name in texts)
    readings += [Reading(name, stacked.columns[name], how) for name, how in HOW.items() if name in texts]
    return one_row_each("users", raws, frame, "user_id", readings)


def combine_users(table: pl.DataFrame | None, inline: pl.DataFrame, diary: Diary) -> pl.DataFrame:
    """
    Join the customer table with what the events tell, and read ages and genders.

    Args:
        table: Clean customers of the user's file, or None.
        inline: One row a customer with events, as `inline_values` gives it.
        diary: Hears of ages that cannot be.

    Returns:
        The columns of `USERS` and the table's further ones, sorted by user_id; customers of whom nothing is known only if the table has them.
    """
    told = inline.filter(pl.any_horizontal(pl.all().exclude("user_id").is_not_null())) if inline.width > 1 else inline.clear()
    base = told.select("user_id") if table is None else table
    types = dict.fromkeys(USERS.columns, pl.String)
    both = complete(base, told, "user_id", types)
    ages = both["age"].str.extract(r"^(\d+(?:\.\d+)?)(?: ?(?:years?|yrs?|y|jahre|岁))?$").cast(pl.Float32, strict=False)
    wrong = (both["age"].str.contains(r"^-?\d+(?:\.\d+)?$") & ~ages.is_between(0, OLDEST).fill_null(value=False)).fill_null(value=False)
    diary.count("ages outside 0 to 120, left empty", int(wrong.sum()))
    if wrong.any():
        diary.say(f"{many(int(wrong.sum()), 'age')} outside 0 to {OLDEST} {'was' if wrong.sum() == 1 else 'were'} left empty.")
    age = ages.set((ages > OLDEST).fill_null(value=False), None).alias("age")
    given = both["age"].set(ages.is_not_null() | wrong, None)
    read = [age, _gender(both["gender"]), pl.select(pl.coalesce(_band(age), given)).to_series().alias("age_band")]
    return both.with_columns(read)


def _band(age: pl.Series) -> pl.Expr:
    band: pl.Expr = pl.when(age.is_not_null()).then(pl.lit(BAND_NAMES[0]))
    for start, name in zip(BANDS, BAND_NAMES[1:], strict=True):
        band = pl.when(age >= start).then(pl.lit(name)).otherwise(band)
    return band


def _gender(column: pl.Series) -> pl.Series:
    meaning = {word: gender for gender, synonyms in GENDERS.items() for word in synonyms.split()}
    return column.str.to_lowercase().replace(meaning)
