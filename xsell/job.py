"""
The only caller of stages: runs what a command needs, in order, and writes down how it went.

A run that fails leaves the files and facts of the last good one as they are.
"""

import importlib
import resource
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from xsell import __version__
from xsell.contract.options import Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import Report
from xsell.contract.runs import new_run_id
from xsell.contract.together import named_files
from xsell.data.schema import layout
from xsell.errors import GateError, InputError, UsageError, XsellError
from xsell.files.atomic import refused
from xsell.files.lock import locked
from xsell.files.manifest import Manifest, identity, noted, opened
from xsell.files.raw import read_list, require
from xsell.files.workspace import Workspace
from xsell.parallel import limit
from xsell.plan import ABOVE, Asked, above, options_of, plan, refuse, settings_for, why
from xsell.prep.audience import listed_items, names_offers

Stage = Callable[[Workspace, Settings, Tell], Report]
Show = Callable[[Report], None]


def _load(name: str) -> Stage:
    """Import a stage only when it runs, so that a plan stays light."""
    stage: Stage = importlib.import_module(f"xsell.stages.{name}").run
    return stage


STAGES: dict[str, Callable[[], Stage]] = {name: partial(_load, name) for name in ABOVE}


FOLDERS = {"clean": "clean", "features": "features", "train": "models", "recommend": "recommendations", "evaluate": "evaluation"}
"""Where in the working directory each command leaves its files."""


UNKEPT = "The numbers are not kept, as there is no working directory here; -w DIR makes one, for --baseline later."


def unseen(report: Report) -> None:
    """Show a report to nobody."""


def run(command: str, settings: Settings, given: frozenset[str], tell: Tell, show: Show = unseen, run_id: str = "") -> tuple[Report, ...]:
    """
    Run a command and the stages it needs.

    Args:
        command: One of the five.
        settings: All options, defaults included.
        given: Options that the user set, as `group.field`.
        tell: Hears how far the work is.
        show: Gets every Report as soon as its stage is finished.
        run_id: Name of the run in the manifest; a new one if empty.

    Returns:
        The Reports in the order in which the stages ran, the command's own last.

    Raises:
        GateError: A quality gate the user set was not passed; the files are written all the same.
        XsellError: Whatever stopped a stage.
    """
    settings = _spelt_out(settings)
    asked = Asked(command, settings, given, Path.cwd())
    root = Path(settings.common.workdir)
    refuse(asked, opened(root))
    _refuse_inputs(settings)
    if settings.common.dry_run:
        report = _planned(asked, opened(root))
        show(report)
        return (report,)
    _refuse_outputs(settings)
    if _leaves_nothing(asked):
        return _passing(asked, tell, show, run_id)
    with locked(root, settings.common.lock_timeout, tell):
        _refuse_directory(root, command)
        manifest = opened(root)
        refuse(asked, manifest)
        return _Run(asked, manifest, tell, show, run_id or new_run_id()).all()


def _spelt_out(settings: Settings) -> Settings:
    """Put what a file lists in the place of @FILE, so that what is kept of the options is what was meant when they were typed."""
    typed = settings.clean.drop_items
    if "@" in typed:
        raise UsageError("--drop-items @ lacks the name of a file.", "Type it right behind the sign: `--drop-items @FILE`.")
    words = [[text] if not text.startswith("@") else listed_items(read_list(text[1:], names_offers)).to_list() for text in typed]
    return replace(settings, clean=replace(settings.clean, drop_items=tuple(word for some in words for word in some)))


def _leaves_nothing(asked: Asked) -> bool:
    """Whether delivered lists are judged where no working directory is: none is made for it unless it was named."""
    settings = asked.settings
    return bool(settings.evaluate.recommendations) and "common.workdir" not in asked.given and not Path(settings.common.workdir).exists()


def _passing(asked: Asked, tell: Tell, show: Show, run_id: str) -> tuple[Report, ...]:
    """Run in a directory that is gone afterwards, and say that nothing is kept but the page."""
    with TemporaryDirectory(prefix="xsell-") as place:
        root = Path(place)
        settings = replace(asked.settings, common=replace(asked.settings.common, workdir=place))

        def passed(report: Report) -> Report:
            kept = tuple(fact for fact in report.outputs if fact.path == settings.evaluate.report)
            return replace(report, outputs=kept, places=(*(said for said in report.places if place not in said), UNKEPT))

        run = _Run(replace(asked, settings=settings), opened(root), tell, lambda report: show(passed(report)), run_id or new_run_id())
        return tuple(passed(report) for report in run.all())


def _refuse_inputs(settings: Settings) -> None:
    """Stop before the stages above where a file that only the command itself would read cannot be read."""
    for _, path in named_files(Settings(recommend=settings.recommend, evaluate=settings.evaluate), written=False):
        require(path)


def _refuse_outputs(settings: Settings) -> None:
    """Stop before the work where its result could not be written."""
    for label, path in named_files(settings, written=True):
        if reason := refused(Path(path)):
            raise UsageError(f"{label} {path} cannot be written: {reason}.", f"Name another file with {label} FILE.")


