"""`xsell features`: number customers and products, describe them, and measure which categories go together."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import polars as pl

from xsell.contract.options import Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import Grid, Report, Warned
from xsell.contract.wording import many
from xsell.data.ids import numbering
from xsell.data.matrix import coded, pair_counts
from xsell.data.schema import AFFINITY, INTERACTIONS, ITEM_FEATURES, ITEMS, SEARCH_TERMS, SEARCHES, TERMS, USER_FEATURES, USERS, Table
from xsell.files.spool import Spool
from xsell.files.workspace import Workspace
from xsell.metrics import association
from xsell.prep.affinity import category_owners, most_owned
from xsell.prep.documents import item_documents
from xsell.prep.profiles import item_features, user_features
from xsell.prep.searches import search_terms
from xsell.prep.weighting import OWNING, ownership_events
from xsell.text import Tfidf, tfidf

CONTENT = "features/item_content.npz"
FEWEST = 3
"""Pairs of categories with fewer customers in common are chance and are left out."""

MOST = 2_000
"""Categories compared with each other: the table grows with their square."""

EVENTS = 1_000_000
"""Events that are in memory at once, about; those of one customer together."""

SHOWN = 5
LABEL_WIDTH = 18
PARTS = 4


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Write the features of the clean tables.

    Args:
        workspace: Holds the tables of `xsell clean`.
        settings: Only the group `features` is used.
        tell: Hears about the progress.

    Returns:
        What was counted and written, and the category pairs that go together most.

    Raises:
        XsellError: A clean table is missing or damaged.
    """
    tell("describing products", 0, PARTS)
    catalog, words = _read(workspace, ITEMS), search_terms(_read(workspace, SEARCHES))
    with workspace.spool(USER_FEATURES) as spool:
        with workspace.scan(INTERACTIONS) as events:
            items, seen = item_features(events, catalog), _seen(events)
            tell("describing customers", 1, PARTS)
            owners = _customers(events, seen, items, (_read(workspace, USERS), words), spool)
        tell("weighing words", 2, PARTS)
        content = tfidf(item_documents(catalog, items).to_list(), settings.features.idf)
        tell("comparing categories", 3, PARTS)
        affinity = category_affinity(owners, numbering(items["category"]))
        outputs = (
            workspace.write(ITEM_FEATURES, items),
            workspace.write_spool(spool),
            *(workspace.write(table, frame) for table, frame in ((SEARCH_TERMS, words), (AFFINITY, affinity), (TERMS, _terms(content)))),
            workspace.write_matrix(CONTENT, content.matrix),
        )
        counts = {"events": seen.events, **_owning(spool), **_counts(items, words, affinity)}
    tell("describing", PARTS, PARTS)
    counts |= {"terms": len(content.terms), "items_with_terms": _filled(content)}
    sentences = tuple(_sentences(counts))
    return Report(
        "features",
        sentences=sentences,
        brief=f"{many(counts['customers_with_items'], 'customer owns', 'customers own')} something",
        grids=tuple(_grids(affinity)),
        counts=counts,
        warnings=tuple(_warnings(seen.owning, counts)),
        outputs=outputs,
        details={"idf": settings.features.idf, "ownership_events": list(seen.owning)},
        next_step="xsell train",
    )


@dataclass(frozen=True, slots=True)
class _Seen:
    """What must be known of all events before those of some customers are looked at: their number, which make an owner, and the last time."""

    events: int
    owning: tuple[str, ...]
    last: datetime | None


def _seen(events: pl.LazyFrame) -> _Seen:
    height, last = events.select(pl.len(), pl.col("at").max()).collect(engine="streaming").row(0)
    return _Seen(height, ownership_events(events), last)


def _customers(
    events: pl.LazyFrame, seen: _Seen, items: pl.DataFrame, told: tuple[pl.DataFrame, pl.DataFrame], spool: Spool
) -> pl.DataFrame:
    """
    Describe customers, some at a time, so that the events need not fit into memory.

    Args:
        events: The plan that reads them, sorted by user_id.
        seen: What is known of them all.
        items: The features of the items.
        told: The customer table and the search terms.
        spool: Takes the features of the customers.

    Returns:
        Columns customer (from 0) and category (its place among the sorted names), each pair once: who owns something of which category.
    """
    parts, customers, names = [pl.DataFrame(schema={"customer": pl.Int64, "category": pl.Int32})], 0, numbering(items["category"])
    for among in _ranges(events):
        some, (people, words) = events.filter(among).collect(engine="streaming"), (table.filter(among) for table in told)
        spool.add(user_features(some, items, people, words, seen.owning, seen.last))
        owners = category_owners(some, items, seen.owning)
        customer = (pl.col("user_id").rle_id().cast(pl.Int64) + customers).alias("customer")
        parts.append(owners.select(customer, coded("category", names)))
        customers += owners["user_id"].n_unique()
    return pl.concat(parts)


def _ranges(events: pl.LazyFrame) -> Iterator[pl.Expr]:
    """Cut the customers, with events or without, into ranges of ids with about `EVENTS` events each."""
    user = pl.col("user_id")
    starts = events.select(user).gather_every(EVENTS).unique().collect(engine="streaming").to_series().sort()[1:]
    for low, high in pairwise([None, *starts, None]):
        yield pl.all_horizontal(pl.lit(value=True), *([] if low is None else [user >= low]), *([] if high is None else [user < high]))


