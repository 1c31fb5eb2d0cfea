"""Customers to look at."""

from pathlib import Path

import numpy as np

from tests.dossier.shelf import judged
from tests.stages.shop import directory
from xsell.contract.progress import silent
from xsell.dossier.customers import EACH, customers, named_once
from xsell.metrics import ranking
from xsell.page.contents import Customers


def test_they_are_as_they_were_judged(tmp_path: Path) -> None:
    """Of the customers shown as many as said took something up, each hit is one of the evaluation, and nothing that was offered counts as missed."""
    known = judged(directory(tmp_path), k=(4,), show_ids=True)
    (block,) = customers(known, silent).blocks
    assert isinstance(block, Customers)
    hits = ranking.hits(known.lists[known.best], known.exam.asked).sum(1)
    ids = known.known.users.gather(known.exam.asked.user).to_list()
    for one in block.people:
        row = ids.index(one.label.removeprefix("Customer "))
        assert one.hits == hits[row]
        wanted = int(np.diff(known.exam.asked.indptr)[row])
        assert len(one.took) == wanted - one.hits
        assert not {offer.product for offer in one.offers} & set(one.took)
        assert one.had
    lucky = [one for one in block.people if one.hits]
    assert len(lucky) == min(EACH, int((hits > 0).sum()))
    assert len(block.people) - len(lucky) == min(EACH, int((hits == 0).sum()))


def test_reasons_are_given(tmp_path: Path) -> None:
    """Offers say which products of the customer speak for them."""
    (block,) = customers(judged(directory(tmp_path), k=(4,)), silent).blocks
    assert isinstance(block, Customers)
    said = [offer.because for one in block.people for offer in one.offers]
    assert all(said)
    assert sum("thing" in because for because in said) > len(said) / 2


def test_products_of_one_name_are_named_once() -> None:
    """They stand with their number, those with most of one name first, and what is left counts products."""
    assert named_once(["Milk", "Jam", "Tea", "Jam", "Jam", "Tea"], 2) == (["Jam ×3", "Tea ×2"], 1)
    assert named_once(["Milk", "Jam"], 2) == (["Milk", "Jam"], 0)
    assert named_once([], 2) == ([], 0)
