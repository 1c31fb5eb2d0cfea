"""Delivered lists: every customer who got one counts, and a control group tells what the offers caused."""

import json
import math
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import polars as pl
import pytest

from tests.conftest import Typed
from xsell.contract.options import Clean, Common, Evaluate, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.errors import InputError, UsageError
from xsell.files.earlier import read_earlier
from xsell.files.workspace import Workspace
from xsell.metrics.apart import apart, rate
from xsell.stages import evaluate

LISTS = """user_id,item_id,rank
a,x,1
a,y,2
b,y,1
b,z,2
c,x,1
d,x,1
"""
LATER = """customer,product,date
a,y,2026-05-03
a,q,2026-05-04
b,q,2026-05-31
e,x,2026-05-09
"""


def run(path: Path, lists: str | pl.DataFrame = LISTS, later: str = LATER, clean: Clean | None = None, **options: Any) -> Report:
    """Judge lists against purchases, both given as text."""
    names = path / "lists.csv", path / "later.csv"
    if isinstance(lists, str):
        names[0].write_text(lists, encoding="utf-8")
    else:
        lists.write_csv(names[0])
    names[1].write_text(later, encoding="utf-8")
    wanted = Evaluate(recommendations=str(names[0]), against=str(names[1]), **options)
    return evaluate.run(Workspace(path / "work"), Settings(evaluate=wanted, clean=clean or Clean(), common=Common()), silent)


def said(report: Report) -> str:
    """All sentences."""
    return " ".join((*report.sentences, *report.asides, *report.verdict))


def campaign(sent: int, sent_takers: int, held: int, held_takers: int) -> tuple[str, str]:
    """Lists of one product for two groups, of which some take it up."""
    people = [(f"s{n}", "treated") for n in range(sent)] + [(f"h{n}", "Control") for n in range(held)]
    takers = [f"s{n}" for n in range(sent_takers)] + [f"h{n}" for n in range(held_takers)]
    lists = "customer,product,group\n" + "".join(f"{who},x,{group}\n" for who, group in people)
    return lists, "customer,product\nother,x\n" + "".join(f"{who},x\n" for who in takers)


def test_everybody_who_got_a_list_counts(tmp_path: Path) -> None:
    """Of four customers one took up an offer at the second of two places; those who bought nothing count as 0, a stranger not at all."""
    report = run(tmp_path)
    assert (report.counts["contacted"], report.counts["buyers"], report.counts["customers_without_a_list"]) == (4, 2, 1)
    assert report.metrics["shipped.contacted_hit@2"] == 1 / 4
    assert report.metrics["shipped.contacted_precision@2"] == 1 / 8
    assert report.metrics["shipped.precision@2"] == 1 / 4
    assert report.metrics["shipped.recall@2"] == 1 / 4
    assert report.metrics["shipped.ndcg@2"] == pytest.approx(1 / math.log2(3) / (1 + 1 / math.log2(3)) / 2)
    assert report.metrics["shipped.coverage@2"] == 3 / 4
    assert report.metrics["shipped.top_item_share@2"] == 3 / 4
    assert "from 2026-05-03 to 2026-05-31" in said(report)
    assert "no control group" in said(report)
    assert (tmp_path / "work" / "evaluation" / "shipped.parquet").is_file()


@pytest.mark.parametrize(
    "lists",
    [
        "user,item,score\na,y,0.2\na,x,0.9\nb,z,0.1\nb,y,0.4\nc,x,1\nd,x,1\n",
        "user,item\na,x\na,y\na,x\nb,y\nb,z\nc,x\nd,x\n",
        "user;item;rank\nb;z;20\nb;y;10\na;y;9\na;x;3\nd;x;1\nc;x;1\n;x;1\nc;;2\nc;q;second\n",
    ],
)
def test_lists_come_in_many_forms(tmp_path: Path, lists: str) -> None:
    """A rank with gaps, a score, or the order of the file give the same lists; repeats and rows that cannot be used are left out and said."""
    report = run(tmp_path, lists)
    assert report.metrics["shipped.ndcg@2"] == pytest.approx(1 / math.log2(3) / (1 + 1 / math.log2(3)) / 2)
    assert report.counts["contacted"] == 4
    assert ("Left out rows" in said(report)) == (report.counts["offers_rejected"] + report.counts["offers_repeated"] > 0)


