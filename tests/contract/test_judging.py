"""The words of evaluate: models and gates."""

import math

import pytest

from xsell.contract import judging
from xsell.contract.judging import Gate, Rival
from xsell.contract.options import Evaluate
from xsell.errors import UsageError


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("hybrid", ("hybrid", "popular")),
        (" ease, Cross ,ease", ("ease", "cross", "popular")),
        ("popular,svd", ("popular", "svd")),
    ],
)
def test_models_keep_their_order_beside_popular(text: str, names: tuple[str, ...]) -> None:
    """Models are judged in the order named, once each, and popular is always among them."""
    assert judging.models(text) == names


@pytest.mark.parametrize("text", ["", " , ", "hybrid,best"])
def test_unknown_models_are_refused(text: str) -> None:
    """A name that is no model, or no name at all, is a mistake in the call and the hint lists the models."""
    with pytest.raises(UsageError) as caught:
        judging.models(text)
    assert "cross" in caught.value.hint


def test_gates_are_read() -> None:
    """Several conditions come with commas or by repeating, and the length may be left out."""
    assert judging.gates(Evaluate(fail_under=("precision@10=0.05, ndcg=1e-2", "hit@10=1"), fail_over=("top_item_share=0.5",), k=(10,))) == (
        Gate("precision@10", 0.05),
        Gate("ndcg@10", 0.01),
        Gate("hit@10", 1.0),
        Gate("top_item_share@10", 0.5, over=True),
    )


def test_gates_of_expected_ratings() -> None:
    """Errors of expected ratings may have any bound, and no length; another form is a mistake in the call."""
    assert judging.gates(Evaluate(fail_over=("rmse=12.5,mae=2",), fail_under=("saved=0.1",))) == (
        Gate("saved", 0.1),
        Gate("rmse", 12.5, over=True),
        Gate("mae", 2.0, over=True),
    )
    for text in ("rmse@10=0.9", "rmse=", "mae=nan"):
        with pytest.raises(UsageError, match="no length"):
            judging.check(Evaluate(fail_over=(text,)))


@pytest.mark.parametrize(
    "text",
    [
        "precision",
        "precision@10=",
        "precision@10=high",
        "precision@10=nan",
        "ndcg@10=1.5",
        "ndcg@10=-1",
        "auc@10=0.5",
        "ndcg@5=0.1",
        "ndcg@x=0.1",
        "",
        "=0.5",
    ],
)
def test_gates_that_could_never_close_are_refused(text: str) -> None:
    """A condition with a misspelt metric, another length or no number is a mistake in the call, not a gate that stands open."""
    with pytest.raises(UsageError) as caught:
        judging.check(Evaluate(fail_under=(text,), k=(10,)))
    assert "--fail-under precision@10=0.05" in caught.value.hint


def test_no_words_no_complaint() -> None:
    """The defaults are understood."""
    judging.check(Evaluate())


def test_a_gate_closes_below_its_value_only() -> None:
    """Equal passes, lower fails and is named with both numbers."""
    conditions = (Gate("precision@10", 0.05), Gate("ndcg@10", 0.1))
    assert not list(judging.closed(conditions, {"precision@10": 0.05, "ndcg@10": 0.2}))
    assert list(judging.closed(conditions, {"precision@10": 0.05, "ndcg@10": 0.0123456})) == ["ndcg@10 is 0.01235, under the 0.1 asked for"]


def test_a_gate_over_closes_above_its_value_only() -> None:
    """Equal passes, higher fails and is named with both numbers."""
    gate = (Gate("top_item_share@10", 0.5, over=True),)
    assert not list(judging.closed(gate, {"top_item_share@10": 0.5}))
    assert list(judging.closed(gate, {"top_item_share@10": 0.75})) == ["top_item_share@10 is 0.75, over the 0.5 asked for"]


@pytest.mark.parametrize("found", [{}, {"ndcg@10": math.nan}])
def test_a_gate_fails_closed(found: dict[str, float]) -> None:
    """What could not be measured does not pass, even where 0 would."""
    assert list(judging.closed((Gate("ndcg@10", 0.0), Gate("ndcg@10", 1.0, over=True)), found)) == [
        f"ndcg@10 is nan, {where}" for where in ("under the 0 asked for", "over the 1 asked for")
    ]


def test_rivals_are_read() -> None:
    """A rival is a model or the earlier evaluation, with a tolerance or without, and is judged along."""
    read = judging.rivals(("popular", "baseline=0.002, als = 0"))
    assert read == (Rival("popular"), Rival("baseline", 0.002), Rival("als"))
    assert judging.models("cross", read) == ("cross", "popular", "als")


@pytest.mark.parametrize("text", ["", "best", "popular=", "popular=x", "popular=nan", "popular=-1", "baseline=2", "=0.1"])
def test_rivals_that_are_none_are_refused(text: str) -> None:
    """A misspelt rival or a tolerance that is no number is a mistake in the call, not a gate that stands open."""
    with pytest.raises(UsageError) as caught:
        judging.check(Evaluate(fail_worse_than=(text,), baseline="last.json"))
    assert "--fail-worse-than popular" in caught.value.hint


@pytest.mark.parametrize(("wanted", "hint"), [(("baseline",), "--baseline FILE"), (("hybrid",), "--model")])
def test_rivals_that_cannot_be_compared_with_are_refused(wanted: tuple[str, ...], hint: str) -> None:
    """Without the file of the earlier evaluation, or with the model itself as its rival, there is nothing to compare."""
    with pytest.raises(UsageError) as caught:
        judging.check(Evaluate(fail_worse_than=wanted))
    assert hint in caught.value.hint
