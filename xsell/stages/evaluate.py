"""`xsell evaluate`: fit models on one part of the events and judge their lists on the rest."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from xsell import comparison, odds, sittings
from xsell.assemble import World, planned, world
from xsell.contract import judging
from xsell.contract.options import Clean, Evaluate, Fit, Settings, Train
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Grid, Report, Warned
from xsell.contract.runs import json_ready
from xsell.contract.splits import ROLLING, within
from xsell.data.schema import CLEANED, per_group, per_user
from xsell.dossier.delivered import passed_on
from xsell.dossier.judged import Judged
from xsell.dossier.publishing import published
from xsell.exam import Exam, by_file, by_split, by_windows, decided
from xsell.files.earlier import Earlier, read_earlier
from xsell.files.manifest import one_file, opened
from xsell.files.modelfile import versions
from xsell.files.raw import read_raw
from xsell.files.workspace import Workspace
from xsell.metrics.probability import Reliability
from xsell.metrics.scoreboard import Score
from xsell.ranking import cells_within
from xsell.report import chances, expected, figures, verdicts, whom, windows
from xsell.report import comparison as told
from xsell.report import evaluation as words
from xsell.report.comparison import Against
from xsell.report.expected import Expected
from xsell.report.whom import Whom
from xsell.report.windows import Window
from xsell.shipped.judging import judge
from xsell.sittings import Done

Board = Mapping[str, Score]


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Judge models on held-out purchases, always beside `popular`.

    Args:
        workspace: Holds the clean tables and the features.
        settings: The groups `fit`, `evaluate` and `common` are used.
        tell: Hears about the progress.

    Returns:
        Metrics with intervals, paired differences to `popular` and verdicts; `failed_gate` if a gate does not let the first model pass.

    Raises:
        UsageError: A model or a gate is none.
        InputError: Nobody is left to judge on, or the earlier evaluation cannot be read.
        MemoryLimitError: Lists would take more memory than is allowed.
    """
    if settings.evaluate.recommendations:
        return passed_on(workspace, judge(workspace, settings, tell), tell)
    wanted, k, seed = settings.evaluate, settings.evaluate.length, settings.common.seed
    judging.check(wanted)
    rivals = judging.rivals(wanted.fail_worse_than)
    names = judging.models(wanted.model, rivals)
    earlier = read_earlier(wanted.baseline) if wanted.baseline else None
    tell("reading")
    known = world(workspace, settings.fit)
    cells_within(settings.common.memory, known.training.n_items)
    plan = planned(known, names, settings.fit, settings.common, _inside(known, wanted))
    done = sittings.through(known, _exams(workspace, known, settings), names, plan, wanted, tell)
    board = (boards := sittings.boards(done.sat, seed))[k]
    pairs = comparison.court(board, sittings.twins(done.sat), rivals, seed)
    if earlier:
        users = known.users.gather(sittings.asked(done.sat))
        pairs[judging.EARLIER] = comparison.since(board, users, earlier, _question(known, done.exam, settings), seed)
    off = sittings.expected(done.sat, seed)
    numbers = figures.all_lengths(boards) | sittings.guards(done.sat) | expected.flat(off)
    seen = sittings.looked(workspace, known, done.sat, board, k)
    found = _Found(
        boards, seen, odds.checked([one.promises for one in done.sat]), sittings.apart(done.sat, seed), pairs.get(judging.EARLIER), off
    )
    outputs = _write(workspace, known, done, found, settings)
    report = Report(
        "evaluate",
        sentences=_said(
            words.headline(done.account, known.scope, *wanted.lengths),
            *done.exam.heard,
            *words.lacking(done.account),
            words.varied(wanted.diversity),
        ),
        asides=_said(*_asides(known, done, found, k)),
        grids=tuple(_grids(known, found, [one.stand_in for one in done.sat], k)),
        verdict=_said(*_verdict(found, k)),
        counts=done.account.counts(),
        metrics=numbers,
        warnings=(*_warnings(known, done, found, names[0], numbers, k), *_replaced(workspace, earlier, outputs)),
        inputs=(*done.exam.inputs, *((earlier.fact,) if earlier else ())),
        outputs=outputs,
        places=(words.kept(str(workspace.root / outputs[0].path), verbose=settings.common.verbose),),
        details={"split": done.exam.rule, "scope": known.scope, "k": k, "models": list(board)},
        next_step=_next(workspace, verdicts.best(board), settings.fit),
        failed_gate=_gate(names[0], comparison.closed(wanted, board, numbers, pairs)),
    )
    if not settings.evaluate.report:
        return report
    lists = sittings.shorter(done.sat[-1].lists, k)
    judged = Judged(known, done.exam, done.account, done.chosen, lists, board, seen, found.likely, report, settings)
    return published(workspace, judged, tell)


