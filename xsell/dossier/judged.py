"""An evaluation as its page sees it."""

from collections.abc import Mapping
from dataclasses import dataclass

from xsell.assemble import World
from xsell.contract.judging import BASELINE
from xsell.contract.options import Settings
from xsell.contract.reports import Report
from xsell.data.training import Ints
from xsell.exam import Exam
from xsell.metrics.intervals import FEWEST
from xsell.metrics.probability import Reliability
from xsell.metrics.scoreboard import Score
from xsell.report import verdicts
from xsell.report.evaluation import Account
from xsell.report.whom import Whom
from xsell.selection.plan import Chosen


@dataclass(frozen=True, slots=True)
class Judged:
    """
    An evaluation.

    Attributes:
        known: Everything known.
        exam: What models learnt from and were asked, in the last window where there are several.
        account: What was asked, over all windows.
        chosen: The models of that window.
        lists: Their lists in that window, customers × k in the order of the exam.
        board: What the lists are worth.
        whom: For whom the lists are good.
        likely: By model, whether its probabilities were right; models that give none are left out.
        report: What the evaluation says.
        settings: What it was told.
    """

    known: World
    exam: Exam
    account: Account
    chosen: Mapping[str, Chosen]
    lists: Mapping[str, Ints]
    board: Mapping[str, Score]
    whom: Whom
    likely: Mapping[str, Reliability]
    report: Report
    settings: Settings

    @property
    def k(self) -> int:
        """Length of the lists that verdicts are about."""
        return self.settings.evaluate.length

    @property
    def longest(self) -> int:
        """Length of the longest lists that were measured."""
        return len(next(iter(self.board.values())).curve["hit"])

    @property
    def best(self) -> str:
        """The model with the best mean."""
        return verdicts.best(self.board)

    @property
    def few(self) -> bool:
        """Whether there are too few customers for intervals."""
        return self.account.customers < FEWEST

    def style(self, model: str) -> int:
        """Give a model the number of its line: 0 for the baseline, the others in order."""
        return 0 if model == BASELINE else 1 + [name for name in self.board if name != BASELINE].index(model) % 6

    @property
    def latest(self) -> str:
        """Say that something is about the last of several windows, or nothing."""
        return "The last window. " if self.account.windows > 1 else ""
