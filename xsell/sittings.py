"""What is kept of every window of an evaluation once its models are gone, and how windows become one result."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from xsell import comparison, groups, odds
from xsell.assemble import World
from xsell.best import Ranking
from xsell.contract import judging
from xsell.contract.options import Evaluate
from xsell.contract.progress import Tell, silent
from xsell.data.cuts import Heldout
from xsell.data.training import Ints
from xsell.exam import Exam, nobody
from xsell.files.workspace import Workspace
from xsell.metrics.errors import Errors, accuracy, errors
from xsell.metrics.ground import Ground
from xsell.metrics.intervals import Values
from xsell.metrics.measured import Measured, customers, measure
from xsell.metrics.probability import Promises
from xsell.metrics.scoreboard import Score, judge
from xsell.models.explicit import Explicit
from xsell.picking import Policy, pick
from xsell.ranking import recommend
from xsell.report import evaluation as words
from xsell.report import whom
from xsell.report.evaluation import Account
from xsell.report.expected import MEAN, PLAIN, Expected
from xsell.report.whom import Whom
from xsell.report.windows import Window
from xsell.selection.choose import choose
from xsell.selection.plan import Chosen, Plan

Trained = tuple[Exam, Mapping[str, Chosen]]
IDLE = "with no purchase or like held out"


@dataclass(frozen=True, slots=True)
class Sitting:
    """
    One window.

    Attributes:
        moment: Its begin in seconds since 1970, NaN where the cut is none in time.
        window: Its length in seconds, or NaN.
        facts: How it was cut, for scripts.
        asked: What was hidden.
        idle: Customers with a history of whom nothing was held out.
        unseen: How many of the pairs to find are of products that nobody had before.
        lists: By model, as long as the longest asked for.
        alike: Models whose lists are those of the first, without having said so.
        measured: The lists held against what was hidden.
        guards: How one-sided and how impersonal lists are, under flat names.
        promises: Probabilities of models that give some, beside what happened.
        habits: What the customers had before.
        owners: How many customers had each product before, int64 [items].
        stand_in: The part that hybrid is here, empty where it is a mix.
        errors: Errors of expected ratings, None where no model expects ratings or none were held out.
    """

    moment: float
    window: float
    facts: Mapping[str, Any]
    asked: Heldout
    idle: int
    unseen: int
    lists: Mapping[str, Ints]
    alike: frozenset[str]
    measured: Measured
    guards: Mapping[str, float]
    promises: Mapping[str, Promises]
    habits: Mapping[str, Values]
    owners: np.ndarray
    errors: Errors | None
    stand_in: str


@dataclass(frozen=True, slots=True)
class Done:
    """
    All windows, and of the last one that was judged what models learnt from, and the models.

    Attributes:
        sat: The windows.
        account: What was asked.
        exam: The last window.
        chosen: Its models.
        warnings: What any choice of models warns of, each once: code and sentence; popular has nothing to choose.
    """

    sat: list[Sitting]
    account: Account
    exam: Exam
    chosen: Mapping[str, Chosen]
    warnings: tuple[tuple[str, str], ...]


def through(known: World, exams: Iterable[Exam], names: tuple[str, ...], plan: Plan, wanted: Evaluate, tell: Tell) -> Done:
    """
    Choose models in every window and judge their lists; the models of one are gone before those of the next are made.

    Args:
        known: Everything.
        exams: What models may learn from and are asked, at least one.
        names: The models.
        plan: How to choose them.
        wanted: Length and variety of the lists.
        tell: Hears about the progress.

    Raises:
        InputError: There is nobody to judge on, in no window.
    """
    sat: list[Sitting] = []
    missed: list[Exam] = []
    warned: dict[tuple[str, str], None] = {}
    last: Trained | None = None
    chosen: Mapping[str, Chosen]
    for number, exam in enumerate(exams, 1):
        if not len(exam.asked.user):
            missed.append(exam)
            continue
        last, chosen = None, {}
        chosen = choose(exam.learnt, names, plan, _numbered(tell, number) if exam.rolling else tell)
        sat.append(sit(known, exam, chosen, wanted, plan.seed, tell))
        warned |= dict.fromkeys(warning for name, choice in chosen.items() if name != judging.BASELINE for warning in choice.warnings)
        last = exam, chosen
    if last is None:
        raise nobody(missed[-1], known.scope)
    exam, chosen = last
    return Done(sat, _account(sat, missed, exam), exam, chosen, tuple(warned))


def _numbered(tell: Tell, number: int) -> Tell:
    def told(text: str, done: int = 0, total: int = 0) -> None:
        tell(f"window {number}: {text}", done, total)

    return told


def _account(sat: Sequence[Sitting], missed: Sequence[Exam], last: Exam) -> Account:
    spans = [(one.moment, one.window) for one in sat]
    split = (
        tuple(words.windows(spans, [words.nobody(exam.sentence, exam.asked.dropped) for exam in missed]))
        if last.rolling
        else (last.sentence, *last.heard)
    )
    return Account(
        split,
        len(asked(sat)),
        sum(len(one.asked.user) for one in sat),
        sum(len(one.asked.item) for one in sat),
        sum(one.unseen for one in sat),
        added({**one.asked.skipped, IDLE: one.idle} for one in sat),
        added(one.asked.dropped for one in sat),
        len(sat) if last.rolling else 0,
        len(missed),
        last.how,
    )


def sit(known: World, exam: Exam, chosen: Mapping[str, Chosen], wanted: Evaluate, seed: int, tell: Tell) -> Sitting:
    """
    Let models make lists and hold these against what was hidden.

    Args:
        known: Everything.
        exam: What models learnt from and are asked.
        chosen: The models.
        wanted: Length and variety of the lists.
        seed: Seed of samples.
        tell: Hears about the progress.
    """
    made = _lists(chosen, exam, known.scope, wanted, tell)
    lists = {name: ranking.items for name, ranking in made.items()}
    tell("measuring")
    ground = Ground.of(exam.part, exam.asked, known.scope)
    strangers = np.diff(exam.part.history.purchases.indptr)[exam.asked.user] == 0
    return Sitting(
        exam.moment,
        exam.window,
        exam.facts,
        exam.asked,
        exam.idle,
        int((np.bincount(exam.part.history.owned.indices, minlength=exam.part.n_items)[exam.asked.item] == 0).sum()),
        lists,
        comparison.twins(lists, chosen),
        measure(lists, ground, wanted.lengths, _rival(lists, chosen, exam, known.scope, wanted)),
        {n: v for k in wanted.lengths for n, v in comparison.guards(made, chosen, strangers, k).items()},
        odds.promised(exam, known.scope, chosen, wanted.length, seed),
        groups.habits(known, exam.part, exam.asked),
        ground.owners,
        _errors(exam, chosen),
        chosen["hybrid"].stand_in if "hybrid" in chosen else "",
    )


def _errors(exam: Exam, chosen: Mapping[str, Chosen]) -> Errors | None:
    """Hold expected ratings against those held out, beside what plainer models expect."""
    models = {name: choice.model for name, choice in chosen.items() if isinstance(choice.model, Explicit)}
    if not models or exam.rated is None or not len(exam.rated.user):
        return None
    models[PLAIN] = Explicit(0, shrinkage=next(iter(models.values())).shrinkage).fit(exam.learnt)
    who, row = np.unique(exam.rated.user, return_inverse=True)
    history = exam.part.history.rows(who)
    expected = {name: model.predict(history, row, exam.rated.item) for name, model in models.items()}
    expected[MEAN] = np.full(len(row), models[PLAIN].mean_)
    return errors(exam.rated.user, exam.rated.value, expected)


def expected(sat: Sequence[Sitting], seed: int) -> Expected:
    """How far expected ratings are off over all windows."""
    windows = [one.errors for one in sat if one.errors]
    if not windows:
        return Expected({}, 0, 0)
    customers = len(np.unique(np.concatenate([window.users for window in windows])))
    return Expected(accuracy(windows, seed), customers, int(sum(window.ratings.sum() for window in windows)))


def shorter(lists: Mapping[str, Ints], k: int) -> dict[str, Ints]:
    """Keep the first places of lists."""
    return {name: items[:, :k] for name, items in lists.items()}


def _lists(chosen: Mapping[str, Chosen], exam: Exam, scope: str, wanted: Evaluate, tell: Tell) -> dict[str, Ranking]:
    history = exam.part.history.rows(exam.asked.user)
    cut = partial(pick, policy=Policy((), wanted.diversity, exam.part.catalog, exam.buyers))
    k = max(wanted.lengths)
    return {name: recommend(choice.model, history, exam.part.catalog, scope, k, tell, cut) for name, choice in chosen.items()}


def _rival(made: Mapping[str, Ints], chosen: Mapping[str, Chosen], exam: Exam, scope: str, wanted: Evaluate) -> Ints | None:
    """What is popular among categories new to each customer, where there are categories and lists may hold new ones."""
    if scope != "any" or exam.part.catalog.n_categories < 2:
        return made[judging.BASELINE] if scope == "new" else None
    return _lists({judging.BASELINE: chosen[judging.BASELINE]}, exam, "new", wanted, silent)[judging.BASELINE].items


def boards(sat: Sequence[Sitting], seed: int) -> dict[int, dict[str, Score]]:
    """Score the models over all windows, by length of the lists."""
    return judge([one.measured for one in sat], judging.BASELINE, seed)


def guards(sat: Sequence[Sitting]) -> dict[str, float]:
    """How one-sided and how impersonal lists are, the mean over windows."""
    return {name: float(np.mean([one.guards[name] for one in sat])) for name in sat[0].guards}


def twins(sat: Sequence[Sitting]) -> frozenset[str]:
    """Models whose lists are those of the first in every window, without having said so."""
    return frozenset.intersection(*(one.alike for one in sat))


def added(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up numbers by cause, causes in the order in which they come first."""
    total: Counter[str] = Counter()
    for some in counts:
        total.update(some)
    return dict(total)


