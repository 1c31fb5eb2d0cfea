"""Stages of a few lines in place of the real ones, so that tests of the job and the command line say what happens when and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from xsell import job
from xsell.contract.options import Settings
from xsell.contract.progress import Tell, silent
from xsell.contract.reports import FileFact, Grid, Report, Warned
from xsell.errors import InputError
from xsell.files.atomic import digest
from xsell.files.workspace import Workspace

Trouble = Callable[[Workspace], None]


@dataclass
class Stages:
    """What the fake stages did, and what shall befall them."""

    ran: list[str] = field(default_factory=list)
    settings: dict[str, Settings] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    wording: str = "All is well."

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Take the place of the real stages."""
        for name in job.STAGES:
            monkeypatch.setitem(job.STAGES, name, lambda name=name: getattr(self, name))

    def since(self) -> list[str]:
        """Give the stages that ran since the last call."""
        ran, self.ran = self.ran, []
        return ran

    def _begin(self, stage: str, workspace: Workspace, settings: Settings) -> None:
        self.ran.append(stage)
        self.settings[stage] = settings
        if stage in self.troubles:
            self.troubles[stage](workspace)

    def clean(self, workspace: Workspace, settings: Settings, tell: Tell) -> Report:
        """Keep the words of the files."""
        self._begin("clean", workspace, settings)
        tell("reading", 1, 2)
        facts, words = [], []
        for path in settings.clean.events:
            if path != "-" and not Path(path).is_file():
                raise InputError(f"There is no file {path}.", "Look at its name.")
            words += ["piped"] if path == "-" else Path(path).read_text(encoding="utf-8").split()
            facts.append(FileFact(path, "" if path == "-" else digest(Path(path)), len(words)))
        kept = workspace.write_json("clean/words.json", {"words": words, "scale": settings.clean.scale})
        said = workspace.write_json("clean/report.json", {"sentences": self.wording})
        share = words.count("bad") / max(len(words), 1)
        limit = settings.clean.max_rejected
        gate = f"{share:.2f} of the rows were refused." if limit is not None and share > limit else ""
        grid = Grid("Rows", ("rule", "rows", "share"), (("read", len(words), 1.0), ("refused", words.count("bad"), None)), bold=(0,))
        warned = (Warned("no-timestamps", "There are no times."),)
        return Report(
            "clean", ("Read the files.",), (grid,), {"read": len(words)}, {}, warned, tuple(facts), (kept, said), failed_gate=gate
        )

    def features(self, workspace: Workspace, settings: Settings, tell: Tell) -> Report:
        """Count the words."""
        self._begin("features", workspace, settings)
        tell("counting")
        counted = {"idf": settings.features.idf, "n": len(workspace.read_json("clean/words.json")["words"])}
        return Report("features", ("Counted.",), outputs=(workspace.write_json("features/counts.json", counted),))

    def train(self, workspace: Workspace, settings: Settings, tell: Tell) -> Report:
        """Keep the count as a model."""
        self._begin("train", workspace, settings)
        tell("learning")
        scope = "new" if settings.fit.scope == "auto" else settings.fit.scope
        bundle = {"n": workspace.read_json("features/counts.json")["n"], "seed": settings.common.seed}
        facts = workspace.save_model(settings.train.model, bundle, {"scope": scope})
        return Report("train", ("Learnt.",), outputs=facts, details={"scope": scope}, next_step="xsell recommend")

    def recommend(self, workspace: Workspace, settings: Settings, tell: Tell) -> Report:
        """Give one list."""
        self._begin("recommend", workspace, settings)
        tell("ranking")
        bundle, _ = workspace.load_model(settings.recommend.model)
        grid = Grid("Offers", ("item", "score"), (("kettle", 0.12345678), ("pot", 12345.6)))
        return Report("recommend", (f"Customer {settings.recommend.user} gets a list.",), (grid,), metrics={"n": bundle["n"]})

    def evaluate(self, workspace: Workspace, settings: Settings, tell: Tell) -> Report:
        """Judge by the number of words."""
        self._begin("evaluate", workspace, settings)
        tell("judging")
        n = workspace.read_json("features/counts.json")["n"]
        made = workspace.write_json("evaluation/one.json", {"n": n})
        gate = "precision@10 is lower than asked." if settings.evaluate.fail_under else ""
        grid = Grid("Models", ("model", "precision@10"), (("hybrid", 0.05),))
        return Report(
            "evaluate",
            ("Judged.",),
            (grid, Grid("Parts", ("model",), (("hybrid",),), aside=True)),
            asides=("Aside.",),
            verdict=("hybrid is no better.",),
            places=("All is in one.json.",),
            metrics={"precision@10": 0.05},
            outputs=(made,),
            failed_gate=gate,
        )


def run(command: str, settings: Settings, *given: str) -> tuple[Report, ...]:
    """Run a command silently."""
    return job.run(command, settings, frozenset(given), silent)
