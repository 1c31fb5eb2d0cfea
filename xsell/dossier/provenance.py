"""Where the numbers come from: who was judged, what cleaning did, definitions, options, files and versions."""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from itertools import chain
from pathlib import Path
from typing import Any

from xsell.contract.flags import Flag
from xsell.contract.names import ERRORS
from xsell.contract.reports import FileFact
from xsell.contract.wording import many
from xsell.data.schema import CLEANED
from xsell.dossier.judged import Judged
from xsell.dossier.tables import PLAIN
from xsell.files.manifest import PIPE, opened
from xsell.files.modelfile import versions
from xsell.files.workspace import Workspace
from xsell.page.contents import Facts, Section, Share, Table, Words
from xsell.report import evaluation as words
from xsell.report.figures import conventions

PIPED = "standard input"
SAID = {"model", "split", "scope", "k", "report", "show_ids"}
"""Options of the command that are decided or are about the page only."""


def method(judged: Judged) -> Section:
    """Say what was held out, who was judged, who was left out, and how models were chosen."""
    account = judged.account
    asked = (words.judged(account, judged.k), words.unseen(account.unseen, account.pairs), words.pooled(account))
    told = (*account.split, *judged.known.remarks, *asked)
    varied = words.varied(judged.settings.evaluate.diversity)
    chosen = [
        said if said.startswith(f"{name} ") else f"{name}: {said}" for name, choice in judged.chosen.items() for said in choice.sentences
    ]
    everyone = "Customers, counted in every window" if account.windows else "Customers"
    return Section(
        "method",
        "How it was judged",
        "Models learn from one part of the events and are asked for the rest, which they have not seen.",
        (
            Words(unplaced((sentence for sentence in (*told, varied, *chosen) if sentence), judged.report.inputs)),
            Words(unplaced((warned.message for warned in judged.report.warnings), judged.report.inputs), "warning"),
            _counted(everyone, "judged", account.times, account.skipped, "left out "),
            _counted("Purchases and likes held out", "to find", account.pairs, account.dropped, "left out "),
        ),
    )


def _counted(caption: str, first: str, number: int, causes: Mapping[str, int], prefix: str) -> Table:
    """Nothing where nothing was left out."""
    rows = [(first, number), *((f"{prefix}{cause}", n) for cause, n in causes.items() if n)]
    total = sum(n for _, n in rows)
    return Table(caption, ("", "number", "share"), tuple((name, n, Share(n / total)) for name, n in rows if len(rows) > 1))


def data(workspace: Workspace) -> Section:
    """Say what became of the rows of the files."""
    found = workspace.read_json(CLEANED)
    warnings = [warned["message"] for warned in found.get("warnings", ())]
    return cleaned(found.get("tables", {}), found.get("sentences", ()), warnings)


def cleaned(tables: Mapping[str, Any], sentences: Sequence[str], warnings: Sequence[str]) -> Section:
    """
    Say what became of the rows of some tables.

    Args:
        tables: By table how many rows were `read`, `kept`, `merged`, and by cause `rejected`.
        sentences: How they were read.
        warnings: What to know of them.
    """
    fate = tuple((kind, b["read"], b["kept"], b["merged"], sum(b["rejected"].values())) for kind, b in tables.items())
    refused = tuple(
        (kind, cause, n, Share(n / book["read"])) for kind, book in tables.items() for cause, n in book["rejected"].items() if n
    )
    return Section(
        "data",
        "How clean the data are",
        "Nothing is lost: rows read are kept, merged or rejected.",
        (
            Table("What became of the rows", ("table", "read", "kept", "merged", "rejected"), fate),
            Table("Why rows were rejected", ("table", "reason", "rows", "of those read"), refused),
            Words(tuple(sentences)),
            Words(tuple(warnings), "warning"),
        ),
    )


def definitions(judged: Judged) -> Section:
    """Say how every number is defined; errors of expected ratings only where there are some."""
    rated = any(f"{model}.{ERRORS[0]}" in judged.report.metrics for model in judged.board)
    return defined({term: meaning for term, meaning in conventions().items() if rated or term not in ERRORS})


