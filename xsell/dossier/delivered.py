"""The page of delivered lists: what came of them, what they caused, and where the numbers come from."""

import re
from collections.abc import Iterator
from dataclasses import asdict

from xsell.contract.progress import Tell
from xsell.contract.reports import Report
from xsell.dossier import provenance
from xsell.dossier.publishing import foot, written
from xsell.dossier.quality import percent
from xsell.dossier.tables import PLAIN
from xsell.dossier.takers import groups, people, probabilities
from xsell.dossier.wares import categories, products, ranks
from xsell.files.workspace import Workspace
from xsell.metrics import ACCURACY
from xsell.metrics.apart import apart
from xsell.metrics.intervals import FEWEST, Interval
from xsell.page.charts import Ranged, Ranges
from xsell.page.contents import Cell, Estimate, Page, Section, Table, Tile, Words
from xsell.report import comparison as told
from xsell.report import shipped as words
from xsell.report.figures import conventions
from xsell.shipped.judging import Delivery


def passed_on(workspace: Workspace, made: Delivery, tell: Tell) -> Report:
    """
    Write the page of delivered lists, if it was asked for.

    Args:
        workspace: Knows how files are written.
        made: The lists, judged.
        tell: Hears about the progress.

    Returns:
        The report of the evaluation, with the page among its files.
    """
    if not made.settings.evaluate.report:
        return made.report
    tell("drawing the page")
    return written(workspace, gathered(made), made.settings.evaluate, made.report)


def gathered(made: Delivery) -> Page:
    """Put together what stands on the page."""
    days = made.read.events.interactions["at"].drop_nulls().dt.strftime("%Y-%m-%d").sort()
    until = f"purchases until {days[-1]}" if len(days) else ""
    return Page(
        about=" · ".join(part for part in ("Delivered lists", provenance.short(made.read.raws[0].path), until) if part),
        title=_title(made),
        lead=tuple(_signed(said) for said in provenance.unplaced(made.report.verdict, made.report.inputs)),
        tiles=tuple(_tiles(made)),
        sections=(
            _outcome(made),
            ranks(made),
            groups(made),
            categories(made),
            products(made),
            probabilities(made),
            people(made),
            _method(made),
            _data(made),
            provenance.defined({name: said for name, said in conventions().items() if name in ACCURACY} | words.CONVENTIONS),
            _run(made),
        ),
        foot=foot(made.settings.evaluate),
    )


def _title(made: Delivery) -> str:
    """Say what was found in a few words."""
    sent, *held = made.groups[made.k]
    if not held:
        return f"{percent(sent.conversion.mean)} of the customers took up an offer"
    if min(sent.customers, held[0].customers) < FEWEST:
        return "Too few customers for a verdict"
    gap = apart(sent.conversion, held[0].conversion)
    if gap.low > 0:
        return "The offers brought customers to buy"
    return "The offers kept customers from buying" if gap.high < 0 else "It is not shown that the offers changed anything"


def _tiles(made: Delivery) -> Iterator[Tile]:
    """Give the numbers that are read first."""
    sent, *held = made.groups[made.k]
    beside = f"held back: {percent(held[0].conversion.mean)}" if held else f"95% interval {_ends(sent.conversion)}"
    yield Tile(percent(sent.conversion.mean), "of customers contacted took up at least one offer", beside)
    if held:
        gap = apart(sent.conversion, held[0].conversion)
        ends = f"95% interval {100 * gap.low:+.1f} to {100 * gap.high:+.1f}"
        yield Tile(_signed(f"{100 * gap.mean:+.1f} points"), "are what the offers caused", _signed(ends))
    yield Tile(f"{sent.precision.mean * made.k:.2f} of {made.k}", "offers were taken up, by the average customer contacted")
    yield Tile(f"{sent.customers:,}", "customers were contacted", f"{sent.buyers:,} bought something")


