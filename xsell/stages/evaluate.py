"""`xsell evaluate`: fit models on one part of the events and judge their lists on the rest."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from xsell import comparison, groups, odds, ranking, shipped
from xsell.assemble import World, planned, world
from xsell.contract import judging
from xsell.contract.options import Clean, Evaluate, Settings
from xsell.contract.progress import Tell, silent
from xsell.contract.reports import FileFact, Report, Warned
from xsell.contract.runs import json_ready
from xsell.contract.splits import parse, within
from xsell.data.schema import per_group, per_user
from xsell.data.training import Ints
from xsell.dossier.judged import Judged
from xsell.dossier.publishing import published
from xsell.exam import Exam, by_file, by_split
from xsell.files.earlier import Earlier, read_earlier
from xsell.files.manifest import one_file, opened
from xsell.files.modelfile import versions
from xsell.files.raw import read_raw
from xsell.files.workspace import Workspace
from xsell.metrics.ground import Ground
from xsell.metrics.scoreboard import Score, judge
from xsell.picking import Policy, pick
from xsell.report import chances, figures, verdicts, whom
from xsell.report import comparison as told
from xsell.report import evaluation as words
from xsell.report.whom import Whom
from xsell.selection import Chosen, choose

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
    """
    if settings.evaluate.recommendations:
        return shipped.run(workspace, settings, tell)
    wanted, k, seed = settings.evaluate, settings.evaluate.k, settings.common.seed
    judging.check(wanted)
    rivals = judging.rivals(wanted.fail_worse_than)
    names = judging.models(wanted.model, rivals)
    earlier = read_earlier(wanted.baseline) if wanted.baseline else None
    tell("reading")
    known = world(workspace, settings.fit)
    exam = _exam(workspace, known, settings)
    plan = planned(known, names, settings.fit, settings.common, "" if wanted.test else within(parse(exam.rule)).text)
    chosen = choose(exam.learnt, names, plan, tell)
    made = _lists(chosen, exam, known.scope, settings.evaluate, tell)
    tell("measuring")
    ground = Ground.of(exam.part, exam.asked, known.scope)
    board = judge(made, ground, judging.BASELINE, seed, _rival(made, chosen, exam, known.scope, settings.evaluate))
    pairs = comparison.court(board, made, chosen, rivals, seed)
    if earlier:
        users = known.users.gather(exam.asked.user)
        pairs[judging.EARLIER] = comparison.since(board, users, earlier, _question(known, exam, settings), seed)
    found = figures.flat(board, k) | comparison.guards(made, chosen, np.diff(exam.part.history.purchases.indptr)[exam.asked.user] == 0, k)
    past = pairs.get(judging.EARLIER)
    seen = _looked(workspace, known, exam, board, made)
    likely = odds.checked(known, exam, chosen, k, seed)
    outputs = _write(workspace, known, exam, board, {**whom.facts(seen, k), **chances.facts(likely)}, seen, settings)
    report = Report(
        "evaluate",
        sentences=tuple(
            s
            for s in (
                *_sentences(known, exam, chosen, board, wanted),
                *whom.sentences(seen, k),
                *chances.sentences(likely, k),
                *told.since(past, k),
            )
            if s
        ),
        grids=(*verdicts.grids(board, known.scope, k), *whom.grids(seen, k), *chances.grids(likely), *told.grids(past, k)),
        counts=_counts(exam),
        metrics=found,
        warnings=(*_warnings(chosen), *told.alarms(names[0], found, k), *_replaced(workspace, earlier, outputs)),
        inputs=(*exam.inputs, *((earlier.fact,) if earlier else ())),
        outputs=outputs,
        details={"split": exam.rule, "scope": known.scope, "k": k, "models": list(board)},
        next_step=_next(workspace, verdicts.best(board), settings.fit.scope),
        failed_gate=_gate(names[0], comparison.closed(wanted, board, found, pairs)),
    )
    if not settings.evaluate.report:
        return report
    return published(workspace, Judged(known, exam, chosen, made, board, seen, likely, report, settings), tell)


def _looked(workspace: Workspace, known: World, exam: Exam, board: Board, made: Mapping[str, Ints]) -> Whom:
    """For whom the lists are good."""
    customers, products = groups.of_customers(workspace, known, exam.part, exam.asked), groups.of_products(known, exam.part, exam.asked)
    return whom.looked(board, made, exam.asked, customers, products)


def _next(workspace: Workspace, best: str, scope: str) -> str:
    """Train the best model as it was judged, or make lists with it where it is trained so."""
    done = opened(workspace.root).good(f"train/{best}")
    if done and scope in {"auto", done["details"].get("scope")}:
        return f"xsell recommend --model {best}"
    return f"xsell train --model {best}" + ("" if scope == "auto" else f" --scope {scope}")


def _exam(workspace: Workspace, known: World, settings: Settings) -> Exam:
    wanted = settings.evaluate
    if not wanted.test:
        return by_split(known, wanted.split, settings.common.seed)
    return by_file(known, read_raw(wanted.test), _cleaned_by(workspace, settings.clean), settings.fit)


def _cleaned_by(workspace: Workspace, otherwise: Clean) -> Clean:
    """The options that the events were cleaned with, and the scale that was found."""
    recorded = (opened(workspace.root).good("clean") or {"options": {}})["options"].get("clean", {})
    plain: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in recorded.items()}
    options = replace(otherwise, **plain)
    scale = workspace.read_json("clean/report.json").get("ratings") or {}
    return replace(options, rating_scale=f"{scale['low']},{scale['high']}") if scale else options


