"""What the business allows beside the scope: rules, files of products that may or may not be offered, caps, and what products are worth."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl
import scipy.sparse as sp

from xsell.assemble import World
from xsell.contract.options import Recommend
from xsell.contract.reports import FileFact, Warned
from xsell.contract.rules import conditions, written
from xsell.contract.ruletext import parse
from xsell.data.ids import numbering
from xsell.data.matrix import codes
from xsell.data.rawtable import RawTable
from xsell.data.training import Floats, Ints, Mask, pairs
from xsell.errors import InputError, UsageError
from xsell.files.raw import read_list
from xsell.files.workspace import Workspace
from xsell.offers.facts import NUMBER, Facts, of_items, of_users
from xsell.offers.rules import Judge
from xsell.picking import Cap, Policy
from xsell.prep.audience import listed_items, listed_pairs, names_offers
from xsell.prep.spelling import as_in

ASKED = "--where asks for "


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What may be offered to the customers asked for, beside what the scope says.

    Attributes:
        number: Numbers of these customers, -1 where they are not in the data, int32.
        policy: Caps and diversity.
        judge: The rule of --where, or None.
        banned: Why items are not offered to anybody, boolean [items] by cause.
        pairs: What is not offered to whom, CSR [customers asked for × items], or None.
        capped: The option behind each cap of the policy.
        value: What each item is worth, float32 [items], or None.
        inputs: Files read for it.
        strange: Ids in these files that are not in the data.
        idle: The file of --exclude where it names nothing, else empty.
    """

    number: Ints
    policy: Policy
    judge: Judge | None = None
    banned: dict[str, Mask] = field(default_factory=dict)
    pairs: sp.csr_array | None = None
    capped: tuple[str, ...] = ()
    value: Floats | None = None
    inputs: tuple[FileFact, ...] = ()
    strange: int = 0
    idle: str = ""

    @property
    def warnings(self) -> tuple[Warned, ...]:
        """What may surprise in the lists: columns of --where and --value, and a file of --exclude, that are empty."""
        where = self.judge.barren() if self.judge else ()
        said = [f"--where asks for {name}, which is empty throughout: that part of the rule lets no product through." for name in where]
        if self.value is not None and np.isnan(self.value).all():
            said.append("--value names a column that is empty throughout, so no product has a value and none is offered.")
        idle = (Warned("nothing-excluded", f"--exclude {self.idle} names no product: nothing is excluded."),) if self.idle else ()
        return (*(Warned("empty-column", text) for text in said), *idle)

    def leave(self, place: Ints) -> Mask | None:
        """What is left of the items for the customers in some places, boolean [customers × items] or [1 × items]; None for all."""
        masks = [mask for _, mask in self.causes(place)]
        if not masks:
            return None
        held = masks[0]
        for mask in masks[1:]:
            held = held | mask
        return ~held

    def causes(self, place: Ints) -> Iterator[tuple[str, Mask]]:
        """Give every cause with what it holds back from the customers in some places, boolean [customers or 1 × items]."""
        for cause, mask in self.banned.items():
            yield cause, mask[None]
        if self.pairs is not None:
            yield "--exclude names it for this customer", self.pairs[place].toarray() > 0
        if self.judge is not None:
            number, width = self.number[place], self.policy.catalog.n_items
            for rule in conditions(self.judge.rule):
                yes = self.judge.answer(number, rule).yes
                yield f"{ASKED}{written(rule)}", ~np.broadcast_to(yes, (len(yes), width))


def limits(workspace: Workspace, known: World, wanted: Recommend, ids: pl.Series, number: Ints) -> Limits:
    """
    Read what the options say.

    Args:
        workspace: Holds the tables that rules ask.
        known: Everything.
        wanted: The options.
        ids: The customers asked for.
        number: Their numbers, -1 where they are not in the data.

    Raises:
        UsageError: A rule or a column does not fit.
        InputError: A file cannot be used.
    """
    items = of_items(workspace) if wanted.where or wanted.value else Facts(known.items)
    judge = Judge(parse(wanted.where), items, of_users(workspace)) if wanted.where else None
    files = _Files(known, ids)
    files.exclude(wanted.exclude)
    files.only(wanted.only)
    value = worth(items, wanted.value) if wanted.value else None
    if value is not None:
        files.banned[f"it has no {wanted.value}"] = np.isnan(value)
    caps = _caps(known, wanted)
    policy = Policy(tuple(caps.values()), wanted.diversity, known.training.catalog, known.items["buyers"].to_numpy())
    return Limits(number, policy, judge, files.banned, files.pairs, tuple(caps), value, tuple(files.inputs), files.strange, files.idle)


def _caps(known: World, wanted: Recommend) -> dict[str, Cap]:
    """Caps by category and by brand, where asked for, by their options."""
    brand = known.items["brand"]
    found = {"--max-per-category": Cap(known.training.catalog.category, wanted.max_per_category)}
    found["--max-per-brand"] = Cap(codes(brand, numbering(brand)), wanted.max_per_brand)
    return {option: cap for option, cap in found.items() if cap.most}


def worth(items: Facts, column: str) -> Floats:
    """
    What each item is worth by a column.

    Raises:
        UsageError: There is no such column, or it holds no numbers.
    """
    able = [name for name in items.names if NUMBER in items.kinds(name)]
    if column not in able:
        known = f"{column} holds no numbers" if column in items.names else f"the products have no column {column}"
        raise UsageError(f"--value {column} cannot be used: {known}.", f"Columns with numbers are {', '.join(able)}.")
    return items.numbers(column).astype(np.float32)


class _Files:
    """Collects what the files say."""

    def __init__(self, known: World, ids: pl.Series) -> None:
        self.known = known
        self.ids = ids
        self.banned: dict[str, Mask] = {}
        self.pairs: sp.csr_array | None = None
        self.inputs: list[FileFact] = []
        self.strange = 0
        self.idle = ""

    def exclude(self, path: str) -> None:
        """Hold back items, or items from customers."""
        if not path:
            return
        raw = self._read(path, may_be_empty=True)
        self.idle = path if raw.frame.is_empty() else ""
        both = listed_pairs(raw)
        if both is None:
            self.banned["--exclude names it"] = self._marked(listed_items(raw))
            return
        user, item = (codes(as_in(both[name], given), given) for name, given in (("user_id", self.ids), ("item_id", self._items)))
        there = (user >= 0) & (item >= 0)
        self.strange += int((item < 0).sum())
        self.pairs = pairs(user[there], item[there], (len(self.ids), len(self._items)))

    def only(self, path: str) -> None:
        """
        Hold back all items but some.

        Raises:
            InputError: The file names no product of the data.
        """
        if not path:
            return
        named = self._marked(listed_items(self._read(path)))
        if not named.any():
            raise InputError(
                f"--only {path} names no product that is in the data.", "Put one id on each line, or give a table with an item column."
            )
        self.banned["--only does not name it"] = ~named

    @property
    def _items(self) -> pl.Series:
        return self.known.items["item_id"]

    def _read(self, path: str, *, may_be_empty: bool = False) -> RawTable:
        raw = read_list(path, names_offers, may_be_empty=may_be_empty)
        self.inputs.append(raw.fact)
        return raw

    def _marked(self, named: pl.Series) -> Mask:
        number = codes(as_in(named, self._items), self._items)
        self.strange += int((number < 0).sum())
        found = np.zeros(len(self._items), bool)
        found[number[number >= 0]] = True
        return found
