"""Reports on paper: sentences, tables, warnings and errors, as wide as the terminal."""

import math
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xsell.contract.reports import Cell, Grid, Warned

WIDTH = 80


def paper(file: TextIO, no_color: bool) -> Console:
    """Give a console that writes plain text of 80 columns to anything that is not a terminal."""
    console = Console(file=file, no_color=no_color or None, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = WIDTH
    return console


def papers(no_color: bool) -> tuple[Console, Console]:
    """Give the consoles of standard output and standard error."""
    return paper(sys.stdout, no_color), paper(sys.stderr, no_color)


def safe(text: str) -> str:
    """Replace characters that steer a terminal: names come from other people's files."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def said(console: Console, text: Text) -> None:
    """Draw a sentence: wrapped for people, on one line for logs."""
    console.print(text, soft_wrap=not console.is_terminal)


def sentences(console: Console, lines: Sequence[str], style: str = "") -> None:
    """Draw sentences, one a line."""
    for line in lines:
        said(console, Text(safe(line), style))


def notes(console: Console, warnings: Sequence[Warned]) -> None:
    """Draw what to know."""
    for warned in warnings:
        said(console, Text.assemble(("Note: ", "yellow"), safe(warned.message)))


def next_step(console: Console, command: str) -> None:
    """Draw what to type next, if there is anything."""
    if command:
        said(console, Text.assemble("Next: ", (safe(command), "bold")))


def error(console: Console, message: str, hint: str) -> None:
    """Draw one sentence and one hint."""
    said(console, Text.assemble(("Error: ", "bold red"), safe(message)))
    if hint:
        said(console, Text(safe(hint)))


def grid(console: Console, drawn: Grid) -> None:
    """Draw a table: numbers to the right, a dash for nothing, stressed rows in bold."""
    console.print(Text(safe(drawn.title), style="bold"))
    table = Table(box=None, pad_edge=False, header_style="underline", show_header=any(drawn.columns))
    for place, heading in enumerate(drawn.columns):
        numeric = any(isinstance(row[place], int | float) for row in drawn.rows) and not any(
            isinstance(row[place], str) for row in drawn.rows
        )
        table.add_column(safe(heading), justify="right" if numeric else "left", overflow="fold")
    for number, row in enumerate(drawn.rows):
        table.add_row(*(inked(cell(value)) for value in row), style="bold" if number in drawn.bold else "")
    console.print(table)
    if drawn.note:
        console.print(Text(safe(drawn.note), style="italic"))
    console.print()


def inked(text: str) -> Text:
    """Stress the first of several lines in a cell."""
    first, end, rest = text.partition("\n")
    return Text.assemble((first, "bold"), end, rest) if end else Text(text)


def cell(value: Cell) -> str:
    """Write one cell: four significant digits, thousands apart, a dash for nothing."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, str):
        return safe(value)
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:#.4g}"
    return f"{value:,}"
