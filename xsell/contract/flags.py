"""How one option is typed."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Flag:
    """
    How a field is typed on the command line.

    Attributes:
        help: One sentence without a full stop at the end.
        names: Extra spellings such as `-n`; the long name follows from the field.
        choices: The words allowed, or empty.
        metavar: What stands for the value in the help, or empty.
        env: Environment variable that sets it, or empty.
        argument: Whether it is positional.
        minimum: Smallest value allowed, or None.
        maximum: Largest value allowed, or None.
        written: Whether it names a file that is written.
    """

    help: str
    names: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    metavar: str = ""
    env: str = ""
    argument: bool = False
    minimum: float | None = None
    maximum: float | None = None
    written: bool = False


def flag(default: Any, text: str, *names: str, **more: Any) -> Any:
    """Give a dataclass field with its Flag in the metadata under `flag`."""
    return field(default=default, metadata={"flag": Flag(text, names, **more)})