def test_ranks_that_repeat_are_said(tmp_path: Path) -> None:
    """Offers of one rank go by their score, else by their place in the file, and that is a warning; other numbers below 1 are ranks as well."""
    ties = "user,item,rank,score\na,x,1,0.1\na,y,1,0.9\nb,z,0,\nb,q,-4,\n"
    report = run(tmp_path, ties)
    assert [warned.message for warned in report.warnings if warned.code == "ranks-repeat"] == [
        "2 offers share their rank with others to the same customer; they stand by score, else as in the file."
    ]
    assert report.metrics["shipped.mrr@2"] == 1
    assert not any(warned.code == "ranks-repeat" for warned in run(tmp_path).warnings)


def test_scores_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    """Infinity, words and numbers beyond all measure leave their rows out, counted; an empty score is none and stands last."""
    report = run(tmp_path, "user,item,score\na,x,inf\na,y,1e308\na,z,-inf\na,q,high\nb,q,\nb,y,0.5\n")
    assert (report.counts["offers"], report.counts["offers_rejected"]) == (2, 4)
    assert "4 unreadable score" in said(report)
    assert report.metrics["shipped.mrr@2"] == 1 / 2


def test_how_files_were_read_is_said(tmp_path: Path) -> None:
    """A file in an old encoding is read, and that is said; one whose columns cannot be made out in it is refused with a way out."""
    (tmp_path / "lists.csv").write_bytes("user,item\na,Käse\n".encode("cp1252"))
    (tmp_path / "later.csv").write_text("user,item\na,Käse\n", encoding="utf-8")
    names = {"recommendations": str(tmp_path / "lists.csv"), "against": str(tmp_path / "later.csv")}
    report = evaluate.run(Workspace(tmp_path / "work"), Settings(evaluate=Evaluate(**names)), silent)
    assert report.metrics["shipped.contacted_hit@1"] == 1
    assert "was read as Windows-1252" in said(report)
    (tmp_path / "lists.csv").write_bytes("用户,商品\n甲,咖啡\n".encode("gbk"))
    with pytest.raises(InputError, match="no user column") as caught:
        evaluate.run(Workspace(tmp_path / "work"), Settings(evaluate=Evaluate(**names)), silent)
    assert "save it as UTF-8" in caught.value.hint


def test_ids_of_any_letters_are_joined(tmp_path: Path) -> None:
    """Ids with commas, quotation marks, Chinese and a byte order mark are the same in both files."""
    people = ["Smith, Al", 'a"b', "用户甲"]
    lists = pl.DataFrame({"user_id": people, "item_id": ["a,b", 'c"d', "咖啡"]})
    report = run(tmp_path, lists, '\ufeffuser_id,item_id\n"Smith, Al","a,b"\n"a""b","c""d"\n用户甲,咖啡\n')
    assert report.metrics["shipped.contacted_hit@1"] == 1


def test_products_of_another_world_are_doubted(tmp_path: Path) -> None:
    """Where customers bought and nobody took an offer, a warning says what may be wrong."""
    report = run(tmp_path, "user,item\na,unknown\nb,strange\n")
    assert "no-offer-taken" in [warned.code for warned in report.warnings]
    assert "no-offer-taken" not in [warned.code for warned in run(tmp_path).warnings]


def test_long_lists_are_cut_at_k(tmp_path: Path) -> None:
    """With -k 1 only first places count."""
    report = run(tmp_path, k=(1,))
    assert report.metrics["shipped.contacted_hit@1"] == 0


