"""Two models beside each other in words: whether one may be called no worse, and what changed since an earlier evaluation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from xsell.contract.judging import BASELINE, Rival
from xsell.contract.reports import Grid, Warned
from xsell.contract.wording import many
from xsell.metrics.intervals import FEWEST, Interval
from xsell.metrics.scoreboard import LEADING
from xsell.report.verdicts import ends

Intervals = dict[str, Interval]

SHOWN = ("precision", "recall", "ndcg", "map", "mrr", "hit", "cathit", "catrecall")
"""The metrics that are drawn; under scope new those of new categories repeat others."""

USUAL = (
    ("top_item_share", 0.5, True, "one-product-for-most", "{} of the lists hold the same product"),
    (
        "fallback_share",
        0.5,
        True,
        "mostly-fallback",
        "{} of the offers are not personal: nothing that the customers took up speaks for them",
    ),
    ("coverage", 0.01, False, "few-products-offered", "only {} of the products that could be offered are in any list"),
)
"""Metric, the last value that raises no eyebrows, whether more is worse, and what is said beyond it."""


@dataclass(frozen=True, slots=True)
class Against:
    """
    A model held against another.

    Attributes:
        model: Its name.
        rival: What to call the other in a sentence.
        ours: Per metric the mean of the model.
        theirs: Per metric that of the other.
        gaps: Per metric the difference; paired over customers where they are the same.
        customers: How many customers were judged, of the smaller group.
        paired: Whether the customers are the same.
        alike: Whether both gave the same, and nobody said that one stands in for the other.
        most: Largest gain that is plausible.
        trouble: Why the two cannot be compared, or empty.
    """

    model: str
    rival: str
    ours: Intervals
    theirs: Intervals
    gaps: Intervals
    customers: int
    paired: bool
    alike: bool
    most: float
    trouble: str = ""


def doubt(against: Against, k: int) -> str:
    """
    Say why nothing can be concluded from two models side by side, or nothing.

    Args:
        against: Both.
        k: Length of the lists.
    """
    if against.trouble:
        return against.trouble
    if against.customers < FEWEST:
        return few(against.customers)
    if against.alike:
        return f"{against.model} gives what {against.rival} gives, customer by customer, so one of the two is not what it is called"
    if against.gaps[LEADING].low > against.most:
        return f"SUSPICIOUS: {_numbers(against, k)} is an implausible gain; look for leakage, such as events from after the cut"
    return ""


def few(customers: int) -> str:
    """Say that there are too few customers for any verdict."""
    return f"{many(customers, 'customer is', 'customers are')} too few to tell; {FEWEST} are needed"


def worse(against: Against, rival: Rival, k: int) -> str:
    """
    Say why a model is not shown to be no worse than another, or nothing: the interval of the difference must lie wholly above the tolerance.

    Args:
        against: Both.
        rival: How much worse is taken.
        k: Length of the lists.
    """
    gap = against.gaps[LEADING]
    if gap.low >= -rival.tolerance:
        return ""
    verdict = "is worse" if gap.high < -rival.tolerance else "is not shown to be no worse"
    allowed = f", by more than the {rival.tolerance:g} allowed" if rival.tolerance else ""
    return f"{_numbers(against, k)} {verdict}{allowed}: the interval of the difference is {ends(gap)}"


def _numbers(against: Against, k: int) -> str:
    ours, theirs = against.ours[LEADING].mean, against.theirs[LEADING].mean
    return f"NDCG@{k} {ours:.4f} against {theirs:.4f} of {against.rival}"


def since(against: Against | None, k: int) -> Iterator[str]:
    """Say what changed since an earlier evaluation, if there is one."""
    if against is None:
        return
    if against.trouble:
        yield f"No comparison: {against.trouble}."
        return
    gap = against.gaps[LEADING]
    whom = (
        f"over the same {many(against.customers, 'customer')}" if against.paired else "over other customers, so the difference is less sure"
    )
    verdict = "better" if gap.low > 0 else "worse" if gap.high < 0 else "not shown to be better or worse"
    verdict = "the same" if gap.low == gap.high == 0 else verdict
    verdict = verdict if against.customers >= FEWEST else f"fewer than {FEWEST} customers make no verdict"
    yield f"{against.model}, {whom}: {_numbers(against, k)}, difference {gap.mean:+.4f}, 95% interval {ends(gap)}: {verdict}."


def grids(against: Against | None, k: int) -> Iterator[Grid]:
    """Draw up every metric then and now."""
    if against is None or against.trouble:
        return
    rows = ((m, against.theirs[m].mean, i.mean, against.gaps[m]) for m, i in against.ours.items() if m in SHOWN)
    yield Grid(
        f"Since {against.rival}",
        ("metric", "then", "now", "difference", "95% interval"),
        tuple((f"{m}@{k}", f"{then:.4f}", f"{now:.4f}", f"{gap.mean:+.4f}", ends(gap)) for m, then, now, gap in rows),
        aside=True,
        note=f"Intervals over {'the same customers, paired' if against.paired else 'two groups of customers'}.",
    )


def alarms(model: str, found: Mapping[str, float], k: int, lists: int, *, named: bool = True) -> Iterator[Warned]:
    """
    Warn of lists that are one-sided or impersonal, unless that was asked for.

    Args:
        model: Its name in the numbers.
        found: The numbers.
        k: Length of the lists.
        lists: How many there are; that few hold the same product says nothing.
        named: Whether to name it.
    """
    for metric, limit, over, code, said in USUAL if model != BASELINE else ():
        if metric == "top_item_share" and lists < FEWEST:
            continue
        value = found.get(f"{model}.{metric}@{k}", limit)
        if value > limit if over else value < limit:
            plain = said.format(f"{value:.1%}")
            text = f"{model}: {plain}" if named else f"{plain[0].upper()}{plain[1:]}"
            yield Warned(code, f"{text}; --fail-{'over' if over else 'under'} {metric}=VALUE makes that a gate.")
