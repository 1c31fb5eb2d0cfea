"""Splits as people type them."""

import pytest

from xsell.contract.names import SPLITS
from xsell.contract.splits import Split, parse, within
from xsell.errors import UsageError


@pytest.mark.parametrize("name", SPLITS)
def test_a_name_alone_is_enough(name: str) -> None:
    """Every split has a number of its own, which need not be typed and is not told."""
    assert parse(name).text == name
    assert parse(f"{name}:{parse(name).how:g}") == parse(name.upper()) == parse(name)


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("temporal:0.9", Split("temporal", 0.9)),
        ("temporal:2025-06-01", Split("temporal", 1748736000.0)),
        ("temporal:2025-06-01T12:30:00", Split("temporal", 1748781000.0)),
        ("new-category: 0.5", Split("new-category", 0.5)),
        ("leave-last:3", Split("leave-last", 3)),
    ],
)
def test_how_much_or_when(text: str, split: Split) -> None:
    """After a colon stands a share, a number, or for a cut in time a date (UTC); what is told can be typed again."""
    assert parse(text) == split
    assert parse(split.text) == split


@pytest.mark.parametrize(
    "text",
    [
        *("", "weekly", "temporal:", "temporal:0", "temporal:1", "temporal:nan", "temporal:1960-01-01", "random:2025-06-01"),
        "random:-0.1",
        "leave-last:0",
        "leave-last:1.5",
        "leave-last:101",
        "leave-last:" + "9" * 5000,
        "by-user:1e400",
        "temporal:9999-99-99",
    ],
)
def test_what_cannot_be_made(text: str) -> None:
    """What is no split is refused with what can be typed."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert "temporal" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "inside"), [("temporal:2025-06-01", "temporal"), ("temporal:0.9", "temporal:0.9"), ("leave-last:3", "leave-last:3")]
)
def test_models_are_chosen_by_the_same_split(text: str, inside: str) -> None:
    """Inside a training part the same split is made again, but for a date, which that part does not reach."""
    assert within(parse(text)).text == inside
