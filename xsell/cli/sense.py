"""Words that are right one by one and make no sense together."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

from xsell.contract.names import QUESTIONS
from xsell.contract.options import Recommend, Settings
from xsell.contract.questions import OBEYED, UNKNOWN_TO_LISTS
from xsell.contract.together import RIVALS, named_files
from xsell.errors import UsageError

UNSAID = (None, "", "auto")


def refuse(typed: Mapping[str, Any], wanted: Settings) -> None:
    """
    Stop a call that contradicts itself.

    Args:
        typed: What stands on the command line, by option name; it may outdo the project file, but not itself.
        wanted: All options.

    Raises:
        UsageError: Two options exclude each other, or a file would be written that the run reads.
    """
    for one, other in RIVALS:
        if typed.get(one) not in UNSAID and typed.get(other) not in UNSAID:
            names = " and ".join(f"--{name.replace('_', '-')}" for name in (one, other))
            raise UsageError(f"{names} cannot both be obeyed.", "Leave out one of them.")
    _refuse_beside_the_question(typed, wanted.recommend)
    if wanted.common.json and wanted.recommend.output == "-":
        raise UsageError(
            "Standard output cannot take the lists and the JSON object.", "Name a file with --output FILE, or leave out --json."
        )
    for label, path in named_files(wanted, written=True):
        if any(_same(path, read) for _, read in named_files(wanted, written=False)):
            raise UsageError(f"{label} {path} would write into a file that is read.", f"Name another file with {label} FILE.")


def _refuse_beside_the_question(typed: Mapping[str, Any], wanted: Recommend) -> None:
    """Stop a call with an option that the answer would not obey."""
    given = {option.name for option in fields(Recommend) if typed.get(option.name) and typed[option.name] != "auto"} - {"question"}
    strange = UNKNOWN_TO_LISTS - {"item"} if wanted.user else UNKNOWN_TO_LISTS
    beside = given - OBEYED[wanted.question] if wanted.question in OBEYED else given & strange
    for name in sorted(beside):
        able = [question for question in QUESTIONS if (name in OBEYED[question] if question in OBEYED else name not in UNKNOWN_TO_LISTS)]
        raise UsageError(
            f"--{name.replace('_', '-')} has no meaning with --for {wanted.question}.", f"Leave it out, or ask --for {' or '.join(able)}."
        )


def _same(one: str, other: str) -> bool:
    with suppress(OSError):
        return Path(one).samefile(other)
    return False
