"""Ranking metrics against golden numbers, a naive loop, and what must hold for every list."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from xsell.data.cuts import Heldout
from xsell.metrics import ACCURACY, ranking

K = 10


def golden(relevant: int) -> dict[str, float]:
    """Metrics of one list with hits at ranks 2 and 5."""
    hits = np.zeros((1, K), bool)
    hits[0, [1, 4]] = True
    return {name: float(metric(hits, np.array([relevant]))[0]) for name, metric in ACCURACY.items()}


@st.composite
def lists(draw: st.DrawFn) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
    """Hits and a number of relevant items that is possible with them."""
    customers, k = draw(st.integers(1, 6)), draw(st.integers(1, 12))
    hits = draw(arrays(bool, (customers, k)))
    more = draw(arrays(np.int64, customers, elements=st.integers(0, 20)))
    return hits, np.maximum(hits.sum(1) + more, 1)


def naive(found: list[bool], relevant: int) -> dict[str, float]:
    """Compute every metric in the words of its definition, one step at a time."""
    k = len(found)
    gains = [1 / math.log2(rank + 1) for rank in range(1, k + 1)]
    so_far, precisions, first = 0, [], 0.0
    for rank, hit in enumerate(found, 1):
        so_far += hit
        if hit:
            precisions.append(so_far / rank)
            first = first or 1 / rank
    return {
        "precision": so_far / k,
        "recall": so_far / relevant,
        "recall_capped": so_far / min(k, relevant),
        "ndcg": sum(g for g, hit in zip(gains, found, strict=True) if hit) / sum(gains[: min(k, relevant)]),
        "map": sum(precisions) / min(k, relevant),
        "mrr": first,
        "hit": float(so_far > 0),
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [("precision", 0.2), ("recall", 0.666667), ("recall_capped", 0.666667), ("ndcg", 0.477624), ("map", 0.3), ("mrr", 0.5), ("hit", 1.0)],
)
def test_golden_numbers(name: str, value: float) -> None:
    """Hits at ranks 2 and 5 of 10 with three relevant items give the published numbers."""
    assert golden(3)[name] == pytest.approx(value, abs=5e-7)


@pytest.mark.parametrize(("name", "value"), [("map", 0.09), ("recall", 0.08), ("recall_capped", 0.2)])
def test_golden_numbers_with_more_relevant_items_than_places(name: str, value: float) -> None:
    """With 25 relevant items average precision is divided by the ten places, recall by all 25."""
    assert golden(25)[name] == pytest.approx(value, abs=1e-12)


@given(lists())
def test_every_metric_agrees_with_its_definition(case: tuple[NDArray[np.bool_], NDArray[np.int64]]) -> None:
    """The vectorised metrics equal a plain loop over ranks to 1e-12."""
    hits, relevant = case
    plain = [naive(list(row), int(n)) for row, n in zip(hits, relevant, strict=True)]
    for name, metric in ACCURACY.items():
        assert metric(hits, relevant) == pytest.approx([p[name] for p in plain], abs=1e-12)


@pytest.mark.parametrize("name", ACCURACY)
@given(case=lists(), seed=st.integers(0, 99))
def test_bounds_and_order_of_customers(name: str, case: tuple[NDArray[np.bool_], NDArray[np.int64]], seed: int) -> None:
    """Every metric stays in 0..1, is 0 exactly without hits, and belongs to its customer whatever the order."""
    hits, relevant = case
    values = ACCURACY[name](hits, relevant)
    order = np.random.default_rng(seed).permutation(len(hits))
    assert ((values >= 0) & (values <= 1)).all()
    assert ((values > 0) == hits.any(1)).all()
    assert (ACCURACY[name](hits[order], relevant[order]) == values[order]).all()


@given(lists(), st.integers(1, 5))
def test_an_irrelevant_tail_lowers_precision_only(case: tuple[NDArray[np.bool_], NDArray[np.int64]], tail: int) -> None:
    """Places added without hits change neither recall, reciprocal rank nor hit rate, and dilute precision in proportion."""
    hits, relevant = case
    longer = np.hstack([hits, np.zeros((len(hits), tail), bool)])
    for name in ("recall", "mrr", "hit"):
        assert (ACCURACY[name](longer, relevant) == ACCURACY[name](hits, relevant)).all()
    assert ranking.precision(longer, relevant) * longer.shape[1] == pytest.approx(ranking.precision(hits, relevant) * hits.shape[1])


@given(lists())
def test_ndcg_and_map_are_one_for_perfect_lists_only(case: tuple[NDArray[np.bool_], NDArray[np.int64]]) -> None:
    """NDCG and average precision reach 1 exactly where the first min(k, relevant) places are all hits."""
    hits, relevant = case
    perfect = np.array([row[: min(len(row), n)].all() for row, n in zip(hits, relevant, strict=True)])
    for name in ("ndcg", "map"):
        assert (np.isclose(ACCURACY[name](hits, relevant), 1) == perfect).all()


@given(lists())
def test_an_earlier_hit_is_never_worse(case: tuple[NDArray[np.bool_], NDArray[np.int64]]) -> None:
    """Moving all hits to the front lowers no metric."""
    hits, relevant = case
    front = -np.sort(-hits.astype(int), axis=1) > 0
    for metric in ACCURACY.values():
        assert (metric(front, relevant) >= metric(hits, relevant) - 1e-12).all()


@given(
    arrays(np.int32, (4, 3), elements=st.integers(-1, 6)),
    st.lists(st.sets(st.integers(0, 8), min_size=1), min_size=4, max_size=4),
)
def test_hits_are_members_of_the_hidden_items(items: NDArray[np.int32], hidden: list[set[int]]) -> None:
    """A place is a hit exactly where its item is among that customer's hidden ones, and an empty place never is."""
    counts = [len(h) for h in hidden]
    heldout = Heldout(
        np.arange(4, dtype=np.int32),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.array([i for h in hidden for i in sorted(h)], np.int32),
    )
    expected = [[item in wanted for item in row] for row, wanted in zip(items.tolist(), hidden, strict=True)]
    assert ranking.hits(items, heldout).tolist() == expected
    assert ranking.relevant(heldout).tolist() == counts


def test_no_customer_no_hits() -> None:
    """An evaluation of nobody has no hits and no rows."""
    nobody = Heldout(np.zeros(0, np.int32), np.zeros(1, np.int64), np.zeros(0, np.int32))
    assert ranking.hits(np.zeros((0, K), np.int32), nobody).shape == (0, K)