def test_several_lengths_at_once(tmp_path: Path) -> None:
    """With several lengths all are measured and the first leads; those beyond the longest list are that of the longest."""
    report = run(tmp_path, k=(1, 2, 9))
    assert (report.details["k"], report.metrics["shipped.contacted_hit@1"], report.metrics["shipped.contacted_hit@2"]) == (1, 0, 0.25)
    assert not any("@9" in name for name in report.metrics)
    assert [grid.columns[-1] for grid in report.grids[:2]] == ["P@1", "P@2"]


def test_what_came_before_the_delivery_does_not_count(tmp_path: Path) -> None:
    """Where lists say when they were delivered, earlier purchases of the customer are left out."""
    dated = "user_id,item_id,delivered_at\na,y,2026-05-04\nb,q,2026-05-01\n"
    report = run(tmp_path, dated)
    assert report.metrics["shipped.contacted_hit@1"] == 1 / 2
    assert not any(warned.code == "no-delivery-time" for warned in report.warnings)
    assert any(warned.code == "no-delivery-time" for warned in run(tmp_path, dated, "customer,product\na,y\nb,q\n").warnings)


@pytest.mark.parametrize(
    ("numbers", "verdict"),
    [
        ((400, 60, 100, 5), "the offers brought 40 customers who would not have bought"),
        ((400, 22, 100, 5), "it is not shown that the offers changed anything"),
        ((400, 5, 100, 20), "the offers kept customers from buying"),
        ((400, 60, 20, 0), "fewer than 30 customers in a group make no verdict"),
    ],
)
def test_uplift_is_what_the_control_group_did_not_do(tmp_path: Path, numbers: tuple[int, int, int, int], verdict: str) -> None:
    """The uplift is the difference of the shares with Newcombe's interval, and a sentence says what it shows."""
    report = run(tmp_path, *campaign(*numbers))
    gap = apart(rate(numbers[1], numbers[0]), rate(numbers[3], numbers[2]))
    assert [report.metrics[f"shipped.uplift@1{end}"] for end in ("", ".low", ".high")] == [gap.mean, gap.low, gap.high]
    assert verdict in said(report)
    assert report.counts["held_back"] == numbers[2]
    assert [row[0] for row in report.grids[0].rows] == ["contacted", "held back"]


def test_groups_in_other_words_are_refused(tmp_path: Path) -> None:
    """Where nobody can tell which group was held back, no uplift is made up; a group that was never contacted is no campaign."""
    lists, later = campaign(3, 1, 3, 1)
    with pytest.raises(InputError, match="does not say who was held back"):
        run(tmp_path, lists.replace("Control", "B"), later)
    with pytest.raises(InputError, match="control group only"):
        run(tmp_path, lists.replace("treated", "control"), later)
    both = [warned.message for warned in run(tmp_path, lists + "s1,x,control\n", later).warnings if warned.code == "in-both-groups"]
    assert both == ["1 customer is in both groups, so the difference between the groups is not what the offers caused."]


def test_a_flag_in_parquet_marks_the_control_group(tmp_path: Path) -> None:
    """The column `holdout` of an audience file is true for customers who were held back."""
    frame = pl.DataFrame(
        {"user_id": [1, 2, 3], "item_id": [7, 7, 7], "holdout": [True, False, None], "source": ["personal", "popular", None]}
    )
    report = run(tmp_path, frame, "user_id,item_id\n1,7\n2,7\n")
    assert (report.counts["contacted"], report.counts["held_back"]) == (2, 1)
    assert report.metrics["shipped.fallback_share@1"] == 1 / 2


