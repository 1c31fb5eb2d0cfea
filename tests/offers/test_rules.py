"""What business rules leave to whom."""

from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.contract.rules import Among, Both, Column, Compare, Either, Missing, Not, Rule
from xsell.contract.ruletext import parse
from xsell.errors import UsageError
from xsell.offers.facts import Facts
from xsell.offers.rules import SIGNS, Judge

ITEMS = pl.DataFrame(
    {
        "item_id": ["a", "b", "c", "d"],
        "name": ["tea", "red wine", None, "wine glass"],
        "price": pl.Series([2.99, 12.5, float("nan"), None], dtype=pl.Float32),
        "stock": ["3", "0", "12", None],
        "limit age": [0, 18, None, 0],
        "born": [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC), None, None],
        "tags": [["x"], [], [], []],
    }
)
USERS = pl.DataFrame({"user_id": ["u", "v", None], "age": [17.0, 30.0, None], "city": ["Ulm", None, None]})


def judge(text: str) -> Judge:
    """Give a rule and the tables."""
    return Judge(parse(text), Facts(ITEMS), Facts(USERS))


def passed(text: str, *users: int) -> list[list[bool]]:
    """Give what a rule lets through to some customers."""
    number = np.array(users or [0], np.int32)
    return np.broadcast_to(judge(text).answer(number).yes, (len(number), ITEMS.height)).tolist()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("price <= 2.99", "a"),
        ("price > 2.99", "b"),
        ("not price <= 2.99", "b"),
        ("price == 2.99", "a"),
        ("price != 2.99", "b"),
        ("price is missing", "cd"),
        ("price is not missing", "ab"),
        ("price <= 5 or price > 5", "ab"),
        ("price <= 5 or price is missing", "acd"),
        ("price <= 5 or stock > 5", "ac"),
        ("stock > 0", "ac"),
        ("stock == '12'", "c"),
        ("stock in (3, '0')", "ab"),
        ("stock not in (3, '0')", "c"),
        ("stock < price", "b"),
        ("10 < stock", "c"),
        ("name == 'tea'", "a"),
        ("name != 'tea'", "bd"),
        ("name < 'sugar'", "b"),
        ("name contains 'wine'", "bd"),
        ("not name contains 'wine'", "a"),
        ("born >= '2026-02-01'", "b"),
        ("born < '2026-01-01T00:00:01+00:00'", "a"),
        ("`limit age` == 0 and name contains 'wine'", "d"),
    ],
)
def test_rules_over_products(text: str, wanted: str) -> None:
    """A rule lets through the products for which it holds; where a value it needs is missing it does not, and neither does its opposite."""
    assert "".join(item for item, yes in zip("abcd", passed(text)[0], strict=True) if yes) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("user.age >= 18", ["", "abcd", ""]),
        ("user.age >= `limit age`", ["ad", "abd", ""]),
        ("`limit age` <= user.age and price < 5", ["a", "a", ""]),
        ("user.age >= 18 or name == 'tea'", ["a", "abcd", "a"]),
        ("user.city is missing", ["", "abcd", "abcd"]),
        ("user.city != name", ["abd", "", ""]),
    ],
)
def test_rules_over_customers(text: str, wanted: list[str]) -> None:
    """A rule over columns of customers holds for each customer apart; of an unknown one everything is missing."""
    assert ["".join(i for i, yes in zip("abcd", row, strict=True) if yes) for row in passed(text, 0, 1, -1)] == wanted


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prise < 5", "Did you mean price"),
        ("age > 5", "user.age"),
        ("Age > 5", "Did you mean user.age"),
        ("user.price > 5", "Did you mean price"),
        ("__class__ == 'x'", "columns of the products are item_id"),
        ("\u0440rice < 5", "Did you mean price"),
        ("tags == 'x'", "columns of the products"),
        ("name < 5", "text in"),
        ("price == 'cheap'", "numbers without"),
        ("price contains 'x' and price in ('a')", "numbers without"),
        ("born > 5", "like"),
        ("born > 'yesterday'", "like"),
        ("user.age > 'x'", "numbers"),
    ],
)
def test_rules_that_do_not_fit_the_tables(text: str, said: str) -> None:
    """An unknown column is refused with the nearest known ones, and a comparison of different kinds with what is what."""
    with pytest.raises(UsageError) as caught:
        judge(text)
    assert said in caught.value.hint
    assert caught.value.message.startswith("--where")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("margin > 0", ["margin"]),
        ("margin == 'x' and price > 1", ["margin"]),
        ("margin > '2026-01-01' or user.club in ('a', 'b')", ["margin", "user.club"]),
        ("price < margin", ["margin"]),
        ("margin is missing or price > 1", []),
    ],
)
def test_columns_that_are_empty_are_named(text: str, named: list[str]) -> None:
    """A column without any value may be asked for anything and gives no yes; the rule names it, unless it asks just whether it is missing."""
    nothing = pl.Series([None] * ITEMS.height, dtype=pl.String)
    empty = Judge(parse(text), Facts(ITEMS.with_columns(margin=nothing)), Facts(USERS.with_columns(club=pl.lit(None, pl.String))))
    assert list(empty.barren()) == named
    if named and "or" not in text:
        assert not empty.answer(np.zeros(1, np.int32)).yes.any()


