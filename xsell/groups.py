"""Groups of customers and of products to look at apart, made from what was known before the cut."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from xsell.assemble import World
from xsell.data import schema
from xsell.data.cuts import Heldout
from xsell.data.matrix import codes
from xsell.data.scopes import categories_had
from xsell.data.training import Ints, Training
from xsell.files.workspace import Workspace
from xsell.metrics.intervals import Values
from xsell.metrics.segments import BAND_SHARES, BANDS, POPULARITY, Grouping

PROFILE = ("age_band", "gender", "location")
MOST_GROUPS = 20
FEWEST_MEMBERS = 5
OTHER = "other"


def of_customers(workspace: Workspace, known: World, users: Ints, habits: Mapping[str, Values]) -> list[Grouping]:
    """
    Groups of the customers who are judged: by profile and every further column of the customer table, and by their habits.

    Args:
        workspace: Holds the features and, where there was one, the customer table.
        known: Everything.
        users: Who is judged.
        habits: What they had before, as `habits` says.
    """
    profile = workspace.read(schema.USER_FEATURES).select(*PROFILE)
    table = _further(workspace, known.users) if workspace.has(schema.USERS) else pl.DataFrame()
    columns = [column.gather(users) for column in (*profile.get_columns(), *table.get_columns())]
    found = (quarters(name, values) for name, values in habits.items())
    return [*by_columns(columns), *(grouping for grouping in found if grouping and len(grouping.labels) > 1)]


def by_columns(columns: Sequence[pl.Series]) -> list[Grouping]:
    """
    Groups of customers by what a table says of them; columns that tell nobody apart are left out.

    Args:
        columns: One value a customer each.
    """
    return [grouping for grouping in map(_told, columns) if grouping and len(grouping.labels) > 1]


def habits(known: World, part: Training, asked: Heldout) -> dict[str, Values]:
    """
    How many products and categories customers had before the cut, and what these products cost together.

    Args:
        known: Everything.
        part: What was known before the cut.
        asked: Who is judged.
    """
    history, catalog = part.history.rows(asked.user), part.catalog
    had = history.purchases
    found = {"products had": np.diff(had.indptr).astype(np.float64)}
    if catalog.n_categories > 1:
        broad = categories_had(history.owned, catalog)[:, :-1]
        found["categories had"] = broad.sum(1).astype(np.float64)
    price = known.items["price"].cast(pl.Float64).fill_null(0).to_numpy()
    if price.any():
        found["value of products had"] = np.round(had @ price, 2)
    return found


def of_categories(known: World, wanted: Ints) -> Grouping | None:
    """
    Products by category, None where there are not several.

    Args:
        known: Everything.
        wanted: Items that were hidden; the categories most asked for have groups of their own.
    """
    category, n = known.training.catalog.category, known.training.catalog.n_categories
    if n < 2:
        return None
    count = np.bincount(category[wanted] + 1, minlength=n + 1)[1:]
    leading = np.sort(np.argsort(-count, kind="stable")[:MOST_GROUPS])
    group = np.full(n + 1, len(leading), np.int32)
    group[leading], group[-1] = np.arange(len(leading)), -1
    names = known.categories.gather(leading).to_list()
    return Grouping("category", (*names, *((OTHER,) if n > MOST_GROUPS else ())), group[category])


def _further(workspace: Workspace, users: pl.Series) -> pl.DataFrame:
    """The columns of the customer table beyond the known ones, one row a customer."""
    table = workspace.read(schema.USERS)
    joined = users.rename("user_id").to_frame().join(table, on="user_id", how="left", maintain_order="left")
    return joined.select(name for name in table.columns if name not in schema.USERS.columns)


def _told(column: pl.Series) -> Grouping | None:
    """Groups by what a column says: its numbers in quarters, its most frequent words by name; None where it tells nobody apart."""
    words = column.cast(pl.String)
    numbers = words.cast(pl.Float64, strict=False)
    if words.n_unique() > MOST_GROUPS and numbers.null_count() == words.null_count():
        return quarters(column.name, numbers.to_numpy())
    counts = (
        words.drop_nulls().value_counts().filter(pl.col("count") >= FEWEST_MEMBERS).sort(["count", column.name], descending=[True, False])
    )
    common = counts[column.name].head(MOST_GROUPS).sort()
    if 2 * int(words.is_in(common.implode()).sum()) < len(words) - words.null_count():
        return None
    code = codes(words, common)
    rest = (code < 0) & words.is_not_null().to_numpy()
    code[rest] = len(common)
    return Grouping(column.name, (*common, OTHER) if rest.any() else tuple(common), code)


def quarters(name: str, values: np.ndarray) -> Grouping | None:
    """
    Four groups of about the same size, fewer where many values are equal; None where all are.

    Args:
        name: What is counted.
        values: One number each, NaN for none.
    """
    known = np.isfinite(values)
    if not known.any():
        return None
    edges = np.unique(np.quantile(values[known], (0.25, 0.5, 0.75), method="lower"))
    code = np.where(known, np.searchsorted(edges, values), -1).astype(np.int32)
    there, back = np.unique(code[known], return_inverse=True)
    code[known] = back
    ends = [(values[code == group].min(), values[code == group].max()) for group in range(len(there))]
    return Grouping(name, tuple(f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}" for low, high in ends), code)


def of_popularity(owners: NDArray[np.integer]) -> Grouping:
    """
    Products from what is bought most to what nobody bought, by the share of all purchases.

    Args:
        owners: How many customers had each product before the cut.
    """
    order = np.argsort(-owners, kind="stable")
    before = (np.cumsum(owners[order]) - owners[order]) / max(owners.sum(), 1)
    code: Ints = np.empty(len(owners), np.int32)
    code[order] = np.searchsorted(BAND_SHARES, before, side="right")
    code[owners == 0] = len(BAND_SHARES) + 1
    return Grouping(POPULARITY, BANDS, code)
