"""Small worlds to learn from, whose answers are obvious."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.data.shelves import Shelves
from xsell.data.streams import Stream
from xsell.data.training import NEVER, Catalog, History, Log, Training, build

DAY = 86400.0
Numbers = NDArray[np.float64]


def sparse(dense: object) -> sp.csr_array:
    """A float32 CSR matrix with sorted indices."""
    matrix = sp.csr_array(np.atleast_2d(np.asarray(dense, np.float32)))
    matrix.sort_indices()
    return matrix


def log(user: Sequence[int], item: Sequence[int], at: Sequence[float] | Numbers | None = None) -> Log:
    """Purchases that stand."""
    n = len(user)
    return Log(
        user=np.asarray(user, np.int32),
        item=np.asarray(item, np.int32),
        at=np.full(n, np.nan) if at is None else np.asarray(at, np.float64),
        value=np.ones(n, np.float32),
        rated=np.zeros(n, bool),
        undone_at=np.full(n, NEVER),
    )


def catalog(category: Sequence[int] | NDArray[np.integer], content: object = None) -> Catalog:
    """Items of some categories, with words if given."""
    number = np.asarray(category, np.int32)
    words = sp.csr_array((len(number), 0), dtype=np.float32) if content is None else sparse(content)
    return Catalog(number, int(number.max(initial=-1)) + 1, words)


def views(rows: Sequence[tuple[int, int, float]], width: int, name: str = "view") -> Stream:
    """Views (customer, item, time), or searches if named so."""
    user, column, at = (list(part) for part in zip(*rows, strict=True)) if rows else ([], [], [])
    return Stream(
        name, np.asarray(user, np.int32), np.asarray(column, np.int32), np.asarray(at, np.float64), width, of_items=name != "search"
    )


def training(made: Log, items: Catalog, customers: int, streams: tuple[Stream, ...] = (), profile: object = None) -> Training:
    """Resolve the events."""
    people = sp.csr_array((customers, 0), dtype=np.float32) if profile is None else sparse(profile)
    return build(made, streams, items, people, 0.0)


def table(rows: object, category: Sequence[int] | None = None, content: object = None) -> Training:
    """Purchases without times from a 0/1 table of customers and items; every item is its own category unless told otherwise."""
    owned = sparse(rows)
    user, item = owned.nonzero()
    number = range(owned.shape[1]) if category is None else category
    return training(log(user, item), catalog(list(number), content), owned.shape[0])


def checkerboard(customers: int = 42, categories: int = 8, seed: int = 3) -> tuple[Training, NDArray[np.intp], NDArray[np.intp]]:
    """
    Customers of two colours who own everything of their own colour in all categories but two.

    Returns:
        Training; colour of every customer; colour of every item (each category has two items of each colour, and the colour is their word).
    """
    dice = np.random.default_rng(seed)
    colour, of_item = np.arange(customers) % 2, np.arange(4 * categories) % 2
    category = np.repeat(np.arange(categories), 4)
    entered = np.argsort(dice.random((customers, categories)), axis=1) >= 2
    own = (colour[:, None] == of_item) & entered[:, category]
    return table(own, category.tolist(), np.eye(2)[of_item]), colour, of_item


def tastes(customers: int = 151, categories: int = 10, seed: int = 1, timed: bool = True) -> Training:
    """
    Two tastes and a fashion: each customer enters categories of one taste, one after the other, and takes the item that is in fashion then.

    Every category has five items; the taste of a category is its parity, and one category in eight is entered against the taste. Some
    products are viewed a day before, words tell the category, and the profile has two columns that say nothing.
    """
    dice = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        own = [c for c in range(categories) if (c % 2 == customer % 2) != (dice.random() < 0.125)]
        for category in dice.permutation(own):
            day = dice.uniform(0, 100)
            item = 5 * category + min(int(day // 20), 4) if dice.random() < 0.8 else 5 * category + dice.integers(5)
            rows.append((customer, int(item), day * DAY))
    user, item, at = (list(column) for column in zip(*rows, strict=True))
    number = np.repeat(np.arange(categories), 5)
    seen = tuple((u, i, t - DAY) for u, i, t in rows if dice.random() < 0.4)
    people = np.eye(2)[dice.integers(2, size=customers)]
    streams = (views(seen, 5 * categories),) if timed else ()
    return training(log(user, item, at if timed else None), catalog(number, np.eye(categories)[number]), customers, streams, people)


def several(customers: int = 120, seed: int = 2) -> tuple[Training, NDArray[np.bool_]]:
    """
    Customers of two tastes, and twenty items that belong to one to three of six categories together, the last of them to none.

    Returns:
        Training; items × categories.
    """
    dice = np.random.default_rng(seed)
    member = np.array([np.isin(np.arange(6), dice.permutation(6)[: dice.integers(1, 4)]) for _ in range(20)])
    member[-1] = False
    kinds, of_item = np.unique(member, axis=0, return_inverse=True)
    user, item = np.nonzero(dice.random((customers, 20)) < np.where((np.arange(customers)[:, None] + np.arange(20)) % 2, 0.4, 0.15))
    main = np.where(member.any(axis=1), member.argmax(axis=1), -1)
    items = replace(catalog(main), n_categories=6, shelves=Shelves(of_item.astype(np.int32), sparse(kinds)))
    return training(log(user, item, dice.uniform(0, 100, len(user)) * DAY), items, customers), member


def rated(made: Training, seed: int = 5) -> Training:
    """The same customers and items, where purchases are ratings of 3, 4 and 5, all of them likes; categories of the customer's parity please more."""
    dice, own = np.random.default_rng(seed), made.catalog.category[made.log.item] % 2 == made.log.user % 2
    value = (3 + own + (dice.random(len(own)) < 0.5)).astype(np.float32)
    return replace_log(made, replace(made.log, rated=np.ones(len(own), bool), value=value))


