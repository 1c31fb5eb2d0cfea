"""The products and categories that a question names."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np
import polars as pl

from xsell.assemble import World
from xsell.data.matrix import codes
from xsell.data.training import Ints, Mask
from xsell.errors import InputError, UsageError
from xsell.prep.spelling import as_in

SHOWN = 3
STEP = " > "


@dataclass(frozen=True, slots=True)
class Target:
    """
    What customers are sought for.

    Attributes:
        kind: `item` or `category`.
        name: The id, or the category.
        items: Numbers of the items that would do, int32.
    """

    kind: str
    name: str
    items: Ints


def targets(items: tuple[str, ...], categories: tuple[str, ...], only: Mask | None, known: World) -> list[Target]:
    """
    Make targets of what was named.

    Args:
        items: Ids of products.
        categories: Names of categories.
        only: The products that a file names, boolean [items]: the targets where nothing else is named.
        known: The items.

    Raises:
        UsageError: Nothing was named.
        InputError: A product or a category is not known.
    """
    if not items and not categories and only is None:
        raise UsageError(
            "Nothing says what the customers are sought for.",
            "Name it with --item ID, --category NAME, or a file of products with --only FILE.",
        )
    number = item_numbers(items, known) if items or categories or only is None else np.flatnonzero(only).astype(np.int32)
    ids = known.items["item_id"].gather(number).to_list()
    products = [Target("item", name, np.array([item], np.int32)) for name, item in zip(ids, number, strict=True)]
    return products + [_category(name, known) for name in dict.fromkeys(categories)]


def item_numbers(ids: Sequence[str], known: World) -> Ints:
    """
    Number the products that were named, each once.

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
    return np.asarray(pl.Series(number).unique(maintain_order=True).to_numpy(), np.int32)


def _category(name: str, known: World) -> Target:
    """
    Find the products of a category: a whole path `A > B`, the beginning of one, or its last level; of several categories those count that own.

    Raises:
        InputError: There is no such category.
    """
    belongs = known.items["all_categories"]
    main_alone = known.training.catalog.shelves is None
    cells = (belongs.list.head(1) if main_alone else belongs).to_frame("path").with_row_index("item").explode("path")
    path = cells["path"].str.to_lowercase()
    wanted = name.strip().lower()
    within = ((path == wanted) | path.str.starts_with(wanted + STEP) | path.str.ends_with(STEP + wanted)).fill_null(value=False)
    if not within.any():
        every = cells["path"].drop_nulls().unique().sort()
        levels = {level.lower(): level for one in every for level in (one, *one.split(STEP))}
        holding = sorted({path for level, path in levels.items() if wanted in level})[:SHOWN]
        near = holding or [levels[found] for found in get_close_matches(wanted, list(levels), n=SHOWN)]
        some = f"Categories are, for example, {', '.join(every.head(SHOWN))}." if every.len() else ""
        hint = f"Did you mean {' or '.join(near)}?" if near else some or "No product has a category here; give a catalogue with --items."
        raise InputError(f"There is no category {name}.", hint)
    return Target("category", name.strip(), cells["item"].filter(within).unique().sort().to_numpy().astype(np.int32))


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