def looked(workspace: Workspace, known: World, sat: Sequence[Sitting], scores: Mapping[str, Score], k: int) -> Whom:
    """
    Look for whom the lists are good; of a customer in several windows the habits are those before the first.

    Args:
        workspace: Holds the customer table.
        known: Everything.
        sat: The windows.
        scores: What was judged.
        k: Length of the lists.
    """
    who, first = np.unique(np.concatenate([one.measured.users for one in sat]), return_index=True)
    habits = {name: np.concatenate([one.habits[name] for one in sat])[first] for name in sat[0].habits}
    category = groups.of_categories(known, np.concatenate([one.asked.item for one in sat]))
    products = [[groups.of_popularity(one.owners) for one in sat], *([[category] * len(sat)] if category else [])]
    return whom.looked(
        scores,
        [shorter(one.lists, k) for one in sat],
        [one.asked for one in sat],
        groups.of_customers(workspace, known, who, habits),
        products,
    )


def asked(sat: Sequence[Sitting]) -> Ints:
    """Numbers of the customers judged, in the order of the scores."""
    return customers([one.measured for one in sat])


def apart(sat: Sequence[Sitting], seed: int) -> list[Window]:
    """Judge every window by itself, where there are several."""
    if len(sat) < 2:
        return []
    return [Window(one.moment, one.window, len(one.asked.item), judge([one.measured], judging.BASELINE, seed), one.facts) for one in sat]
