"""An evaluation in words: what was hidden, who was judged, and who was left out and why."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from xsell.contract.splits import Split
from xsell.contract.wording import many
from xsell.data.cuts import Cut, Heldout

DAY = 86400.0
WANT = {"new-category": ", for want of times", "random": ", for want of times and categories"}
"""What a split that was chosen for want of a better one misses."""

OFFERED = {
    "new": "Scope new: only products of categories that the customer owned nothing of are offered and asked for.",
    "dormant": "Scope dormant: only products of categories that the customer bought from, but not lately, are offered and asked for.",
    "same": "Scope same: only products of categories that the customer had bought from are offered and asked for.",
    "any": "Scope any: every product that the customer did not own is offered and asked for.",
}


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
    share, several = f"{made.how:.0%}".replace("%", " %"), made.how > 1
    return {
        "temporal": f"the events {f'from {date(made.how)} on' if made.dated else f'after the first {share} in time'} are",
        "new-category": f"all events in a random {share} of each customer's categories are",
        "random": f"a random {share} of each customer's products are",
        "leave-last": f"the {f'{made.how:g} products that each customer took up last are' if several else 'product that each customer took up last is'}",
        "by-user": f"of a random {share} of the customers the fifth of the products that they took up last is",
    }[made.name]


def heldout_file(path: str, rows: int, pairs: int, rejected: Mapping[str, int]) -> str:
    """Say what a held-out file holds."""
    refused = f", and {many(sum(rejected.values()), 'row')} refused ({', '.join(rejected)})" if rejected else ""
    found = many(pairs, "pair")
    return f"Held-out file {path}: {many(rows, 'row')} with {found} of a customer and a product bought or liked{refused}."


def date(moment: float) -> str:
    """Write seconds since 1970 as a date and time (UTC)."""
    return f"{datetime.fromtimestamp(moment, UTC):%Y-%m-%d %H:%M}"


def judged(asked: Heldout, k: int) -> str:
    """Say who was judged on how much."""
    return f"Judged on {many(len(asked.user), 'customer')} with {many(len(asked.item), 'product')} to find, in lists of {k}."


def varied(diversity: float) -> str:
    """Say that variety was traded for score, or nothing."""
    return f"Lists are made with diversity {diversity:g}; compare with a run without it." if diversity else ""


def left_out(what: str, causes: Mapping[str, int]) -> str:
    """Say what was left out by cause, or nothing."""
    named = [f"{count:,} {cause}" for cause, count in causes.items() if count]
    return f"Left out {what}: {', '.join(named)}." if named else ""


def unseen(pairs: int) -> str:
    """Say how many products to find nobody had before, or nothing."""
    return f"Nobody had {pairs:,} of the products to find before; only a description can lead to such a product." if pairs else ""
