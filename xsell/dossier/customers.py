"""Some customers, drawn at random: what they had, were offered and took up."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from xsell.contract.options import Recommend
from xsell.contract.progress import Tell
from xsell.contract.wording import many
from xsell.data.training import Ints, Mask
from xsell.dossier.judged import Judged
from xsell.dossier.tables import clipped
from xsell.metrics import ranking
from xsell.offers.because import named
from xsell.offers.limits import Limits
from xsell.offers.lists import Asked, Recipe, lists
from xsell.offers.sources import crowd
from xsell.page.contents import Customer, Customers, Offer, Section
from xsell.picking import Policy

EACH = 8
"""Most customers with a hit, and most without."""
MOST_CATEGORIES = 8
MOST_PRODUCTS = 6
MOST_MISSED = 12
LONGEST = 90


def some(took: Mask, seed: int) -> tuple[Ints, str]:
    """Draw customers, as many who took up an offer as who took up none where there are enough, and say of how many."""
    dice = np.random.default_rng(seed)
    groups = [np.flatnonzero(took), np.flatnonzero(~took)]
    drawn = [np.sort(dice.choice(group, min(EACH, len(group)), replace=False)) for group in groups]
    note = (
        f"Drawn at random: {len(drawn[0])} of the {many(len(groups[0]), 'customer')} who took up an offer, "
        f"and {len(drawn[1])} of the {len(groups[1]):,} who took up none."
    )
    return np.concatenate(drawn), note


def customers(judged: Judged, tell: Tell) -> Section:
    """Look some customers up, as many with a hit as without where there are enough."""
    asked = judged.exam.asked
    drawn, note = some(np.any(ranking.hits(judged.lists[judged.best], asked), axis=1), judged.settings.common.seed)
    return Section(
        "customers",
        "Some customers",
        f"{judged.latest}What they had when the data were cut, what {judged.best} offered them and why, and what they took up later.",
        (Customers(tuple(_people(judged, drawn, tell)), note),),
    )


def _people(judged: Judged, which: Ints, tell: Tell) -> Iterator[Customer]:
    asked = judged.exam.asked
    offered = _offers(judged, np.sort(which), tell)
    ids = judged.known.users.gather(asked.user[which]).to_list()
    for place, (row, key) in enumerate(zip(which, ids, strict=True), 1):
        wanted = asked.item[asked.indptr[row] : asked.indptr[row + 1]]
        offers = tuple(_offer(offer, set(judged.known.items["item_id"].gather(wanted))) for offer in offered[key])
        given = {offer["item_id"] for offer in offered[key]}
        missed = [product for item, product in _labels(judged, wanted) if item not in given]
        label = f"Customer {key if judged.settings.evaluate.show_ids else place}"
        yield Customer(label, tuple(_had(judged, asked.user[row])), offers, tuple(_some(missed)))


def _offers(judged: Judged, rows: Ints, tell: Tell) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    """Lists with reasons, as `recommend` makes them, from what was known before the cut."""
    number = judged.exam.asked.user[rows]
    then = replace(judged.known, training=judged.exam.part)
    asked = Asked(judged.known.users.gather(number), number)
    made: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    free = Limits(number, Policy((), judged.settings.evaluate.diversity, judged.exam.part.catalog, judged.exam.buyers))
    wanted = Recommend(n=judged.k)
    model = judged.chosen[judged.best].model
    recipe = Recipe(model, crowd(wanted.strategy).fit(then.training), wanted, free)
    for piece in lists(named(then, model), recipe, asked, tell):
        for row in piece.frame.iter_rows(named=True):
            made[row["user_id"]].append(row)
    return made


def _offer(offer: Mapping[str, Any], wanted: set[str]) -> Offer:
    product = clipped(offer["name"] or offer["item_id"], LONGEST)
    return Offer(product, offer["category"] or "", offer["because"], offer["item_id"] in wanted)


def _labels(judged: Judged, items: Ints) -> Iterator[tuple[str, str]]:
    """Id and name of products."""
    some = judged.known.items.select("item_id", "name")[items]
    yield from ((item, clipped(name or item, LONGEST)) for item, name in some.iter_rows())


def named_once(products: Sequence[str], most: int) -> tuple[list[str], int]:
    """
    Name products, those of one name once with their number and those with the most of one name first.

    Args:
        products: Their names.
        most: How many names to give.

    Returns:
        The names, and how many products are not among them.
    """
    named = Counter(products).most_common(most)
    return [f"{name} ×{number}" if number > 1 else name for name, number in named], len(products) - sum(number for _, number in named)


def _some(products: list[str]) -> Iterator[str]:
    names, more = named_once(products, MOST_MISSED)
    yield from names
    if more:
        yield f"and {more:,} more"


def _had(judged: Judged, user: int) -> Iterator[tuple[str, str]]:
    """Categories of what a customer had, the largest first, with some of the products."""
    items = judged.exam.part.history.purchases[[user]].indices
    groups: dict[str, list[str]] = defaultdict(list)
    for category, (_, product) in zip(judged.known.items["category"].gather(items), _labels(judged, items), strict=True):
        groups[category or ""].append(product)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[1]), group[0]))
    for category, products in ordered[:MOST_CATEGORIES]:
        names, more = named_once(products, MOST_PRODUCTS)
        yield category, ", ".join(names) + (f" and {more:,} more" if more else "")
    if len(ordered) > MOST_CATEGORIES:
        rest = sum(len(products) for _, products in ordered[MOST_CATEGORIES:])
        yield many(len(ordered) - MOST_CATEGORIES, "other category", "other categories"), many(rest, "product")
