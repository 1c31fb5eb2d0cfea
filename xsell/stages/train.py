"""`xsell train`: choose and fit a model."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from xsell.assemble import World, planned, world
from xsell.contract import spans
from xsell.contract.options import Settings
from xsell.contract.progress import Tell
from xsell.contract.reports import Grid, Report, Warned
from xsell.contract.runs import json_ready
from xsell.contract.splits import parse
from xsell.contract.wording import many
from xsell.data import splits
from xsell.files.workspace import Workspace
from xsell.ranking import cells_within
from xsell.report import tuning
from xsell.selection.choose import choose
from xsell.selection.cost import seconds
from xsell.selection.frozen import to_values
from xsell.selection.plan import Chosen, Trial

SHOWN = 12
DAY = 86400.0
NOTE = "NDCG@10 is 1 where the products taken up lead the list, 0 where none is on it."
ERROR = "RMSE is the root of the mean squared error of expected ratings; 0 is best."
OFFERED = {
    "new": "Lists will hold only products of categories that the customer has not bought from (--scope any lifts this).",
    "dormant": "Lists will hold only products of categories that the customer bought from, but not lately (--owned-since says how long ago).",
    "same": "Lists will hold only products of categories that the customer has bought from.",
    "any": "Lists will hold any product that the customer does not own.",
}


def run(workspace: Workspace, settings: Settings, tell: Tell) -> Report:
    """
    Choose the parameters of a model on a validation cut, fit it on everything and keep it.

    Args:
        workspace: Holds the clean tables and the features.
        settings: The groups `fit`, `train` and `common` are used.
        tell: Hears about the progress.

    Raises:
        MemoryLimitError: Lists would take more memory than is allowed.
    """
    name = settings.train.model
    known = world(workspace, settings.fit)
    cells_within(settings.common.memory, known.training.n_items)  # a model that no list can be made with is not worth the wait
    if settings.train.split != "auto":
        splits.make(parse(settings.train.split), known.training.log, known.training.catalog, settings.common.seed)
    plan = planned(known, (name,), settings.fit, settings.common, "" if settings.train.split == "auto" else settings.train.split)
    plan = replace(plan, budget=spans.budget(settings.train.budget, settings.train.tune))
    tell(f"training {name}, about {seconds(known.training, name) + (plan.budget or 0):.0f} s")
    chosen = choose(known.training, (name,), plan, tell)[name]
    tell("keeping the model")
    facts: dict[str, object] = {
        "model": name,
        "scope": known.scope,
        "window_days": chosen.window / DAY,
        "like": settings.fit.like,
        "category_level": settings.fit.category_level,
        "category_match": settings.fit.category_match,
        "owned_by": list(settings.fit.owned_by),
        "owned_since": settings.fit.owned_since,
        "events": list(known.events),
        "width": known.training.history.width,
        "parameters": chosen.parameters,
        "most_regressors": plan.regressors,
        "most_targets": plan.targets,
        "validation": {"rule": chosen.rule, "customers": chosen.customers, "ndcg@10": chosen.ndcg, "popular ndcg@10": chosen.popular},
        "trials": [_fact(t) for t in chosen.trials],
        **(tuning.facts(chosen.tuned.attempts, chosen.tuned.planned) if chosen.tuned else {}),
    }
    bundle = {"model": to_values(chosen.model), "items": known.items["item_id"].to_list()}
    return Report(
        "train",
        sentences=(
            *_told(known, name, chosen),
            *_tuned(name, chosen, settings.train.budget),
            *chosen.sentences,
            *known.remarks,
            OFFERED[known.scope],
        ),
        grids=(*_grids(name, chosen), *(tuning.grids(chosen.tuned.attempts) if chosen.tuned else ())),
        counts={"customers": known.training.n_users, "items": known.training.n_items, "validation_customers": chosen.customers},
        metrics=_metrics(chosen),
        warnings=tuple(Warned(code, text) for code, text in chosen.warnings),
        outputs=workspace.save_model(name, bundle, json_ready(facts)),
        details=facts,
        next_step="xsell recommend" + ("" if name == "hybrid" else f" --model {name}"),
    )


def _fact(trial: Trial) -> dict[str, object]:
    error = {} if math.isnan(trial.rmse) else {"rmse": trial.rmse}
    return {"model": trial.model, "parameters": trial.parameters, "ndcg@10": trial.ndcg, **error}


def _metrics(chosen: Chosen) -> dict[str, float]:
    error = {"validation.rmse": chosen.rmse} if chosen.rated else {}
    return {"validation.ndcg@10": chosen.ndcg, "validation.popular.ndcg@10": chosen.popular, **error} if chosen.customers else {}


def _told(known: World, name: str, chosen: Chosen) -> tuple[str, ...]:
    training = known.training
    learnt = (
        f"Learnt from {many(training.history.purchases.nnz, 'pair')} of customer and product ({', '.join(known.events)}): "
        f"{many(training.n_users, 'customer')}, {many(training.n_items, 'product')}."
    )
    if name == "ratings" and training.history.ratings is not None:
        learnt = f"Learnt from {many(training.history.ratings.nnz, 'rating')}: {many(training.n_users, 'customer')}, {many(training.n_items, 'product')}."
    elif unwanted := training.history.owned.nnz - training.history.purchases.nnz:
        learnt += f" {_unwanted(unwanted, rated=training.history.ratings is not None)}"
    if not chosen.customers:
        return (learnt,)
    if name == "ratings":
        return learnt, _by_error(chosen), f"Its lists have NDCG@10 {chosen.ndcg:.4f} there, those of popular {chosen.popular:.4f}."
    how = {
        "temporal": "what they took up in a later window of time",
        "new-category": "whole categories hidden from them",
        "random": "products hidden at random",
        "leave-last": "what they took up last",
        "by-user": "what they took up last, learning from other customers only",
    }[chosen.rule]
    gain = f", {chosen.ndcg / chosen.popular - 1:+.0%}" if chosen.popular > 0 and name != "popular" else ""
    return (
        learnt,
        f"Chosen on {many(chosen.customers, 'customer')} by {how}: NDCG@10 {chosen.ndcg:.4f}, popular {chosen.popular:.4f}{gain}.",
    )


def _unwanted(pairs: int, *, rated: bool) -> str:
    """Say of how many pairs nothing is learnt, although they are owned."""
    cause = "rated below a like (--like) or sent back" if rated else "sent back"
    verb = "is" if pairs == 1 else "are"
    return f"{many(pairs, 'further pair')} {verb} owned and not learnt from: {cause}."


def _by_error(chosen: Chosen) -> str:
    """Write what settings of expected ratings were chosen by."""
    if not chosen.rated:
        return f"Too few customers have ratings held out (split {chosen.rule}) to choose settings by, so they are the usual ones."
    biases = [t.rmse for t in chosen.trials if not t.parameters["factors"]]
    plain = f", without factors {min(biases):.4f}" if biases else ""
    return f"Chosen by {many(chosen.rated, 'rating')} held out (split {chosen.rule}): RMSE {chosen.rmse:.4f}{plain}."


def _tuned(name: str, chosen: Chosen, budget: str) -> Iterator[str]:
    if chosen.tuned:
        changed = sorted(chosen.tuned.better)
        yield from tuning.sentences(name, chosen.tuned.attempts, chosen.tuned.planned, changed, budget or spans.USUAL_BUDGET)


def _grids(name: str, chosen: Chosen) -> tuple[Grid, ...]:
    """The best things tried, under the fusion of them if that was asked for."""
    tried = _tried(chosen.trials, name)
    if not tried:
        return ()
    rows = tuple((t.model, tuning.words(t.parameters) or None, abs(t.worth)) for t in tried)
    fused = ((name, chosen.stand_in or "a mix", chosen.ndcg),) if name == "hybrid" else ()
    metric, note = ("RMSE", ERROR) if chosen.rated else ("NDCG@10", NOTE)
    return (Grid("Tried on the validation cut", ("model", "setting", metric), (*fused, *rows), bold=(0,), note=note),)


def _tried(trials: Sequence[Trial], name: str) -> list[Trial]:
    """The last word on every model where hybrid weighed them, else all settings of the one model; the best first."""
    told = [t for t in trials if t.model != "hybrid" and math.isfinite(t.worth)]
    if name == "hybrid":
        told = list({t.model: t for t in told}.values())
    return sorted(told, key=lambda t: -t.worth)[:SHOWN]
