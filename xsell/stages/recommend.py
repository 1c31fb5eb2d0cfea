"""`xsell recommend`: lists for customers, with reasons."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from xsell.assemble import World, condensed, of_baskets
from xsell.contract.options import Fit, Recommend, Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import FileFact, Report, Warned
from xsell.data.matrix import codes
from xsell.data.rawtable import STDIN
from xsell.data.schema import CLEANED, recommendations
from xsell.errors import InputError, ModelError, UsageError
from xsell.files.baskets import read_baskets
from xsell.files.raw import read_list
from xsell.files.workspace import Workspace
from xsell.models.popular import Popular
from xsell.offers import audience, basket, items
from xsell.offers.because import named
from xsell.offers.facts import of_users
from xsell.offers.limits import Limits, limits
from xsell.offers.lists import Asked, Made, Recipe, histories, lists
from xsell.offers.sources import FOR_ALL, POPULAR, PROFILE, TRENDING, crowd, sources
from xsell.offers.targets import item_numbers
from xsell.offers.why import why
from xsell.prep.audience import listed, names_users
from xsell.prep.products import BOOKING
from xsell.prep.spelling import as_in
from xsell.ranking import cells_within
from xsell.report import customer
from xsell.report import lists as words
from xsell.selection.frozen import from_values

WITHOUT = {PROFILE: "profile", POPULAR: "popularity", TRENDING: "trend"}
"""Sources of lists without purchases."""


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Make lists for customers.

    Args:
        workspace: Holds the clean tables, the features and a trained model.
        settings: The groups `recommend` and `common` are used.
        tell: Hears about the progress.
    """
    wanted = settings.recommend
    _refuse_bookings(workspace, wanted)
    if wanted.question == "items":
        return items.run(workspace, settings, tell)
    if wanted.basket:
        _refuse_for_baskets(wanted)
    bundle, sidecar = workspace.load_model(wanted.model)
    scope = sidecar["scope"] if wanted.scope == "auto" else wanted.scope
    baskets = read_baskets(wanted.basket) if wanted.basket else []
    fit = _as_trained(sidecar, scope)
    popular = crowd(wanted.strategy)
    known = (
        of_baskets(workspace, fit, [basket.items for basket in baskets], sidecar["width"])
        if baskets
        else condensed(workspace, fit, popular)
    )
    if bundle["items"] != known.items["item_id"].to_list():
        raise ModelError(
            f"Model {wanted.model} was trained on other products than are here now.", f"Type `xsell train --model {wanted.model}`."
        )
    if wanted.value:
        _need_probabilities(wanted, sidecar["window_days"])
    model = from_values(bundle["model"])
    known = named(known, model)
    if baskets:
        return basket.run(workspace, settings, basket.Question(known, model, baskets, sidecar["window_days"]), tell)
    asked = _asked(known, wanted)
    bounds = limits(workspace, known, wanted, asked.ids, asked.number)
    if wanted.item and wanted.user:
        return _why(known, Recipe(model, popular, wanted, bounds), asked)
    if wanted.question == "audience":
        return audience.run(workspace, audience.Question(known, model, asked, bounds, wanted, sidecar["window_days"]), tell)
    made = lists(
        known,
        Recipe(model, popular, wanted, bounds, cells_within(settings.common.memory, known.training.n_items)),
        asked,
        tell,
    )
    if wanted.user:
        return _of_one(workspace, _Task(known, asked, bounds, wanted, sidecar["window_days"], isinstance(model, Popular)), made)
    known = _without_customers(known)  # to write lists takes as much memory as what customers have, and that goes with the last list
    return _of_all(workspace, _Task(known, asked, bounds, wanted, sidecar["window_days"], isinstance(model, Popular)), made)


def _without_customers(known: World) -> World:
    return replace(known, training=replace(known.training, history=known.training.history.rows(slice(0))))


