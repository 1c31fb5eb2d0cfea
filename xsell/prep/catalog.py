"""The catalogue of products, from its own file, from the events, or from both."""

from collections.abc import Sequence

import polars as pl

from xsell.contract.options import Clean
from xsell.contract.wording import listed, many
from xsell.data.rawtable import RawTable
from xsell.data.schema import ITEMS
from xsell.prep.columns import parse_map
from xsell.prep.diary import Diary
from xsell.prep.merging import Cleaned, complete, one_row_each
from xsell.prep.products import BOOKING, bookings, matches
from xsell.prep.reading import Reading, read_id
from xsell.prep.stacking import refuse, stack
from xsell.prep.values import currencies, numbers, paths, words

HOW = {"name": "text", "category": "text; A > B: a path, A|B: two", "brand": "text"}


def clean_items(raws: Sequence[RawTable], options: Clean, diary: Diary) -> Cleaned:
    """
    Clean a catalogue: of several rows with one id, the first filled cell of each column counts.

    Args:
        raws: Its files, at least one.
        options: How to clean.
        diary: Hears what there is to tell.

    Raises:
        InputError: There is no column with ids of items.
    """
    stacked = stack("items", raws, parse_map(options.map), extras=True)
    frame, readings = read_id(stacked.frame, "item_id", stacked.columns["item_id"], stacked.files, diary)
    frame = refuse(frame, matches(pl.col("item_id"), options.drop_items), "dropped item")
    texts = [name for name in (*HOW, *stacked.extras) if name in frame.columns]
    frame = frame.with_columns(words(frame[name]) for name in texts)
    if "category" in texts:
        frame = frame.with_columns(paths(frame["category"]))
    found = bookings(frame, options)
    diary.bookings |= dict(found.iter_rows())
    frame = refuse(frame, pl.col("item_id").is_in(found["item_id"].implode()), BOOKING)
    readings += [Reading(name, stacked.columns[name], how) for name, how in HOW.items() if name in texts]
    if "price" in stacked.columns:
        frame, reading = _price(frame, stacked.columns["price"], diary)
        readings.append(reading)
    return one_row_each("items", raws, frame, "item_id", readings)


def _price(frame: pl.DataFrame, column: str, diary: Diary) -> tuple[pl.DataFrame, Reading]:
    """Read prices; what is no price is left empty and counted."""
    money = listed(currencies(frame["price"], column)) or "no currency"
    values, unreadable = numbers(frame["price"])
    bad = unreadable | (values < 0).fill_null(value=False)
    diary.count("catalogue prices that are none, left empty", int(bad.sum()))
    return frame.with_columns(values.set(bad, None).alias("price")), Reading("price", column, money)


def combine(catalog: pl.DataFrame | None, inline: pl.DataFrame, diary: Diary) -> pl.DataFrame:
    """
    Join the catalogue with what the events tell; the catalogue goes first, the events fill its gaps.

    Args:
        catalog: Clean items of the user's file, or None.
        inline: One row an item with events, as `inline_values` gives it.
        diary: Hears of items that the catalogue lacks.

    Returns:
        The columns of `ITEMS` and the catalogue's further ones, sorted by item_id.
    """
    if catalog is None:
        return complete(inline.select("item_id"), inline, "item_id", ITEMS.columns)
    lacking = inline.join(catalog, on="item_id", how="anti").height
    diary.count("items with events that the catalogue lacks", lacking)
    if lacking and lacking == inline.height:
        diary.warn("items-not-in-catalogue", "No item with events is in the catalogue; look whether both use the same ids.")
    elif lacking:
        verb = "is" if lacking == 1 else "are"
        diary.warn(
            "items-not-in-catalogue", f"{many(lacking, 'item')} with events {verb} not in the catalogue and kept without what it tells."
        )
    return complete(catalog, inline, "item_id", ITEMS.columns)
