"""Numbers with their nouns and names in a row, for every sentence that counts or lists."""

from collections.abc import Sequence


def many(number: int, one: str, more: str = "") -> str:
    """
    Write a number with its noun.

    Args:
        number: How many.
        one: The noun for one.
        more: The noun for any other number; with an s if empty.
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def listed(names: Sequence[str]) -> str:
    """Write names with commas and an and."""
    return " and ".join((", ".join(names[:-1]), names[-1]) if len(names) > 1 else names)
