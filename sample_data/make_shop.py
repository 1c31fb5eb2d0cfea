"""
Make the sample shop: `python sample_data/make_shop.py` writes the four CSV files beside this script, always the same bytes.

What is sold and which tastes run through it stands in `tastes.toml`; README.md in this directory says what is planted. The standard library is enough.
"""

import csv
import itertools
import random
import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

from shelf import Product, Row, Shelf

HERE = Path(__file__).parent
START = datetime(2025, 1, 1)  # noqa: DTZ001 - the shop's till writes times without a zone
DAYS = 365
CITIES = ("Hamburg", "Berlin", "Köln", "Leipzig", "Zürich", "Wien", "Graz", "Lyon", "Gent", "Porto", "上海", "München")
COLUMNS = {
    "events": ("customer_id", "product_id", "event", "rating", "quantity", "price", "order_id", "time"),
    "products": ("product_id", "name", "category", "brand", "price"),
    "customers": ("customer_id", "age", "gender", "city"),
    "searches": ("customer_id", "query", "time"),
}


@dataclass
class Customer:
    """One customer: the row, the planted taste (or ""), and what the simulation has put into the basket so far."""

    id: str
    row: Row
    taste: str
    sessions: list[float]
    bought: dict[str, Product] = field(default_factory=dict)
    categories: list[str] = field(default_factory=list)


@dataclass
class Shop:
    """The whole sample: products, customers with their tastes, rows of every file, and how many rows of each kind of dirt were put in."""

    products: list[Product]
    customers: list[Customer]
    rows: dict[str, list[Row]]
    dirt: dict[str, int]


def make(customers: int = 2000, events: int = 40_000, seed: int = 8) -> Shop:
    """Give a shop with that many customers and exactly that many rows of events."""
    dice = random.Random(seed)
    shelf = Shelf(dice, world())
    crowd = [_customer(dice, shelf.tastes, number, customers) for number in range(1, customers + 1)]
    rows: dict[str, list[Row]] = {"events": [], "searches": []}
    orders = itertools.count(1)
    for customer in crowd:
        for day in customer.sessions:
            _session(dice, shelf, customer, day, rows, orders)
        _browse(dice, shelf, customer, rows)
    rows["products"] = [p.row for p in shelf.products]
    rows["customers"] = [c.row for c in crowd]
    shop = Shop(shelf.products, crowd, rows, {})
    _soil(dice, shop, events)
    return shop


def world() -> dict[str, Any]:
    """Give what `tastes.toml` holds: categories and tastes."""
    return tomllib.loads((HERE / "tastes.toml").read_text(encoding="utf-8"))


def _customer(dice: random.Random, tastes: dict[str, Any], number: int, total: int) -> Customer:
    age, gender = 16 + int(64 * (dice.random() + dice.random()) / 2), dice.choice("FM")
    fits = {
        t: v["share"] * (1 if v["ages"][0] <= age <= v["ages"][1] else 0.15) * (v["women"] if gender == "F" else 1 - v["women"])
        for t, v in tastes.items()
    }
    taste = dice.choices(list(fits), list(fits.values()))[0] if dice.random() < 0.8 else ""
    joined = 0.0 if dice.random() < 0.4 else 330 * dice.random()
    visits = 2 + int(16 * dice.random() ** 2.2)
    if number > total - total // 40:
        visits = 0
    if number == 7:
        age, gender, taste, joined, visits = 34, "F", "coffee", 40.0, 4
    last = DAYS if dice.random() < 0.75 or number == 7 else joined + (DAYS - joined) * dice.random()
    sessions = sorted(joined + (last - joined) * dice.random() for _ in range(visits))
    row: Row = {"customer_id": f"C{number:04d}", "age": age, "gender": gender, "city": dice.choices(CITIES, range(len(CITIES), 0, -1))[0]}
    return Customer(row["customer_id"], row, taste, sessions)


