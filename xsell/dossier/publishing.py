"""The page of an evaluation: gathered, drawn and written."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from xsell import __version__
from xsell.contract.options import Evaluate
from xsell.contract.progress import Tell
from xsell.contract.reports import Report
from xsell.dossier import provenance, quality
from xsell.dossier.customers import customers
from xsell.dossier.judged import Judged
from xsell.dossier.lengths import lengths
from xsell.dossier.offered import categories, spread
from xsell.dossier.probabilities import probabilities
from xsell.dossier.whom import segments
from xsell.errors import XsellError
from xsell.files.manifest import PIPE, opened
from xsell.files.workspace import Workspace
from xsell.page.contents import Page


def published(workspace: Workspace, judged: Judged, tell: Tell) -> Report:
    """
    Write the page that was asked for.

    Args:
        workspace: Holds what cleaning said.
        judged: The evaluation.
        tell: Hears about the progress.

    Returns:
        The report of the evaluation with the page among its files.
    """
    tell("drawing the page")
    return written(workspace, gathered(workspace, judged, tell), judged.settings.evaluate, judged.report)


def written(workspace: Workspace, page: Page, wanted: Evaluate, report: Report) -> Report:
    """
    Write a page.

    Args:
        workspace: Knows how files are written.
        page: What stands on it.
        wanted: Says where it goes.
        report: What was reported so far; the page is added, or why it could not be written: what was judged is not lost by it.
    """
    from xsell.page.drawing import html  # noqa: PLC0415 - its library is an extra

    try:
        fact = workspace.export_text(wanted.report, html(page))
    except XsellError as error:
        return replace(report, unwritten=error)
    said = f"The page for reading and passing on is {wanted.report}."
    return replace(report, places=(said, *report.places), outputs=(*report.outputs, fact))


def foot(wanted: Evaluate) -> str:
    """Say what the page is at its end."""
    ids = "It shows customer ids." if wanted.show_ids else "It holds no customer id."
    return f"Made by xsell {__version__}. This page is one file and loads nothing. {ids}"


def gathered(workspace: Workspace, judged: Judged, tell: Tell) -> Page:
    """
    Put together what stands on the page.

    Args:
        workspace: Holds what cleaning said.
        judged: The evaluation.
        tell: Hears about the progress.
    """
    return Page(
        about=_about(workspace, judged),
        title=quality.title(judged),
        lead=tuple(sentence for sentence in quality.lead(judged) if sentence),
        tiles=tuple(quality.tiles(judged)),
        sections=(
            quality.quality(judged),
            lengths(judged),
            segments(judged),
            categories(judged),
            spread(judged),
            probabilities(judged),
            customers(judged, tell),
            provenance.method(judged),
            provenance.data(workspace),
            provenance.definitions(judged),
            provenance.run(workspace, judged),
        ),
        foot=foot(judged.settings.evaluate),
    )


def _about(workspace: Workspace, judged: Judged) -> str:
    """Name the events and the day of the last one."""
    entry = opened(workspace.root).good("clean") or {"events": []}
    names = ", ".join(provenance.PIPED if path == PIPE else Path(path).name for path in entry["events"])
    at = judged.known.training.log.at
    last = np.max(at, where=np.isfinite(at), initial=-np.inf)
    until = f"events until {datetime.fromtimestamp(last, UTC):%Y-%m-%d}" if np.isfinite(last) else ""
    return " · ".join(part for part in ("Evaluation of cross-selling", names, until) if part)