def _lists(chosen: Mapping[str, Chosen], exam: Exam, scope: str, wanted: Evaluate, tell: Tell) -> dict[str, Ints]:
    history = exam.part.history.rows(exam.asked.user)
    cut = partial(pick, policy=Policy((), wanted.diversity, exam.part.catalog))
    made = {}
    for name, choice in chosen.items():
        made[name] = ranking.recommend(choice.model, history, exam.part.catalog, scope, wanted.k, tell, cut).items
    return made


def _rival(made: Mapping[str, Ints], chosen: Mapping[str, Chosen], exam: Exam, scope: str, wanted: Evaluate) -> Ints | None:
    """What is popular among categories new to each customer, where there are categories and lists may hold new ones."""
    if scope != "any" or exam.part.catalog.n_categories < 2:
        return made[judging.BASELINE] if scope == "new" else None
    return _lists({judging.BASELINE: chosen[judging.BASELINE]}, exam, "new", wanted, silent)[judging.BASELINE]


def _gate(model: str, reasons: tuple[str, ...]) -> str:
    return f"Model {model} did not pass: {'; '.join(reasons)}." if reasons else ""


def _replaced(workspace: Workspace, earlier: Earlier | None, outputs: tuple[FileFact, ...]) -> Iterator[Warned]:
    """Warn where the earlier evaluation was the file that this one is written to."""
    if earlier and any(one_file(Path(earlier.path), workspace.root / fact.path) for fact in outputs):
        yield Warned(
            "baseline-replaced",
            f"{earlier.path} holds this evaluation now; keep a copy elsewhere, or a worse result becomes the next baseline.",
        )


def _sentences(known: World, exam: Exam, chosen: Mapping[str, Chosen], board: Board, wanted: Evaluate) -> Iterator[str]:
    yield exam.sentence
    yield from known.remarks
    yield words.OFFERED[known.scope]
    yield words.judged(exam.asked, wanted.k)
    yield words.left_out("customers", {**exam.asked.skipped, "with nothing held out": exam.idle})
    yield words.left_out("pairs of customer and product", exam.asked.dropped)
    yield words.unseen(_unseen(exam))
    for choice in chosen.values():
        yield from choice.sentences
    yield from verdicts.sentences(board, wanted.k)
    yield words.varied(wanted.diversity)


def _unseen(exam: Exam) -> int:
    """How many of the products to find nobody had in the training part."""
    seen = np.zeros(exam.part.n_items, bool)
    seen[exam.part.history.owned.indices] = True
    return int((~seen[exam.asked.item]).sum())


def _warnings(chosen: Mapping[str, Chosen]) -> tuple[Warned, ...]:
    """What the choice of models warns of, each once."""
    return tuple(Warned(code, text) for code, text in dict.fromkeys(w for choice in chosen.values() for w in choice.warnings))


def _counts(exam: Exam) -> dict[str, int]:
    causes = {**{f"skipped {c}": n for c, n in exam.asked.skipped.items()}, **{f"pairs {c}": n for c, n in exam.asked.dropped.items()}}
    return {
        "customers": len(exam.asked.user),
        "pairs": len(exam.asked.item),
        "pairs_of_unseen_items": _unseen(exam),
        "skipped_with_nothing_held_out": exam.idle,
        **{cause.replace(" ", "_"): n for cause, n in causes.items()},
    }


def _question(known: World, exam: Exam, settings: Settings) -> dict[str, Any]:
    """What must be the same for two evaluations to be compared."""
    fit, lately = settings.fit, {"owned_since": settings.fit.owned_since} if known.scope == "dormant" else {}
    level = {"category_level": fit.category_level, "category_match": fit.category_match}
    return {
        "split": exam.rule,
        "scope": known.scope,
        "k": settings.evaluate.k,
        **level,
        "owned_by": list(known.events),
        "like": fit.like,
        **lately,
    }


def _write(
    workspace: Workspace, known: World, exam: Exam, board: Board, more: Mapping[str, Any], seen: Whom, settings: Settings
) -> tuple[FileFact, ...]:
    """Write the numbers with their conventions, and the values of every customer and group."""
    judged = (model for model, score in board.items() if score.versus or len(board) == 1)
    varied = (f"diversity{settings.evaluate.diversity:g}",) if settings.evaluate.diversity else ()
    name = "-".join((exam.rule.replace(":", "-"), known.scope, *judged, *varied))
    k = settings.evaluate.k
    facts = {
        "split": {"rule": exam.rule, **exam.facts},
        "scope": known.scope,
        "k": k,
        "question": _question(known, exam, settings),
        "diversity": settings.evaluate.diversity,
        "seed": settings.common.seed,
        "counts": _counts(exam),
        "models": {model: figures.model_facts(score, k) for model, score in board.items()},
        **more,
        "conventions": figures.conventions(),
        **versions(),
    }
    users = known.users.gather(exam.asked.user)
    return (
        workspace.write_json(f"evaluation/{name}.json", json_ready(facts)),
        workspace.write(per_user(name), figures.per_customer(board, users, k)),
        workspace.write(per_group(name), seen.table),
    )
