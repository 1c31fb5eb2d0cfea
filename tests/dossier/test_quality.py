"""The first numbers of a page."""

import pytest

from xsell.dossier.quality import percent


@pytest.mark.parametrize(
    ("share", "said"), [(0, "0%"), (0.0014, "0.14%"), (0.0456, "4.6%"), (0.563, "56%"), (1, "100%"), (0.09999, "10.0%")]
)
def test_shares_keep_the_digits_that_count(share: float, said: str) -> None:
    """A small share is not rounded to nothing."""
    assert percent(share) == said
