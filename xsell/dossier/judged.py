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
from xsell.report.whom import Whom
from xsell.selection import Chosen


@dataclass(frozen=True, slots=True)
class Judged:
    """
    An evaluation.

    Attributes:
        known: Everything known.
        exam: What models learnt from and were asked.
        chosen: The models.
        lists: Their lists, customers × k in the order of the exam.
        board: What the lists are worth.
        whom: For whom the lists are good.
        likely: By model, whether its probabilities were right; models that give none are left out.
        report: What the evaluation says.
        settings: What it was told.
    """

    known: World
    exam: Exam
    chosen: Mapping[str, Chosen]
    lists: Mapping[str, Ints]
    board: Mapping[str, Score]
    whom: Whom
    likely: Mapping[str, Reliability]
    report: Report
    settings: Settings

    @property
    def k(self) -> int:
        """Length of the lists."""
        return self.settings.evaluate.k

    @property
    def best(self) -> str:
        """The model with the best mean."""
        return verdicts.best(self.board)

    @property
    def few(self) -> bool:
        """Whether there are too few customers for intervals."""
        return len(self.exam.asked.user) < FEWEST

    def style(self, model: str) -> int:
        """Give a model the number of its line: 0 for the baseline, the others in order."""
        return 0 if model == BASELINE else 1 + [name for name in self.board if name != BASELINE].index(model) % 6
