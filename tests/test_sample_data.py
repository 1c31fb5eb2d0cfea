import csv
from collections import Counter
from pathlib import Path

import make_shop
import pytest

from tests.conftest import ROOT

SAMPLE = ROOT / "sample_data"


def rows(name: str) -> list[dict[str, str]]:
    """All rows of one of the files."""
    with (SAMPLE / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def events() -> list[dict[str, str]]:
    """All rows of the events."""
    return rows("events")


def test_generator_gives_the_committed_bytes(tmp_path: Path) -> None:
    """Running the generator again gives the files in the repository, byte for byte."""
    make_shop.write(make_shop.make(), tmp_path)
    for name in make_shop.COLUMNS:
        assert (tmp_path / f"{name}.csv").read_bytes() == (SAMPLE / f"{name}.csv").read_bytes(), name


def test_size_is_what_the_readme_says(events: list[dict[str, str]]) -> None:
    """The shop has 2,000 customers, 400 products in 12 categories, 40,000 rows of events, and less than four megabytes."""
    products = rows("products")
    assert len(events) == 40_000
    assert len(rows("customers")) == 2000
    assert len(products) == 400
    assert len({p["category"] for p in products} - {""}) == 12
    assert sum(f.stat().st_size for f in SAMPLE.glob("*.csv")) < 4_000_000


def test_dirt_is_counted_exactly(events: list[dict[str, str]]) -> None:
    """Every kind of dirt occurs as often as the README of the sample says."""
    text = (SAMPLE / "README.md").read_text(encoding="utf-8")
    counted = {
        "exact repeats of another row": len(events) - len({tuple(e.values()) for e in events}),
        "returns: a negative quantity under the order of an earlier purchase": sum(e["quantity"].startswith("-") for e in events),
        "no customer id": sum(not e["customer_id"] for e in events),
        "no product id": sum(not e["product_id"] for e in events),
        "rating 7 on a scale of 1 to 5": sum(e["rating"] == "7" for e in events),
        "rating 0": sum(e["rating"] == "0" for e in events),
        "date `2025-13-45`": sum(e["time"] == "2025-13-45" for e in events),
        "date `yesterday`": sum(e["time"] == "yesterday" for e in events),
    }
    for what, number in counted.items():
        assert f"| {what} | {number} |" in text


def test_returns_undo_a_purchase(events: list[dict[str, str]]) -> None:
    """Every return names an order in which the same customer bought as many of the same product earlier."""
    bought = {(e["customer_id"], e["product_id"], e["order_id"], e["quantity"]): e["time"] for e in events if e["event"] == "purchase"}
    for e in events:
        if e["quantity"].startswith("-"):
            assert bought[e["customer_id"], e["product_id"], e["order_id"], e["quantity"][1:]] < e["time"]


def test_tastes_lead_from_the_first_category_to_the_later_ones() -> None:
    """Followers of a taste buy from its first category before its second far more often than the other way round."""
    shop = make_shop.make(customers=600, events=12_000)
    category = {p.id: p.category for p in shop.products}
    first: dict[tuple[str, str], str] = {}
    for row in shop.rows["events"]:
        if row["event"] == "purchase" and row["product_id"] and row["customer_id"]:
            first.setdefault((row["customer_id"], category[row["product_id"]]), row["time"])
    path = {name: taste["path"] for name, taste in make_shop.world()["tastes"].items()}
    order = Counter(
        first[c.id, path[c.taste][0]] <= first[c.id, path[c.taste][1]]
        for c in shop.customers
        if c.taste and all((c.id, step) in first for step in path[c.taste][:2])
    )
    assert order[True] > 3 * order[False] > 0
