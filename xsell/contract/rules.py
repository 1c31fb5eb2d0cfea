"""
Business rules as trees of plain values, such as what `price <= 50 and user.age >= 18` says.

A name is a column of the products, and with `user.` before it one of the customers.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

KEYWORDS = {"and", "or", "not", "in", "is", "missing", "contains"}


@dataclass(frozen=True, slots=True)
class Column:
    """
    A column of the products or of the customers.

    Attributes:
        name: Its name.
        of_user: Whether it is one of the customers.
    """

    name: str
    of_user: bool


Value = float | str
Operand = Column | float | str


@dataclass(frozen=True, slots=True)
class Compare:
    """Two operands, at least one of them a column, and one of `COMPARISONS` or `contains` between them."""

    left: Operand
    sign: str
    right: Operand


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a column is one of some values."""

    column: Column
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Whether a column has no value."""

    column: Column


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: "Rule"


@dataclass(frozen=True, slots=True)
class Both:
    """All parts hold."""

    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Either:
    """At least one part holds."""

    parts: tuple["Rule", ...]


Rule = Compare | Among | Missing | Not | Both | Either


def conditions(rule: Rule) -> tuple[Rule, ...]:
    """Parts that must all hold, each of which can be what stands in the way."""
    return rule.parts if isinstance(rule, Both) else (rule,)


def columns(rule: Rule) -> Iterator[Column]:
    """Give every column that a rule names, with repeats."""
    match rule:
        case Compare(left, _, right):
            yield from (side for side in (left, right) if isinstance(side, Column))
        case Among(column, _) | Missing(column):
            yield column
        case Not(part):
            yield from columns(part)
        case Both(parts) | Either(parts):
            for part in parts:
                yield from columns(part)


def written(rule: Rule) -> str:
    """Write a rule as a user could type it."""
    match rule:
        case Compare(left, sign, right):
            text = f"{shown(left)} {sign} {shown(right)}"
        case Among() | Missing():
            text = _asked(rule, "")
        case Not(Among() | Missing() as part):
            text = _asked(part, "not ")
        case Not(part):
            text = f"not {_grouped(part)}"
        case Both(parts) | Either(parts):
            text = (" and " if isinstance(rule, Both) else " or ").join(_grouped(part) for part in parts)
    return text


def _asked(rule: Among | Missing, negation: str) -> str:
    if isinstance(rule, Missing):
        return f"{shown(rule.column)} is {negation}missing"
    return f"{shown(rule.column)} {negation}in ({', '.join(shown(value) for value in rule.values)})"


def _grouped(rule: Rule) -> str:
    return f"({written(rule)})" if isinstance(rule, Both | Either) else written(rule)


def shown(operand: Operand) -> str:
    """Write a column or a value as a user could type it."""
    if isinstance(operand, Column):
        plain = re.fullmatch(r"[^\W\d]\w*", operand.name) and operand.name.lower() not in KEYWORDS
        return f"{'user.' if operand.of_user else ''}{operand.name if plain else f'`{operand.name}`'}"
    return f"{operand:.15g}" if isinstance(operand, float) else "'" + operand.replace("'", "''") + "'"
