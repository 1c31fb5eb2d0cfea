"""Business rules from text to trees."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.contract.rules import KEYWORDS, Among, Both, Column, Compare, Either, Missing, Not, Rule, columns, conditions, written
from xsell.contract.ruletext import LONGEST, parse
from xsell.errors import UsageError

HOSTILE = [
    "",
    " ",
    "price",
    "price <=",
    "<= 5",
    "1 < 2",
    "'a' == 'a'",
    "price = 5",
    "price <> 5",
    "price === 5",
    "price <= 5 5",
    "1 < price < 5",
    "price <= 5 and",
    "and price <= 5",
    "price <= 5 && stock > 0",
    "price <= 5 | stock > 0",
    "!price",
    "~(price < 5)",
    "price ≤ 5",
    "price < \uff15",
    "price \uff1c 5",
    "price < 5\u200b",
    "price < 1e999",
    "price < -1e400",
    "price < 0x10",
    "price < 1_000_000_000",
    "price < 1j",
    "price < 9" + "9" * 400,
    "price < 5; import os",
    "import os",
    "lambda: price < 5",
    "price if stock else 0",
    "[price for price in items]",
    "price[0] < 5",
    "{price} < 5",
    "price.__class__ == 'x'",
    "().__class__.__bases__[0].__subclasses__()",
    "user.__dict__.price < 5",
    "user.age.real > 5",
    "__import__('os').system('true')",
    "eval('1')",
    "price(5) < 5",
    "exec(name) == 1",
    "open('/etc/passwd') == 1",
    "price < len(name)",
    "f'{price}' == 'x'",
    "b'x' == name",
    "price == @x",
    "price == $1",
    "price == %s",
    "price < 5 -- comment",
    "price < 5 # comment",
    "price < 5 /* comment */",
    "price ** 9 < 5",
    "price * stock < 5",
    "price + 1 < 5",
    "-price < 5",
    "price := 5",
    "name == 'open",
    'name == "open',
    "`price < 5",
    "`` < 5",
    "name == '" + "a" * 300 + "'",
    "a" * 300 + " < 5",
    "(" * 21 + "price < 5" + ")" * 21,
    "(" * 900 + "price < 5" + ")" * 900,
    "not " * 400 + "price < 5",
    "price < 5 and " * 300 + "price < 5",
    "(price < 5",
    "price < 5)",
    "()",
    "price in 5",
    "price in ()",
    "price in (1,)",
    "price in (1 2)",
    "price in (stock)",
    "price in (1, (2, 3))",
    "price not 5",
    "price is 5",
    "price is not 5",
    "price is None",
    "price contains 5",
    "'a' contains name",
    "user. < 5",
    "user < 5 . 3",
    ".5. < price",
    "price < ..5",
    "price\x00 < 5",
    "price < 5\x1b[31m",
    "price < 'a' 'b'",
    "and",
    "in in in",
    "not",
]

names = st.one_of(
    st.sampled_from(["price", "stock", "user", "a b", "and", "preis_€", "价格", "9x"]), st.text("abc _1", min_size=1, max_size=6)
)
column = st.builds(Column, names.map(str), st.booleans())
value = st.one_of(st.integers(-(10**9), 10**9).map(float), st.text("ab'\" ;)\\", max_size=5))
signs = st.sampled_from(["==", "!=", "<", "<=", ">", ">="])
leaf = st.one_of(
    st.builds(Compare, column, signs, st.one_of(column, value)),
    st.builds(Compare, value, signs, column),
    st.builds(Compare, column, st.just("contains"), st.text("ab'", max_size=3)),
    st.builds(Among, column, st.lists(value, min_size=1, max_size=3).map(tuple)),
    st.builds(Missing, column),
)


def several(rules: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule]:
    """Give rules made of rules."""
    parts = st.lists(rules, min_size=2, max_size=3).map(tuple)
    return st.one_of(st.builds(Not, rules), st.builds(Both, parts), st.builds(Either, parts))


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_is_no_rule_is_refused(text: str) -> None:
    """Calls, attributes, code of any kind, look-alikes, too much of anything: exit code 2, one sentence that points at the place, and a hint."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert caught.value.exit_code == 2
    assert caught.value.message.startswith("--where ")
    assert caught.value.message.endswith(".")
    assert len(caught.value.message) < 200
    assert caught.value.hint


@given(st.text(max_size=60))
def test_any_text_is_a_rule_or_refused(text: str) -> None:
    """No text does anything but give a tree or a refusal."""
    with suppress(UsageError):
        assert list(columns(parse(text)))


@given(st.recursive(leaf, several, max_leaves=6))
def test_what_is_written_is_read_again(rule: Rule) -> None:
    """A rule written as text and read again is the same rule."""
    assert parse(written(rule)) == rule


def test_and_binds_closer_than_or() -> None:
    """`not` binds closer than `and`, and `and` closer than `or`; words may be in capitals."""
    a, b, c = (Compare(Column(name, of_user=False), "<", 1.0) for name in "abc")
    assert parse("a < 1 or b < 1 AND NOT c < 1") == Either((a, Both((b, Not(c)))))
    assert parse("(a < 1 or b < 1) and c < 1") == Both((Either((a, b)), c))


def test_values_and_names() -> None:
    """Numbers with signs and exponents, texts with doubled quotation marks, names in backquotes and those of customers are read."""
    assert parse("`unit price` >= -1.5e2") == Compare(Column("unit price", of_user=False), ">=", -150.0)
    assert parse("user.`home town` == 'O''Hara'") == Compare(Column("home town", of_user=True), "==", "O'Hara")
    assert parse('user.age not in (1, "x")') == Not(Among(Column("age", of_user=True), (1.0, "x")))
    assert parse("价格 is not missing") == Not(Missing(Column("价格", of_user=False)))


def test_conditions_are_what_must_all_hold() -> None:
    """The parts of an `and` are conditions of their own, anything else is one."""
    assert len(conditions(parse("a < 1 and b < 1 and c < 1"))) == 3
    assert len(conditions(parse("a < 1 or b < 1"))) == 1


def test_the_place_is_named() -> None:
    """A refusal names what stands at the place and its character."""
    with pytest.raises(UsageError, match=r"at '=' \(character 7\)") as caught:
        parse("price = 5")
    assert caught.value.hint == "Write == instead."
    with pytest.raises(UsageError, match="at its end"):
        parse("price <")
    with pytest.raises(UsageError, match=f"{LONGEST:,}"):
        parse("p" * (LONGEST + 1))
    assert "missing" in KEYWORDS