def _session(
    dice: random.Random, shelf: Shelf, customer: Customer, day: float, rows: dict[str, list[Row]], orders: "itertools.count[int]"
) -> None:
    """One visit: something new now and then, more of the known otherwise; what is new is searched for and looked at before."""
    time, order = _moment(dice, day), f"O{next(orders):05d}"
    basket: dict[str, Product] = {}
    for _ in range(dice.choices((1, 2, 3, 4), (5, 3, 2, 1))[0]):
        fresh = not customer.categories or (not basket and dice.random() < 0.45) or dice.random() < 0.05
        category = (_next_category(dice, shelf, customer) if fresh else "") or dice.choice(customer.categories)
        product = _choose(dice, shelf, customer, category)
        if product.id in basket:
            continue
        if category not in customer.categories:
            customer.categories.append(category)
            _prepare(dice, shelf, customer, product, day, rows)
        basket[product.id] = product
    for product in basket.values():
        customer.bought[product.id] = product
        quantity = dice.choices((1, 2, 3, 6), (80, 14, 4, 2))[0] if float(product.row["price"]) < 40 else 1
        price = f"{float(product.row['price']) * dice.choices((1, 0.9, 0.8), (8, 1, 1))[0]:.2f}"
        rows["events"].append(_event(customer, product, "purchase", time, quantity=quantity, price=price, order_id=order))
        if dice.random() < 0.3:
            _rate(dice, customer, product, day, rows)


def _next_category(dice: random.Random, shelf: Shelf, customer: Customer) -> str:
    """Where the customer goes next: along the path of the taste, with some detours, or wherever people go."""
    fresh = [c for c in shelf.categories if c not in customer.categories]
    path = [c for c in shelf.tastes[customer.taste]["path"] if c in fresh] if customer.taste else []
    if path and dice.random() < 0.85:
        return str(path[0] if dice.random() < 0.75 else dice.choice(path))
    return dice.choices(fresh, [shelf.categories[c]["pull"] for c in fresh])[0] if fresh else ""


def _choose(dice: random.Random, shelf: Shelf, customer: Customer, category: str) -> Product:
    """Followers of a taste take its products four times in five; what is used up is bought again."""
    along = customer.taste and category in shelf.tastes[customer.taste]["path"]
    taste = customer.taste if along and dice.random() < 0.8 else ""
    again = shelf.categories[category]["again"] and dice.random() < 0.5
    return shelf.draw(category, taste, None if again else customer.bought)


def _prepare(dice: random.Random, shelf: Shelf, customer: Customer, product: Product, day: float, rows: dict[str, list[Row]]) -> None:
    """Search words and views in the days before a new category is taken up."""
    if customer.taste and dice.random() < 0.5:
        _search(dice, shelf, customer, day - 1 - 20 * dice.random(), rows)
    for _ in range(dice.choices((0, 1, 2, 3), (4, 3, 2, 1))[0]):
        seen = product if dice.random() < 0.3 else _choose(dice, shelf, customer, product.category)
        _view(dice, customer, seen, day - 14 * dice.random(), rows)


def _browse(dice: random.Random, shelf: Shelf, customer: Customer, rows: dict[str, list[Row]]) -> None:
    """Views and searches that lead nowhere in particular."""
    for day in customer.sessions:
        for _ in range(dice.choices((0, 1, 2, 3, 5), (2, 4, 4, 2, 1))[0]):
            seen = shelf.draw(taste=customer.taste if dice.random() < 0.25 else "")
            _view(dice, customer, seen, day + 10 * (dice.random() - 0.5), rows)
        if dice.random() < 0.15:
            _search(dice, shelf, customer, day + 5 * dice.random(), rows)


def _search(dice: random.Random, shelf: Shelf, customer: Customer, day: float, rows: dict[str, list[Row]]) -> None:
    taste = customer.taste if customer.taste and dice.random() < 0.8 else dice.choice(list(shelf.tastes))
    if 0 <= day < DAYS:
        rows["searches"].append(
            {"customer_id": customer.id, "query": dice.choice(shelf.tastes[taste]["words"]), "time": _moment(dice, day)}
        )


def _view(dice: random.Random, customer: Customer, product: Product, day: float, rows: dict[str, list[Row]]) -> None:
    if 0 <= day < DAYS:
        rows["events"].append(_event(customer, product, "view", _moment(dice, day)))


def _rate(dice: random.Random, customer: Customer, product: Product, day: float, rows: dict[str, list[Row]]) -> None:
    weights = (2, 3, 10, 35, 50) if customer.taste and customer.taste == product.taste else (6, 10, 24, 35, 25)
    rating, later = dice.choices((1, 2, 3, 4, 5), weights)[0], day + 3 + 27 * dice.random()
    if later < DAYS:
        rows["events"].append(_event(customer, product, "rating", _moment(dice, later), rating=rating))


def _event(customer: Customer, product: Product, event: str, time: str, **more: Any) -> Row:
    return {"customer_id": customer.id, "product_id": product.id, "event": event, "time": time, **more}


