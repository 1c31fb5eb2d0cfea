"""What options say together: which exclude each other, and which files they name."""

from collections.abc import Iterator
from dataclasses import fields

from xsell.contract.flags import Flag
from xsell.contract.options import Settings

RIVALS = (
    ("user", "only_users"),
    ("basket", "user"),
    ("basket", "only_users"),
    ("test", "split"),
    *(("recommendations", other) for other in ("model", "split", "test", "scope", "searches", "idf")),
    *(("recommendations", other) for other in ("category_level", "category_match", "owned_by", "owned_since", "rho", "factors")),
)
"""Options that cannot both be obeyed."""


def named_files(settings: Settings, *, written: bool) -> Iterator[tuple[str, str]]:
    """Give the files that the options name to be written, or those to be read: label of the option and path, `-` left out."""
    for group in fields(settings):
        for option in fields(getattr(settings, group.name)):
            flag: Flag = option.metadata["flag"]
            value = getattr(getattr(settings, group.name), option.name)
            if flag.metavar.startswith("FILE") and flag.written == written:
                label = f"--{option.name.replace('_', '-')}"
                yield from ((label, path) for path in ([value] if isinstance(value, str) else value) if path not in {"", "-"})