def defined(meanings: Mapping[str, str]) -> Section:
    """Say what terms mean; names of metrics are given as the tables have them, and as options and files do."""
    pairs = tuple((_term(term), meaning) for term, meaning in meanings.items())
    return Section("definitions", "Definitions", "In brackets: what a metric is called in options and files.", (Facts("", pairs),))


def _term(term: str) -> str:
    """Name a metric as the tables do, and as options and files do where that differs."""
    name = PLAIN[term][0] if term in PLAIN else term
    return name if name.lower() == term else f"{name} ({term})"


def run(workspace: Workspace, judged: Judged) -> Section:
    """Say what would give the same numbers again."""
    cleaned = opened(workspace.root).good("clean") or {"inputs": [], "options": {}}
    read = [*cleaned["inputs"], *({"path": f.path, "rows": f.rows, "sha256": f.sha256} for f in judged.report.inputs)]
    options = (*_recorded(cleaned["options"].get("clean", {}), judged), *_options(judged))
    events = [PIPE if path == PIPE else Path(path).name for path in cleaned.get("events", ())]
    return repeated((*events, *chain.from_iterable(options)), read)


def repeated(words: Iterable[str], read: Iterable[Mapping[str, Any]]) -> Section:
    """
    Say what gives the same page again.

    Args:
        words: What to type after `xsell evaluate`.
        read: Path, rows and digest of every file that was read.
    """
    found = versions()
    versioned = {"xsell": found["xsell"], **found["libraries"]}
    return Section(
        "run",
        "How to get the same numbers",
        "The same files, options and versions give the same numbers and the same page.",
        (
            Facts(
                "",
                (
                    ("Command", shlex.join(["xsell", "evaluate", *words])),
                    *((f"From {name}", said) for name, said in map(_file, read)),
                    ("Versions", ", ".join(f"{name} {number}" for name, number in versioned.items())),
                ),
                code=True,
            ),
        ),
    )


def short(path: str) -> str:
    """Name a file without its folders."""
    return PIPED if path == PIPE else Path(path).name


def unplaced(sentences: Iterable[str], files: Iterable[FileFact]) -> tuple[str, ...]:
    """Name files without their folders, which are nobody's business."""
    told = list(sentences)
    for path in sorted((fact.path for fact in files if Path(fact.path).name != fact.path), key=len, reverse=True):
        told = [sentence.replace(path, short(path)) for sentence in told]
    return tuple(told)


def _file(note: Mapping[str, Any]) -> tuple[str, str]:
    rows = f"{many(note['rows'], 'row')} · " if note["rows"] is not None else ""
    return short(note["path"]), f"{rows}{'SHA-256 ' + note['sha256'] if note['sha256'] else 'through a pipe'}"


def _options(judged: Judged) -> Iterator[tuple[str, ...]]:
    """What was decided, then what else was set."""
    yield "--model", ",".join(judged.board)
    yield "--split", judged.exam.rule
    yield "--scope", judged.known.scope
    yield "-k", ",".join(map(str, judged.settings.evaluate.lengths))
    yield "--seed", str(judged.settings.common.seed)
    for group in ("fit", "evaluate"):
        options = getattr(judged.settings, group)
        yield from chosen(options)


def chosen(group: Any) -> Iterator[tuple[str, ...]]:
    """Options of a group that are set, each as one types it."""
    yield from _set(group, {field.name: getattr(group, field.name) for field in fields(group)})


def _recorded(values: Mapping[str, Any], judged: Judged) -> Iterator[tuple[str, ...]]:
    """What `clean` was told."""
    yield from _set(judged.settings.clean, values)


def _set(group: Any, values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """Options of a group with values that are not the default; of files only the name."""
    for field in fields(group):
        flag: Flag = field.metadata["flag"]
        value = values.get(field.name)
        default = field.default if field.default is not MISSING else None
        if field.name in SAID or flag.argument or value in (default, None) or list(_many(value)) == list(_many(default)):
            continue
        name = next((spelt for spelt in flag.names if spelt.startswith("--")), f"--{field.name.replace('_', '-')}")
        yield (
            (name,)
            if value is True
            else (name, ",".join(Path(part).name if flag.metavar.startswith("FILE") else part for part in _many(value)))
        )


def _many(value: Any) -> Iterator[str]:
    yield from (str(part) for part in (value if isinstance(value, list | tuple) else [value]))
