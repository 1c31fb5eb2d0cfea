"""Splits as people type them."""

import pytest

from xsell.contract.names import SPLITS
from xsell.contract.splits import Split, parse, single, within
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
        ("rolling:4", Split("rolling", 4)),
        ("rolling:6x4w", Split("rolling", 6, 28 * 86400.0)),
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
        "rolling:0.5",
        "rolling:x28d",
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
    ("text", "inside"),
    [("temporal:2025-06-01", "temporal"), ("temporal:0.9", "temporal:0.9"), ("leave-last:3", "leave-last:3"), ("rolling", "temporal")],
)
def test_models_are_chosen_by_the_same_split(text: str, inside: str) -> None:
    """Inside a training part the same split is made again, but for a date, which that part does not reach."""
    assert within(parse(text)).text == inside


@pytest.mark.parametrize("text", ["rolling:3x", "rolling:3x0d", "rolling:3xmonth"])
def test_windows_without_a_length(text: str) -> None:
    """A length of windows that is none is refused with how lengths are written."""
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert "180d" in caught.value.hint


def test_models_are_not_chosen_on_several_windows() -> None:
    """Where one cut is needed, rolling windows are refused with what can be typed."""
    assert single("random") == parse("random")
    with pytest.raises(UsageError) as caught:
        single("rolling:2")
    assert "--split temporal" in caught.value.hint
