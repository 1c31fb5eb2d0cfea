"""What was offered in delivered lists and what was taken up: by rank, by category and by product."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from xsell.data.matrix import codes
from xsell.data.training import Ints, Mask
from xsell.dossier.lengths import picked
from xsell.dossier.offered import TAKEN, by_category, figure, largest, named, shared
from xsell.dossier.tables import clipped
from xsell.metrics import curves
from xsell.metrics.apart import rate
from xsell.page.charts import Axis, Curves, Heat, Line
from xsell.page.contents import Cell, Estimate, Section, Share, Table
from xsell.shipped.judging import Delivery
from xsell.shipped.sides import HELD_BACK, Side

MOST_PRODUCTS = 15
MOST_CATEGORIES = 20
MOST_RANKS = 20
LONGEST = 60
OFFERED = "offered"


def ranks(made: Delivery) -> Section:
    """Show what came of every place in the lists."""
    several = made.sides[0].lists.shape[1] > 1 and bool(made.sides[0].takers.any())
    blocks = (_by_rank(made), _reach(made), _ranked(made)) if several else ()
    return Section("ranks", "How long a list should be", "What was offered first should be taken up most often.", blocks)


def _places(one: Side) -> tuple[list[int], list[int]]:
    """By rank: how many offers there were, and how many were taken up."""
    return (one.lists >= 0).sum(0).tolist(), one.right.sum(0).tolist()


def _by_rank(made: Delivery) -> Curves:
    lines = []
    for one in made.sides:
        offers, taken = _places(one)
        shares = tuple((n + 1.0, round(taken[n] / offers[n], 6)) for n in picked(len(offers)) if offers[n])
        lines.append(Line(one.label, shares, _style(one), tuple((at, "") for at in range(len(shares)))))
    said = "; ".join(f"{line.label}: {line.points[0][1]:.2%} of the first places, {line.points[-1][1]:.2%} of the last" for line in lines)
    most = float(made.sides[0].lists.shape[1])
    across = Axis("rank in the list", whole=True, most=most)
    return Curves("Offers taken up, by rank", f"{said}.", across, Axis("share taken up", percent=True), tuple(lines), listed=True)


def _reach(made: Delivery) -> Curves:
    lines = []
    for one in made.sides:
        share = (np.cumsum(one.right, 1) > 0).mean(0)
        lines.append(Line(one.label, tuple((n + 1.0, round(float(share[n]), 6)) for n in picked(len(share))), _style(one)))
    said = "; ".join(f"{line.label}: {line.points[0][1]:.1%} at 1, {line.points[-1][1]:.1%} at {line.points[-1][0]:g}" for line in lines)
    return Curves(
        "Customers who took up an offer, by length of the list",
        f"{said}.",
        Axis("length of the list", whole=True, most=float(made.sides[0].lists.shape[1])),
        Axis("share of customers", percent=True),
        tuple(lines),
        listed=True,
    )


def _style(one: Side) -> int:
    return 0 if one.label == HELD_BACK else 1


def _ranked(made: Delivery) -> Table:
    offers, taken = _places(made.sides[0])
    rows = tuple(
        (str(n + 1), offers[n], taken[n], _estimate(taken[n], offers[n])) for n in range(min(len(offers), MOST_RANKS)) if offers[n]
    )
    return Table("Offers to customers contacted, by rank", ("rank", "offers", "taken up", "share"), rows)


def _estimate(taken: int, offers: int) -> Estimate | None:
    return Estimate(taken / offers, rate(taken, offers)) if offers else None


def _known(made: Delivery, field: str) -> pl.Series:
    """What is known of every product, in the order of their numbers; nulls where nothing is."""
    products = made.read.products.rename("item_id").to_frame()
    return products.join(made.read.items, on="item_id", how="left", maintain_order="left")[field]


def names(made: Delivery) -> list[str]:
    """What to call every product: its name, else its id."""
    return [clipped(name or item, LONGEST) for name, item in zip(_known(made, "name"), made.read.products, strict=True)]


def _filed(made: Delivery) -> tuple[list[str], Ints]:
    """The categories there are, and the number of that of every product, -1 for none; of several the first counts."""
    own = _known(made, "category").str.split("|").list.first().str.strip_chars()
    known = own.drop_nulls().unique().sort()
    return known.to_list(), codes(own, known)


def _wanted(one: Side) -> tuple[Ints, Ints]:
    """Customer and product of everything taken up."""
    return np.repeat(np.arange(len(one.users), dtype=np.int32), np.diff(one.taken.indptr)), one.taken.item


def categories(made: Delivery) -> Section:
    """Show what customers took up who were offered something of a category."""
    sent, (known, category) = made.sides[0], _filed(made)
    return Section(
        "categories",
        "From which category to which",
        "Customers who were offered something of the category at the left: to which categories belongs what they took up, whether it was offered or "
        "not. Each cell is the share of its row, in percent; the largest categories are shown.",
        tuple(_maps(sent, known, category)) if len(known) > 1 else (),
    )


def _maps(sent: Side, known: list[str], category: Ints) -> Iterator[Heat | Table]:
    shape = (len(sent.users), len(known))
    who, place = np.nonzero(sent.lists >= 0)
    offered = by_category(who, sent.lists[who, place], category, shape)
    taken = by_category(*_wanted(sent), category, shape)
    hit, at = np.nonzero(sent.right)
    found = by_category(hit, sent.lists[hit, at], category, shape)
    sizes = [np.asarray(side.sum(0), np.float64).ravel() for side in (offered, found, taken)]
    has = offered.copy()
    has.data[:] = 1
    rows = largest(np.asarray(has.sum(0), np.float64).ravel())
    share = curves.moves(has[:, rows], taken)
    columns = largest(np.nansum(share, axis=0))
    of = named(known)
    cells = tuple(tuple(shared(value) for value in row) for row in share[:, columns])
    yield Heat("What customers took up", "offered ↓ · took up →", of(rows), of(columns), cells)
    order = np.argsort(-sizes[0], kind="stable")[:MOST_CATEGORIES]
    yield Table(
        "Offers by category",
        ("category", "offers", "taken up", "share", "taken up in all"),
        tuple((clipped(known[n], LONGEST), *_counted(*(int(size[n]) for size in sizes))) for n in order if sizes[0][n]),
        note="Taken up in all: what customers contacted took up of the category, offered or not.",
    )


def _counted(offers: int, found: int, taken: int) -> tuple[Cell, ...]:
    return offers, found, _estimate(found, offers), taken


def products(made: Delivery) -> Section:
    """Show which products were offered most and which were taken up most, and how far both spread."""
    sent, n = made.sides[0], len(made.read.products)
    _, wanted = _wanted(sent)
    counts = {name: curves.exposure(items, n) for name, items in ((OFFERED, sent.lists), (TAKEN, wanted))}
    own = {name: curves.reached(count, np.argsort(-count, kind="stable")) for name, count in counts.items() if count.sum()}
    right = sent.right
    return Section(
        "products",
        "Which products were offered",
        "The sooner a line rises, the fewer products share the offers, or what customers contacted took up by themselves.",
        (
            figure("How many products share the offers", "products, the most frequent first", own, {OFFERED: 1, TAKEN: 6}),
            _most_offered(made, sent, right, counts[OFFERED]),
            _most_taken(made, sent, right, counts[TAKEN]),
        ),
    )


def _most_offered(made: Delivery, sent: Side, right: Mask, offers: np.ndarray) -> Table:
    known, hits = names(made), curves.exposure(sent.lists[right], len(offers))
    order = np.argsort(-offers, kind="stable")[:MOST_PRODUCTS]
    rows = tuple((known[n], int(offers[n]), int(hits[n]), _estimate(int(hits[n]), int(offers[n]))) for n in order if offers[n])
    return Table("Offered most", ("product", "offered to", "taken up by", "share"), rows)


def _most_taken(made: Delivery, sent: Side, right: Mask, taken: np.ndarray) -> Table:
    known, hits = names(made), curves.exposure(sent.lists[right], len(taken))
    order = np.argsort(-taken, kind="stable")[:MOST_PRODUCTS]
    rows = tuple((known[n], int(taken[n]), Share(int(hits[n]) / int(taken[n]))) for n in order if taken[n])
    return Table("Taken up most", ("product", "customers contacted", "of these offered it"), rows)
