"""Where numbers come from."""

from dataclasses import replace
from pathlib import Path

from tests.dossier.shelf import judged
from tests.stages.shop import directory
from xsell.contract.options import Clean, Evaluate, Fit
from xsell.dossier.provenance import data, method, run
from xsell.files.workspace import Workspace
from xsell.page.contents import Facts, Table, Words


def test_the_command_can_be_typed(tmp_path: Path) -> None:
    """The command names what was decided and what was set, with the names of files but not their directories, and nothing of the page."""
    known = judged(directory(tmp_path), k=(3,), model="ease")
    fit = Fit(regularization=10.0, rho=0.0)
    options = Evaluate(
        k=(3,), model="ease", test="/home/somebody/my file.csv", fail_under=("ndcg=0.1",), report="/home/r.html", show_ids=True
    )
    known = replace(known, settings=replace(known.settings, fit=fit, evaluate=options, clean=Clean()))
    (facts,) = run(Workspace(tmp_path), known).blocks
    assert isinstance(facts, Facts)
    said = dict(facts.pairs)["Command"]
    assert said.startswith("xsell evaluate")
    for wanted in ("--model ease,popular", "--lambda 10.0", "-k 3", "--test 'my file.csv'", "--fail-under ndcg=0.1", "--scope new"):
        assert wanted in said
    for unwanted in ("home", "--report", "--show-ids", "--idf"):
        assert unwanted not in said


def test_everybody_is_counted(tmp_path: Path) -> None:
    """Customers judged and left out are shown with their shares, which make a whole."""
    known = judged(directory(tmp_path))
    _, _, people, _ = method(known).blocks
    assert isinstance(people, Table)
    assert people.rows[0][1] == len(known.exam.asked.user)
    assert sum(share.value for *_, share in people.rows) == 1  # type: ignore[union-attr]


def test_what_nobody_had_before_is_told(tmp_path: Path) -> None:
    """How much of what is to be found is of products that nobody had before stands in the page, if there is any."""
    known = judged(directory(tmp_path))
    for unseen in (0, 3):
        told = method(replace(known, account=replace(known.account, unseen=unseen))).blocks[0]
        assert isinstance(told, Words)
        assert any("that nobody had before" in sentence for sentence in told.lines) == bool(unseen)


def test_what_cleaning_said(tmp_path: Path) -> None:
    """Rows read, kept, merged and rejected are shown with the reasons, and warnings stand out; without a report nothing does."""
    workspace = Workspace(tmp_path)
    book = {"read": 100, "kept": 90, "merged": 4, "rejected": {"no user": 6, "no item": 0}}
    workspace.write_json(
        "clean/report.json", {"tables": {"events": book}, "sentences": ["All is well."], "warnings": [{"code": "c", "message": "Beware."}]}
    )
    fate, refused, told, warned = data(workspace).blocks
    assert isinstance(fate, Table)
    assert fate.rows == (("events", 100, 90, 4, 6),)
    assert isinstance(refused, Table)
    assert [row[:3] for row in refused.rows] == [("events", "no user", 6)]
    assert told == Words(("All is well.",))
    assert warned == Words(("Beware.",), "warning")
    workspace.write_json("clean/report.json", {})
    assert not any(data(workspace).blocks)