def _moment(dice: random.Random, day: float) -> str:
    """A time of that day between seven and eleven."""
    second = 7 * 3600 + dice.randrange(16 * 3600)
    return str(START + timedelta(days=int(day), seconds=second))


def _soil(dice: random.Random, shop: Shop, total: int) -> None:
    """Put the dirt in, in numbers that are exact, and bring the events to `total` rows by leaving out views."""
    part = total / 40_000
    count = {name: max(1, round(n * part)) for name, n in DIRT.items()}
    events = sorted(shop.rows["events"], key=lambda r: (r["time"], r["customer_id"], r["product_id"], r["event"]))
    events = list({(r["time"], r["customer_id"], r["product_id"], r["event"]): r for r in events}.values())
    returns = _returns(dice, events, count["returns"])
    surplus = len(events) + len(returns) + count["exact repeats"] - total
    views = [n for n, r in enumerate(events) if r["event"] == "view" and r["customer_id"] != "C0007"]
    if not 0 <= surplus <= len(views):
        raise ValueError(f"{len(shop.customers)} customers make {total + surplus} events, which views cannot bring to {total}.")
    gone = set(dice.sample(views, surplus))
    events = sorted([r for n, r in enumerate(events) if n not in gone] + returns, key=lambda r: str(r["time"]))
    _spoil(dice, events, count)
    repeats = set(dice.sample([n for n, r in enumerate(events) if "touched" not in r], count["exact repeats"]))
    shop.rows["events"] = [r for n, r in enumerate(events) for _ in range(1 + (n in repeats))]
    _number_orders(events)
    shop.rows["searches"].sort(key=lambda r: (r["time"], r["customer_id"]))
    shop.dirt.update(count)
    next(p for p in shop.products if p.row["name"] == "Wall thermometer").row["category"] = ""
    shop.customers[41].row["age"] = 999
    shop.customers[42].row["gender"] = ""


def _number_orders(events: list[Row]) -> None:
    """Number the orders as they came in."""
    numbers: dict[str, str] = {}
    for row in events:
        if "order_id" in row:
            row["order_id"] = numbers.setdefault(row["order_id"], f"O{len(numbers) + 1:05d}")


DIRT = {
    "exact repeats": 240,
    "returns": 150,
    "no customer": 60,
    "no product": 40,
    "rating 7": 25,
    "rating 0": 15,
    "2025-13-45": 20,
    "yesterday": 10,
}
"""Rows of each kind of dirt in 40,000 events; other sizes in proportion."""

BROKEN = {"no customer": ("customer_id", ""), "no product": ("product_id", ""), "rating 7": ("rating", 7), "rating 0": ("rating", 0)}
BROKEN |= {date: ("time", date) for date in ("2025-13-45", "yesterday")}
"""Which cell is spoilt, and by what."""


def _returns(dice: random.Random, events: list[Row], number: int) -> list[Row]:
    """Purchases sent back in full one to three weeks later, under the same order."""
    early = [r for r in events if r["event"] == "purchase" and str(r["time"]) < "2025-12-01" and r["customer_id"] != "C0007"]
    chosen = dice.sample(early, number)
    for row in chosen:
        row["touched"] = True
    back = [dict(row) for row in chosen]
    for row in back:
        day = (datetime.fromisoformat(row["time"]) - START).days + 7 + 14 * dice.random()
        row.update(quantity=-row["quantity"], time=_moment(dice, day))
    return back


def _spoil(dice: random.Random, events: list[Row], count: dict[str, int]) -> None:
    """Break cells of rows that nothing else has touched, so that the counts stay exact."""
    clean = [r for r in events if r["customer_id"] != "C0007" and "touched" not in r]
    dice.shuffle(clean)
    ratings = iter([r for r in clean if r["event"] == "rating"])
    others = iter([r for r in clean if r["event"] != "rating"])
    for name, (column, value) in BROKEN.items():
        for row in itertools.islice(ratings if column == "rating" else others, count[name]):
            row.update({column: value, "touched": True})


def write(shop: Shop, directory: Path) -> None:
    """Write the four files; the catalogue starts with a byte order mark, as spreadsheets like it."""
    for name, columns in COLUMNS.items():
        text = StringIO()
        sheet = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
        sheet.writeheader()
        sheet.writerows(shop.rows[name])
        (directory / f"{name}.csv").write_bytes(text.getvalue().encode("utf-8-sig" if name == "products" else "utf-8"))


if __name__ == "__main__":
    write(make(), HERE)
