"""Lengths of time as people type them."""

import re

from xsell.errors import UsageError

DAYS = {"": 1, "d": 1, "w": 7, "m": 30.4375, "y": 365.25}
DAY = 86400.0
SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600}
USUAL_BUDGET = "60s"


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


def budget(text: str, tune: bool) -> float | None:
    """
    Read how long `--tune` may take, such as `90s`, `5m` (minutes) or `1h`, in seconds.

    Args:
        text: What was typed after `--budget`; a bare number is seconds, nothing a minute.
        tune: Whether `--tune` was typed; None comes back if not.

    Raises:
        UsageError: It is no length of time, or none at all, or there is nothing that may take it.
    """
    found = re.fullmatch(r"\s*(\d{1,6}(?:\.\d{1,6})?)\s*([smh]?)\s*", text or USUAL_BUDGET, re.IGNORECASE | re.ASCII)
    length = float(found[1]) * SECONDS[found[2].lower()] if found else 0.0
    if length <= 0:
        raise UsageError(f"--budget {text} is no length of time.", "Write it like --budget 90s, 5m (minutes) or 1h.")
    if text and not tune:
        raise UsageError("--budget is how long --tune may take, and there is no --tune.", "Add --tune, or leave --budget out.")
    return length if tune else None
