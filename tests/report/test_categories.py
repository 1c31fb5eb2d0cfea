"""How categories were read, in words."""

import pytest

from xsell.report.categories import remarks


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ((12, 1, None, None), []),
        ((0, 0, None, None), []),
        (
            (303, 2, None, None),
            ["Categories are whole paths of up to 2 levels, 303 categories; --category-level 1 takes the first level only."],
        ),
        ((31, 2, 1, None), ["Categories are the first level of paths of up to 2 levels, 31 categories."]),
        ((90, 3, 2, None), ["Categories are the first 2 levels of paths of up to 3 levels, 90 categories."]),
        ((31, 2, 2, None), ["--category-level 2 changes nothing: no path has more than 2 levels."]),
        (
            (31, 1, 1, None),
            ["--category-level 1 changes nothing: no path has more than 1 level (--map category=A+B makes paths of two columns)."],
        ),
        ((18, 1, None, 0), ["No product has several categories, so --category-match any changes nothing."]),
        (
            (18, 1, None, None, 816),
            ["816 products belong to several categories, of which the first counts; --category-match any counts each of them."],
        ),
        ((18, 1, None, 1), ["1 product belongs to several categories; one that is owned stands for all of them."]),
    ],
)
def test_only_what_leaves_a_choice_is_told(
    case: tuple[int, int, int | None, int | None] | tuple[int, int, int | None, int | None, int], said: list[str]
) -> None:
    """Paths are told where they have levels, several categories where there are any or they were asked for, and nothing else."""
    assert list(remarks(*case)) == said
