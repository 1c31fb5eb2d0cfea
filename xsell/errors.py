"""The errors a user can meet: one sentence, one hint, one exit code each."""


class XsellError(Exception):
    """
    Something the user can mend or must know.

    Attributes:
        message: One sentence that says what happened.
        hint: What to type or to look at next; may be empty.
        exit_code: What the shell sees.
    """

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(XsellError):
    """The call's words are off."""

    exit_code = 2


class InputError(XsellError):
    """A file the user gave cannot be used."""

    exit_code = 3


class GateError(XsellError):
    """A quality gate the user set was not passed."""

    exit_code = 4


class ModelError(XsellError):
    """A named model was never trained, is incompatible or damaged."""

    exit_code = 5


class LockedError(XsellError):
    """Another run holds the working directory."""

    exit_code = 6


class MemoryLimitError(XsellError):
    """The work would need more memory than it may take."""

    exit_code = 7
