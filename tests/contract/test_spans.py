"""Lengths of time as people type them."""

import pytest

from xsell.contract.spans import DAY, seconds
from xsell.errors import UsageError


@pytest.mark.parametrize(("text", "days"), [("180d", 180), ("26 w", 182), ("90", 90), ("1y", 365.25), ("6M", 182.625), ("1.5d", 1.5)])
def test_lengths(text: str, days: float) -> None:
    """Days, weeks, months and years are read; a bare number is days."""
    assert seconds(text, "--owned-since") == days * DAY


@pytest.mark.parametrize("text", ["", "d", "0d", "-5d", "5 years", "1e9d", "nan", "99999999d"])
def test_no_lengths(text: str) -> None:
    """What is no length of time, or none at all, is refused with how to write one."""
    with pytest.raises(UsageError, match="no length of time") as caught:
        seconds(text, "--owned-since")
    assert "180d" in caught.value.hint
