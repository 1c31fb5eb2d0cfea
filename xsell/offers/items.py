"""For every product: what is bought with it from other categories, and what replaces it."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from xsell.assemble import World, world
from xsell.contract.options import Fit, Recommend, Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import Grid, Report
from xsell.data.answers import ITEM_PAIRS
from xsell.data.ids import numbering
from xsell.data.matrix import codes
from xsell.data.rawtable import STDIN
from xsell.data.schema import INTERACTIONS
from xsell.data.training import pairs
from xsell.errors import UsageError
from xsell.files.workspace import Workspace
from xsell.models.design import blocks_of, sets_of
from xsell.offers.meetings import Baskets, least
from xsell.offers.pairtable import KINDS, table
from xsell.offers.substitutes import MOST, crowded, substitutes
from xsell.offers.targets import item_numbers
from xsell.offers.together import FEWEST, complements
from xsell.prep.baskets import baskets
from xsell.report import items as words

SHOWN = 5
SCOPES = ("auto", "new", "any")
TITLES = ("Bought with", "Instead of")


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Find what goes with every product and what replaces it.

    Args:
        workspace: Holds the clean tables and the features; no model is needed.
        settings: The groups `recommend` and `common` are used.
        tell: Hears about the progress.

    Raises:
        UsageError: The scope is about the history of customers.
        InputError: A product is not known.
    """
    wanted = settings.recommend
    if wanted.scope not in SCOPES:
        raise UsageError(f"Scope {wanted.scope} has no meaning with --for items.", f"Choose from {', '.join(SCOPES)}, or leave it out.")
    known = world(workspace, Fit(scope=wanted.scope))
    asked = known.items["item_id"].gather(item_numbers(wanted.item, known))
    bought = gathered(workspace, known)
    frame, tests = answered(known, bought, wanted.n, tell)
    if wanted.item:
        frame = frame.filter(pl.col("item_id").is_in(asked.implode()))
    outputs = [] if wanted.item else [workspace.write(ITEM_PAIRS, frame)]
    outputs += [workspace.export(wanted.output, frame)] if wanted.output else []
    places = [] if wanted.item else [str(workspace.root / ITEM_PAIRS.path)]
    places += [wanted.output] if wanted.output not in {"", STDIN} else []
    without = asked.filter(~asked.is_in(frame["item_id"].implode())).to_list()
    counts = _counts(known, bought, frame) | {"pairs_compared": tests // 2}
    facts = {"scope": known.scope, "chance_lift": bought.chance, "counted_in": "customers" if bought.owner is None else "baskets"}
    return Report(
        "recommend",
        sentences=tuple(words.of_some(counts, facts, without, places) if wanted.item else words.told(counts, facts, places)),
        grids=tuple(_pages(frame, asked) if wanted.item else words.surest(_surest(frame))),
        counts=counts,
        warnings=tuple(words.lacks(counts, MOST)),
        outputs=tuple(outputs),
        details={**facts, "question": wanted.question},
        results=tuple(frame.rows(named=True)) if wanted.item else (),
        next_step=_next(wanted, frame),
    )


def gathered(workspace: Workspace, known: World) -> Baskets:
    """Baskets of orders where the purchases name them, else one basket a customer."""
    listed = baskets(workspace.read(INTERACTIONS))
    if not listed.height:
        return Baskets(known.training.history.purchases.astype(np.int32))
    basket = listed["basket"].to_numpy()
    owner = np.zeros(int(basket.max()) + 1, np.int32)
    owner[basket] = listed["customer"].to_numpy()
    item = codes(listed["item_id"], known.items["item_id"])
    return Baskets(pairs(basket, item, (len(owner), known.training.n_items)).astype(np.int32), owner)


def answered(known: World, bought: Baskets, n: int, tell: Tell) -> tuple[pl.DataFrame, int]:
    """
    Find complements and substitutes.

    Args:
        known: The items; under scope `any` complements may be of the same category.
        bought: What was bought together.
        n: Most of each kind for a product.
        tell: Hears about the progress.

    Returns:
        The rows of `ITEM_PAIRS`, and how many pairs were compared for complements, each in both directions.
    """
    catalog = known.training.catalog
    apart = "item" if known.scope == "any" else "category"
    found = complements(bought, sets_of(catalog, apart) or blocks_of(catalog, apart), n, tell)
    names = known.items["name"].str.strip_chars().str.to_lowercase()
    swaps = substitutes(bought, catalog.category, catalog.content, codes(names, numbering(names)), n, tell)
    sure = (least(found.seen, found.tests), least(swaps.seen, swaps.tests))
    swaps = swaps.where((swaps.alike > 0) | (swaps.deviation <= -sure[1]))
    tell("naming the pairs")
    return table(known, bought, (found, swaps), sure), found.tests


def _counts(known: World, bought: Baskets, frame: pl.DataFrame) -> dict[str, int]:
    kinds = {name: frame.filter(pl.col("kind") == name) for name in KINDS}
    return {
        "baskets": bought.n,
        "customers": bought.n if bought.owner is None else int(bought.owner.max(initial=-1)) + 1,
        "items": known.training.n_items,
        "items_compared": int((bought.buyers >= FEWEST).sum()),
        "categories": known.training.catalog.n_categories,
        "rows": frame.height,
        **{f"{name}s": rows.height for name, rows in kinds.items()},
        **{f"items_with_{name}s": rows["item_id"].n_unique() for name, rows in kinds.items()},
        "sure": frame.filter(pl.col("mark") == "sure").height,
        "alike": frame.filter(pl.col("mark").str.starts_with("alike")).height,
        "seldom_together": frame.filter(pl.col("mark").str.contains("seldom")).height,
        "left_out_of_large_categories": crowded(known.training.catalog.category, bought.buyers),
    }


def _surest(frame: pl.DataFrame) -> list[dict[str, object]]:
    """The strongest sure complements, each pair once and each product at most once on the left."""
    sure = frame.filter(pl.col("mark") == "sure").sort("strength", "item_id", "other_id", descending=[True, False, False])
    ends = sure.with_columns(first=pl.min_horizontal("item_id", "other_id"), last=pl.max_horizontal("item_id", "other_id"))
    return ends.unique(["first", "last"], keep="first", maintain_order=True).head(SHOWN).rows(named=True)


def _pages(frame: pl.DataFrame, asked: pl.Series) -> Iterator[Grid]:
    for item in asked:
        for kind, title in zip(KINDS, TITLES, strict=True):
            rows = frame.filter(pl.col("item_id") == item, pl.col("kind") == kind).rows(named=True)
            if rows:
                yield words.page(rows, title)


def _next(wanted: Recommend, frame: pl.DataFrame) -> str:
    if wanted.item or not frame.height:
        return ""
    return (
        f"xsell recommend --for items --item {frame['item_id'][0]}"
        if wanted.output
        else "xsell recommend --for items --output together.csv"
    )
