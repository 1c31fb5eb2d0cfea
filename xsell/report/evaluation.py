"""An evaluation in words: what was hidden, who was judged, and who was left out and why."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from xsell.contract.reports import Warned
from xsell.contract.spans import DAY
from xsell.contract.splits import Split
from xsell.contract.wording import listed, many
from xsell.data.cuts import Cut
from xsell.metrics.intervals import FEWEST

WANT = {"new-category": ", for want of times", "random": ", for want of times and categories"}
"""What a split that was chosen for want of a better one misses."""

OFFERED = {
    "new": "Scope new: only products of categories that the customer owned nothing of are offered and asked for.",
    "dormant": "Scope dormant: only products of categories that the customer bought from, but not lately, are offered and asked for.",
    "same": "Scope same: only products of categories that the customer had bought from are offered and asked for.",
    "any": "Scope any: every product that the customer did not own is offered and asked for.",
}


@dataclass(frozen=True, slots=True)
class Account:
    """
    What was asked, over all windows.

    Attributes:
        split: How it was held out, one sentence each.
        customers: How many were judged.
        times: The same, those of several windows counted in each.
        pairs: How many pairs of customer and product were to be found.
        unseen: Of how many of them nobody had the product before.
        skipped: Customers left out, by cause.
        dropped: Pairs left out, by cause.
        windows: How many windows were judged, 0 where the split has none.
        missed: How many windows were left out.
        how: How it was held out, in few words.
    """

    split: tuple[str, ...]
    customers: int
    times: int
    pairs: int
    unseen: int
    skipped: Mapping[str, int]
    dropped: Mapping[str, int]
    windows: int = 0
    missed: int = 0
    how: str = ""

    @property
    def mostly_unseen(self) -> bool:
        """Whether at least half of what is to be found is of products that nobody had before."""
        return 2 * self.unseen >= self.pairs > 0

    def counts(self) -> dict[str, int]:
        """The same for scripts; times and windows where the split has windows."""
        causes = {**{f"skipped {c}": n for c, n in self.skipped.items()}, **{f"pairs {c}": n for c, n in self.dropped.items()}}
        rolled = {"times_judged": self.times, "windows": self.windows, "windows_left_out": self.missed} if self.windows else {}
        return {
            "customers": self.customers,
            "pairs": self.pairs,
            "pairs_of_unseen_items": self.unseen,
            **rolled,
            **{cause.replace(" ", "_"): n for cause, n in causes.items()},
        }


def how(cut: Cut, made: Split, automatic: bool) -> str:
    """Say in few words how events were held out."""
    when = f" from {date(cut.moment)} on" if np.isfinite(cut.moment) else ""
    return f"split {made.text}{when}{WANT.get(made.name, '') if automatic else ''}"


def split(cut: Cut, made: Split, automatic: bool) -> str:
    """Say how events were held out."""
    count, total = int(cut.hidden.sum()), len(cut.keep)
    said = f"Split {made.name}{WANT.get(made.name, '') if automatic else ''}: {_hidden(made)} hidden, {count:,} of {many(total, 'event')}"
    if np.isfinite(cut.moment):
        said += f"; the cut is at {date(cut.moment)}, {many(round(cut.window / DAY), 'day')} before the last event"
    if cut.shown is not None:
        said += f"; {many(int(cut.shown.sum()), 'other event of these customers is', 'other events of these customers are')} shown when their lists are made, and models learn from the other customers only"
    return f"{said}."


def _hidden(made: Split) -> str:
    """Say what is hidden, with its verb."""
    share, several = f"{made.how:.0%}", made.how > 1
    return {
        "temporal": f"the events {f'from {date(made.how)} on' if made.dated else f'after the first {share} in time'} are",
        "new-category": f"all events in a random {share} of each customer's categories are",
        "random": f"a random {share} of each customer's products are",
        "leave-last": f"the {f'{made.how:g} products that each customer took up last are' if several else 'product that each customer took up last is'}",
        "by-user": f"of a random {share} of the customers the fifth of the products that they took up last is",
    }[made.name]


def window(cut: Cut) -> str:
    """Say when a window is."""
    return f"Window from {date(cut.moment)} to {date(cut.moment + cut.window)}."


def windows(spans: Sequence[tuple[float, float]], missed: Sequence[str]) -> Iterator[str]:
    """
    Say how windows roll, and which ones say nothing.

    Args:
        spans: Begin and length of every window that was judged, in seconds.
        missed: Why each of the others was left out.
    """
    count, (first, length), (last, _) = len(spans) + len(missed), spans[0], spans[-1]
    yield (
        f"Split rolling: {count} windows of {length / DAY:.3g} days, judged from {date(first)} to {date(last + length)}; models for each learn "
        "from what is before it and know nothing of what comes after."
    )
    yield from (f"Left out a window: {cause}" for cause in missed)


def heldout_file(path: str, rows: int, pairs: int, rejected: Mapping[str, int]) -> str:
    """Say what a held-out file holds."""
    refused = f", and {many(sum(rejected.values()), 'row')} refused ({', '.join(rejected)})" if rejected else ""
    found = many(pairs, "pair")
    return f"Held-out file {path}: {many(rows, 'row')} with {found} of a customer and a product bought or liked{refused}."


def date(moment: float) -> str:
    """Write seconds since 1970 as a date and time (UTC)."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


