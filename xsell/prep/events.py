"""What kind of event every row is."""

from collections.abc import Iterable, Mapping

import polars as pl

from xsell.contract.options import Clean
from xsell.data.schema import PURCHASE, RATING, RETURN
from xsell.prep.columns import bare
from xsell.prep.diary import Diary, some
from xsell.prep.reading import Reading, Step
from xsell.prep.values import words
from xsell.prep.vocabulary import EVENTS

KINDS = {bare(word): kind for kind, synonyms in EVENTS.items() for word in synonyms.split()}
CANCELLED = r"^[Cc]\d+$"


def name_events(frame: pl.DataFrame, columns: Mapping[str, str], options: Clean, diary: Diary) -> Step:
    """
    Settle the kind of every event.

    Without an event column (or in an empty cell) a row with a rating is a rating, any other a purchase. A purchase with a rating is a
    rating. A purchase or rating with a negative quantity is a return; a return's quantity is negative, -1 if the file tells none.
    """
    del options
    readings = []
    if "event" in columns:
        frame = frame.with_columns(_kinds(frame["event"]).alias("event"))
        told = _told(frame["event"], diary)
        readings = [Reading("event", columns["event"], told)]
    else:
        frame = frame.with_columns(pl.lit(None, _names(())).alias("event"))
        if "rating" in columns:
            unrated = pl.col("rating").is_null() & pl.col("reason").is_null()
            diary.count("rows without a rating, taken as purchases", frame.filter(unrated).height)
    rated, negative = pl.col("rating").is_not_null(), pl.col("quantity") < 0
    plain = pl.col("event").is_null() | (pl.col("event") == PURCHASE)
    purchase, rating, undo = (pl.lit(kind, frame.schema["event"]) for kind in (PURCHASE, RATING, RETURN))
    frame = frame.with_columns(event=pl.when(plain).then(pl.when(rated).then(rating).otherwise(purchase)).otherwise("event"))
    back = (pl.col("event") == RETURN) | (pl.col("event").is_in([PURCHASE, RATING]) & negative).fill_null(value=False)
    cancelled = pl.col("reason").is_null() & back & pl.col("order_id").str.contains(CANCELLED)
    diary.count("rows of cancelled orders (C and a number)", frame.filter(cancelled).height)
    frame = frame.with_columns(
        event=pl.when(back).then(undo).otherwise("event"),
        quantity=pl.when(back).then(-pl.col("quantity").abs().fill_null(1.0)).otherwise("quantity"),
    )
    return frame.with_columns(rating=pl.when(pl.col("event") == RATING).then("rating")), readings


def _kinds(column: pl.Series) -> pl.Series:
    """Translate words for events; unknown ones stay as they are, in lower case."""
    given = column.unique()
    kinds = [None if word is None else KINDS.get(bare(word), word.lower()) for word in words(given)]
    names = _names(kind for kind in kinds if kind is not None)
    return column.replace_strict(given, pl.Series(kinds, dtype=names), return_dtype=names)


def _names(kinds: Iterable[str]) -> pl.Enum:
    """Kinds of events as a type that takes little memory and sorts as the names do."""
    return pl.Enum(sorted({PURCHASE, RATING, RETURN, *kinds}))


def _told(events: pl.Series, diary: Diary) -> str:
    counts = events.drop_nulls().value_counts().sort(["count", "event"], descending=[True, False])
    kinds = counts["event"].to_list()
    other = sorted(set(kinds) - set(EVENTS))
    if other:
        diary.say(f"Events of other kinds keep their names: {some(other)}.")
    return some(kinds, 6) or "all empty"
