"""The page as a browser gets it."""

import base64
import hashlib
import re
from dataclasses import replace

import pytest

from tests.page.markup import Markup
from xsell.metrics.intervals import Interval
from xsell.page.charts import Axis, Curves, Heat, Line, Ranged, Ranges
from xsell.page.contents import Customer, Customers, Estimate, Facts, Offer, Page, Section, Share, Table, Tile, Words
from xsell.page.drawing import html, together

EVIL = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }}", "x" * 200, "' & <!-- ]]>", "</style>"]
SPAN = Interval(0.2, 0.1, 0.3)


def page(name: str) -> Page:
    """Give a page of every kind of block that says a name wherever one can stand."""
    blocks = (
        Words((name,)),
        Words((name,), "warning"),
        Table(name, (name, name, "b", "c"), ((name, 1, Estimate(0.2, SPAN, best=True, note=name), Share(0.4)),), name, (name,)),
        Ranges(name, name, name, (Ranged(name, SPAN, name, stress=True),), 0.0, name, note=name),
        Curves(name, name, Axis(name), Axis(name), (Line(name, ((0.0, 0.0), (1.0, 0.5)), 1, ((1, name),)),), name, note=name),
        Curves(name, name, Axis(name, log=True), Axis(name, percent=True), (Line(name, ((1.0, 0.0), (9.0, 0.5)), 0),), listed=True),
        Heat(name, name, (name,), (name,), ((0.5,),)),
        Customers(
            (Customer(name, ((name, name),), (Offer(name, name, name, taken=True), Offer(name, "", "", taken=False)), (name,)),), name
        ),
        Facts(name, ((name, name),), code=True),
    )
    return Page(name, name, (name, name), (Tile(name, name, name),), (Section("all", name, name, blocks),), name)


@pytest.mark.parametrize("name", EVIL)
def test_names_are_text(name: str) -> None:
    """Whatever a name holds, the elements and attributes of a page are those that it has with a harmless one, and the name is read as it stands."""
    harmless, evil = Markup(html(page("a name"))), Markup(html(page(name)))
    assert evil.tags == harmless.tags
    assert [found[:2] for found in evil.attributes] == [found[:2] for found in harmless.attributes]
    assert name in evil.text


def test_elements_are_closed() -> None:
    """Every element ends, in the right order."""
    assert Markup(html(page("a name"))).wrong == []


def test_nothing_is_loaded() -> None:
    """A page names no other file and no address, its links stay within it, and its policy lets a browser load nothing."""
    drawn = html(page("a name"))
    found = Markup(drawn)
    assert not re.search(r"https?://|//\w|url\(|@import", drawn)
    assert not {"src", "srcset", "data", "action", "formaction", "poster"} & {name for _, name, _ in found.attributes}
    assert all(value.startswith("#") for _, name, value in found.attributes if name == "href")
    assert not {"link", "img", "iframe", "object", "form", "base"} & found.tags.keys()
    (policy,) = [value for _, name, value in found.attributes if name == "content" and "default-src" in value]
    assert policy.startswith("default-src 'none'")


def test_only_its_own_script_may_run() -> None:
    """The policy names the digest of the one script, so that no other runs, and no attribute is a script."""
    drawn = html(page("a name"))
    (script,) = re.findall(r"<script>(.*?)</script>", drawn, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in drawn
    assert not [name for _, name, _ in Markup(drawn).attributes if name.startswith("on")]


def test_the_same_page_twice() -> None:
    """The same contents give the same text."""
    assert html(page("a name")) == html(page("a name"))


def test_nothing_empty_is_shown() -> None:
    """Blocks without content are left out, and with them sections that have no other, their heading and their link."""
    none = Section("none", "Nothing here", "at all", (Words(()), Table("t", (), ()), Heat("h", "", (), (), ()), Facts("f", ())))
    bare = replace(page("a name"), tiles=(), lead=(), sections=(none, Section("some", "Some", "", (Words(("word",)), Words(())))))
    found = Markup(html(bare))
    assert "Nothing here" not in found.text
    assert found.tags["section"] == found.tags["li"] - 1 == 1
    assert not {"table", "figure", "dl"} & found.tags.keys()


def test_everything_has_a_name_for_those_who_do_not_see_it() -> None:
    """Tables have captions and headings with a scope, drawings a text, inputs a label, and every name that is referred to is there once."""
    found = Markup(html(page("a name")))
    assert found.tags["caption"] == found.tags["table"]
    scopes = [value for tag, name, value in found.attributes if tag == "th" and name == "scope"]
    assert len(scopes) == found.tags["th"]
    assert set(scopes) == {"row", "col"}
    images = [value for _, name, value in found.attributes if name == "role" and value == "img"]
    labels = [value for _, name, value in found.attributes if name == "aria-label" and value]
    assert len(images) == 3
    assert len(labels) == len(images) + 1
    keys = [value for _, name, value in found.attributes if name == "id"]
    assert len(keys) == len(set(keys))
    assert {value for _, name, value in found.attributes if name == "aria-labelledby"} <= set(keys)
    assert found.tags["label"] == found.tags["input"] == 1
    assert ("html", "lang", "en") in found.attributes


def test_it_is_made_for_telephones_dark_rooms_and_paper() -> None:
    """A page takes the width of the screen, has colours for dark ones, and rules for print."""
    drawn = html(page("a name"))
    for wanted in ("width=device-width", "prefers-color-scheme: dark", "max-width: 36rem", "@media print", "print-color-adjust"):
        assert wanted in drawn


def test_all_can_be_read_without_scripts() -> None:
    """What the script hides or shows is there without it: all customers are in the page, and only the look-up box waits for the script."""
    found = Markup(html(page("a name")))
    assert [tag for tag, name, _ in found.attributes if name == "hidden"] == ["p"]
    assert found.tags["details"] == 3


def test_numbers_that_are_written_out_end_at_the_right() -> None:
    """A column of numbers as words is one of numbers, a dash among them or not; names and dates are none, nor is the first column."""
    rows = (("1", "0.5", "+0.1 to −0.2", "2025-01-01", None), ("2", "1,000", "−3.4 ±0.12", "1.5 kg", "85.0%"))
    assert Table("", ("", "a", "b", "c", "d"), rows).numeric == (False, True, True, False, True)


def test_a_number_keeps_its_sign() -> None:
    """No line ends between a number and what belongs to it."""
    assert together("95% of 100%, p < 0.001 or p 0.05; a % b") == "95% of 100%, p\xa0<\xa00.001 or p\xa00.05; a % b"
