"""
Which stages a command needs, and why one of them must run again.

A command needs the files of the stages above it. A stage above runs again when it never ran, when its options, its raw input or the files
from above changed, or when its own files are gone. Raw input that vanished or came through a pipe cannot be read again and counts as unchanged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from xsell import __version__
from xsell.contract import judging, pages, spans, splits
from xsell.contract.options import Settings
from xsell.contract.ruletext import parse
from xsell.contract.runs import json_ready
from xsell.data.schema import layout
from xsell.errors import InputError, ModelError, UsageError
from xsell.files.manifest import PIPE, Manifest, called, identity, same

Options = dict[str, dict[str, Any]]

ABOVE = {
    "clean": (),
    "features": ("clean",),
    "train": ("clean", "features"),
    "recommend": ("clean", "features", "train"),
    "evaluate": ("clean", "features"),
}
"""The stages whose files a stage reads, in the order in which they run."""

MODELLESS = {"items"}
"""The questions that are answered by counting."""

OWN = {
    "clean": ("clean",),
    "features": ("features",),
    "train": ("fit", "train"),
    "recommend": ("recommend",),
    "evaluate": ("fit", "evaluate"),
}
"""The groups of options that a stage obeys."""


@dataclass(frozen=True, slots=True)
class Asked:
    """
    What the user typed.

    Attributes:
        command: The subcommand.
        settings: All options, defaults included.
        given: Options that the user set, as `group.field`.
        cwd: Where the paths among the options start.
    """

    command: str
    settings: Settings
    given: frozenset[str]
    cwd: Path

    @property
    def files(self) -> tuple[str, ...]:
        """The event files named on this command line."""
        return self.settings.clean.events

    def key(self, stage: str) -> str:
        """The entry of a stage in the manifest; stages that work for one model have one entry a model."""
        group = self.settings.train if self.command == "train" else self.settings.recommend
        if stage == "recommend" and self.question != "users":
            return f"{stage}/{self.question}"
        if stage == "recommend" and self.settings.recommend.basket:
            return f"{stage}/basket"
        return f"{stage}/{group.model}" if stage in {"train", "recommend"} else stage

    @property
    def question(self) -> str:
        """What `recommend` is to answer."""
        return self.settings.recommend.question

    def above(self, stage: str) -> tuple[str, ...]:
        """The stages whose files a stage reads, in the order in which they run; what goes with what needs no model, delivered lists need nothing."""
        if stage == "evaluate" and self.settings.evaluate.recommendations:
            return ()
        counted = stage == "recommend" and self.question in MODELLESS
        return tuple(name for name in ABOVE[stage] if not (counted and name == "train"))

    def decides(self, stage: str) -> bool:
        """Whether this command line alone sets the options of a stage: it is the command, or its input is named."""
        return stage == self.command or (bool(self.files) and stage in {"clean", "features"})


def refuse(asked: Asked, manifest: Manifest) -> None:
    """
    Stop a command that cannot mean what it says.

    Raises:
        UsageError: There is no input, the directory was made from other files, a model or gate to judge is none, or a file would be lost.
        ModelError: A model is named that was never trained.
    """
    directory, cleaned = manifest.root, manifest.good("clean")
    if asked.command == "evaluate":
        _refuse_evaluation(asked)
    _refuse_words(asked)
    if asked.command == "clean" and not asked.files:
        raise UsageError("No file was named.", "Type the file of purchases, ratings or events: `xsell clean FILE`.")
    modelled = asked.command == "recommend" and asked.question not in MODELLESS
    if modelled and "recommend.model" in asked.given and not manifest.good(asked.key("train")):
        _refuse_untrained(asked, file="" if cleaned else " FILE", directory=directory)
    if asked.command == "recommend" and asked.settings.recommend.where:
        parse(asked.settings.recommend.where)
    _refuse_nobody(asked)
    if not asked.files and cleaned is None and asked.above(asked.command):
        command = asked.command if asked.command in {"train", "evaluate"} else "train"
        raise UsageError(f"Nothing was made in {directory} yet.", f"Start with a file: `xsell {command} FILE`.")
    for label, path in (("--output", asked.settings.recommend.output), ("--report", asked.settings.evaluate.report)):
        if path not in {"", PIPE} and manifest.keeps(Path(path)):
            raise UsageError(f"{label} {path} would overwrite a file that is needed.", "Name another file.")
    if asked.files and cleaned and not asked.settings.common.force and all(_there(path) for path in asked.files):
        _refuse_other_files(asked, cleaned, directory)


def _refuse_evaluation(asked: Asked) -> None:
    judging.check(asked.settings.evaluate)
    pages.check(asked.settings.evaluate)
    if asked.files and asked.settings.evaluate.recommendations:
        raise UsageError("--recommendations is judged without other files.", "Name the purchases after the delivery with --against FILE.")


def _refuse_words(asked: Asked) -> None:
    """Read what has a grammar of its own before any work, and refuse scopes that a question cannot have."""
    settings = asked.settings
    if asked.question in MODELLESS and settings.recommend.scope in {"same", "dormant"}:
        raise UsageError(
            f"--scope {settings.recommend.scope} is about what a customer has bought, and --for items asks for no customer.",
            "Use --scope new for products of other categories, or --scope any.",
        )
    spans.seconds(settings.fit.owned_since, "--owned-since")
    spans.budget(settings.train.budget, settings.train.tune)
    for text, read in ((settings.train.split, splits.single), (settings.evaluate.split, splits.parse)):
        if text != "auto":
            read(text)


def _refuse_nobody(asked: Asked) -> None:
    """Stop an empty id, as a script with an empty variable types it."""
    if "recommend.user" in asked.given and not asked.settings.recommend.user.strip():
        raise UsageError("--user names nobody.", "Give the id of a customer, or leave --user out for lists for all.")
    if "recommend.basket" in asked.given and not asked.settings.recommend.basket.strip():
        raise UsageError("--basket holds no product.", "Give ids with commas, or leave --basket out for lists for all customers.")


def _refuse_untrained(asked: Asked, file: str, directory: Path) -> None:
    model = asked.settings.recommend.model
    raise ModelError(f"Model {model} was never trained in {directory}.", f"Run `xsell train{file} --model {model}`.")


def _there(path: str) -> bool:
    """Whether a file can be meant at all; reading says best what is wrong with a name that is misspelt."""
    return path == PIPE or (Path(path).exists() and not Path(path).is_dir())


def _refuse_other_files(asked: Asked, cleaned: Mapping[str, Any], directory: Path) -> None:
    before, now = sorted(cleaned["events"]), sorted(identity(path) for path in asked.files)
    if before != now:
        was, wanted = (", ".join(called(path, other) for path in paths) for paths, other in ((before, now), (now, before)))
        raise UsageError(
            f"{directory} was made from {was}, not from {wanted}.", "Add --force to replace it, or use another directory with -w DIR."
        )


def plan(asked: Asked, manifest: Manifest) -> Iterator[tuple[str, str]]:
    """Give each stage in order with the reason to run it, or an empty one; a stage below one that runs is assumed to need it."""
    runs = ""
    for stage in asked.above(asked.command):
        reason = why(asked, manifest, stage) or (f"{runs} runs before it" if runs else "")
        runs = stage if reason else runs
        yield stage, reason
    yield asked.command, "it was asked for"


def why(asked: Asked, manifest: Manifest, stage: str) -> str:
    """
    Say why a stage above the command must run again, or nothing.

    Raises:
        InputError: It must, but its raw input cannot be read again.
    """
    entry = manifest.good(asked.key(stage))
    if entry is None:
        return f"model {asked.key(stage).partition('/')[2]} was not trained yet" if stage == "train" else "it has no files yet"
    reason = _must(asked, manifest.root, stage, entry)
    if reason and stage == "clean" and not asked.files and PIPE in entry["events"]:
        raise InputError(f"clean must run again ({reason}), but its input came through a pipe.", "Run `xsell clean` on that input again.")
    return reason or _may(asked, manifest, stage, entry)


def _must(asked: Asked, root: Path, stage: str, entry: Mapping[str, Any]) -> str:
    """Reasons that leave no choice."""
    if entry["gate"]:
        return "its last result did not pass a quality gate"
    if changed := changed_option(asked, stage, entry):
        return f"{changed} is not what it was"
    for note in entry["outputs"]:
        place = root / note["path"]
        if not place.is_file() or (stage != "train" and not same(note, place)):
            return f"{note['path']} is missing or was changed"
    return ""


def _may(asked: Asked, manifest: Manifest, stage: str, entry: Mapping[str, Any]) -> str:
    """Reasons that hold only if the input can be read again."""
    if stage == "clean" and not _readable(asked, entry):
        return ""
    if stage != "train" and (entry["version"], entry.get("layout")) != (__version__, layout(stage)):
        return "another version of xsell made its files"
    if stage == "clean":
        return next((f"{note['path']} changed" for note in entry["inputs"] if not _still(note)), "")
    if entry["upstream"] != above(asked, manifest, stage):
        return "the files it reads changed"
    return _other_scope(asked, entry) if stage == "train" else ""


def _still(note: Mapping[str, Any]) -> bool:
    """Whether a raw file is as it was; what came through a pipe cannot be."""
    return "absolute" in note and same(note, Path(note["absolute"]))


def _readable(asked: Asked, entry: Mapping[str, Any]) -> bool:
    """Whether all raw input is still there, or named again."""
    return bool(asked.files) or all("absolute" in note and Path(note["absolute"]).is_file() for note in entry["inputs"])


def _other_scope(asked: Asked, entry: Mapping[str, Any]) -> str:
    wanted, trained = asked.settings.recommend.scope, entry["details"].get("scope")
    return f"it was trained for scope {trained}, not {wanted}" if trained and wanted not in {"auto", trained} else ""


def above(asked: Asked, manifest: Manifest, stage: str) -> dict[str, str]:
    """Digests of what a stage reads of those above it, as they recorded it, by path."""
    return {path: digest for name in asked.above(stage) for path, digest in manifest.handed_on(asked.key(name)).items()}


def changed_option(asked: Asked, stage: str, entry: Mapping[str, Any]) -> str:
    """Name an option of a stage above that this command line sets to another value than its last run had, or nothing."""
    now, before = _located(options_of(asked.settings, stage), asked.cwd), _located(entry["options"], Path(entry["cwd"]))
    for group in OWN[stage]:
        for name, value in now[group].items():
            counts = asked.decides(stage) or f"{group}.{name}" in asked.given
            if counts and value != before.get(group, {}).get(name, value):
                return f"--{name.replace('_', '-')}" if name != "events" else "the input"
    return ""


def options_of(settings: Settings, stage: str) -> Options:
    """The options that a stage obeys, as JSON-ready values by group."""
    return {group: json_ready(asdict(getattr(settings, group))) for group in OWN[stage]}


def settings_for(asked: Asked, manifest: Manifest, stage: str) -> Settings:
    """Give the settings of a stage above: those of its last run with what the user set now, or this command line's where it names the input."""
    entry = manifest.good(asked.key(stage))
    wanted = replace(asked.settings, train=replace(asked.settings.train, model=asked.key("train").partition("/")[2]))
    if entry and not asked.decides(stage):
        wanted = _restored(asked, wanted, entry, stage)
    if stage == "train" and asked.settings.recommend.scope != "auto":
        wanted = replace(wanted, fit=replace(wanted.fit, scope=asked.settings.recommend.scope))
    return wanted