def judged(account: Account, *lengths: int) -> str:
    """Say who was judged on how much."""
    times = f", {account.times:,} times in {many(account.windows, 'window')}," if account.windows else ""
    made = listed([str(k) for k in lengths])
    return f"Judged on {many(account.customers, 'customer')}{times} with {sought(account)}, in lists of {made}."


def sought(account: Account) -> str:
    """Say how much was to be found."""
    return f"{many(account.pairs, 'purchase or like', 'purchases or likes')} to find"


def headline(account: Account, scope: str, *lengths: int) -> str:
    """Say who was judged on what."""
    return f"{judged(account, *lengths).removesuffix('.')}: {account.how}, scope {scope}."


def kept(path: str, *, verbose: bool) -> str:
    """Say where all numbers are, and how to see more of them here."""
    return f"All numbers: {path}{'' if verbose else ' (-v shows more)'}"


def alone(stand_ins: Sequence[str]) -> str:
    """
    Say where hybrid is one of its parts, or nothing.

    Args:
        stand_ins: By window the part, empty where models were mixed.
    """
    there = [name for name in stand_ins if name]
    if not there:
        return ""
    parts = listed(sorted(set(there)))
    if len(stand_ins) == 1:
        return f"hybrid is {parts} alone here: no mix of models was better."
    return f"hybrid is a model alone in {len(there)} of {len(stand_ins)} windows ({parts}): no mix was better there."


def pooled(account: Account) -> str:
    """Say how windows make one number, or nothing."""
    return "Each customer counts once, with the mean over the customer's windows; intervals draw customers." if account.windows > 1 else ""


def varied(diversity: float) -> str:
    """Say that variety was traded for score, or nothing."""
    return f"Lists are made with diversity {diversity:g}; compare with a run without it." if diversity else ""


def lacking(account: Account) -> Iterator[str]:
    """Say who and what was left out, and why, and where little can be found in what others had."""
    yield left_out("customers", account.skipped)
    yield left_out("pairs of customer and product", account.dropped)
    yield unseen(account.unseen, account.pairs) if account.mostly_unseen else ""


def left_out(what: str, causes: Mapping[str, int]) -> str:
    """Say what was left out by cause, or nothing."""
    named = [f"{count:,} {cause}" for cause, count in causes.items() if count]
    return f"Left out {what}: {', '.join(named)}." if named else ""


def nobody(sentence: str, dropped: Mapping[str, int]) -> str:
    """Say why there is nobody to judge on: how it was held out, and what was left out of it."""
    return f"{sentence} {left_out('pairs of customer and product', dropped) or 'No purchase or like was held out.'}"


def unseen(pairs: int, every: int = 0) -> str:
    """Say how much of what is to be found (of how much, if given) is of products that nobody had before, or nothing."""
    share = f" ({pairs / every:.0%})" if every else ""
    of = many(pairs, f"purchase or like to find{share} is of a product", f"purchases or likes to find{share} are of products")
    return f"{of} that nobody had before; only a description can lead to such a product." if pairs else ""


def few(account: Account, rule: str, scope: str) -> Iterator[Warned]:
    """
    Warn of a split in time that leaves too few customers for a verdict, and name one that asks more of them.

    Args:
        account: What was asked.
        rule: How it was held out, as `--split` names it.
        scope: What may be offered.
    """
    if account.customers < FEWEST and rule.startswith(("temporal", "rolling")):
        other = "new-category" if scope == "new" else "random"
        hides = "categories" if scope == "new" else "products"
        yield Warned(
            "few-customers",
            f"Too few customers come back to be judged on what they took up later; --split {other} hides {hides} of everybody who has several.",
        )