def replace_log(made: Training, events: Log, like: float = 0.0) -> Training:
    """The same customers and items with other events."""
    return build(events, made.streams, made.catalog, made.history.profile, like)


def rated_checkerboard() -> tuple[Training, NDArray[np.intp], NDArray[np.intp]]:
    """The checkerboard of customers who rate all of the categories they entered: 5 what is of their own colour, 1 the rest; likes are from 3 on."""
    made, colour, of_item = checkerboard()
    category = made.catalog.category
    entered = np.zeros((made.n_users, made.catalog.n_categories), bool)
    entered[made.log.user, category[made.log.item]] = True
    user, item = np.nonzero(entered[:, category])
    value = np.where(colour[user] == of_item[item], 5, 1).astype(np.float32)
    events = replace(log(user.tolist(), item.tolist()), rated=np.ones(len(user), bool), value=value)
    return replace_log(made, events, 3.0), colour, of_item


def twins(customers: int = 90, seed: int = 0) -> Training:
    """The world of tastes, in which every product has a twin with the next number that is always bought at the same moment."""
    made = tastes(customers, seed=seed)
    user, at = np.repeat(made.log.user, 2), np.repeat(made.log.at, 2)
    item = np.stack([2 * made.log.item, 2 * made.log.item + 1], axis=1).ravel()
    return training(log(user, item, at), catalog(np.repeat(made.catalog.category, 2)), customers)


def without_purchases(history: History) -> History:
    """The same customers as if they had bought nothing."""
    blank = sp.csr_array(history.purchases.shape, dtype=np.float32)
    return replace(history, purchases=blank, owned=blank)


def strangers(known: History, count: int = 1) -> History:
    """Customers of whom nothing is known."""
    blank = [sp.csr_array((count, m.shape[1]), dtype=np.float32) for m in (known.purchases, known.owned, known.profile, *known.streams)]
    return History(blank[0], blank[1], tuple(blank[3:]), blank[2])


def owner(known: History, *items: int) -> History:
    """A customer of whom only some purchases are known."""
    row = sparse(np.isin(np.arange(known.purchases.shape[1]), items))
    return replace(strangers(known), purchases=row, owned=row)
