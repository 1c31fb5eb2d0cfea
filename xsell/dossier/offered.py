"""What is offered: from which category to which, and how far offers spread over the catalogue."""

from collections.abc import Callable

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from xsell.contract.names import GUARDS
from xsell.data.training import Ints
from xsell.dossier.judged import Judged
from xsell.dossier.lengths import picked
from xsell.dossier.tables import clipped, table
from xsell.dossier.whom import products
from xsell.metrics import TRAITS, curves
from xsell.page.charts import Axis, Curves, Heat, Line
from xsell.page.contents import Section

NEW = {
    "new": ("cathit", "catrecall", "xlift", "pair_concentration"),
    "any": ("xshare", "xprecision", "xrecall", "xndcg", "cathit", "catrecall", "xlift", "pair_concentration"),
}
"""Metrics of new categories by scope; where only those are offered some are the same as the ordinary ones."""
TOGETHER = ("coverage", "gini")
SHOWN = 8
"""Rows and columns of a map of categories: as many as a telephone shows."""
LONGEST = 26
TAKEN = "taken up"
Whole = NDArray[np.integer]


def categories(judged: Judged) -> Section:
    """Compare where customers went with where the lists send them."""
    several = judged.exam.part.catalog.n_categories > 1 and judged.known.scope in NEW
    return Section(
        "categories",
        "From which category to which",
        f"{judged.latest}Customers who had something of the category at the left: where they went next, and where {judged.best} sends them. "
        "Each cell is the share of its row, in percent; the largest categories are shown.",
        (*_maps(judged), table(judged, "Categories new to the customer", NEW.get(judged.known.scope, ()))) if several else (),
    )


def _maps(judged: Judged) -> tuple[Heat, ...]:
    part, asked = judged.exam.part, judged.exam.asked
    category, width = part.catalog.category, part.catalog.n_categories
    owned = part.history.purchases[asked.user]
    has = by_category(np.repeat(np.arange(len(asked.user)), np.diff(owned.indptr)), owned.indices, category, (len(asked.user), width))
    has.data[:] = 1
    rows = largest(np.asarray(has.sum(0), np.float64).ravel())
    went = by_category(np.repeat(np.arange(len(asked.user)), np.diff(asked.indptr)), asked.item, category, has.shape)
    lists = judged.lists[judged.best]
    who, rank = np.nonzero(lists >= 0)
    sent = by_category(who, lists[who, rank], category, has.shape)
    shares = [curves.moves(has[:, rows], then) for then in (went, sent)]
    columns = largest(np.nansum(np.vstack(shares), axis=0))
    names = named(judged.known.categories.to_list())
    return tuple(
        Heat(caption, "had ↓ · got →", names(rows), names(columns), tuple(tuple(shared(x) for x in row) for row in share[:, columns]))
        for caption, share in zip(("Where customers went", f"Where {judged.best} sends them"), shares, strict=True)
    )


def shared(value: float) -> float | None:
    """Write a share as a map of categories wants it, None where there is none."""
    return round(float(value), 6) if np.isfinite(value) else None


def by_category(user: Whole, item: Whole, category: Ints, shape: tuple[int, ...]) -> sp.csr_array:
    """Customers × categories: how many products of each, those without a category left out."""
    of = category[item]
    real = of >= 0
    counted = sp.coo_array((np.ones(int(real.sum())), (user[real], of[real])), shape=shape).tocsr()
    counted.sum_duplicates()
    return counted


def largest(size: curves.Values) -> Whole:
    """The largest, from the largest down, without empty ones; ties in the order of their numbers."""
    order = np.argsort(-size, kind="stable")[:SHOWN]
    return order[size[order] > 0]


def named(names: list[str]) -> Callable[[Whole], tuple[str, ...]]:
    """Names of categories by number, without the path above them where that is clear."""
    short = [name.rpartition(" > ")[2] for name in names]

    def of(which: Whole) -> tuple[str, ...]:
        return tuple(clipped(short[n] if short.count(short[n]) == 1 else names[n], LONGEST) for n in which)

    return of


def spread(judged: Judged) -> Section:
    """Show how far offers spread over the products, and how popular what is offered is."""
    part, asked = judged.exam.part, judged.exam.asked
    counts = {name: curves.exposure(items, part.n_items) for name, items in judged.lists.items()}
    counts = {TAKEN: curves.exposure(asked.item, part.n_items)} | {name: count for name, count in counts.items() if count.sum()}
    buyers = np.bincount(part.history.purchases.indices, minlength=part.n_items)
    fame = np.argsort(-buyers, kind="stable")
    styles = {name: 6 if name == TAKEN else judged.style(name) for name in counts}
    own = {name: curves.reached(count, np.argsort(-count, kind="stable")) for name, count in counts.items()}
    famous = {name: curves.reached(count, fame) for name, count in counts.items()}
    return Section(
        "spread",
        "Which products are offered",
        f"{judged.latest}The sooner a line rises, the fewer products share the offers. What customers took up by themselves is there to compare.",
        (
            figure("How many products share the offers", "products, the most offered first", own, styles),
            figure("How popular the products offered are", "products, those with most buyers first", famous, styles),
            products(judged),
            table(judged, "What the lists are like", (*TOGETHER, *GUARDS, *TRAITS, "popularity_lift")),
        ),
    )


def figure(caption: str, x: str, shares: dict[str, curves.Values], styles: dict[str, int]) -> Curves:
    """Draw which share of all offers the first products hold."""
    half = {name: 1 + int(np.searchsorted(share, 0.5)) for name, share in shares.items()}
    lines = tuple(Line(name, _until_all(shares[name]), styles[name]) for name in sorted(half, key=lambda name: half[name]))
    said = "; ".join(f"{name}: half of them on {n:,} products" for name, n in half.items())
    across, up = Axis(f"{x} (log scale)", log=True), Axis("share of all offers", percent=True, most=1.0)
    return Curves(caption, f"{caption}. {said}.", across, up, lines, listed=True)


def _until_all(share: curves.Values) -> tuple[tuple[float, float], ...]:
    """Points up to the place where all is reached."""
    whole = 1 + int(np.searchsorted(share, 1 - 1e-12))
    return tuple((float(n + 1), round(float(share[n]), 5)) for n in picked(min(whole, len(share))))
