"""Lengths of time as people type them."""

import pytest

from xsell.contract.spans import DAY, budget, seconds
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


@pytest.mark.parametrize(("text", "long"), [("", 60), ("90s", 90), ("90", 90), ("5m", 300), ("1.5 H", 5400), ("0.5s", 0.5)])
def test_budgets(text: str, long: float) -> None:
    """Seconds, minutes and hours are read; a bare number is seconds, nothing a minute."""
    assert budget(text, tune=True) == long


@pytest.mark.parametrize("text", ["0", "0s", "-5s", "soon", "5d", "nan", "inf", "1e3", "60 s s"])
def test_no_budgets(text: str) -> None:
    """What is no length of time, or none at all, is refused with how to write one, with --tune and without."""
    for tune in (True, False):
        with pytest.raises(UsageError, match="no length of time") as caught:
            budget(text, tune=tune)
        assert "90s" in caught.value.hint


def test_a_budget_of_nothing() -> None:
    """Without --tune there is no budget, and to name one is refused."""
    assert budget("", tune=False) is None
    with pytest.raises(UsageError, match="there is no --tune"):
        budget("5m", tune=False)
