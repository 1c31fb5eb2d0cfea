"""`popular`: shares of the customers."""

import numpy as np

from tests import worlds
from xsell.models.popular import Popular


def test_share_of_the_customers() -> None:
    """Every customer gets the same scores: the share of all customers who have the item, customers without purchases among them."""
    made = worlds.table([[1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 0, 0]])
    scores = Popular().fit(made).score(made.history)
    assert np.allclose(scores, np.tile([0.75, 0.25, 0], (4, 1)))
    assert np.array_equal(Popular().fit(made).score(worlds.strangers(made.history)), scores[:1])


def test_buying_twice_counts_once() -> None:
    """A customer who bought an item three times is one customer."""
    made = worlds.training(worlds.log([0, 0, 0, 1], [0, 0, 0, 1]), worlds.catalog([0, 1]), 2)
    assert np.allclose(Popular().fit(made).score(made.history), 0.5)


def test_nothing_owned_is_a_reason() -> None:
    """What everybody has is nobody's reason."""
    made = worlds.table([[1, 1]])
    assert not Popular().fit(made).explain(made.history, *(np.array([n], np.int32) for n in (0, 0, 1))).any()