@dataclass(frozen=True, slots=True)
class _Found:
    """
    What there is to tell.

    Attributes:
        boards: The scores by length of the lists and model, the length that leads first.
        seen: For whom the lists are good.
        likely: By model, whether its probabilities were right.
        rolled: Every window by itself, where there are several.
        past: The first model beside an earlier evaluation, or None.
        off: How far expected ratings are off.
    """

    boards: figures.Boards
    seen: Whom
    likely: Mapping[str, Reliability]
    rolled: list[Window]
    past: Against | None
    off: Expected

    @property
    def board(self) -> Board:
        """The scores by model for the length that leads."""
        return next(iter(self.boards.values()))


def _inside(known: World, wanted: Evaluate) -> str:
    """How models are chosen inside what they may learn from: as they are judged, or as comes nearest to real use."""
    return "" if wanted.test else within(decided(known, wanted.split)).text


def _next(workspace: Workspace, best: str, fit: Fit) -> str:
    """Train the best model as it was judged, or make lists with it where it is trained so."""
    named = "" if best == Train().model else f" --model {best}"
    done = opened(workspace.root).good(f"train/{best}")
    trained = done["details"] if done else {}
    asked = {name: getattr(fit, name) for name in ("scope", "category_level", "category_match")}
    if done and all(trained.get(name) == value for name, value in asked.items() if value != "auto"):
        return f"xsell recommend{named}"
    typed = [f" --{name.replace('_', '-')} {value}" for name, value in asked.items() if value != getattr(Fit(), name)]
    return f"xsell train{named}{''.join(typed)}"


def _exams(workspace: Workspace, known: World, settings: Settings) -> Iterator[Exam]:
    """One exam, or one a window."""
    wanted = settings.evaluate
    if wanted.test:
        yield by_file(known, read_raw(wanted.test), _cleaned_by(workspace, settings.clean), settings.fit)
        return
    made = decided(known, wanted.split)
    if made.name == ROLLING:
        yield from by_windows(known, made)
    else:
        yield by_split(known, wanted.split, settings.common.seed)


def _cleaned_by(workspace: Workspace, otherwise: Clean) -> Clean:
    """The options that the events were cleaned with, and the scale that was found."""
    recorded = (opened(workspace.root).good("clean") or {"options": {}})["options"].get("clean", {})
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in recorded.items()}
    options = replace(otherwise, **plain)
    scale = workspace.read_json(CLEANED).get("ratings") or {}
    return replace(options, rating_scale=f"{scale['low']},{scale['high']}") if scale else options


def _gate(model: str, reasons: tuple[str, ...]) -> str:
    return f"Model {model} did not pass: {'; '.join(reasons)}." if reasons else ""


def _warnings(known: World, done: Done, found: _Found, model: str, numbers: Mapping[str, float], k: int) -> Iterator[Warned]:
    yield from done.exam.warnings
    yield from (Warned(code, text) for code, text in done.warnings)
    yield from told.alarms(model, numbers, k, len(done.sat[-1].lists[model]))
    yield from chances.broken(found.likely, k)
    yield from words.few(done.account, done.exam.rule, known.scope)
    yield from whom.gaps(found.seen, k)