def category_affinity(owners: pl.DataFrame, categories: pl.Series) -> pl.DataFrame:
    """
    Measure how strongly categories go together, over the customers who own something of any category.

    Args:
        owners: Columns customer and category, numbers from 0, each pair once.
        categories: Names by number, sorted.

    Returns:
        The columns of `AFFINITY`, only pairs with at least three customers and of the 2,000 categories with the most customers.
    """
    pairs = pair_counts(most_owned(owners, MOST), categories, FEWEST)
    total = owners["customer"].n_unique()
    both, a, b = (pairs[name].to_numpy() for name in ("n", "n_from", "n_to"))
    low, high = association.lift_interval(both, a, b, total)
    return (
        pairs.select("from", "to", "n")
        .with_columns(
            support=association.support(both, total),
            confidence=association.confidence(both, a),
            lift=association.lift(both, a, b, total),
            lift_low=low,
            lift_high=high,
            llr=association.signed_root(both, a, b, total),
        )
        .sort("llr", "from", "to", descending=[True, False, False])
    )


def _read(workspace: Workspace, table: Table) -> pl.DataFrame:
    """Catalogue, customers and searches may never have been given."""
    return workspace.read(table) if workspace.has(table) else pl.DataFrame(schema=dict(table.columns))


def _terms(content: Tfidf) -> pl.DataFrame:
    return pl.DataFrame({"term": content.terms, "df": content.df, "idf": content.idf}, schema=dict(TERMS.columns))


def _filled(content: Tfidf) -> int:
    return int((content.matrix.indptr[1:] > content.matrix.indptr[:-1]).sum())


def _owning(spool: Spool) -> dict[str, int]:
    """Count customers, and those who own something."""
    owning = spool.scan().select((pl.col("items") > 0).sum()).collect(engine="streaming").item()
    return {"customers": spool.height, "customers_with_items": owning}


def _counts(items: pl.DataFrame, words: pl.DataFrame, affinity: pl.DataFrame) -> dict[str, int]:
    return {
        "items": items.height,
        "items_owned": items.filter(pl.col("buyers") > 0).height,
        "items_without_category": items["category"].null_count(),
        "items_with_price": items["price"].count(),
        "categories": items["category"].drop_nulls().n_unique(),
        "category_pairs": affinity.height,
        "search_terms": words["term"].n_unique(),
        "customers_searching": words["user_id"].n_unique(),
    }


def _sentences(counts: dict[str, int]) -> Iterator[str]:
    customers, products = many(counts["customers"], "customer"), many(counts["items"], "product")
    yield f"{customers} ({counts['customers_with_items']:,} own something) and {products} ({counts['items_owned']:,} owned by someone)."
    if counts["categories"]:
        pairs = many(counts["category_pairs"] // 2, "pair of them has", "pairs of them have")
        yield f"{many(counts['categories'], 'category', 'categories')}; {pairs} at least {FEWEST} customers in common."
    if counts["categories"] and counts["items_without_category"]:
        lacking = many(counts["items_without_category"], "product has", "products have")
        yield f"{lacking} no category and cannot be offered as something new."
    if counts["terms"] or counts["items_with_price"]:
        described = many(counts["terms"], "term describes", "terms describe")
        yield f"{described} {many(counts['items_with_terms'], 'product')}; {counts['items_with_price']:,} have a price."
    if counts["search_terms"]:
        yield f"{many(counts['customers_searching'], 'customer')} searched with {many(counts['search_terms'], 'different word')}."


def _grids(affinity: pl.DataFrame) -> Iterator[Grid]:
    """The strongest pairs, each in the direction of the higher confidence."""
    ends = {"first": pl.min_horizontal("from", "to"), "last": pl.max_horizontal("from", "to")}
    ordered = (
        affinity.filter(pl.col("llr") > 0)
        .with_columns(**ends)
        .sort("llr", "confidence", "from", "to", descending=[True, True, False, False])
    )
    rows = (
        ordered.unique(("first", "last"), keep="first", maintain_order=True)
        .head(SHOWN)
        .select("from", "to", "n", "confidence", "lift")
        .rows()
    )
    short = labels(affinity["from"].unique().to_list())
    if rows:
        yield Grid(
            "Categories that go together most",
            ("from", "to", "customers", "confidence", "lift"),
            tuple((short[start], short[end], *numbers) for start, end, *numbers in rows),
            note="Confidence is the share of the owners of `from` who own something of `to` too; lift 1 is chance.",
        )


def labels(categories: Sequence[str]) -> dict[str, str]:
    """
    Shorten category paths to what fits a column.

    Args:
        categories: Different paths.

    Returns:
        For each its last level, or the whole path where several end in the same; what is too long loses the end of a level or the beginning of a path.
    """
    last = {category: category.rsplit(" > ", 1)[-1] for category in categories}
    often = Counter(last.values())
    return {category: _cut(level) if often[level] == 1 else _cut(category, from_end=True) for category, level in last.items()}


def _cut(text: str, *, from_end: bool = False) -> str:
    if len(text) <= LABEL_WIDTH:
        return text
    return "…" + text[1 - LABEL_WIDTH :].lstrip() if from_end else text[: LABEL_WIDTH - 1].rstrip() + "…"


def _warnings(owning: tuple[str, ...], counts: dict[str, int]) -> Iterator[Warned]:
    if not set(owning) & set(OWNING):
        yield Warned(
            "weak-ownership",
            f"There are no purchases or ratings, so every `{owning[0]}` counts as owning; a file of purchases would say more.",
        )
    if counts["categories"] > MOST:
        yield Warned(
            "many-categories",
            f"Only the {MOST:,} categories with the most customers were compared with each other; a coarser category column would show them all.",
        )
