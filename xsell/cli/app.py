"""The command `xsell`."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from xsell import __version__
from xsell.cli import clean, evaluate, features, recommend, train
from xsell.cli.command import Page, command
from xsell.cli.door import Door

PAGE = """
Which products from categories a customer does not buy yet to offer, and why.

xsell reads a file of purchases, ratings or events, and perhaps a catalogue
and a customer table, and works in a directory (-w, XSELL_WORKDIR) in which
every command leaves its files. A command runs the ones above it when their
files are missing or out of date, and says so. Nothing leaves the machine.

Examples:

  xsell evaluate ratings.csv --items items.csv     how good would it be?
  xsell train ratings.csv --items items.csv        learn
  xsell recommend --output campaign.csv            lists for all customers
  xsell recommend --user C0007                     one list, with reasons
"""

EPILOG = """
Exit codes: 0 done, 1 fault of xsell or of the disk, 2 usage, 3 input data,
4 a quality gate was not passed, 5 a model was never trained, is damaged or
incompatible, 6 another run holds the directory, 7 too little memory,
130 interrupted, 141 the reader of the output left, 143 terminated.

Options come from the command line, else from the environment
(XSELL_WORKDIR, XSELL_SEED, XSELL_THREADS ...), else from xsell.toml.
Results go to standard output, everything else to standard error.
"""

app = typer.Typer(
    cls=Door,
    name="xsell",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"xsell {__version__}")
        raise typer.Exit


@app.callback(help=PAGE, epilog=EPILOG)
def _common(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and leave.")] = False,
) -> None:
    del version


for _page in (clean, features, train, recommend, evaluate):
    _name = _page.__name__.rpartition(".")[2]
    app.command(_name, cls=Page, context_settings={"help_option_names": ["--help", "-h"]})(command(_name, _page.PAGE))


def main() -> None:
    """Run the command line."""
    with Path(os.devnull).open("w") as nowhere:
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(errors="replace")
        app(prog_name="xsell")
