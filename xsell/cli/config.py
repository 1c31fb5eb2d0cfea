"""
The project file `xsell.toml`: options that nobody wants to type every day.

A table is named after a group or a command; a command's table wins over a group's, and options of every run may stand above all tables.
"""

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from xsell.cli.words import Option, options
from xsell.contract.options import COMMANDS
from xsell.errors import UsageError

NAME = "xsell.toml"
GROUPS = dict.fromkeys(group for groups in COMMANDS.values() for group in groups)


def configured(command: str, named: str) -> dict[str, Any]:
    """
    Read the options of a command from a project file.

    Args:
        command: The subcommand.
        named: Path of the file; if empty, `xsell.toml` in the current directory, if there.

    Returns:
        Values by option name, none for options that the file does not set.

    Raises:
        UsageError: The file is missing or no TOML, or it holds an unknown table, option or value.
    """
    path = Path(named or NAME)
    if not named and not path.is_file():
        return {}
    tables = dict(_tables(_parsed(path), path))
    own = {option.name: option for option in options(command)}
    values: dict[str, Any] = {}
    for name in (*COMMANDS[command], command):
        values |= {key: _checked(own[key], value, path) for key, value in tables.get(name, {}).items() if key in own}
    return values


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise UsageError(f"The options file {path} cannot be read.", "Name another one with --config FILE.") from None
    except ValueError as error:
        raise UsageError(f"{path} is not TOML: {error}.", "Mend that line, or name another file with --config FILE.") from None


def _tables(content: Mapping[str, Any], path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Give every table with its options' names checked; what stands above all tables belongs to `common`."""
    loose = {key: value for key, value in content.items() if not isinstance(value, dict)}
    tables = {key: value for key, value in content.items() if isinstance(value, dict)}
    tables["common"] = {**loose, **tables.get("common", {})}
    for name, table in tables.items():
        if name not in GROUPS:
            raise _unknown("table", name, GROUPS, path)
        known = [
            option.name
            for command in COMMANDS
            for option in options(command)
            if name in {option.group, command} and option.name != "config"
        ]
        renamed = {key.replace("-", "_"): value for key, value in table.items()}
        for key in renamed:
            if key not in known:
                raise _unknown("option", key, known, path)
        yield name, renamed


def _unknown(what: str, name: str, known: Any, path: Path) -> UsageError:
    close = get_close_matches(name, known, n=1)
    return UsageError(
        f"{path} has the {what} {name}, which xsell does not know.", f"Did you mean {close[0]}?" if close else "See `xsell --help`."
    )


def _checked(option: Option, value: Any, path: Path) -> Any:
    """Give a value as the command line would have given it."""
    where = f"{option.name} in {path}"
    whole = option.whole and type(value) is int
    if option.several and (isinstance(value, str | list) or whole):
        return [str(part) for part in value] if isinstance(value, list) else [str(value)]
    kinds = tuple(kind for kind in get_args(option.field.type) or (option.field.type,) if kind is not type(None))
    number = float in kinds and isinstance(value, int) and not isinstance(value, bool)
    if type(value) not in kinds and not number:
        raise UsageError(
            f"{where} is {value!r}, which is no {kinds[0].__name__}.", f"Write {option.name} as in `xsell {_a_command(option)} --help`."
        )
    if option.flag.choices and value not in option.flag.choices:
        raise UsageError(f"{where} is {value!r}.", f"Choose one of {', '.join(option.flag.choices)}.")
    if option.flag.minimum is not None and value < option.flag.minimum:
        raise UsageError(f"{where} is {value}.", f"It must be at least {option.flag.minimum:g}.")
    if option.flag.maximum is not None and value > option.flag.maximum:
        raise UsageError(f"{where} is {value}.", f"It must be at most {option.flag.maximum:g}.")
    return float(value) if number else value


def _a_command(option: Option) -> str:
    return next(command for command, groups in COMMANDS.items() if option.group in groups)
