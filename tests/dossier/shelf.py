"""Evaluations of a small shop, with their pages."""

from pathlib import Path
from typing import Any

import pytest

from tests.page.markup import Markup
from xsell.contract.options import Evaluate, Fit, Settings
from xsell.contract.progress import Tell, silent
from xsell.contract.reports import Report
from xsell.dossier.judged import Judged
from xsell.files.workspace import Workspace
from xsell.stages import evaluate


def evaluated(workspace: Workspace, page: Path, scope: str = "auto", **options: Any) -> tuple[Report, str]:
    """Judge with a penalty that is given, so that nothing needs choosing, and read the page."""
    told = {"model": "ease", **options}
    fit = Fit(scope=scope, regularization=10.0, rho=0.0)
    report = evaluate.run(workspace, Settings(fit=fit, evaluate=Evaluate(report=str(page), **told)), silent)
    return report, page.read_text(encoding="utf-8")


def headings(drawn: str) -> set[str]:
    """Names of the sections of a page."""
    return {value for tag, name, value in Markup(drawn).attributes if (tag, name) == ("section", "id")}


def judged(workspace: Workspace, **options: Any) -> Judged:
    """Give an evaluation as its page sees it."""
    caught: list[Judged] = []

    def catch(_: Workspace, found: Judged, __: Tell) -> Report:
        caught.append(found)
        return found.report

    told = {"model": "ease", "report": "page.html", **options}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluate, "published", catch)
        evaluate.run(workspace, Settings(fit=Fit(regularization=10.0, rho=0.0), evaluate=Evaluate(**told)), silent)
    return caught[0]