def _refuse_directory(root: Path, command: str) -> None:
    for place in (root, root / FOLDERS[command]):
        if reason := refused(place / "new"):
            raise InputError(f"{place} cannot be written: {reason}.", "Change its permissions, or use another directory with -w DIR.")


def _planned(asked: Asked, manifest: Manifest) -> Report:
    steps = tuple(plan(asked, manifest))
    sentences = tuple(f"{stage} would run, because {reason}." if reason else f"{stage} is up to date." for stage, reason in steps)
    return Report(asked.command, sentences, details={"plan": [{"stage": stage, "because": reason} for stage, reason in steps]})


@dataclass(frozen=True, slots=True)
class _Run:
    asked: Asked
    manifest: Manifest
    tell: Tell
    show: Show
    run_id: str

    def all(self) -> tuple[Report, ...]:
        reports = [self._above(stage) for stage in self.asked.above(self.asked.command)]
        own = self._stage(self.asked.command, self.asked.settings, "")
        return (*(report for report in reports if report), own)

    def _above(self, stage: str) -> Report | None:
        """Run a stage above the command if it must."""
        reason = why(self.asked, self.manifest, stage)
        return self._stage(stage, settings_for(self.asked, self.manifest, stage), reason) if reason else None

    def _stage(self, stage: str, settings: Settings, reason: str) -> Report:
        started = time.time()
        self.tell(f"{stage}: starting")
        try:
            work = STAGES[stage]()  # before the limit, which reaches only libraries that are loaded
            with limit(settings.common.threads):
                made = work(Workspace(self.manifest.root), settings, self._told(stage))
        except BaseException as error:
            with suppress(XsellError):
                self.manifest.record_failure(self.asked.key(stage), self._failure(error, started))
            raise
        report = _in_brief(made, reason) if reason else made
        self.manifest.record(self.asked.key(stage), self._facts(stage, settings, report, started))
        self.show(report)
        if report.unwritten:
            raise report.unwritten
        if report.failed_gate:
            raise GateError(report.failed_gate, f"The files are written; look into {self.manifest.root}, or loosen the gate.")
        return report

    def _told(self, stage: str) -> Tell:
        def tell(text: str, done: int = 0, total: int = 0) -> None:
            self.tell(f"{stage}: {text}", done, total)

        return tell

    def _facts(self, stage: str, settings: Settings, report: Report, started: float) -> dict[str, Any]:
        return {
            **self._ran(started),
            "status": "failed" if report.failed_gate or report.unwritten else "ok",
            "exit_code": report.unwritten.exit_code if report.unwritten else GateError.exit_code if report.failed_gate else 0,
            "gate": report.failed_gate,
            "options": options_of(settings, stage),
            "cwd": str(self.asked.cwd),
            "seed": settings.common.seed,
            "threads": settings.common.threads,
            **({"events": [identity(path) for path in settings.clean.events]} if stage == "clean" else {}),
            "layout": layout(stage),
            "upstream": above(self.asked, self.manifest, stage),
            "inputs": noted(report.inputs, self.asked.cwd, settled_by=started - 1),
            "outputs": noted(report.outputs, self.manifest.root),
            "counts": report.counts,
            "metrics": report.metrics,
            "warnings": [warned.code for warned in report.warnings],
            "details": report.details,
        }

    def _failure(self, error: BaseException, started: float) -> dict[str, Any]:
        sentence, code = _ended(error)
        return {**self._ran(started), "sentence": sentence, "exit_code": code}

    def _ran(self, started: float) -> dict[str, Any]:
        return {
            "run_id": self.run_id,
            "command": self.asked.command,
            "version": __version__,
            "started": datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
            "seconds": round(time.time() - started, 3),
            "peak_memory_mb": _peak_megabytes(),
        }


def _in_brief(made: Report, reason: str) -> Report:
    """Say why a stage ran for another command and, in brief, what came of it; what else it says is said aside."""
    ran = f"{made.command} ran, because {reason}"
    if not made.brief:
        return replace(made, sentences=(f"{ran}.", *made.sentences))
    return replace(made, sentences=(f"{ran}: {made.brief}.",), asides=(*made.asides, *made.sentences))


def _ended(error: BaseException) -> tuple[str, int]:
    """Say how a stage ended without repeating what an unknown error holds: it may be a customer's data."""
    if isinstance(error, XsellError):
        return error.message, error.exit_code
    if isinstance(error, MemoryError):
        return "It ran out of memory.", 7
    if isinstance(error, KeyboardInterrupt | SystemExit):
        return "It was interrupted.", 130 if isinstance(error, KeyboardInterrupt) else int(error.code or 0)
    return f"It met an internal error ({type(error).__name__}).", 1


def _peak_megabytes() -> int:
    """Peak memory of the process; macOS counts bytes, Linux kilobytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // (1 << 20) if sys.platform == "darwin" else peak // 1024
