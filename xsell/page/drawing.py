"""From the contents of a page to its HTML."""

import base64
import hashlib
import re
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from xsell.page.charts import Curves, Heat, Ranges
from xsell.page.contents import Block, Estimate, Page, Share
from xsell.page.figures import forest, plot, shaded

BESIDE = (Curves, Heat)
"""Kinds of blocks that stand beside each other where there is room."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """
    A block on its way to a template.

    Attributes:
        kind: Name of the template.
        key: Its name within the page.
        block: What it shows.
        figure: Its places, if it is a figure.
    """

    kind: str
    key: str
    block: Block
    figure: Any = None


def html(page: Page) -> str:
    """
    Draw a page.

    Everything it needs is in it; names are escaped, and its policy lets a browser load nothing and run no script but the page's own.

    Args:
        page: What stands on it.
    """
    templates = Environment(
        loader=PackageLoader("xsell.page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    templates.filters |= {"cell": cell, "together": together}
    templates.tests |= {"estimate": lambda value: isinstance(value, Estimate), "share": lambda value: isinstance(value, Share)}
    script = templates.get_template("page.js").render()
    return templates.get_template("page.html").render(
        page=page,
        sections=[(section, rows) for section in page.sections if (rows := _rows(section.key, section.blocks))],
        style=_raw(templates.get_template("page.css")),
        script=Markup(script),  # noqa: S704 - it comes from this package
        script_digest=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
    )


def _raw(template: Template) -> Markup:
    return Markup(template.render())  # noqa: S704 - it comes from this package


def _rows(key: str, blocks: tuple[Block, ...]) -> list[list[Drawn]]:
    """Blocks with something to show, those that stand beside each other together."""
    shown = [(f"{key}-{place}", block) for place, block in enumerate(blocks, 1) if block]
    most = max((share for _, b in shown if isinstance(b, Heat) for row in b.shares for share in row if share is not None), default=0.0)
    drawn = [Drawn(type(block).__name__.lower(), name, block, _figure(block, most)) for name, block in shown]
    alike = groupby(enumerate(drawn), lambda pair: pair[1].kind if isinstance(pair[1].block, BESIDE) else str(pair[0]))
    return [[block for _, block in some] for _, some in alike]


def _figure(block: Block, most: float) -> Any:
    if isinstance(block, Ranges):
        return forest(block)
    if isinstance(block, Curves):
        return plot(block)
    return shaded(block, most) if isinstance(block, Heat) else None


def together(text: str) -> str:
    """Let no line end between a number and its sign."""
    return re.sub(r"(?<=\bp) (?=[<\d])|(?<=<) (?=\d)", "\N{NO-BREAK SPACE}", text)


def cell(value: Any) -> str:
    """Write a value of a table; None is a dash."""
    if value is None:
        return "–"
    if isinstance(value, Share):
        digits = 0 if value.value in {0, 1} else 1 if value.value >= 0.01 else 2
        return f"{value.value * 100:.{digits}f}%"
    if isinstance(value, float):
        return (f"{value:.4f}" if abs(value) < 10 else f"{value:,.1f}").replace("-", "−")
    return f"{value:,}" if isinstance(value, int) else str(value)
