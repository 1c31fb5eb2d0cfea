"""Whether categories look as if they had been taken out of the data."""

import numpy as np
import scipy.sparse as sp

from tests import worlds
from xsell.data import splits
from xsell.data.training import NEVER, Catalog, Log, Training, build
from xsell.selection.doubt import taken_out

CUSTOMERS, CATEGORIES, EACH = 1000, 20, 3


def history(seed: int) -> Training:
    """Customers of two tastes who take up category after category, those of their taste first."""
    dice = np.random.default_rng(seed)
    taste = dice.integers(0, 2, CUSTOMERS)
    liked = (np.arange(CATEGORIES) % 2)[None] == taste[:, None]
    begun = dice.random(liked.shape) * np.where(liked, 80, 400) * dice.uniform(0.3, 1.6, (CUSTOMERS, 1))
    user, category = np.nonzero(begun < 100)
    user, category = np.repeat(user, EACH), np.repeat(category, EACH)
    at = begun[user, category] + dice.uniform(0, 20, len(user))
    item = category * EACH + dice.integers(0, EACH, len(user))
    size = len(user)
    log = Log(user.astype(np.int32), item.astype(np.int32), at, np.ones(size, np.float32), np.zeros(size, bool), np.full(size, NEVER))
    catalog = Catalog(
        np.repeat(np.arange(CATEGORIES), EACH).astype(np.int32), CATEGORIES, sp.csr_array((CATEGORIES * EACH, 1), dtype=np.float32)
    )
    return build(log, (), catalog, sp.csr_array((CUSTOMERS, 0), dtype=np.float32), 0.0)


def doubted(training: Training) -> bool:
    """The doubt about a training and its temporal cut."""
    return taken_out(training, training.before(splits.temporal(training.log, training.catalog, 0).keep), 0)


def test_a_natural_history_is_trusted() -> None:
    """Where customers take up categories one after the other, there is no doubt."""
    assert not any(doubted(history(seed)) for seed in range(3))


def test_hidden_categories_are_noticed() -> None:
    """Where a third of each customer's categories was taken out, there is."""
    for seed in range(3):
        whole = history(seed)
        assert doubted(whole.before(splits.new_category(whole.log, whole.catalog, seed).keep))


def test_too_little_tells_nothing() -> None:
    """Where nobody takes up anything afterwards, there is no doubt."""
    whole = history(0)
    assert not taken_out(whole, whole, 0)


def test_customers_who_are_all_alike_tell_nothing() -> None:
    """Where no customer is likelier than another to take up a category, or everybody has all, there is no doubt, and nothing is divided by nobody."""
    user, item = np.divmod(np.arange(120), 2)
    alike = worlds.training(worlds.log(user.tolist(), item.tolist(), np.arange(120.0)), worlds.catalog([0, 1]), 60)
    for keep in (item == 0, item < 2):
        assert not taken_out(alike, alike.before(keep), 0)