def _signed(text: str) -> str:
    """Write numbers below 0 with a real minus."""
    return re.sub(r"(?<!\S)-(?=\d)", "−", text)


def _ends(interval: Interval) -> str:
    return f"{percent(interval.low)} to {percent(interval.high)}"


def _outcome(made: Delivery) -> Section:
    """Draw up what came of the lists, what they caused, and how good they were for those who bought."""
    closed, past = made.report.failed_gate, list(told.grids(made.past, made.k))
    titles = provenance.unplaced((grid.title for grid in past), made.report.inputs)
    return Section(
        "quality",
        "What came of the lists",
        "Everybody who got a list counts, those who bought nothing as well. Beneath each number: its 95% interval.",
        (
            Words(provenance.unplaced((closed,) if closed else (), made.report.inputs), "warning"),
            *(_came(made, k) for k in made.groups),
            *_caused(made),
            _accuracy(made),
            *(Table(title, grid.columns, grid.rows, grid.note) for title, grid in zip(titles, past, strict=True)),
        ),
    )


def _came(made: Delivery, k: int) -> Table:
    rows = tuple(
        (
            group.label,
            Estimate(group.conversion.mean, group.conversion),
            Estimate(group.precision.mean, group.precision),
            group.customers,
            group.buyers,
        )
        for group in made.groups[k]
    )
    columns = ("group", "took up an offer", "share of the places", "customers", "buyers")
    return Table(f"Lists of {k}", columns, rows, note="A short list has places that nobody can take up.")


def _caused(made: Delivery) -> Iterator[Ranges]:
    """Both groups on one axis, where one was held back."""
    sent, *held = made.groups[made.k]
    if held:
        rows = tuple(Ranged(group.label, group.conversion, f"{group.customers:,} customers") for group in (sent, *held))
        yield Ranges(
            "Customers who took up an offer",
            "group",
            "share of the customers",
            rows,
            held[0].conversion.mean,
            "held back",
            span=(0.0,),
            note=_signed(words.uplift(sent, held[0])),
        )


def _accuracy(made: Delivery) -> Table:
    """Metrics of lists of every length over those who bought something."""
    scores = {k: board[model] for k, board in made.boards.items() for model in board}
    few = not scores or int(made.sides[0].buyers.sum()) < FEWEST
    rows: list[tuple[Cell, ...]] = []
    for metric in ACCURACY if scores else ():
        means = (score.means[metric] for score in scores.values())
        rows.append((PLAIN[metric][0], *(Estimate(mean.mean, None if few else mean) for mean in means)))
    columns = ("metric", *(f"lists of {k}" for k in scores))
    note = "Over customers contacted who bought anything, as models are judged."
    return Table("Among contacted buyers", columns, tuple(rows), note, tuple(PLAIN[metric][1] for metric in ACCURACY if scores))


def _method(made: Delivery) -> Section:
    return Section(
        "method",
        "How it was judged",
        "The lists are held against what customers did after the delivery, whether they were offered it or not.",
        (
            Words(provenance.unplaced(made.report.sentences, made.report.inputs)),
            Words(provenance.unplaced((warned.message for warned in made.report.warnings), made.report.inputs), "warning"),
        ),
    )


def _data(made: Delivery) -> Section:
    lists, events = made.read.lists, made.read.events.ledger
    book = {"read": made.read.raws[0].rows, "kept": lists.offers.height, "merged": lists.repeats, "rejected": lists.refused}
    return provenance.cleaned({"lists": book, "purchases": asdict(events)}, made.report.asides, ())


def _run(made: Delivery) -> Section:
    options = made.settings
    named = [word for group in (options.evaluate, options.clean, options.fit) for words in provenance.chosen(group) for word in words]
    lengths = ("-k", ",".join(map(str, options.evaluate.lengths)))
    read = [asdict(fact) for fact in made.report.inputs]
    return provenance.repeated((*named, *lengths, "--seed", str(options.common.seed)), read)
