"""The page of delivered lists."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.dossier.shelf import headings
from tests.page.markup import Markup
from xsell.contract.options import Clean, Evaluate, Settings
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.dossier.takers import groups
from xsell.files.workspace import Workspace
from xsell.page.charts import Ranges
from xsell.shipped.judging import judge
from xsell.stages import evaluate

EVIL = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
IDS = re.compile(r"\b[ch]\d{3}\b")
ALWAYS = {"quality", "products", "customers", "method", "data", "definitions", "run"}
QUOTED = '"{}"'.format(EVIL.replace('"', '""'))
CATALOGUE = f"item,name,category\nx,Red kettle,Kitchen > Tea\ny,Blue pot,Garden\nz,{QUOTED},{QUOTED}\n"


def lists(held: int = 0, scores: tuple[float, float] | None = None) -> str:
    """Everybody is offered x, then y; some are held back."""
    rows = []
    for number in range(100 + held):
        group, who = ("contact", f"c{number:03}") if number < 100 else ("control", f"h{number:03}")
        rows += [f"{who},{item},{place},{group},{scores[place - 1] if scores else ''}" for place, item in enumerate("xy", 1)]
    return "user,item,rank,group,score\n" + "\n".join(rows)


LATER = "user,item,date\n" + "\n".join(
    [f"c{n:03},x,2026-05-01" for n in range(40)]
    + [f"c{n:03},y,2026-05-02" for n in range(30, 40)]
    + [f"c{n:03},z,2026-05-03" for n in range(60)]
)
CUSTOMERS = "user,gender\n" + "\n".join(f"c{n:03},{'female' if n % 2 else 'male'}" for n in range(100))


def page(path: Path, offers: str, catalogue: str = "", customers: str = "", **options: Any) -> tuple[Report, str]:
    """Judge lists with a page."""
    texts = {"lists.csv": offers, "later.csv": LATER, "items.csv": catalogue, "users.csv": customers}
    for name, text in texts.items():
        (path / name).write_text(text, encoding="utf-8")
    clean = Clean(items=str(path / "items.csv") if catalogue else "", users=str(path / "users.csv") if customers else "")
    wanted = Evaluate(
        recommendations=str(path / "lists.csv"), against=str(path / "later.csv"), report=str(path / "deep/page.html"), **options
    )
    report = evaluate.run(Workspace(path / "work"), Settings(clean=clean, evaluate=wanted), silent)
    return report, (path / "deep/page.html").read_text(encoding="utf-8")


def test_the_page_of_two_bare_files(tmp_path: Path) -> None:
    """Lists and purchases are enough; what they do not tell has no section, and every number of the report is there."""
    report, drawn = page(tmp_path, lists())
    assert headings(drawn) == ALWAYS | {"ranks"}
    assert Markup(drawn).wrong == []
    assert report.outputs[-1].path == str(tmp_path / "deep/page.html")
    assert str(tmp_path / "deep/page.html") in report.places[0]
    text = Markup(drawn).text
    means = [name for name in report.metrics if name.endswith("@2") and not name.endswith(("coverage@2", "share@2"))]
    assert [name for name in means if f"{report.metrics[name]:.4f}" not in text] == []
    assert "40% of the customers took up an offer" in text
    assert "There is no control group" in text
    assert str(tmp_path) not in drawn


def test_the_same_page_again(tmp_path: Path) -> None:
    """The same lists give the same bytes."""
    assert page(tmp_path, lists(), CATALOGUE)[1] == page(tmp_path, lists(), CATALOGUE)[1]


def test_an_earlier_judgement_is_named_without_its_folder(tmp_path: Path) -> None:
    """What changed since an earlier evaluation is on the page, and where that lies is not."""
    page(tmp_path, lists())
    earlier = str(tmp_path / "work/evaluation/shipped.json")
    report, drawn = page(tmp_path, lists(), baseline=earlier, fail_worse_than=("baseline",), fail_under=("ndcg=1",))
    assert "Since shipped in shipped.json" in drawn
    assert "under the 1 asked for" in drawn
    assert str(tmp_path) not in drawn
    assert earlier in [fact.path for fact in report.inputs]


def test_what_the_offers_caused(tmp_path: Path) -> None:
    """With a control group the title says what was shown, and both groups stand on one axis."""
    report, drawn = page(tmp_path, lists(held=40))
    text = Markup(drawn).text
    assert "The offers brought customers to buy" in text
    assert f"{100 * report.metrics['shipped.uplift@2']:+.1f} points" in text
    assert "held back" in text
    assert "Too few customers for a verdict" in page(tmp_path, lists(held=10))[1]


def test_no_customer_is_named(tmp_path: Path) -> None:
    """No customer id is in the page, unless ids were asked for, and then the foot says so."""
    _, drawn = page(tmp_path, lists(held=40), CATALOGUE, CUSTOMERS)
    assert not IDS.search(drawn)
    assert "It holds no customer id." in drawn
    _, named = page(tmp_path, lists(), show_ids=True)
    assert len(set(IDS.findall(named))) >= 8
    assert "It shows customer ids." in named


def test_tables_of_products_and_customers_add_sections(tmp_path: Path) -> None:
    """A catalogue brings names, in text, and categories; a customer table brings groups; both leave the numbers as they are."""
    bare, _ = page(tmp_path, lists())
    report, drawn = page(tmp_path, lists(), CATALOGUE, CUSTOMERS)
    markup = Markup(drawn)
    assert headings(drawn) == ALWAYS | {"ranks", "segments", "categories"}
    assert report.metrics == bare.metrics
    assert EVIL in markup.text
    assert "img" not in markup.tags
    assert markup.wrong == []
    assert "Red kettle" in markup.text
    assert "By gender" in markup.text
    assert len(report.inputs) == 4


def test_groups_are_about_the_lists_of_the_verdict(tmp_path: Path) -> None:
    """Where several lengths are measured, a group took up an offer if it did within the first one named, as all customers did to whom it is compared."""
    for name, text in {"l.csv": lists().replace(",y,2", ",x,2").replace(",x,1", ",y,1"), "p.csv": LATER, "u.csv": CUSTOMERS}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    wanted = Evaluate(recommendations=str(tmp_path / "l.csv"), against=str(tmp_path / "p.csv"), k=(1, 2))
    made = judge(Workspace(tmp_path / "work"), Settings(clean=Clean(users=str(tmp_path / "u.csv")), evaluate=wanted), silent)
    (block,) = groups(made).blocks
    assert isinstance(block, Ranges)
    assert block.reference == pytest.approx(0.1)
    assert [row.interval.mean for row in block.rows] == pytest.approx([0.1, 0.1])


@pytest.mark.parametrize(("scores", "shown"), [((0.4, 0.1), True), ((4.0, 1.0), False), (None, False)])
def test_scores_that_could_be_probabilities_are_checked(tmp_path: Path, scores: tuple[float, float] | None, shown: bool) -> None:
    """Scores between 0 and 1 are held against what happened; others are no probabilities."""
    _, drawn = page(tmp_path, lists(scores=scores))
    assert ("probabilities" in headings(drawn)) == shown
    assert ("brought 0.500 purchases where its scores add up to 0.500" in drawn) == shown


def test_lists_of_one_have_no_ranks(tmp_path: Path) -> None:
    """Where a list is one offer there is no section on how long it should be; where nobody bought, the page says so."""
    _, drawn = page(tmp_path, "user,item\nc001,x\nc002,y\n")
    assert "ranks" not in headings(drawn)
    _, drawn = page(tmp_path, "user,item\nstranger,x\nstranger,y\nother,q\n")
    assert "ranks" not in headings(drawn)
    assert "0% of the customers took up an offer" in drawn
    assert "Among contacted buyers" not in drawn
