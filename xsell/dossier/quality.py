"""How good the lists are: the title, the first numbers, the table and the differences."""

from collections.abc import Iterator
from itertools import chain

from xsell.contract.judging import BASELINE
from xsell.contract.wording import many
from xsell.dossier.judged import Judged
from xsell.dossier.provenance import unplaced
from xsell.dossier.tables import PLAIN, table
from xsell.metrics import ACCURACY
from xsell.metrics.scoreboard import LEADING, Versus
from xsell.page.charts import Ranged, Ranges
from xsell.page.contents import Section, Table, Tile, Words
from xsell.report import chances, verdicts, whom
from xsell.report.evaluation import OFFERED, sought


def title(judged: Judged) -> str:
    """Say what was found in a few words."""
    best, known = judged.best, [score.versus for score in judged.board.values() if score.versus]
    if judged.few:
        return "Too few customers for a verdict"
    if not known:
        return "How good popular products are as offers"
    versus = judged.board[best].versus
    if versus and versus.direction > 0:
        return f"{best} is better than {BASELINE}"
    return f"No model is shown to be better than {BASELINE}"


def lead(judged: Judged) -> Iterator[str]:
    """Say the same with numbers, and what was asked."""
    best, base = judged.board[judged.best], judged.board[BASELINE]
    mean = f"NDCG@{judged.k} of {judged.best} is {best.means[LEADING].mean:.4f}"
    if best.versus is None:
        yield f"{mean}."
    elif judged.few:
        yield f"{mean}, and {base.means[LEADING].mean:.4f} for {BASELINE}."
    else:
        gap = best.versus.difference
        apart = f"{gap.mean:+.4f}, 95% interval {verdicts.ends(gap)}".replace("-", "−")
        yield f"{mean}, against {base.means[LEADING].mean:.4f} for {BASELINE}: {apart}, p {verdicts.probability(best.versus.p)}."
    yield from unplaced(judged.account.split[:1], judged.report.inputs)
    yield OFFERED.get(judged.known.scope, "")


def tiles(judged: Judged) -> Iterator[Tile]:
    """Give the numbers that are read first."""
    best, base, k = judged.board[judged.best], judged.board[BASELINE], judged.k

    def tile(shown: str, compared: str, meaning: str) -> Tile:
        return Tile(shown, meaning, f"{BASELINE}: {compared}" if best is not base else "")

    found, rival = (score.means["precision"].mean * k for score in (best, base))
    yield tile(f"{found:.2f} of {k}", f"{rival:.2f}", "offers were taken up, by the average customer")
    found, rival = (score.means["hit"].mean for score in (best, base))
    yield tile(percent(found), percent(rival), "of customers took up at least one offer")
    found, rival = (score.together["coverage"] for score in (best, base))
    yield tile(percent(found), percent(rival), "of the products that could be offered reached a list")
    account = judged.account
    yield Tile(f"{account.customers:,}", "customers were judged, none of them sampled", sought(account))


def percent(share: float) -> str:
    """Write a share with two digits that count."""
    digits = 0 if share >= 0.1 or not share else 1 if share >= 0.01 else 2
    return f"{share * 100:.{digits}f}%"


def quality(judged: Judged) -> Section:
    """Draw up how good the lists of all models are, and how each model differs from the others."""
    closed = judged.report.failed_gate
    return Section(
        "quality",
        "How good the lists are",
        f"Every model made a list of {judged.k} for the same customers. The best of a row is in bold."
        + ("" if judged.few else " Beneath each number: its 95% interval over customers."),
        (
            Words(unplaced((closed,) if closed else (), judged.report.inputs), "warning"),
            table(judged, f"Quality of lists of {judged.k}", tuple(ACCURACY)),
            *(() if judged.few else _differences(judged)),
            *_others(judged),
        ),
    )


def _others(judged: Judged) -> Iterator[Table]:
    """Give what the report shows beside, such as what changed since an earlier evaluation."""
    shown = (verdicts.grids(judged.board, judged.known.scope, judged.k), whom.grids(judged.whom, judged.k), chances.grids(judged.likely))
    elsewhere = chain.from_iterable(shown)
    own = {grid.title for grid in elsewhere}
    beside = [grid for grid in judged.report.grids if grid.title not in own]
    titles = unplaced((grid.title for grid in beside), judged.report.inputs)
    yield from (Table(title, grid.columns, grid.rows, grid.note) for title, grid in zip(titles, beside, strict=True))


def _differences(judged: Judged) -> Iterator[Ranges]:
    rivals = [name for name, score in judged.board.items() if score.versus]
    if len(rivals) == 1:
        yield _by_metric(judged, rivals[0])
    if len(rivals) > 1:
        versus = {name: score.versus for name, score in judged.board.items() if score.versus}
        behind = {name: score.behind for name, score in judged.board.items() if score.behind}
        yield _by_model(judged, f"Every model against {BASELINE}", BASELINE, versus)
        if judged.best != BASELINE:
            yield _by_model(judged, f"Every model against the best, {judged.best}", judged.best, behind)


def _by_model(judged: Judged, caption: str, rival: str, known: dict[str, Versus]) -> Ranges:
    rows = tuple(Ranged(name, versus.difference, _told(versus, rival, judged.best), name == judged.best) for name, versus in known.items())
    note = f"p after correction for {many(len(rows), 'model')} (Holm)"
    measure = f"difference in NDCG@{judged.k}"
    return Ranges(caption, "model", measure, rows, 0.0, f"as good as {rival}", signed=True, note=note)


def _told(versus: Versus, rival: str, best: str) -> str:
    said = f"tied with {rival}" if rival == best and versus.direction >= 0 else verdicts.shown(versus, rival)
    return f"{said}, p {verdicts.probability(versus.p)}"


def _by_metric(judged: Judged, model: str) -> Ranges:
    gaps = judged.board[model].difference
    rows = tuple(Ranged(PLAIN[metric][0], gaps[metric], stress=metric == LEADING) for metric in ACCURACY)
    note = f"The verdict rests on NDCG@{judged.k}."
    return Ranges(f"{model} against {BASELINE}", "metric", "difference", rows, 0.0, f"as good as {BASELINE}", signed=True, note=note)
