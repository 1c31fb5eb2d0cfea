"""
Which products a rule leaves to whom.

A rule is yes, no or, where a value that it needs is missing, unknown (Kleene's three-valued logic); only a yes lets a product through.
"""

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from xsell.contract.rules import Among, Both, Column, Compare, Either, Missing, Not, Operand, Rule, columns, shown, written
from xsell.data.ids import numbering
from xsell.data.matrix import codes
from xsell.data.training import Ints, Mask
from xsell.errors import UsageError
from xsell.offers.facts import NUMBER, TEXT, TIME, Facts, moment

SHOWN = 30
SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
HOLDS = {NUMBER: "a number", TEXT: "text", TIME: "a time"}
Leaf = Compare | Among | Missing


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What a rule says, boolean [customers or 1 × items or 1] each.

    Attributes:
        yes: Where it holds.
        no: Where it does not; where neither, a value is missing.
    """

    yes: Mask
    no: Mask


@dataclass(frozen=True, slots=True)
class _Told:
    """An answer that depends on the item or on the customer alone: one boolean each."""

    yes: Mask
    no: Mask
    of_user: bool


@dataclass(frozen=True, slots=True)
class _Met:
    """A column of the items and one of the customers that are compared pair by pair; empty where NaN or -1."""

    sign: str
    item: NDArray[Any]
    user: NDArray[Any]
    item_first: bool


class Judge:
    """
    A rule and the tables that it asks.

    Attributes:
        rule: The rule.
        items: What is known of the products.
        users: What is known of the customers; the last row is empty.
    """

    def __init__(self, rule: Rule, items: Facts, users: Facts) -> None:
        """
        Look up all that the rule names.

        Raises:
            UsageError: It names what is not there, or compares what cannot be compared.
        """
        self.rule = rule
        self.items = items
        self.users = users
        for column in columns(rule):
            self._refuse_unknown(column)
        self._leaves = {leaf: self._leaf(leaf) for leaf in _leaves(rule)}

    def answer(self, number: Ints, rule: Rule | None = None) -> Answer:
        """
        Ask about all items for some customers.

        Args:
            number: Numbers of the customers, -1 for those of whom nothing is known.
            rule: The whole rule if None, or a part of it.
        """
        match rule or self.rule:
            case Not(part):
                found = self.answer(number, part)
                return Answer(found.no, found.yes)
            case Both(parts):
                return _all([self.answer(number, part) for part in parts])
            case Either(parts):
                neither = _all([Answer(a.no, a.yes) for a in (self.answer(number, part) for part in parts)])
                return Answer(neither.no, neither.yes)
            case leaf:
                return _placed(self._leaves[leaf], number)

    def barren(self) -> Iterator[str]:
        """Columns that the rule asks for a value and that have none, for nobody and nothing."""
        asked = (leaf for leaf in self._leaves if not isinstance(leaf, Missing))
        for column in dict.fromkeys(column for leaf in asked for column in columns(leaf)):
            if self._facts(column).empty(column.name).all():
                yield shown(column)

    def _facts(self, column: Column) -> Facts:
        return self.users if column.of_user else self.items

    def _refuse_unknown(self, column: Column) -> None:
        own, other = (self.users, self.items) if column.of_user else (self.items, self.users)
        if column.name in own.names:
            return
        whose = "customers" if column.of_user else "products"
        close = [Column(name, column.of_user) for name in get_close_matches(column.name, own.names, 3)]
        if same := [name for name in other.names if name.casefold() == column.name.casefold()]:
            close = [Column(same[0], not column.of_user)]
        every = ", ".join(shown(Column(name, column.of_user)) for name in own.names[:SHOWN])
        hint = f"Did you mean {' or '.join(shown(name) for name in close)}?" if close else f"The columns of the {whose} are {every}."
        raise UsageError(f"--where names {shown(column)}, and the {whose} have no such column.", hint)

    def _leaf(self, leaf: Leaf) -> _Told | _Met:
        if isinstance(leaf, Compare):
            return self._compared(leaf)
        facts, name = self._facts(leaf.column), leaf.column.name
        empty = facts.empty(name)
        if isinstance(leaf, Missing):
            return _Told(empty, ~empty, leaf.column.of_user)
        found = np.zeros(len(empty), bool)
        for value in leaf.values:
            found |= self._told(Compare(leaf.column, "==", value)).yes
        return _Told(found, ~found & ~empty, leaf.column.of_user)

    def _compared(self, leaf: Compare) -> _Told | _Met:
        left, right = leaf.left, leaf.right
        if isinstance(left, Column) and isinstance(right, Column) and left.of_user != right.of_user:
            one, other = self._arrays(leaf, self._kind(leaf))
            return _Met(leaf.sign, other, one, item_first=False) if left.of_user else _Met(leaf.sign, one, other, item_first=True)
        return self._told(leaf)

    def _told(self, leaf: Compare) -> _Told:
        named = [side for side in (leaf.left, leaf.right) if isinstance(side, Column)]
        empty = np.logical_or.reduce([self._facts(column).empty(column.name) for column in named])
        if leaf.sign == "contains":
            texts = self._facts(named[0]).texts(named[0].name)
            held = texts.str.contains(str(leaf.right), literal=True).fill_null(value=False).to_numpy()
        else:
            held = SIGNS[leaf.sign](*self._arrays(leaf, self._kind(leaf)))
        return _Told(held & ~empty, ~held & ~empty, named[0].of_user)

    def _kind(self, leaf: Compare) -> str:
        """
        As what two sides can be compared.

        Raises:
            UsageError: As nothing.
        """
        left, right = self._kinds(leaf.left), self._kinds(leaf.right)
        for kind in (NUMBER, TIME, TEXT):
            if kind in left & right:
                return kind
        sides = [f"{shown(side)} is {HOLDS[min(kinds)]}" for side, kinds in ((leaf.left, left), (leaf.right, right))]
        hint = "Write numbers without quotation marks, text in '…', and times like \"2026-01-31\" in them too."
        raise UsageError(f"--where cannot compare {written(leaf)}: {sides[0]}, and {sides[1]}.", hint)

    def _kinds(self, side: Operand) -> frozenset[str]:
        if isinstance(side, Column):
            return self._facts(side).kinds(side.name)
        if isinstance(side, float):
            return frozenset({NUMBER})
        return frozenset({TEXT, TIME}) if moment(side) is not None else frozenset({TEXT})

    def _arrays(self, leaf: Compare, kind: str) -> tuple[NDArray[Any], NDArray[Any]]:
        """Both sides as numbers; text by its place in the alphabet, -1 where it is missing."""
        if kind != TEXT:
            return self._numbers(leaf.left), self._numbers(leaf.right)
        texts = [self._texts(side) for side in (leaf.left, leaf.right)]
        alphabet = numbering(*texts)
        return codes(texts[0], alphabet), codes(texts[1], alphabet)

    def _numbers(self, side: Operand) -> NDArray[Any]:
        if isinstance(side, Column):
            return self._facts(side).numbers(side.name)
        return np.array([side if isinstance(side, float) else moment(side)])

    def _texts(self, side: Operand) -> pl.Series:
        return self._facts(side).texts(side.name) if isinstance(side, Column) else pl.Series([str(side)])


def _leaves(rule: Rule) -> Iterator[Leaf]:
    match rule:
        case Not(part):
            yield from _leaves(part)
        case Both(parts) | Either(parts):
            for part in parts:
                yield from _leaves(part)
        case leaf:
            yield leaf


def _all(answers: list[Answer]) -> Answer:
    yes, no = answers[0].yes, answers[0].no
    for other in answers[1:]:
        yes, no = yes & other.yes, no | other.no
    return Answer(yes, no)


def _placed(leaf: _Told | _Met, number: Ints) -> Answer:
    """Put customers in rows and items in columns."""
    if isinstance(leaf, _Told):
        return Answer(leaf.yes[number][:, None], leaf.no[number][:, None]) if leaf.of_user else Answer(leaf.yes[None], leaf.no[None])
    user, item = leaf.user[number][:, None], leaf.item[None]
    held = SIGNS[leaf.sign](item, user) if leaf.item_first else SIGNS[leaf.sign](user, item)
    empty = _empty(user) | _empty(item)
    return Answer(held & ~empty, ~held & ~empty)


def _empty(values: NDArray[Any]) -> Mask:
    return np.isnan(values) if values.dtype.kind == "f" else values < 0
