"""A shop for the stages that learn and offer: two tastes, a customer who has nothing, one who has everything, an odd product."""

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests import worlds
from tests.prep.shop_tables import day, event, interactions, items, users
from xsell.contract.options import Settings
from xsell.contract.progress import silent
from xsell.data.schema import INTERACTIONS, ITEMS, USERS
from xsell.files.workspace import Workspace
from xsell.prep.ratings import Scale
from xsell.stages import features

CUSTOMERS, CATEGORIES, EACH = 90, 8, 3
NEW, LOOKER, GREEDY, ODD = "z-new", "z-looker", "z-greedy", "odd"


def purchases(timed: bool = True, customers: int = CUSTOMERS) -> list[dict[str, Any]]:
    """Customers of two tastes buy two products in most categories of theirs, a category every ten days; one buys everything."""
    dice, rows = np.random.default_rng(7), []
    for customer in range(customers):
        own = [c for c in range(CATEGORIES) if c % 2 == customer % 2]
        for place, category in enumerate(dice.permutation(own)[: dice.integers(2, len(own) + 1)]):
            when = [day(10 * place + dice.uniform(0, 9)) if timed else None for _ in range(2)]
            chosen = zip(dice.choice(EACH, 2, replace=False), when, strict=True)
            rows += [event(f"u{customer:03}", f"{category}-{item}", at=at) for item, at in chosen]
    rows += [event(f"u{customer:03}", ODD, at=day(1) if timed else None) for customer in range(0, customers, 3)]
    everything = [f"{c}-{i}" for c, i in product(range(CATEGORIES), range(EACH))]
    return rows + [event(GREEDY, item, at=day(1) if timed else None) for item in (*everything, ODD)]


def catalogue() -> pl.DataFrame:
    """Give every product a name and a category, but for the odd one."""
    made = [{"item_id": f"{c}-{i}", "name": f"thing {i} of {c}", "category": f"C{c}"} for c, i in product(range(CATEGORIES), range(EACH))]
    return items(*made, {"item_id": ODD, "name": "odd thing"})


def rated(bought: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was bought as ratings from 3 to 5 of 5, all of them likes: products of one kind please more than others."""
    return [row | {"event": "rating", "value": (2 + (place + ord(row["item_id"][0])) % 3) / 4} for place, row in enumerate(bought)]


def directory(path: Path, timed: bool = True, customers: int = CUSTOMERS, catalog: bool = True, rates: bool = False) -> Workspace:
    """Give a directory in which clean and features have run."""
    made, bought = Workspace(path), purchases(timed, customers)
    made.write(INTERACTIONS, interactions(*(rated(bought) if rates else bought)))
    if catalog:
        made.write(ITEMS, catalogue())
    made.write(USERS, users({"user_id": NEW, "gender": "f"}))
    made.write_json("clean/report.json", {"ratings": Scale(1.0, 5.0, inferred=True, mode="minmax").details()} if rates else {})
    features.run(made, Settings(), silent)
    return made


def tastes(path: Path) -> Workspace:
    """
    Give a directory with the world of tastes, in which hybrid is a fusion and its scores are probabilities.

    Products have brands, prices from 1 up, and margins, one of them unknown; one customer has nothing, one only looked.
    """
    world, made = worlds.tastes(), Workspace(path)
    log, views = world.log, world.streams[0]
    bought = [event(f"u{u:03}", f"i{i:02}", at=day(t / worlds.DAY)) for u, i, t in zip(log.user, log.item, log.at, strict=True)]
    seen = [
        event(f"u{u:03}", f"i{i:02}", "view", at=day(t / worlds.DAY)) for u, i, t in zip(views.user, views.column, views.at, strict=True)
    ]
    seen += [event(LOOKER, f"i{item:02}", "view", at=day(3)) for item in (25, 30)]
    made.write(INTERACTIONS, interactions(*bought, *seen))
    known = enumerate(world.catalog.category.tolist())
    rows = [
        {"item_id": f"i{i:02}", "name": f"thing {i} of {c}", "category": f"C{c}", "brand": f"B{i % 4}", "price": i + 1.0} for i, c in known
    ]
    made.write(ITEMS, items(*(row | {"margin": str(place % 7) if place != 4 else None} for place, row in enumerate(rows))))
    made.write(USERS, users({"user_id": NEW, "gender": "f"}))
    made.write_json("clean/report.json", {})
    features.run(made, Settings(), silent)
    return made