def test_an_audience_is_judged_as_it_was_written(tmp_path: Path) -> None:
    """The file of an audience names its groups `contact` and `control`, and ranks customers, not products."""
    frame = pl.DataFrame(
        {"kind": "item", "target": "x", "rank": range(1, 101), "user_id": [f"u{n}" for n in range(100)], "item_id": "x"}
        | {"group": ["control" if n % 4 == 0 else "contact" for n in range(100)], "score": 0.5, "value": None, "because": "has a"}
    )
    report = run(tmp_path, frame, "user_id,item_id\nu1,x\nu2,x\nu4,x\nu5,y\n")
    assert (report.counts["contacted"], report.counts["held_back"]) == (75, 25)
    assert report.metrics["shipped.contacted_hit@1"] == 2 / 75
    assert report.metrics["shipped.uplift@1"] == pytest.approx(2 / 75 - 1 / 25)
    assert "one-product-for-most" not in {warned.code for warned in report.warnings}


def test_lists_are_no_purchases(tmp_path: Path) -> None:
    """Lists named where purchases belong would be judged as ratings: they are refused with what belongs where."""
    with pytest.raises(InputError, match="holds lists, not purchases") as caught:
        run(tmp_path, later="user_id,rank,item_id,score,because\na,1,x,0.5,has y\n")
    assert "--against FILE" in caught.value.hint


def test_an_audience_of_several_targets_goes_by_score(tmp_path: Path) -> None:
    """What an audience offers one customer for several targets is ordered by score: its ranks are of customers."""
    frame = pl.DataFrame(
        {
            "kind": "item",
            "target": ["x", "y"],
            "rank": [1, 7],
            "user_id": "a",
            "item_id": ["x", "y"],
            "group": "contact",
            "score": [0.1, 0.9],
        }
    )
    report = run(tmp_path, frame)
    assert report.metrics["shipped.mrr@2"] == 1
    assert "ordered by score" in said(report)


def test_standard_input_is_read_once(tmp_path: Path, typed: Typed) -> None:
    """Lists may come through a pipe, but not together with the purchases."""
    (tmp_path / "later.csv").write_text(LATER, encoding="utf-8")
    call = ("evaluate", "--recommendations", "-", "-w", tmp_path / "new")
    assert typed(*call, "--against", tmp_path / "later.csv", given=LISTS).code == 0
    assert "read once only" in typed(*call, "--against", "-", given=LISTS).err


def test_nobody_bought(tmp_path: Path) -> None:
    """Where nobody with a list bought anything the rate is 0, a warning doubts the ids, and any gate is closed."""
    report = run(tmp_path, later="user_id,item_id\nnobody,x\n")
    assert report.metrics["shipped.contacted_hit@2"] == 0
    assert "no-common-customers" in [warned.code for warned in report.warnings]
    assert report.failed_gate == ""
    assert "took up anything" in run(tmp_path, later="user_id,item_id\nnobody,x\n", fail_under=("contacted_hit=0",)).failed_gate


def test_gates_and_baselines_work_on_delivered_lists(tmp_path: Path) -> None:
    """A delivered list can be held against a number and against an earlier one, and too few buyers pass nothing."""
    lists, later = campaign(200, 60, 50, 5)
    assert run(tmp_path, lists, later, fail_under=("contacted_hit=0.25,uplift=0.1",)).failed_gate == ""
    assert "contacted_hit@1 is 0.3, under" in run(tmp_path, lists, later, fail_under=("contacted_hit=0.5",)).failed_gate
    last = str(tmp_path / "last.json")
    Path(last).write_bytes((tmp_path / "work/evaluation/shipped.json").read_bytes())
    Path(last).with_suffix(".parquet").write_bytes((tmp_path / "work/evaluation/shipped.parquet").read_bytes())
    assert read_earlier(last).customers == 60
    again = run(tmp_path, lists, later, baseline=last, fail_worse_than=("baseline",))
    assert again.failed_gate == ""
    assert "over the same 60 customers" in said(again)
    assert "too few to tell" in run(tmp_path, fail_under=("ndcg=0",)).failed_gate
    assert "rows of" in run(tmp_path, lists, later + ",x\n", Clean(max_rejected=0.0)).failed_gate