def _refuse_bookings(workspace: Workspace, wanted: Recommend) -> None:
    """Say of products that are asked for and were left out as none where they are."""
    gone = set(workspace.read_json(CLEANED).get("lists", {}).get(BOOKING, ())) & set(wanted.item) if wanted.item else set()
    if gone:
        raise InputError(f"Product {min(gone)} was left out, as it is no product.", "Clean again with --drop-items none to keep it.")


def _refuse_for_baskets(wanted: Recommend) -> None:
    if wanted.model == "ratings":
        raise UsageError("Model ratings needs to know ratings, and a basket holds none.", "Choose another --model, such as hybrid.")
    if wanted.strategy in FOR_ALL:
        raise UsageError(
            f"--strategy {wanted.strategy} counts customers, and for a basket none are read.",
            "Leave it out; --model popular offers with a basket what most customers have.",
        )


def _need_probabilities(wanted: Recommend, days: float | None) -> None:
    if wanted.strategy == TRENDING:
        raise UsageError(
            f"--value {wanted.value} needs scores that are probabilities, and a trend is none.", "Leave out --strategy trending."
        )
    if days is None:
        raise UsageError(
            f"--value {wanted.value} needs scores that are probabilities, and those of {wanted.model} here only order.",
            "Only hybrid, trained on events with times where the mix is better than its parts, gives probabilities.",
        )


def _as_trained(sidecar: Mapping[str, Any], scope: str) -> Fit:
    """What counts as owned and as a category must be what it was when the model learnt."""
    return Fit(
        scope=scope,
        like=sidecar["like"],
        category_level=sidecar["category_level"],
        category_match=sidecar["category_match"],
        owned_by=tuple(sidecar["owned_by"]),
        owned_since=sidecar["owned_since"],
    )


def _asked(known: World, wanted: Recommend) -> Asked:
    inputs: tuple[FileFact, ...] = ()
    if wanted.user:
        ids = pl.Series("user_id", [wanted.user])
    elif wanted.only_users:
        raw = read_list(wanted.only_users, names_users)
        ids, inputs = listed(raw), (raw.fact,)
    else:
        return Asked(known.users, np.arange(len(known.users), dtype=np.int32))
    if not len(ids):
        raise InputError(f"{wanted.only_users} names no customer.", "Put one id on each line, or give a table with a user column.")
    return Asked(ids, codes(as_in(ids, known.users), known.users), inputs)


def _why(known: World, recipe: Recipe, asked: Asked) -> Report:
    """Answer where products stand for one customer."""
    model, wanted, bounds = recipe.model, recipe.wanted, recipe.bounds
    history = histories(known, asked.number)
    _, speaker, _ = next(sources(known, model, recipe.popular, history, wanted.strategy), (None, model, ""))
    n = min(wanted.n, known.training.n_items)
    numbers = item_numbers(wanted.item, known).tolist()
    said = {known.items["item_id"][number]: tuple(why(known, speaker, history, bounds, number, n)) for number in numbers}
    return Report(
        "recommend",
        sentences=tuple(sentence for sentences in said.values() for sentence in sentences),
        warnings=(*bounds.warnings, *words.strange({"listed_items_not_in_the_data": bounds.strange})),
        inputs=bounds.inputs,
        details={"scope": known.scope, "model": wanted.model},
        results=tuple({"item_id": item, "why": " ".join(sentences)} for item, sentences in said.items()),
    )


@dataclass(frozen=True, slots=True)
class _Task:
    """What lists were asked for: of whom, under which bounds, the length of the window that scores speak of, and whether the model is popularity."""

    known: World
    asked: Asked
    bounds: Limits
    wanted: Recommend
    days: float | None
    plain: bool


