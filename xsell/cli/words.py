"""
Words into Settings: every option of the dataclasses becomes a typed parameter, and what was typed becomes a Settings again.

An option is written once, in `contract/options.py`; this file turns its Flag into what Typer needs.
"""

import csv
import inspect
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, fields, replace
from typing import Annotated, Any, Literal

import typer

from xsell.contract.flags import Flag
from xsell.contract.options import COMMANDS, Settings
from xsell.errors import UsageError

PANELS = {
    **dict.fromkeys(("json", "quiet", "verbose", "log_file", "log_format", "no_color"), "Output"),
    **dict.fromkeys(("question", "user", "only_users", "basket"), "Question"),
    **dict.fromkeys(("item", "category", "max_per_user", "holdout"), "Question"),
    **dict.fromkeys(("where", "exclude", "only", "max_per_category", "max_per_brand", "value"), "Rules"),
    **dict.fromkeys(("recommendations", "against"), "Delivered lists"),
    **dict.fromkeys(("baseline", "fail_under", "fail_over", "fail_worse_than"), "Gates"),
    "clean": "Input",
    "features": "Features",
    "fit": "Fitting",
    "train": "Fitting",
    "recommend": "Lists",
    "evaluate": "Judging",
    "common": "Run",
}
"""The panel of the help page that an option, or else its group, stands in."""
ANNOTATED: Any = Annotated
LITERAL: Any = Literal
METAVARS: dict[Any, str] = {bool: "", int: "NUMBER", float: "NUMBER"}


