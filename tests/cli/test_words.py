from dataclasses import fields
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.fake_stages import Stages
from xsell.cli.words import options, settings
from xsell.contract.options import COMMANDS, Settings
from xsell.errors import UsageError


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_typed_once(xsell: Call, command: str) -> None:
    """Each field of a command's groups is an option of its own name, and every one is in the help."""
    names = [option.name for option in options(command)]
    assert len(names) == len(set(names)) == sum(len(fields(getattr(Settings(), group))) for group in COMMANDS[command])
    page = xsell(command, "--help").stdout
    assert all(option.label in page for option in options(command))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_names_no_types_of_python(xsell: Call, command: str) -> None:
    """What stands for a value in the help is a word for people."""
    page = xsell(command, "--help").stdout
    assert not any(word in page for word in ("list[", "<str>", "<bool>"))
    assert command not in {"clean", "train", "evaluate"} or "FILE" in page


@pytest.mark.parametrize(
    ("command", "typed", "said"),
    [
        ("evaluate", ("-k", "0"), "-k is 0."),
        ("evaluate", ("-k", "100000000"), "-k is 100,000,000."),
        ("evaluate", ("--k", "x"), "-k needs whole numbers, and x is none."),
        ("evaluate", ("--lambda", "1e13"), "--lambda is 10,000,000,000,000."),
        ("recommend", ("-n", "0"), "-n is 0."),
        ("recommend", ("-n", "x"), "-n needs a whole number, and x is none."),
        ("recommend", ("--holdout", "20%"), "--holdout needs a number, and 20% is none."),
        ("recommend", ("--scope", "old"), "--scope: 'old' is not one of 'auto'"),
    ],
)
def test_numbers_out_of_range_are_named_as_typed(xsell: Call, command: str, typed: tuple[str, ...], said: str) -> None:
    """An error calls an option what people call it, and writes its number out."""
    ran = xsell(command, *(("a.csv",) if command == "evaluate" else ()), *typed)
    assert ran.exit_code == 2
    assert ran.stderr.startswith(f"Error: {said}")


@pytest.mark.parametrize(
    ("words", "place"),
    [
        (("recommend", "--nonsense"), "xsell recommend"),
        (("recommend", "--user"), "xsell recommend"),
        (("recommend", "-n", "x"), "xsell recommend"),
        (("--nonsense",), "xsell"),
        (("nonsense",), "xsell"),
    ],
)
def test_what_cannot_be_read_ends_in_a_sentence(xsell: Call, words: tuple[str, ...], place: str) -> None:
    """A command line that makes no sense ends like any other error: one sentence, and a hint that can be typed."""
    ran = xsell(*words)
    assert ran.exit_code == 2
    assert ran.stderr.startswith("Error: ")
    assert ran.stderr.splitlines()[1:] == [f"See `{place} --help`."]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_typed_is_the_default(command: str) -> None:
    """Without words the Settings are those of the dataclasses."""
    assert settings(command, dict.fromkeys((option.name for option in options(command)), None)) == Settings()


def test_lists_come_with_commas_and_repeats(xsell: Call, stages: Stages) -> None:
    """Options that take several values take them with commas, by repeating, or both; a comma in a column's name is kept."""
    words = ("--map", "user_id=Customer,item_id=SKU", "--map", "price=Price, EUR", "--drop-items", "POST, BANK*", "--drop-items", "M")
    assert xsell("clean", "a.csv", *words).exit_code == 0
    assert stages.settings["clean"].clean.map == ("user_id=Customer", "item_id=SKU", "price=Price, EUR")
    assert stages.settings["clean"].clean.drop_items == ("POST", "BANK*", "M")


def test_a_comma_in_quotation_marks_parts_nothing(xsell: Call, stages: Stages) -> None:
    """An id or a name that holds a comma stands in quotation marks, as in CSV; marks inside a word, or left open, are kept."""
    assert xsell("clean", "a.csv", "--drop-items", '"BAG, RED", M,6" nails').exit_code == 0
    assert stages.settings["clean"].clean.drop_items == ("BAG, RED", "M", '6" nails')


def test_the_name_of_a_listing_file_keeps_its_commas(xsell: Call, stages: Stages, tmp_path: Path) -> None:
    """Behind @ a comma is one of the file's name, also after other ids."""
    listing = tmp_path / "a,b" / "odd.txt"
    listing.parent.mkdir()
    listing.write_text("X\n")
    for typed, read in ((f"@{listing}", ("X",)), (f"M, POST,@{listing}", ("M", "POST", "X"))):
        assert xsell("clean", "a.csv", "--drop-items", typed).exit_code == 0
        assert stages.settings["clean"].clean.drop_items == read


def test_file_names_keep_their_commas(xsell: Call, stages: Stages) -> None:
    """A comma in the name of a file is part of it."""
    assert xsell("clean", "a,b.csv").exit_code == 3
    assert stages.settings["clean"].clean.events == ("a,b.csv",)


def test_both_names_of_lambda(xsell: Call, stages: Stages) -> None:
    """`--lambda` and `--regularization` are the same option."""
    for name in ("--lambda", "--regularization"):
        assert xsell("train", "a.csv", name, "300").exit_code == 0
        assert stages.settings["train"].fit.regularization == 300.0


@pytest.mark.parametrize(
    "words",
    [
        ("--seed", "-1"),
        ("--seed", "x"),
        ("--like", "nan"),
        ("--rho", "inf"),
        ("--outliers", "maybe"),
        ("--factors", "0"),
        ("--lambda", "1e308"),
        ("--rho", "1e300"),
        ("--max-rejected", "2"),
        ("--log-format", "xml"),
    ],
)
def test_impossible_values_are_usage_errors(xsell: Call, words: tuple[str, str]) -> None:
    """Values outside an option's range, words outside its choices and numbers that are none end in exit code 2."""
    ran = xsell("train", "a.csv", *words)
    assert ran.exit_code == 2
    assert words[0] in ran.stderr
    assert not ran.stdout


def test_several_whole_numbers(xsell: Call, stages: Stages) -> None:
    """Lengths of lists come with commas, by repeating, or both, in the order typed."""
    assert xsell("evaluate", "a.csv", "-k", "5,10", "-k", " 20 ").exit_code == 0
    assert stages.settings["evaluate"].evaluate.k == (5, 10, 20)
    assert xsell("evaluate", "a.csv", "-k", "10,5,10").exit_code == 0
    assert stages.settings["evaluate"].evaluate.lengths == (10, 5)


@pytest.mark.parametrize("text", ["", ",", "x", "5,x", "0", "5,-1", "1.5", "10001", "9" * 5000, chr(0x665)])
def test_lengths_that_are_none(xsell: Call, text: str) -> None:
    """What is no whole number from 1 on, or nothing at all, is refused with what can be typed."""
    ran = xsell("evaluate", "a.csv", "-k", text)
    assert ran.exit_code == 2
    assert "-k" in ran.stderr


def test_infinity_is_no_number() -> None:
    """An infinite penalty is refused with the option's name."""
    with pytest.raises(UsageError, match="--lambda"):
        settings("train", {"regularization": float("inf")})
