"""How categories were read, in words."""

from collections.abc import Iterator

from xsell.contract.wording import many

SEVERAL = " (--map category=A+B makes paths of two columns)"


def remarks(found: int, levels: int, level: int | None, several: int | None, primary: int = 0) -> Iterator[str]:
    """
    Say what tells categories apart, where paths or products with several categories leave a choice.

    Args:
        found: Number of categories.
        levels: Levels of the longest path.
        level: How many levels count, or None for all.
        several: How many products have several categories, or None where the first alone counts.
        primary: How many products have several categories of which the first alone counts.
    """
    told = many(found, "category", "categories")
    if level is None and levels > 1:
        yield f"Categories are whole paths of up to {levels} levels, {told}; --category-level 1 takes the first level only."
    elif level is not None and level < levels:
        first = "level" if level == 1 else f"{level} levels"
        yield f"Categories are the first {first} of paths of up to {levels} levels, {told}."
    elif level is not None:
        yield f"--category-level {level} changes nothing: no path has more than {many(levels, 'level')}{SEVERAL if levels == 1 else ''}."
    if several == 0:
        yield "No product has several categories, so --category-match any changes nothing."
    elif several is not None:
        yield f"{many(several, 'product belongs', 'products belong')} to several categories; one that is owned stands for all of them."
    elif primary:
        what = f"{many(primary, 'product belongs', 'products belong')} to several categories"
        yield f"{what}, of which the first counts; --category-match any counts each of them."
