"""The products and categories that a question names."""

from difflib import get_close_matches

import polars as pl

from xsell.assemble import World
from xsell.data.matrix import codes
from xsell.data.training import Ints
from xsell.errors import InputError
from xsell.prep.spelling import as_in

SHOWN = 3


def item_numbers(ids: tuple[str, ...], known: World) -> Ints:
    """
    Number the products that were named.

    Args:
        ids: Their ids, as typed.
        known: The items.

    Raises:
        InputError: One of them is not known.
    """
    every, named = known.items["item_id"], pl.Series("item_id", list(dict.fromkeys(ids)), pl.String)
    number = codes(as_in(named, every), every)
    missing = named.filter(pl.Series(number < 0)).to_list()
    if missing:
        more = f" and {len(missing) - SHOWN:,} more" if len(missing) > SHOWN else ""
        raise InputError(f"There is no product {', '.join(missing[:SHOWN])}{more}.", _near(missing[0], known))
    return number


def _near(name: str, known: World) -> str:
    """Say which product may be meant: one whose name holds what was typed, else the ids that are spelt most like it."""
    items = known.items.select("item_id", "name", "buyers")
    called = items.filter(pl.col("name").str.to_lowercase().str.contains(name.lower(), literal=True)).sort(
        "buyers", "item_id", descending=[True, False]
    )
    if called.height and len(name) >= SHOWN:
        meant = [f"{item} ({text})" for item, text, _ in called.head(SHOWN).rows()]
    else:
        meant = get_close_matches(name, items["item_id"].to_list(), n=SHOWN)
    return f"Did you mean {' or '.join(meant)}?" if meant else "Ids are in the column item_id of features/items.parquet."