def _replaced(workspace: Workspace, earlier: Earlier | None, outputs: tuple[FileFact, ...]) -> Iterator[Warned]:
    """Warn where the earlier evaluation was the file that this one is written to."""
    if earlier and any(one_file(Path(earlier.path), workspace.root / fact.path) for fact in outputs):
        yield Warned(
            "baseline-replaced",
            f"{earlier.path} holds this evaluation now; keep a copy elsewhere, or a worse result becomes the next baseline.",
        )


def _said(*sentences: str) -> tuple[str, ...]:
    return tuple(sentence for sentence in sentences if sentence)


def _asides(known: World, done: Done, found: _Found, k: int) -> Iterator[str]:
    account = done.account
    yield from account.split
    yield from known.remarks
    yield words.OFFERED[known.scope]
    yield words.pooled(account)
    yield "" if account.mostly_unseen else words.unseen(account.unseen)
    for choice in done.chosen.values():
        yield from (f"{'Last window: ' * (account.windows > 1)}{sentence}" for sentence in choice.sentences)
    yield from whom.sentences(found.seen, k)
    yield from chances.sentences({name: one for name, one in found.likely.items() if chances.kept(one)}, k)


def _verdict(found: _Found, k: int) -> Iterator[str]:
    yield from verdicts.sentences(found.board, k)
    yield from windows.sentences(found.rolled, found.board)
    yield from expected.sentences(found.off)
    yield from told.since(found.past, k)


def _grids(known: World, found: _Found, stand_ins: Sequence[str], k: int) -> Iterator[Grid]:
    quality, *others = verdicts.grids(found.board, known.scope, k)
    yield replace(quality, note=" ".join(_said(words.alone(stand_ins), quality.note)))
    yield from others
    yield from expected.grids(found.off)
    yield from verdicts.lengths(found.boards)
    yield from windows.grids(found.rolled, found.board, k)
    yield from whom.grids(found.seen, k)
    yield from chances.grids(found.likely)
    yield from told.grids(found.past, k)


def _question(known: World, exam: Exam, settings: Settings) -> dict[str, Any]:
    """What must be the same for two evaluations to be compared."""
    fit, lately = settings.fit, {"owned_since": settings.fit.owned_since} if known.scope == "dormant" else {}
    level = {"category_level": fit.category_level, "category_match": fit.category_match}
    return {
        "split": exam.rule,
        "scope": known.scope,
        "k": settings.evaluate.length,
        **level,
        "owned_by": list(known.events),
        "like": fit.like,
        **lately,
    }


def _write(workspace: Workspace, known: World, done: Done, found: _Found, settings: Settings) -> tuple[FileFact, ...]:
    """Write the numbers with their conventions, and the values of every customer and group."""
    judged = (model for model, score in found.board.items() if score.versus or len(found.board) == 1)
    varied = (f"diversity{settings.evaluate.diversity:g}",) if settings.evaluate.diversity else ()
    name = "-".join((done.exam.rule.replace(":", "-"), known.scope, *judged, *varied))
    k = settings.evaluate.length
    facts = {
        "split": {"rule": done.exam.rule, **({} if done.exam.rolling else done.exam.facts)},
        "scope": known.scope,
        "k": k,
        "lengths": settings.evaluate.lengths,
        "question": _question(known, done.exam, settings),
        "diversity": settings.evaluate.diversity,
        "seed": settings.common.seed,
        "counts": done.account.counts(),
        "models": {model: figures.model_facts(found.boards, model) for model in found.board},
        **windows.facts(found.rolled),
        **whom.facts(found.seen, k),
        **chances.facts(found.likely),
        **expected.facts(found.off),
        "conventions": figures.conventions(),
        **versions(),
    }
    users = known.users.gather(sittings.asked(done.sat))
    return (
        workspace.write_json(f"evaluation/{name}.json", json_ready(facts)),
        workspace.write(per_user(name), figures.per_customer(found.boards, users)),
        workspace.write(per_group(name), found.seen.table),
    )
