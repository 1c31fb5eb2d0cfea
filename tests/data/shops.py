"""Tiny shops to cut and to learn from."""

import numpy as np
import scipy.sparse as sp
from hypothesis import strategies as st

from xsell.data.shelves import Shelves
from xsell.data.streams import Stream
from xsell.data.training import NEVER, Catalog, Log, Training, build, pairs

LIKE = 0.5
CATEGORIES = np.array([0, 0, 1, 1, 2, 2, -1], np.int32)
CUSTOMERS = 5

SETS = [{0}, {0, 1}, {1}, {1, 2}, {2, 0}, set(), {0, 1}]
"""Categories of the seven items of the shop, where they have several."""

Event = tuple[int, int, float, float | None]
"""Customer, item, seconds, and the rating or None for a purchase."""


def catalog() -> Catalog:
    """Seven items, two in each of three categories and one in none."""
    return Catalog(CATEGORIES, 3, sp.csr_array((len(CATEGORIES), 0), dtype=np.float32))


def several() -> Catalog:
    """The seven items, on shelves of all their categories."""
    kinds = sorted({tuple(sorted(own)) for own in SETS})
    row, column = np.array([(k, c) for k, own in enumerate(kinds) for c in own], np.int32).T
    shelves = Shelves(np.array([kinds.index(tuple(sorted(own))) for own in SETS], np.int32), pairs(row, column, (len(kinds), 3)))
    main = np.array([min(own, default=-1) for own in SETS], np.int32)
    return Catalog(main, 3, sp.csr_array((len(SETS), 0), dtype=np.float32), shelves)


def log(*made: Event, undone_at: list[float] | None = None) -> Log:
    """Events in the order given."""
    user, item, at, rating = (list(column) for column in zip(*made, strict=True)) if made else ([], [], [], [])
    return Log(
        user=np.array(user, np.int32),
        item=np.array(item, np.int32),
        at=np.array(at, np.float64),
        value=np.array([1.0 if r is None else r for r in rating], np.float32),
        rated=np.array([r is not None for r in rating], bool),
        undone_at=np.array(undone_at if undone_at is not None else [NEVER] * len(made), np.float64),
    )


def training(made: Log, views: list[tuple[int, int, float]] | None = None, moment: float = NEVER, customers: int = 0) -> Training:
    """Resolve events of as many customers as they name, or of `customers`, with views if given."""
    n_users = customers or int(made.user.max(initial=0)) + 1
    streams = () if views is None else (_stream(views),)
    return build(made, streams, catalog(), sp.csr_array((n_users, 0), dtype=np.float32), LIKE, moment)


def _stream(views: list[tuple[int, int, float]]) -> Stream:
    user, item, at = (list(column) for column in zip(*views, strict=True)) if views else ([], [], [])
    return Stream("view", np.array(user, np.int32), np.array(item, np.int32), np.array(at, np.float64), len(CATEGORIES), of_items=True)


@st.composite
def events(draw: st.DrawFn, timed: bool = False) -> Log:
    """Up to thirty purchases and ratings, some without a time unless `timed`, some undone later."""
    moment = st.integers(0, 6).map(float)
    when = moment if timed else st.one_of(st.just(np.nan), moment)
    rating = st.one_of(st.none(), st.sampled_from([0.0, 0.5, 1.0]))
    made = draw(
        st.lists(st.tuples(st.integers(0, CUSTOMERS - 1), st.integers(0, len(CATEGORIES) - 1), when, rating), min_size=1, max_size=30)
    )
    undone = [draw(st.sampled_from([NEVER, NEVER, 3.0, 7.0, -np.inf])) if r is None else NEVER for *_, r in made]
    return log(*made, undone_at=undone)
