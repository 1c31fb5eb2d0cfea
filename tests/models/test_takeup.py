"""Who took up what in a stretch of time, against plain sets."""

from dataclasses import replace

import numpy as np
import pytest

from tests import worlds
from xsell.models.takeup import entries


@pytest.mark.parametrize("together", [True, False])
def test_first_of_a_category(together: bool) -> None:
    """Only what customers take up who had nothing of any of its categories that count is a first, and whoever was there and had nothing was free to."""
    made, member = worlds.several()
    if not together:
        made = replace(made, catalog=replace(made.catalog, shelves=None))
        member = np.arange(6) == made.catalog.category[:, None]
    log, end, days = made.log, 90 * worlds.DAY, 20 * worlds.DAY
    first, risk = np.zeros(made.n_items), np.zeros(6)
    for moment in (end - days, end - 2 * days):
        for user in range(made.n_users):
            mine = log.user == user
            had = member[log.item[mine & (log.at <= moment)]]
            if len(had):
                risk += ~had.any(axis=0)
                taken = log.item[mine & (log.at > moment) & (log.at <= moment + days)]
                for item in taken:
                    first[item] += member[item].any() and not (had & member[item]).any()
    found = entries(made, end, days, 2)
    assert found[0].tolist() == first.tolist()
    assert found[1].tolist() == risk.tolist()
    assert first.any()
