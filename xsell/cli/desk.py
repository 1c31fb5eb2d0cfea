"""The desk of one run: what goes to standard output, to standard error, to the log and into the JSON object."""

import json
import re
import shlex
import sys
import time
from dataclasses import replace
from typing import Any

from xsell import __version__
from xsell.cli import draw
from xsell.cli.log import Log
from xsell.cli.progress import Watcher
from xsell.contract.options import COMMANDS, Settings
from xsell.contract.reports import FileFact, Report
from xsell.contract.runs import json_ready, new_run_id

RESULTS = {"recommend"}
"""Commands whose tables are what was asked for, and not an account of the work; the verdict of a command always is."""

TO_TYPE = re.compile(rf"\bxsell (?:{'|'.join(COMMANDS)})\b")


class Desk:
    """
    Hands out what a run says.

    Attributes:
        command: The subcommand, or empty while it is not known.
        run_id: Name of the run.
        settings: The options.
        reports: What the stages returned so far.
        placed: Whether the working directory was typed, so that what to type next must name it too.
    """

    def __init__(self, command: str, settings: Settings, *, placed: bool = False) -> None:
        self.command = command
        self.run_id = new_run_id()
        self.settings = settings
        self.placed = placed
        self.reports: list[Report] = []
        self._heard: set[str] = set()
        self._started = time.monotonic()
        common = settings.common
        self.out, self.err = draw.papers(common.no_color)
        run = {"run_id": self.run_id, "command": command}
        self.log = Log("" if common.dry_run else common.log_file, common.log_format, run, settings.recommend.user)
        self.watcher = Watcher(self.err, moving=not common.quiet, lines=common.verbose)

    def show(self, report: Report) -> None:
        """Draw a report as soon as its stage is finished: the tables and the verdict of the command itself are results, all else is talk."""
        self.watcher.pause()
        self.reports.append(report)
        own, loud = report.command == self.command, not self.settings.common.quiet
        news = self._news(report)
        if loud:
            draw.sentences(self.err, (*news.sentences, *news.asides))
        if own:
            self._results(report)
        if loud:
            draw.notes(self.err, news.warnings)
        if own and loud:
            draw.sentences(self.err, report.places)
            draw.next_step(self.err, self._located(report.next_step))
        self._note(report)
        if not own:
            self.watcher.resume()

    def _results(self, report: Report) -> None:
        common = self.settings.common
        elsewhere = common.json or self.settings.recommend.output == "-"
        if not elsewhere and (not common.quiet or self.command in RESULTS):
            for grid in report.grids:
                if common.verbose or not grid.aside:
                    draw.grid(self.out, grid)
        if not elsewhere or not common.quiet:
            draw.sentences(self.err if elsewhere else self.out, report.verdict, "bold")

    def _news(self, report: Report) -> Report:
        """Leave out what was said before, sentences that a note says again, and what nobody asked for."""
        notes = tuple(warned for warned in report.warnings if warned.message not in self._heard)
        self._heard |= {warned.message for warned in notes}
        sentences, asides = (tuple(said for said in some if said not in self._heard) for some in (report.sentences, report.asides))
        self._heard |= set(sentences)
        return replace(report, sentences=sentences, asides=asides if self.settings.common.verbose else (), warnings=notes)

    def _located(self, text: str) -> str:
        """Add the working directory to the commands in a text if it was typed."""
        where = f" -w {shlex.quote(self.settings.common.workdir)}"
        return TO_TYPE.sub(lambda found: found[0] + where, text) if self.placed else text

    def _note(self, report: Report) -> None:
        for sentence in (*report.sentences, *report.asides, *report.verdict, *report.places):
            self.log.write("info", sentence)
        for warned in report.warnings:
            self.log.write("warning", warned.message)

    def failed(self, message: str, hint: str, exit_code: int) -> None:
        """Say why the run ended badly."""
        self.watcher.pause()
        hint = self._located(hint)
        draw.error(self.err, message, hint)
        self.log.write("error", message)
        self.summarise(exit_code, {"message": message, "hint": hint})

    def done(self) -> None:
        """End a run that went well."""
        self.summarise(0, None)

    def summarise(self, exit_code: int, error: dict[str, str] | None) -> None:
        """Print the JSON object if it is wanted."""
        if self.settings.common.json:
            sys.stdout.write(json.dumps(json_ready(self._facts(exit_code, error)), ensure_ascii=False) + "\n")

    def _facts(self, exit_code: int, error: dict[str, str] | None) -> dict[str, Any]:
        own = self.reports[-1] if self.reports and self.reports[-1].command == self.command else Report(self.command)
        return {
            "command": self.command,
            "version": __version__,
            "run_id": self.run_id,
            "status": "failed" if error else "ok",
            "exit_code": exit_code,
            "gate": "closed" if error else "open",
            "reason": error["message"] if error else "",
            "stages": [report.command for report in self.reports],
            "inputs": [_fact(fact) for report in self.reports for fact in report.inputs],
            "outputs": [_fact(fact) for report in self.reports for fact in report.outputs],
            "counts": own.counts,
            "metrics": own.metrics,
            **({"verdict": own.verdict} if own.verdict else {}),
            "warnings": [{"code": warned.code, "message": warned.message} for report in self.reports for warned in report.warnings],
            "details": own.details,
            **({"results": own.results} if own.results else {}),
            "seconds": round(time.monotonic() - self._started, 3),
            **({"error": error} if error else {}),
        }


def _fact(fact: FileFact) -> dict[str, Any]:
    return {"path": fact.path, "sha256": fact.sha256, "rows": fact.rows}