def test_the_length_of_a_gate_is_that_of_the_lists(tmp_path: Path) -> None:
    """Lists of two cannot pass a gate on lists of ten."""
    with pytest.raises(UsageError, match="lists of 10, and this run makes lists of 2"):
        run(tmp_path, fail_under=("ndcg@10=0.1",))


def test_the_command_needs_nothing_but_the_files(tmp_path: Path, typed: Typed) -> None:
    """In a directory that does not exist yet, the command judges and writes; --json has the numbers, the gate and the exit code."""
    (tmp_path / "lists.csv").write_text(LISTS, encoding="utf-8")
    (tmp_path / "later.csv").write_text(LATER, encoding="utf-8")
    call = ("evaluate", "--recommendations", tmp_path / "lists.csv", "--against", tmp_path / "later.csv", "-w", tmp_path / "new")
    ran = typed(*call, "--json", "--fail-under", "contacted_hit=0.9")
    facts = json.loads(ran.out)
    assert (ran.code, facts["exit_code"], facts["gate"]) == (4, 4, "closed")
    assert "too few to tell" in facts["reason"]
    assert facts["metrics"]["shipped.contacted_hit@2"] == 0.25
    assert (tmp_path / "new/evaluation/shipped.json").is_file()
    assert typed(*call).code == 0


def test_no_directory_is_made_unasked(tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without -w and without a working directory nothing is left behind but the page, and that is said; where there is one, the numbers are kept."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "lists.csv").write_text(LISTS, encoding="utf-8")
    (tmp_path / "later.csv").write_text(LATER, encoding="utf-8")
    call = ("evaluate", "--recommendations", "lists.csv", "--against", "later.csv", "--report", "page.html")
    ran = typed(*call)
    assert ran.code == 0
    assert "not kept" in ran.err
    assert {path.name for path in tmp_path.iterdir()} == {"lists.csv", "later.csv", "page.html"}
    assert gettempdir() not in (tmp_path / "page.html").read_text(encoding="utf-8").replace(str(tmp_path), "")
    assert [fact["path"] for fact in json.loads(typed(*call, "--json").out)["outputs"]] == ["page.html"]
    (tmp_path / "xsell-work").mkdir()
    assert "not kept" not in typed(*call).err
    assert (tmp_path / "xsell-work/evaluation/shipped.json").is_file()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("--recommendations", "l.csv"), "Name the lists with the one"),
        (("--against", "l.csv"), "Name the lists with the one"),
        (("--recommendations", "l.csv", "--against", "l.csv", "--model", "ease"), "Leave out one"),
        (("--recommendations", "l.csv", "--against", "l.csv", "--owned-by", "view"), "Leave out one"),
        (("data.csv", "--recommendations", "l.csv", "--against", "l.csv"), "--against FILE"),
        (("--recommendations", "l.csv", "--against", "l.csv", "--fail-worse-than", "popular"), "--fail-worse-than baseline"),
        (("data.csv", "--fail-under", "uplift=0.1"), "--recommendations FILE"),
    ],
)
def test_calls_that_contradict_themselves_are_refused(tmp_path: Path, typed: Typed, words: tuple[str, ...], hint: str) -> None:
    """Half of the pair of files, or options that delivered lists cannot obey, end in a sentence and what to type."""
    ran = typed("evaluate", *words, "-w", tmp_path / "new")
    assert ran.code == 2
    assert hint in ran.err
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(("lists", "words"), [("a,b\n1,2\n", "no user column"), ("user,item\n,x\n", "No row of"), ("", "is empty")])
def test_lists_that_cannot_be_read_are_refused(tmp_path: Path, lists: str, words: str) -> None:
    """Without customers and products, or without a usable row, there is nothing to judge."""
    with pytest.raises(InputError, match=words):
        run(tmp_path, lists)
