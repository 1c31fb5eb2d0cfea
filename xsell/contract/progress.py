"""How long work tells what it is doing, without knowing who listens."""

from typing import Protocol


class Tell(Protocol):
    """Called by the work with a short present-tense phrase and, where known, how far it is."""

    def __call__(self, text: str, done: int = 0, total: int = 0) -> None:
        """Say that `done` of `total` parts of `text` are finished; `total` 0 means unknown."""


def silent(text: str, done: int = 0, total: int = 0) -> None:
    """Listen to nothing."""
