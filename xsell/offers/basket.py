"""For a basket: what to offer with it, by the trained model, as if it were all that a customer has."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from xsell.assemble import World
from xsell.contract.options import Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import Report
from xsell.data.schema import RECOMMENDATIONS
from xsell.files.baskets import STDIN, Basket
from xsell.files.workspace import Workspace
from xsell.offers.limits import limits
from xsell.offers.lists import Asked, Recipe, lists, together
from xsell.offers.sources import crowd
from xsell.report import baskets as words
from xsell.selection.hybrid import Model

MOSTLY = 0.5
FLAT = ("id", *(name for name in RECOMMENDATIONS if name not in {"user_id", "source"}))


@dataclass(frozen=True, slots=True)
class Question:
    """
    All that baskets are answered from.

    Attributes:
        known: The items, and the baskets in place of customers.
        model: A fitted model.
        baskets: What was asked, in this order.
        days: Length of the window that scores speak of, or None where they only order.
    """

    known: World
    model: Model
    baskets: Sequence[Basket]
    days: float | None


def run(workspace: Workspace, settings: Settings, question: Question, tell: Tell) -> Report:
    """
    Make a list for every basket in which a product is known.

    Args:
        workspace: Holds the tables that rules ask.
        settings: The groups `recommend` and `common` are used.
        question: What was asked.
        tell: Hears about the progress.
    """
    wanted, known, baskets = settings.recommend, question.known, question.baskets
    number = np.flatnonzero(np.diff(known.training.history.purchases.indptr) > 0).astype(np.int32)
    asked = Asked(known.users.gather(number), number)
    bounds = limits(workspace, known, wanted, asked.ids, np.full(len(number), -1, np.int32))
    recipe = Recipe(question.model, crowd(wanted.strategy).fit(known.training), wanted, bounds)
    made = together(list(lists(known, recipe, asked, tell)), None)
    empty = len(number) - made.frame["user_id"].n_unique()
    place = {name: number for number, name in enumerate(known.users)}
    order = pl.Series(made.frame["user_id"].replace_strict(place, return_dtype=pl.Int64))
    names = pl.Series([basket.name for basket in baskets], dtype=pl.String)
    flat = made.frame.with_columns(id=names.gather(order)).select(FLAT)
    strange = _strange(known, baskets)
    answers = _answers(flat, order, baskets, strange)
    one = wanted.basket != STDIN
    outputs = [workspace.export(wanted.output, flat)] if wanted.output else []
    if not one and not wanted.output and not settings.common.json:
        outputs.append(workspace.answer(answers))
    counts = {
        "baskets": len(baskets),
        "rows": flat.height,
        "without_known_items": len(baskets) - len(number),
        "unknown_items": len({item for some in strange for item in some}),
        "mostly_popular": _mostly_popular(made.frame),
        "without_a_list": empty,
        "short_lists": sum(made.short.values()) - empty,
        **{f"short_by_{cause}": short for cause, short in made.short.items()},
        "listed_items_not_in_the_data": bounds.strange,
    }
    offers = flat.with_columns(pl.col("score", "value").cast(pl.String).cast(pl.Float64)).rows(named=True)
    return Report(
        "recommend",
        sentences=tuple(words.told(counts, wanted.n, known.scope, question.days)),
        grids=tuple(words.page(offers, question.days)) if one and offers else (),
        counts=counts,
        warnings=(*bounds.warnings, *words.lacks(counts, strange)),
        inputs=bounds.inputs,
        outputs=tuple(outputs),
        details={"scope": known.scope, "model": wanted.model, "window_days": question.days, "question": "basket"},
        results=tuple(offers if one else answers.rows(named=True)),
    )


def _mostly_popular(offers: pl.DataFrame) -> int:
    """For how many baskets what is the same for everybody speaks more for the offers than the basket does."""
    common = pl.element().filter(pl.element().struct.field("kind") == "popularity").struct.field("share")
    share = pl.when(pl.col("reasons").list.len() > 0).then(pl.col("reasons").list.eval(common).list.sum()).otherwise(1)
    return int(offers.group_by("user_id").agg(mean=share.mean()).select((pl.col("mean") > MOSTLY).sum()).item())


def _strange(known: World, baskets: Sequence[Basket]) -> list[list[str]]:
    """Products of each basket that are not known."""
    every = pl.Series([item for basket in baskets for item in basket.items], dtype=pl.String).unique()
    there = set(every.filter(every.is_in(known.items["item_id"].implode())))
    return [[item for item in dict.fromkeys(basket.items) if item not in there] for basket in baskets]


def _answers(flat: pl.DataFrame, order: pl.Series, baskets: Sequence[Basket], strange: list[list[str]]) -> pl.DataFrame:
    """One row a basket, in the order of the question: its name, its offers, and its products that are not known."""
    fields = [name for name in FLAT if name != "id"]
    offers = flat.with_columns(basket=order).group_by("basket", maintain_order=True).agg(pl.struct(fields).alias("offers"))
    every = pl.DataFrame(
        {
            "basket": pl.Series(range(len(baskets)), dtype=pl.Int64),
            "id": pl.Series([basket.name for basket in baskets], dtype=pl.String),
            "unknown": pl.Series(strange, dtype=pl.List(pl.String)),
        }
    )
    joined = every.join(offers, on="basket", how="left", maintain_order="left")
    return joined.select("id", pl.col("offers").fill_null(pl.lit([], dtype=joined.schema["offers"])), "unknown")
