"""Evaluations of a small shop, with their pages."""

from pathlib import Path
from typing import Any

from tests.page.markup import Markup
from xsell.contract.options import Evaluate, Fit, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
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
