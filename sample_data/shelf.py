"""The products of the sample shop, read from `tastes.toml`, and drawing from them."""

import itertools
import random
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Product:
    """One product: its catalogue row, the taste it belongs to (or ""), and how popular it is within its category."""

    id: str
    row: Row
    taste: str
    pull: float

    @property
    def category(self) -> str:
        """Name of its category."""
        return str(self.row["category"])


class Shelf:
    """All products, and drawing from them by popularity."""

    def __init__(self, dice: random.Random, world: dict[str, Any]) -> None:
        self.dice = dice
        self.categories: dict[str, Any] = world["categories"]
        self.tastes: dict[str, Any] = world["tastes"]
        wares = [(name, "", ware, house["brands"]) for name, house in self.categories.items() for ware in house["products"]]
        wares += [
            (name, t, ware, taste["brands"])
            for t, taste in self.tastes.items()
            for name in taste["path"]
            for ware in taste["products"][name]
        ]
        dice.shuffle(wares)
        self.products = [self._product(number, *ware) for number, ware in enumerate(wares, 1)]
        self.boards: dict[tuple[str, str], list[Product]] = {}
        for product, category, taste in itertools.product(self.products, ("", *self.categories), ("", *self.tastes)):
            if category in ("", product.category) and taste in ("", product.taste):
                self.boards.setdefault((category, taste), []).append(product)

    def _product(self, number: int, category: str, taste: str, ware: str, brands: list[str]) -> Product:
        name, price = ware.rsplit(" | ", 1)
        row = {
            "product_id": f"P{number:04d}",
            "name": name,
            "category": category,
            "brand": self.dice.choice(brands),
            "price": f"{float(price):.2f}",
        }
        return Product(row["product_id"], row, taste, 1 / (1 + 12 * self.dice.random()))

    def draw(self, category: str = "", taste: str = "", without: dict[str, Product] | None = None) -> Product:
        """One product of a category and a taste ("" is any), not among those of `without` unless nothing else is left."""
        board = self.boards[category, taste]
        fits = [p for p in board if p.id not in without] if without else board
        fits = fits or board
        weights = [p.pull * (1 if category else self.categories[p.category]["pull"]) for p in fits]
        return self.dice.choices(fits, weights)[0]
