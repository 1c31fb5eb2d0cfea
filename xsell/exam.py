"""What models may learn from and what they are asked: by a split of the events, or by a held-out file of the analyst's."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from xsell.assemble import World
from xsell.contract.options import Clean, Fit
from xsell.contract.reports import FileFact, Warned
from xsell.contract.spans import DAY
from xsell.contract.splits import ROLLING, Split, parse
from xsell.data import cuts, splits
from xsell.data.matrix import codes
from xsell.data.rawtable import RawTable
from xsell.data.training import Ints, Training, pairs, valued
from xsell.errors import InputError
from xsell.prep.cleaning import clean_events
from xsell.prep.diary import Diary
from xsell.prep.heldout import border, latest, wanted
from xsell.prep.products import IDLE
from xsell.prep.spelling import as_in
from xsell.prep.weighting import OWNING
from xsell.report import evaluation as words

FILE = "file"
UNKNOWN = "not in the data"


@dataclass(frozen=True, slots=True)
class Exam:
    """
    What models may learn from and what they are asked.

    Attributes:
        whole: Everything up to the end of the time that is asked about.
        learnt: What models are fitted on.
        part: What is known when lists are made: the same, but for the split by-user, which shows the beginnings of other histories.
        asked: What customers took up afterwards; at least one customer.
        rule: The split as one types it, or `file`.
        idle: Customers with a history of whom nothing was held out.
        sentence: How it was made.
        how: The same in few words.
        facts: The same for scripts.
        inputs: Files read for it.
        moment: Last moment of the training part in seconds since 1970, NaN where the cut is none in time.
        window: Seconds from there to the last event, or NaN.
        rated: Ratings that customers gave afterwards, of products not rated before; None or empty where there are none.
        heard: How a file of the analyst's was read, one sentence each.
        warnings: What the analyst must know of it.
    """

    whole: Training
    learnt: Training
    part: Training
    asked: cuts.Heldout
    rule: str
    idle: int
    sentence: str
    how: str
    facts: dict[str, Any] = field(default_factory=dict)
    inputs: tuple[FileFact, ...] = ()
    moment: float = np.nan
    window: float = np.nan
    rated: cuts.Rated | None = None
    heard: tuple[str, ...] = ()
    warnings: tuple[Warned, ...] = ()

    @property
    def buyers(self) -> NDArray[np.int64]:
        """How many of the customers that models learn from have each item, int64 [items]."""
        return np.bincount(self.learnt.history.purchases.indices, minlength=self.learnt.n_items)

    @property
    def rolling(self) -> bool:
        """Whether it is one of several windows."""
        return self.rule.partition(":")[0] == ROLLING


def decided(known: World, split: str) -> Split:
    """Read a split; `auto` is the one that comes nearest to real use with these data."""
    return parse(splits.default_rule(known.training.log, known.scope) if split == "auto" else split)


def by_split(known: World, split: str, seed: int) -> Exam:
    """
    Cut the events once.

    Args:
        known: Everything.
        split: The split as one types it, or `auto`.
        seed: Seed of what is random in it.

    Raises:
        InputError: The split is impossible here, or leaves nobody to judge on.
    """
    whole = known.training
    made = decided(known, split)
    cut, auto = splits.make(made, whole.log, whole.catalog, seed), split == "auto"
    return _held(_cut(whole, cut, made, known.scope, words.split(cut, made, auto), words.how(cut, made, auto)), known.scope)


def by_windows(known: World, made: Split) -> Iterator[Exam]:
    """
    Cut the events at the begin of every window in turn, what comes after its end out of sight; only one exam is in memory unless it is kept.

    Args:
        known: Everything.
        made: Rolling windows.

    Yields:
        One exam a window, some perhaps with nobody to judge on.

    Raises:
        InputError: The windows do not fit into the data.
    """
    for there, cut in splits.windows(made, known.training.log):
        whole = known.training if there.all() else known.training.before(there)
        yield _cut(whole, cut, made, known.scope, words.window(cut), f"split {made.text}")


def _cut(whole: Training, cut: cuts.Cut, made: Split, scope: str, said: str, how: str) -> Exam:
    part = cuts.known(whole, cut)
    learnt = part if cut.shown is None else cuts.learnt(whole, cut)
    asked = cuts.heldout(whole, part, cut, scope)
    idle = len(np.unique(whole.log.user)) - len(asked.user) - sum(asked.skipped.values())
    facts = {
        "events_learnt": int(cut.keep.sum()),
        "events_shown": 0 if cut.shown is None else int(cut.shown.sum()),
        "events_hidden": int(cut.hidden.sum()),
        "cut": words.date(cut.moment) if np.isfinite(cut.moment) else None,
        "days_after": cut.window / DAY,
    }
    rated = cuts.rated(whole, part, cut)
    return Exam(whole, learnt, part, asked, made.text, idle, said, how, facts, moment=cut.moment, window=cut.window, rated=rated)


def by_file(known: World, raw: RawTable, options: Clean, fit: Fit) -> Exam:
    """
    Learn from everything and ask for what a held-out file says.

    Args:
        known: Everything.
        raw: The file, of the same columns as the events.
        options: How those were cleaned; `rating_scale` may be empty.
        fit: What counts as owning and as a like.

    Raises:
        InputError: A needed column is missing, or nobody is left to judge on.
    """
    diary = Diary()
    events = clean_events([raw], replace(options, scale="none"), diary)
    owning = known.events if fit.owned_by else (*OWNING, *known.events)
    rows = wanted(events.interactions, owning, border(fit.like, events.scale))
    user, item = _numbers(rows, known)
    idle = len(np.setdiff1d(known.training.log.user, user))
    asked = _merged(cuts.select(*_ordered(user, item, known), known.training, known.scope), rows, user, item)
    sentence = words.heldout_file(raw.path, raw.rows, rows.height, events.ledger.rejected)
    facts = {"file": raw.path, "sha256": raw.sha256, "rows": raw.rows, "pairs": rows.height, "rejected": events.ledger.rejected}
    how = f"held-out file {raw.path}"
    one, rated = known.training, _rated(latest(events.interactions, owning), known)
    heard = (*raw.notes, *diary.sentences)
    exam = Exam(
        one,
        one,
        one,
        asked,
        FILE,
        idle,
        sentence,
        how,
        facts,
        (raw.fact,),
        rated=rated,
        heard=heard,
        warnings=tuple(warned for warned in diary.warnings if warned.code != IDLE),
    )
    return _held(exam, known.scope)


def _rated(rows: pl.DataFrame, known: World) -> cuts.Rated:
    """Ratings by known customers of known products."""
    user, item = _numbers(rows, known)
    both, shape = (user >= 0) & (item >= 0), known.training.history.purchases.shape
    return cuts.Rated.of(valued(user[both], item[both], rows["value"].to_numpy()[both], shape), known.training)


def _numbers(rows: pl.DataFrame, known: World) -> tuple[Ints, Ints]:
    """Numbers of customers and products, -1 where they are not known."""
    user = codes(as_in(rows["user_id"], known.users), known.users)
    return user, codes(as_in(rows["item_id"], known.items["item_id"]), known.items["item_id"])


def _ordered(user: Ints, item: Ints, known: World) -> tuple[Ints, Ints]:
    """Known pairs in the order of the numbers."""
    both = (user >= 0) & (item >= 0)
    matrix = pairs(user[both], item[both], (known.training.n_users, known.training.n_items))
    return np.repeat(np.arange(known.training.n_users, dtype=np.int32), np.diff(matrix.indptr)), matrix.indices


def _merged(asked: cuts.Heldout, rows: pl.DataFrame, user: Ints, item: Ints) -> cuts.Heldout:
    """Count what the data do not know beside what was left out of the rest."""
    strange = user < 0
    dropped = {f"of customers {UNKNOWN}": int(strange.sum()), f"of products {UNKNOWN}": int((~strange & (item < 0)).sum())}
    strangers = rows.filter(pl.Series(strange))["user_id"].n_unique()
    lost = len(np.unique(user[~strange])) - len(asked.user) - asked.skipped[cuts.NO_HISTORY]
    skipped = {UNKNOWN: strangers, **asked.skipped, cuts.NOTHING_LEFT: lost}
    return replace(asked, dropped={**dropped, **asked.dropped}, skipped=skipped)


def _held(exam: Exam, scope: str) -> Exam:
    if len(exam.asked.user):
        return exam
    raise nobody(exam, scope)


def nobody(exam: Exam, scope: str) -> InputError:
    """Say that there is nobody to judge on, by cause, and what to try."""
    return InputError(f"There is nobody to judge models on. {words.nobody(exam.sentence, exam.asked.dropped)}", _help(exam, scope))


def _help(exam: Exam, scope: str) -> str:
    """What to try where there is nobody to judge on."""
    dropped = exam.asked.dropped
    cause = max(dropped, key=lambda cause: dropped[cause]) if exam.rule == FILE and dropped else ""
    if cause.endswith(UNKNOWN):
        return "Look at whether both files spell ids the same way."
    if cause == cuts.OWNED:
        return "Bring a --test file of later purchases, which are not among those that models learn from."
    if scope in {"same", "dormant"} and exam.rule.startswith("new-category"):
        return f"Try --split random: this one hides whole categories, and scope {scope} asks for none that is new."
    if scope != "any":
        return "Try --scope any, which asks for every product not owned."
    if exam.rule == FILE or exam.rule.startswith("random"):
        return "Bring a file in which more customers have several products."
    return "Try --split random, or a file with more customers."
