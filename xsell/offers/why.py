"""Why one product is, or is not, in the list of one customer."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from xsell import ranking
from xsell.assemble import World
from xsell.best import rounded
from xsell.contract.rules import Rule, columns, conditions, shown, written
from xsell.contract.wording import listed, many
from xsell.data.scopes import categories_each, closed, shelf_of
from xsell.data.training import History, Ints
from xsell.offers.choosing import offers, worth
from xsell.offers.limits import ASKED, Limits
from xsell.offers.rules import Judge
from xsell.selection.hybrid import Model

FIRST = np.zeros(1, np.int32)
FEW = 3


def why(known: World, model: Model, history: History, bounds: Limits, item: int, n: int) -> Iterator[str]:
    """
    Say where a product stands for a customer: owned, in an owned category, held back by a rule, behind a cap, or at which rank.

    Args:
        known: Everything.
        model: What makes the customer's list.
        history: The customer.
        bounds: What the business allows.
        item: Number of the product.
        n: Length of the list.
    """
    name = label(known, item)
    held = [*_by_scope(known, history, item), *_by_rules(bounds, item)]
    if held:
        yield f"{name} is not offered: {'; '.join(held)}."
        return
    found = offers(known, model, history, bounds, FIRST, n)
    stands = _standing(known, model, history, bounds, item)
    place = np.flatnonzero(found.ranking.items[0] == item)
    if len(place):
        yield f"{name} is offered at rank {place[0] + 1}, with score {stands.score:.4g}."
    elif stands.rank is None:
        yield f"{name} is not offered: the model gives it no score."
    else:
        of = f"{many(stands.total, 'product')} that may be offered"
        yield f"{name} is not offered: with score {stands.score:.4g} it stands at rank {stands.rank:,}{stands.doubt} of {of}."
        yield _ahead(known, found.ranking.items[0], bounds, item, stands.rank > n)


def label(known: World, item: int) -> str:
    """Name of a product, with its id."""
    name, number = known.items["name"][item], known.items["item_id"][item]
    return f"{name} ({number})" if name else str(number)


def _by_scope(known: World, history: History, item: int) -> Iterator[str]:
    if item in history.owned.indices:
        yield "the customer has it"
        return
    catalog = known.training.catalog
    shelf = shelf_of(catalog)[item]
    causes = [cause for cause, mask in closed(history, catalog, known.scope).items() if mask[0, shelf]]
    if causes:
        own = categories_each(catalog, np.array([item]))[1]
        place, category = categories_each(catalog, history.owned.indices)
        common = np.isin(category, own)
        has = [label(known, int(other)) for other in np.unique(history.owned.indices[place[common]])]
        named = known.categories.gather(np.unique(category[common] if common.any() else own)).to_list()
        group = f" ({listed(named)})" if named else ""
        shown = f", where the customer has {', '.join(has[:FEW])}" if has else ""
        yield f"under scope {known.scope} it is {listed(causes)}{group}{shown}"


def _by_rules(bounds: Limits, item: int) -> Iterator[str]:
    judge = bounds.judge
    parts = {f"{ASKED}{written(rule)}": rule for rule in conditions(judge.rule)} if judge else {}
    for cause, mask in bounds.causes(FIRST):
        if mask[0, item]:
            yield f"{cause} ({_values(judge, parts[cause], bounds.number[0], item)})" if judge and cause in parts else cause


def _values(judge: Judge, rule: Rule, user: int, item: int) -> str:
    """What the columns of a rule hold."""
    said = []
    for column in dict.fromkeys(columns(rule)):
        table, row = (judge.users, user) if column.of_user else (judge.items, item)
        value = table.frame[column.name].cast(pl.String)[int(row)]
        said.append(f"{shown(column)} is {'missing' if value is None else value}")
    return ", ".join(said)


@dataclass(frozen=True, slots=True)
class _Standing:
    """
    Where a product stands in the order of the list, before caps and variety.

    Attributes:
        rank: From 1, None where it has no score.
        score: Its score.
        total: How many products may be offered.
        doubt: Says so where not all of them have a score.
    """

    rank: int | None
    score: float
    total: int
    doubt: str


def _standing(known: World, model: Model, history: History, bounds: Limits, item: int) -> _Standing:
    free = ranking.allowed(history, known.training.catalog, known.scope)
    left = bounds.leave(FIRST)
    open_ = free if left is None else free & left
    asked = np.zeros_like(free)
    asked[0, item] = True
    scores = np.where(asked, ranking.score(model, history, free, asked), ranking.score(model, history, free, left))
    value = rounded(worth(scores, bounds))[0]
    total, scored = int(open_.sum()), int((open_[0] & (value > -np.inf)).sum())
    if not np.isfinite(value[item]):
        return _Standing(None, np.nan, total, "")
    order = bounds.policy.filling(value)
    ahead = open_[0] & ((order > order[item]) | ((order == order[item]) & (np.arange(len(order)) < item)))
    doubt = " or behind" if scored < total else ""
    return _Standing(int(ahead.sum()) + 1, float(rounded(scores)[0, item]), total, doubt)


def _ahead(known: World, listed: Ints, bounds: Limits, item: int, late: bool) -> str:
    """Say what keeps a product out of the list that nothing forbids."""
    listed = listed[listed >= 0]
    for cap, what in zip(bounds.policy.caps, bounds.capped, strict=True):
        same = [label(known, int(other)) for other in listed if cap.group[other] == cap.group[item] >= 0]
        if len(same) >= cap.most:
            return f"{what} {cap.most} is reached by {', '.join(same)}."
    if late or not bounds.policy.diversity:
        return f"The list ends with {label(known, int(listed[-1]))}." if len(listed) else "The list is empty."
    return "Variety puts others before it (--diversity)."