def _restored(asked: Asked, wanted: Settings, entry: Mapping[str, Any], stage: str) -> Settings:
    options = entry["options"] if entry["cwd"] == str(asked.cwd) else _located(entry["options"], Path(entry["cwd"]))
    groups = {group: _filled(getattr(wanted, group), options.get(group, {}), group, asked.given) for group in OWN[stage]}
    seed = asked.settings.common.seed if "common.seed" in asked.given else entry["seed"]
    return replace(wanted, **groups, common=replace(wanted.common, seed=seed))


def _filled(group: Any, recorded: Mapping[str, Any], name: str, given: frozenset[str]) -> Any:
    """Put recorded values into a group, but for those that the user set."""
    known = {f.name for f in fields(group)} & recorded.keys()
    values = {key: recorded[key] for key in known if f"{name}.{key}" not in given}
    return replace(group, **{key: tuple(value) if isinstance(value, list) else value for key, value in values.items()})


def _located(options: Options, base: Path) -> Options:
    """Options in which every path is absolute."""
    paths = {name: [f.name for f in fields(getattr(Settings(), name)) if f.metadata["flag"].metavar.startswith("FILE")] for name in options}
    return {
        name: {key: _absolute(value, base) if key in paths[name] else value for key, value in group.items()}
        for name, group in options.items()
    }


def _absolute(value: Any, base: Path) -> Any:
    if isinstance(value, list):
        return [_absolute(part, base) for part in value]
    return value if not isinstance(value, str) or value in {"", PIPE} else identity(str(base / value))