def _of_all(workspace: Workspace, task: _Task, made: Iterable[Made]) -> Report:
    """Write the lists of many customers piece by piece, and say what there is to say of them."""
    wanted, table = task.wanted, recommendations(task.wanted.model)
    counts, since = Counter[str](), None
    with workspace.spool(table) as spool:
        for piece in made:
            spool.add(piece.frame)
            counts.update(_counted(piece, wanted.n))
            since = piece.since
        outputs = [workspace.write_spool(spool)]
        outputs += [workspace.export(wanted.output, spool)] if wanted.output else []
    common = _common(task, counts, since, outputs)
    named = "" if wanted.model == Recommend().model else f" --model {wanted.model}"
    places = [str(workspace.root / table.path), *([wanted.output] if wanted.output not in {"", STDIN} else [])]
    return Report(
        "recommend",
        sentences=tuple(words.made(common["counts"], wanted.n, places, common["details"], wanted.strategy)),
        warnings=(*task.bounds.warnings, *words.untrendy(common["counts"], wanted.strategy), *words.lacks(common["counts"])),
        next_step=_next(wanted, named) if common["counts"]["rows"] else "",
        **common,
    )


def _next(wanted: Recommend, named: str) -> str:
    return f"xsell evaluate{named}" if wanted.output else f"xsell recommend{named} --output offers.csv"


def _of_one(workspace: Workspace, task: _Task, made: Iterable[Made]) -> Report:
    """What there is to say of one customer, and the list itself."""
    known, asked, wanted = task.known, task.asked, task.wanted
    piece = next(iter(made))
    common = _common(task, _counted(piece, wanted.n), piece.since, [workspace.export(wanted.output, piece.frame)] if wanted.output else [])
    number = known.training.catalog.category[histories(known, asked.number).owned.indices]
    owned = [known.categories[one] if one >= 0 else None for one in number.tolist()]
    offers = piece.frame.with_columns(pl.col("score", "value").cast(pl.String).cast(pl.Float64)).rows(named=True)
    strange = bool(common["counts"]["not_in_the_data"])
    facts = {} if strange else of_users(workspace).frame.row(int(asked.number[0]), named=True)
    page = (customer.who(facts), customer.has(owned), customer.offered(offers, wanted.user, task.days, wanted.model))
    absent = Warned("unknown-customers", "This customer is not in the data; popular products are offered instead.")
    file = "" if wanted.output == STDIN else wanted.output
    rules = [f"--{name}" for name in ("where", "exclude", "only", "value") if getattr(wanted, name)]
    return Report(
        "recommend",
        sentences=tuple(words.one(common["counts"], wanted.n, file, known.scope, rules)),
        grids=tuple(grid for grid in page if grid),
        warnings=(
            *task.bounds.warnings,
            *words.untrendy(common["counts"], wanted.strategy),
            *((absent,) if strange else ()),
            *words.strange(common["counts"]),
        ),
        results=tuple(offers),
        **common,
    )


def _counted(made: Made, n: int) -> dict[str, int]:
    """Count rows, lists, short ones by cause, and lists by source."""
    sizes = made.frame.group_by("user_id").agg(pl.len(), pl.col("source").first())
    return {
        "rows": made.frame.height,
        "lists": sizes.height,
        "short_lists": sizes.filter(pl.col("len") < n).height,
        **{f"short_by_{cause}": number for cause, number in made.short.items()},
        **{f"by_{name}": sizes.filter(pl.col("source") == source).height for source, name in WITHOUT.items()},
    }


def _common(task: _Task, counted: Mapping[str, int], since: str | None, outputs: Sequence[FileFact]) -> dict[str, Any]:
    """What a report holds of any lists."""
    known, asked, wanted = task.known, task.asked, task.wanted
    rest = {name: number for name, number in counted.items() if name != "lists"}
    return {
        "counts": {
            "customers": len(asked.ids),
            "without_a_list": len(asked.ids) - counted["lists"],
            **rest,
            "not_in_the_data": int((asked.number < 0).sum()),
            "listed_items_not_in_the_data": task.bounds.strange,
            "items_without_category": int((known.training.catalog.category < 0).sum()) if known.scope != "any" else 0,
        },
        "inputs": (*asked.inputs, *task.bounds.inputs),
        "outputs": tuple(outputs),
        "details": {
            "scope": known.scope,
            "model": wanted.model,
            "window_days": task.days,
            "value": wanted.value or None,
            "popular_since": since,
            "popular_alone": task.plain,
        },
    }
