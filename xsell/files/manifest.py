"""
`xsell.json`: what every stage was asked, what it read and wrote, and how its last run ended.

A stage has one entry. Its facts are those of the last run that wrote its files; a run that failed before that leaves them as they are and
is kept beside them as `last_failure`.
"""

import json
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from xsell.contract.reports import FileFact
from xsell.contract.runs import json_ready
from xsell.data.schema import CLEANED, NO_PRODUCTS, REJECTS
from xsell.errors import XsellError
from xsell.files.atomic import digest, explained, replacing
from xsell.files.secret import KEY

NAME = "xsell.json"
FORMAT = 1
PIPE = "-"
FACTS: dict[str, type] = {
    "version": str,
    "gate": str,
    "cwd": str,
    "seed": int,
    "options": dict,
    "upstream": dict,
    "details": dict,
    "inputs": list,
    "outputs": list,
}
"""What every entry of a run that wrote its files holds, and of which kind."""


@dataclass(slots=True)
class Manifest:
    """
    The manifest of one working directory.

    Attributes:
        root: The directory.
        stages: The entries by stage, such as `clean` or `train/hybrid`.
    """

    root: Path
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def good(self, key: str) -> dict[str, Any] | None:
        """The facts of the last run of a stage that wrote its files, or None."""
        entry = self.stages.get(key, {})
        return entry if "outputs" in entry else None

    def handed_on(self, key: str) -> dict[str, str]:
        """
        Digests of what other stages read of one, by path, none where it never ran.

        Of what cleaning reports only the scale of ratings is read, and of what it refused or finds odd nothing, so that other words for the same make nothing
        stale.
        """
        entry = self.good(key) or {"outputs": [], "details": {}}
        files = {note["path"]: note["sha256"] for note in entry["outputs"] if note["path"] not in {CLEANED, NO_PRODUCTS, REJECTS.path}}
        return files | {CLEANED: json.dumps(entry["details"]["ratings"])} if "ratings" in entry["details"] else files

    def keeps(self, place: Path) -> bool:
        """Whether a file is one that the stages read or keep; lists and pages for others are not, they are there to be replaced."""
        entries = {key: entry for key, entry in self.stages.items() if "outputs" in entry}
        kept = [self.root / path for key, entry in entries.items() if not key.startswith("recommend") for path in _kept(entry)]
        read = [Path(note["absolute"]) for entry in entries.values() for note in entry["inputs"] if "absolute" in note]
        return any(one_file(place, other) for other in (self.root / NAME, self.root / KEY, *kept, *read))

    def record(self, key: str, facts: Mapping[str, Any]) -> None:
        """Keep the facts of a run that wrote its files, and save."""
        self.stages[key] = json_ready(facts)
        self._save()

    def record_failure(self, key: str, failure: Mapping[str, Any]) -> None:
        """Keep that a run failed beside the facts of the last one that did not, and save."""
        self.stages[key] = {**self.stages.get(key, {}), "status": "failed", "last_failure": json_ready(failure)}
        self._save()

    def _save(self) -> None:
        text = json.dumps({"format": FORMAT, "stages": dict(sorted(self.stages.items()))}, indent=2, ensure_ascii=False)
        with replacing(self.root / NAME) as file:
            file.write(f"{text}\n".encode())


def opened(root: Path) -> Manifest:
    """
    Read the manifest of a directory; one that is not there yet is empty.

    Raises:
        XsellError: It is damaged, of another format, or cannot be read.
    """
    path = root / NAME
    try:
        found = json.loads(path.read_bytes())
        if found["format"] != FORMAT:
            raise XsellError(f"{path} is of another version of xsell.", "Run `xsell train FILE` after deleting it.")
        return Manifest(root, {str(key): _whole(key, dict(entry)) for key, entry in found["stages"].items()})
    except (FileNotFoundError, NotADirectoryError):
        return Manifest(root)
    except OSError as error:
        raise explained(error, path) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise XsellError(f"{path} is damaged.", "Delete it and run `xsell train FILE` again.") from error


def _whole(key: str, entry: dict[str, Any]) -> dict[str, Any]:
    """
    Give an entry back if nothing that plans read is missing.

    Raises:
        ValueError: Something is.
    """
    if "outputs" not in entry:
        return entry
    kinds = FACTS | ({"events": list} if key == "clean" else {})
    odd = [name for name, kind in kinds.items() if not isinstance(entry.get(name), kind)]
    notes = [] if odd else [*entry["inputs"], *entry["outputs"]]
    texts = [text for note in notes for text in (note["path"], note["sha256"], note.get("absolute", ""))]
    texts += entry["events"] if key == "clean" and not odd else []
    if odd or not all(isinstance(text, str) for text in texts) or not all(isinstance(g, dict) for g in entry["options"].values()):
        raise ValueError(key)
    return entry


def _kept(entry: Mapping[str, Any]) -> Iterator[str]:
    """Files that a stage wrote for other stages: all but its page."""
    page = entry["options"].get("evaluate", {}).get("report")
    yield from (note["path"] for note in entry["outputs"] if note["path"] != page)


def one_file(place: Path, other: Path) -> bool:
    """Whether two paths lead to the same file."""
    with suppress(OSError):
        return place.samefile(other)
    return False


def identity(path: str) -> str:
    """The absolute path of a file however it was typed, links not followed; `-` for standard input and other pipes."""
    place = Path(path)
    return PIPE if path == PIPE or (place.exists() and not place.is_file()) else os.path.normpath(place.absolute())


def called(path: str, others: Iterable[str]) -> str:
    """What to call a file beside others: its name, but its whole path where one of them has the same name."""
    name = Path(path).name
    return "standard input" if path == PIPE else path if name in {Path(other).name for other in others} else name


def noted(facts: Iterable[FileFact], base: Path, settled_by: float = math.inf) -> list[dict[str, Any]]:
    """
    Facts of files for the manifest.

    Args:
        facts: As a Report gives them.
        base: Directory that their paths are relative to.
        settled_by: Seconds since 1970. Size and time of a file that changed later are left out: only its digest tells whether it is still
            the one that was read.
    """
    return [_noted(fact, base, settled_by) for fact in facts]


def _noted(fact: FileFact, base: Path, settled_by: float) -> dict[str, Any]:
    known = {"path": fact.path, "sha256": fact.sha256, "rows": fact.rows}
    place = base / fact.path
    if not fact.sha256 or not place.is_file():
        return known
    found = place.stat()
    stamp = {"size": found.st_size, "mtime_ns": found.st_mtime_ns} if found.st_mtime < settled_by else {}
    return {**known, "absolute": str(place.absolute()), **stamp}


def same(note: Mapping[str, Any], place: Path) -> bool:
    """Whether a noted file is at a place with the bytes it had: size and time are trusted, else its digest is taken."""
    try:
        found = place.stat()
        if (found.st_size, found.st_mtime_ns) == (note.get("size"), note.get("mtime_ns")):
            return True
        return str(note["sha256"]) == digest(place)
    except OSError:
        return False