@dataclass(frozen=True, slots=True)
class Option:
    """
    One option of one command.

    Attributes:
        group: Name of its group in Settings.
        field: The field of the group's dataclass.
    """

    group: str
    field: Field[Any]

    @property
    def name(self) -> str:
        """Name of the field."""
        return self.field.name

    @property
    def flag(self) -> Flag:
        """How it is typed."""
        flag: Flag = self.field.metadata["flag"]
        return flag

    @property
    def several(self) -> bool:
        """Whether it takes more than one value."""
        return self.whole or self.field.type == tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether it takes several whole numbers."""
        return bool(self.field.type == tuple[int, ...])

    @property
    def label(self) -> str:
        """What a user calls it: its long name, or that of its field; a single letter has one dash."""
        given = (name for name in self.flag.names if name.startswith("--") or len(self.name) == 1)
        return "FILE" if self.flag.argument else next(given, self.long)

    @property
    def long(self) -> str:
        """The name of its field as an option."""
        return f"--{self.name.replace('_', '-')}"


def options(command: str) -> Iterator[Option]:
    """Give the options of a command in the order of its help."""
    for group in COMMANDS[command]:
        for field in fields(getattr(Settings(), group)):
            yield Option(group, field)


def signature(command: str) -> inspect.Signature:
    """Give the parameters of a command as Typer reads them."""
    context = inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)
    return inspect.Signature([context, *(_parameter(option) for option in options(command))])


def _parameter(option: Option) -> inspect.Parameter:
    default = None if option.several or option.field.default == "" else option.field.default
    annotation = ANNOTATED[_type(option, default), _typed(option)]
    return inspect.Parameter(option.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _type(option: Option, default: Any) -> Any:
    if option.several:
        return list[str] | None
    kind: Any = option.field.type
    if option.flag.choices:
        kind = LITERAL[option.flag.choices]
    return kind | None if default is None else kind


def _typed(option: Option) -> Any:
    flag = option.flag
    text = flag.help.replace("[", "\\[") + "."
    if flag.argument:
        return typer.Argument(help=text, metavar=flag.metavar.rstrip("."), show_default=False, rich_help_panel="Files")
    if flag.choices:
        text = f"{text} One of {', '.join(flag.choices)}."
    return typer.Option(
        *dict.fromkeys((option.label, *flag.names, *((option.long,) if len(option.name) == 1 else ()))),
        help=text,
        metavar=flag.metavar or METAVARS.get(option.field.type, "WORD"),
        envvar=flag.env or (f"XSELL_{option.name.upper()}" if option.group == "common" else None),
        show_envvar=bool(flag.env),
        show_default=option.field.default not in {"", None, False} and not option.several,
        rich_help_panel=PANELS.get(option.name) or PANELS[option.group],
    )


def settings(command: str, values: Mapping[str, Any]) -> Settings:
    """
    Put values into the groups of a command.

    Args:
        command: The subcommand.
        values: By option name; None means the default.

    Raises:
        UsageError: A number is none or out of its range, or a text cannot be written down.
    """
    groups: dict[str, dict[str, Any]] = {group: {} for group in COMMANDS[command]}
    for option in options(command):
        value = values.get(option.name)
        if value is not None:
            groups[option.group][option.name] = _plain(option, value)
    return Settings(**{group: replace(getattr(Settings(), group), **chosen) for group, chosen in groups.items()})


def _plain(option: Option, value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        raise UsageError(f"{option.label} needs a number, and {value} is none.", "Leave it out, or type a number such as 3.5.")
    if isinstance(value, int | float):
        _in_range(option, value)
    for text in value if isinstance(value, list) else [value]:
        if isinstance(text, str) and not _writable(text):
            raise UsageError(f"What stands after {option.label} is no UTF-8 text.", "Rename the file, or type the words in UTF-8.")
    parts = tuple(_parts(option, value)) if option.several else value
    return tuple(_whole(option, parts)) if option.whole else parts


def _whole(option: Option, parts: tuple[str, ...]) -> Iterator[int]:
    """Read whole numbers, at least one."""
    odd = next((part for part in parts if not re.fullmatch(r"[+-]?\d{1,9}", part, re.ASCII)), None if parts else "nothing")
    if odd is not None:
        raise UsageError(
            f"{option.label} needs whole numbers, and {odd} is none.", f"Type it like {option.label} 10, or {option.label} 5,10,20."
        )
    for part in parts:
        _in_range(option, int(part))
        yield int(part)


def _in_range(option: Option, value: float) -> None:
    """Checked here and not by Typer, which would print every range into the help."""
    least, most = option.flag.minimum, option.flag.maximum
    if least is not None and value < least:
        raise UsageError(f"{option.label} is {_digits(value)}.", f"It must be at least {_digits(least)}.")
    if most is not None and value > most:
        raise UsageError(f"{option.label} is {_digits(value)}.", f"It must be at most {_digits(most)}.")


def _digits(value: float) -> str:
    """Write a number as people do, with thousands apart and no power of ten."""
    return f"{value:,.0f}" if abs(value) < 1e15 and value == int(value) else f"{value:,.15g}"


def _writable(text: str) -> bool:
    """Whether a text can be written down, in a file and as a file's name."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def _parts(option: Option, values: list[str]) -> Iterator[str]:
    """Split at commas that no quotation marks enclose, as in CSV; file names keep theirs, and so does the rest of FIELD=COLUMN."""
    pair = "=" in option.flag.metavar
    for value in values:
        start = ""
        for part in [value] if option.flag.argument else value.split(",") if pair else _cells(value, option.flag.metavar):
            if start and pair and "=" not in part:
                start += f",{part}"
                continue
            yield from (start,) if start else ()
            start = part.strip() if not option.flag.argument else part
        yield from (start,) if start else ()


def _cells(text: str, metavar: str) -> list[str]:
    """Read one line of CSV, but for a name of a file behind @, which goes to its end."""
    if "@FILE" in metavar and (found := re.search(r"(?:^|,)\s*(@.*)", text, re.DOTALL)):
        return [*_cells(text[: found.start()], ""), found[1]]
    try:
        return next(csv.reader([text], skipinitialspace=True), [])
    except csv.Error:
        return text.split(",")
