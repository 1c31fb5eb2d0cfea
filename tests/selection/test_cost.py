"""How long a choice will take."""

import pytest

from tests.selection.test_doubt import history
from xsell.contract.names import MODELS
from xsell.selection.cost import seconds


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_an_estimate(name: str) -> None:
    """A small shop takes more than nothing and less than a quarter of an hour."""
    assert 0 < seconds(history(0), name) < 900
