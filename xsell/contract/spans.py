"""Lengths of time as people type them."""

import re

from xsell.errors import UsageError

DAYS = {"": 1, "d": 1, "w": 7, "m": 30.4375, "y": 365.25}
DAY = 86400.0


def seconds(text: str, option: str) -> float:
    """
    Read a length of time such as `180d`, `26w`, `6m` (months) or `1y`.

    Args:
        text: As typed; a bare number is days.
        option: What it was typed for, such as `--owned-since`.

    Raises:
        UsageError: It is no length of time, or none at all.
    """
    found = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*([dwmy]?)\s*", text, re.IGNORECASE | re.ASCII)
    length = float(found[1]) * DAYS[found[2].lower()] * DAY if found else 0.0
    if length <= 0:
        raise UsageError(f"{option} {text} is no length of time.", f"Write it like {option} 180d, 26w, 6m (months) or 1y.")
    return length