number = st.sampled_from([None, 1.0, 2.0, 3.0])
leaf = st.one_of(
    st.builds(Compare, st.builds(Column, st.just("x"), st.booleans()), st.sampled_from(sorted(SIGNS)), st.sampled_from([1.0, 2.0])),
    st.builds(Compare, st.just(Column("x", of_user=True)), st.sampled_from(sorted(SIGNS)), st.just(Column("x", of_user=False))),
    st.builds(Among, st.builds(Column, st.just("x"), st.booleans()), st.just((1.0, 3.0))),
    st.builds(Missing, st.builds(Column, st.just("x"), st.booleans())),
)


def several(rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    """Give rules made of rules."""
    parts = st.lists(rules, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, rules), st.builds(Both, parts), st.builds(Either, parts))


def naive(rule: Rule, item: float | None, user: float | None) -> bool | None:
    """Ask one product and one customer, None where it is unknown."""
    of = {False: item, True: user}
    match rule:
        case Compare(left, sign, right):
            one, other = (of[side.of_user] if isinstance(side, Column) else float(side) for side in (left, right))
            return None if one is None or other is None else bool(SIGNS[sign](one, other))
        case Among(column, values):
            return None if of[column.of_user] is None else of[column.of_user] in values
        case Missing(column):
            return of[column.of_user] is None
        case Not(part):
            found = naive(part, item, user)
            return None if found is None else not found
    told = [naive(part, item, user) for part in rule.parts]
    decisive = isinstance(rule, Either)
    return decisive if decisive in told else None if None in told else not decisive


@given(st.recursive(leaf, several, max_leaves=5), st.lists(number, min_size=1, max_size=4), st.lists(number, min_size=1, max_size=3))
def test_all_at_once_is_one_by_one(rule: Rule, items: list[float | None], users: list[float | None]) -> None:
    """What is answered for all customers and products at once is what three-valued logic says of each pair."""
    made = Judge(
        rule,
        Facts(pl.DataFrame({"x": items}, schema={"x": pl.Float64})),
        Facts(pl.DataFrame({"x": [*users, None]}, schema={"x": pl.Float64})),
    )
    asked = np.array([*range(len(users)), -1], np.int32)
    found, shape = made.answer(asked), (len(asked), len(items))
    wanted = [[naive(rule, item, user) for item in items] for user in (*users, None)]
    assert np.broadcast_to(found.yes, shape).tolist() == [[w is True for w in row] for row in wanted]
    assert np.broadcast_to(found.no, shape).tolist() == [[w is False for w in row] for row in wanted]
