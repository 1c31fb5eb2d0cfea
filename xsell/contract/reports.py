"""What a stage returns: values, not ink. The command line draws them or prints them as JSON."""

from dataclasses import dataclass, field

from xsell.errors import XsellError

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Grid:
    """
    A small table to show.

    Attributes:
        title: One short line.
        columns: Headings.
        rows: Cells; floats are shown with four significant digits, None as a dash.
        bold: Numbers of the rows to stress.
        note: A sentence beneath, or empty.
        aside: Whether it is drawn only where more is asked for.
    """

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    bold: tuple[int, ...] = ()
    note: str = ""
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Warned:
    """
    Something the user must know, though the work went on.

    Attributes:
        code: A stable word for scripts, such as `no-timestamps`.
        message: One sentence.
    """

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class FileFact:
    """
    One file that was read or written.

    Attributes:
        path: As the user gave it, or relative to the working directory.
        sha256: Hex digest of its bytes; empty for a pipe.
        rows: Rows of the table in it, or None.
    """

    path: str
    sha256: str
    rows: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """
    What one stage did.

    Attributes:
        command: Name of the stage.
        sentences: What happened, in reading order, one sentence each.
        asides: Sentences for those who ask for more; a log file has them all the same.
        brief: Half a sentence to say instead where the stage ran for another command, the sentences aside; empty to say these.
        grids: Tables to show after the sentences.
        verdict: What the tables come to, one sentence each: a result as they are.
        counts: Whole numbers for scripts.
        metrics: Measured quality for scripts.
        warnings: What the user must know.
        inputs: Files read from outside the working directory.
        outputs: Files written.
        details: JSON-ready values for the manifest and `--json` that need no drawing.
        results: Rows that were asked for, for `--json` only: the manifest keeps no customer's list.
        places: Where the files are, one sentence each, to say at the end.
        next_step: The command to type next, or empty.
        failed_gate: Why a quality gate closed, or empty; everything is written all the same.
        unwritten: What kept a page for others from being written once everything else was, or None.
    """

    command: str
    sentences: tuple[str, ...] = ()
    grids: tuple[Grid, ...] = ()
    counts: dict[str, int] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    warnings: tuple[Warned, ...] = ()
    inputs: tuple[FileFact, ...] = ()
    outputs: tuple[FileFact, ...] = ()
    details: dict[str, object] = field(default_factory=dict)
    next_step: str = ""
    failed_gate: str = ""
    unwritten: XsellError | None = None
    brief: str = ""
    asides: tuple[str, ...] = ()
    verdict: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    results: tuple[dict[str, object], ...] = ()
