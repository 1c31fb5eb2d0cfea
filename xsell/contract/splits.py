"""Ways to hold out as people type them, such as `temporal:2025-06-01` or `leave-last:3`."""

from dataclasses import dataclass
from datetime import UTC, datetime

from xsell.contract import spans
from xsell.contract.names import SPLITS
from xsell.errors import UsageError

SHARES = {"temporal": 0.8, "new-category": 0.3, "random": 0.2, "by-user": 0.2}
COUNTS = {"leave-last": 1, "rolling": 3}
LARGEST = 100
ROLLING = "rolling"
EXAMPLES = "temporal:0.9, temporal:2025-06-01, rolling:3, rolling:6x28d, random:0.1, leave-last:3 or by-user:0.3"


@dataclass(frozen=True, slots=True)
class Split:
    """
    A way to hold out.

    Attributes:
        name: One of SPLITS.
        how: A share between 0 and 1, a number of products or windows, or for a date the seconds since 1970.
        each: Length of each window in seconds, or 0 where the data decide.
    """

    name: str
    how: float
    each: float = 0.0

    @property
    def dated(self) -> bool:
        """Whether it cuts at a date."""
        return self.name == "temporal" and self.how > 1

    @property
    def text(self) -> str:
        """As it could be typed, the name alone where nothing else was asked for."""
        if self.each:
            return f"{self.name}:{self.how:g}x{self.each / spans.DAY:g}d"
        if self.how in {SHARES.get(self.name), COUNTS.get(self.name)}:
            return self.name
        told = (
            datetime.fromtimestamp(self.how, UTC).isoformat().removesuffix("+00:00").removesuffix("T00:00:00")
            if self.dated
            else f"{self.how:g}"
        )
        return f"{self.name}:{told}"


def parse(text: str) -> Split:
    """
    Read a split: a name of SPLITS, and after a colon how much or when.

    Raises:
        UsageError: There is no such split, or it cannot be made like that.
    """
    name, colon, how = (part.strip() for part in text.partition(":"))
    name = name.lower()
    if name not in SPLITS:
        raise UsageError(f"There is no split called {name or 'nothing'}.", f"Choose from auto, {', '.join(SPLITS)}.")
    if not colon:
        return Split(name, SHARES[name] if name in SHARES else COUNTS[name])
    count, times, each = how.partition("x") if name == ROLLING else (how, "", "")
    found = _count(count) if name in COUNTS else _share(how) or (_date(how) if name == "temporal" else 0)
    if not found:
        able = (
            f"a whole number from 1 to {LARGEST}"
            if name in COUNTS
            else "a share between 0 and 1" + " or a date from 1970 on" * (name == "temporal")
        )
        able += ", and x and the length of each window if you like" * (name == ROLLING)
        raise UsageError(f"--split {text} cannot be made: after {name}: stands {able}.", f"Write it like {EXAMPLES}.")
    return Split(name, found, spans.seconds(each, f"--split {name}:{count}x") if times else 0.0)


def single(text: str) -> Split:
    """
    Read a split that cuts once, as models are chosen by one.

    Raises:
        UsageError: It is no split, or one of several windows.
    """
    split = parse(text)
    if split.name == ROLLING:
        raise UsageError("Models are chosen on one window, and --split rolling has several.", "Type --split temporal, or leave it out.")
    return split


def within(split: Split) -> Split:
    """Give the split by which models are chosen inside the training part of another one: the same, but for what that part does not reach."""
    return parse("temporal") if split.dated or split.name == ROLLING else split


def _count(text: str) -> float:
    return int(text) if text.isascii() and text.isdecimal() and 1 <= int(text[:4]) <= LARGEST and len(text) <= len(str(LARGEST)) else 0


def _share(text: str) -> float:
    try:
        share = float(text)
    except ValueError:
        return 0
    return share if 0 < share < 1 else 0


def _date(text: str) -> float:
    """Seconds from 1970 to a date (UTC where no zone is named), 0 where it is none."""
    try:
        moment = datetime.fromisoformat(text)
        return max((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp(), 0)
    except (ValueError, OverflowError):
        return 0
