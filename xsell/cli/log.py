"""The log file: what is said, with the time, as text or as JSON Lines, and no customer."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from xsell.errors import UsageError


class Log:
    """
    Appends to a file, or to nothing.

    Attributes:
        path: The file; empty for none.
        form: `text` or `json`.
        run: Facts that every line carries, such as the run's id.
        secret: A customer id that the user typed and that must not be written, or empty.

    Raises:
        UsageError: The file cannot be written.
    """

    def __init__(self, path: str, form: str, run: Mapping[str, str], secret: str) -> None:
        self.path = path
        self.form = form
        self.run = run
        self.secret = re.compile(rf"(?<!\w){re.escape(secret)}(?!\w)") if secret else None
        try:
            self._append("")
        except OSError:
            raise UsageError(f"The log file {path} cannot be written.", "Name another one with --log-file FILE.") from None

    def write(self, level: str, text: str) -> None:
        """Append one line; a log that fails later does not spoil the run."""
        with suppress(OSError):
            self._append(self._line(level, self.secret.sub("(customer)", text) if self.secret else text) + "\n")

    def _append(self, text: str) -> None:
        if self.path:
            with Path(self.path).open("a", encoding="utf-8") as file:
                file.write(text)

    def _line(self, level: str, message: str) -> str:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        if self.form == "text":
            flat = " ".join(message.split())
            return f"{now} {level} {' '.join(self.run.values())}: {flat}"
        facts: dict[str, Any] = {"time": now, "level": level, **self.run, "message": message}
        return json.dumps(facts, ensure_ascii=False)
