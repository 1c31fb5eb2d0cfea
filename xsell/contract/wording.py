"""Numbers with their nouns, for every sentence that counts."""


def many(number: int, one: str, more: str = "") -> str:
    """
    Write a number with its noun.

    Args:
        number: How many.
        one: The noun for one.
        more: The noun for any other number; with an s if empty.
    """
    return f"{number:,} {one if number == 1 else more or one + 's'}"
