import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fake_stages import Stages, run
from xsell import job
from xsell.contract.options import Clean, Common, Evaluate, Features, Fit, Recommend, Settings, Train
from xsell.contract.progress import silent
from xsell.contract.reports import Report
from xsell.errors import GateError, InputError, LockedError, ModelError, UsageError, XsellError
from xsell.files.lock import locked
from xsell.plan import Asked


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Give fake stages in place of the real ones."""
    fakes = Stages()
    fakes.install(monkeypatch)
    return fakes


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a directory with one file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_text("one two three", encoding="utf-8")
    return tmp_path


NOTHING = Settings()
FILE = Settings(clean=Clean(events=("a.csv",)))


def entries(here: Path) -> dict[str, dict[str, object]]:
    """Read the manifest."""
    stages: dict[str, dict[str, object]] = json.loads((here / "xsell-work/xsell.json").read_text(encoding="utf-8"))["stages"]
    return stages


def test_one_command_runs_what_it_needs(stages: Stages, here: Path) -> None:
    """`train FILE` in an empty directory runs clean, features and train, and each Report says why it ran."""
    reports = run("train", FILE)
    assert stages.ran == ["clean", "features", "train"]
    assert [report.command for report in reports] == stages.ran
    assert reports[0].sentences[0] == "clean ran, because it has no files yet."
    assert reports[-1].sentences == ("Learnt.",)


def test_nothing_runs_twice_without_a_cause(stages: Stages, here: Path) -> None:
    """After `train FILE`, evaluate, recommend and train again with the same file run themselves only."""
    run("train", FILE)
    stages.since()
    run("recommend", NOTHING)
    run("evaluate", FILE)
    run("train", FILE)
    run("train", NOTHING)
    assert stages.ran == ["recommend", "evaluate", "train", "train"]


def test_a_file_with_new_content_just_works(stages: Stages, here: Path) -> None:
    """When the raw file has changed, recommend runs everything again with the options that each stage had, and force is not needed."""
    run("train", replace(FILE, clean=Clean(events=("a.csv",), scale="none"), fit=Fit(scope="any"), common=Common(seed=7)))
    (here / "a.csv").write_text("one two three four", encoding="utf-8")
    stages.since()
    reports = run("recommend", NOTHING)
    assert stages.ran == ["clean", "features", "train", "recommend"]
    assert reports[0].sentences[0] == "clean ran, because a.csv changed."
    assert reports[1].sentences[0] == "features ran, because the files it reads changed."
    assert stages.settings["clean"].clean.scale == "none"
    assert stages.settings["train"].fit.scope == "any"
    assert stages.settings["train"].common.seed == 7
    assert reports[-1].metrics == {"n": 4}


def test_an_upstream_that_changes_nothing_stops_the_chain(stages: Stages, here: Path) -> None:
    """A raw file whose changed bytes give the same clean tables reruns clean and nothing below it."""
    run("train", FILE)
    (here / "a.csv").write_text("one  two  three", encoding="utf-8")
    stages.since()
    run("recommend", NOTHING)
    assert stages.ran == ["clean", "recommend"]


def test_a_touched_file_is_no_new_file(stages: Stages, here: Path) -> None:
    """Another time of change with the same bytes reruns nothing."""
    run("train", FILE)
    os.utime(here / "a.csv", (1, 1))
    stages.since()
    run("recommend", NOTHING)
    assert stages.ran == ["recommend"]


def test_a_vanished_file_is_not_stale(stages: Stages, here: Path) -> None:
    """Once the raw file is gone, what was made from it still serves."""
    run("train", FILE)
    (here / "a.csv").unlink()
    stages.since()
    run("recommend", NOTHING)
    assert stages.ran == ["recommend"]


def test_a_pipe_is_not_stale_until_its_tables_are_gone(stages: Stages, here: Path) -> None:
    """What came through a pipe still serves, and when its tables are gone the user is asked for it."""
    run("train", Settings(clean=Clean(events=("-",))))
    stages.since()
    run("recommend", NOTHING)
    assert stages.ran == ["recommend"]
    (here / "xsell-work/clean/report.json").unlink()
    with pytest.raises(InputError, match="came through a pipe"):
        run("recommend", NOTHING)
    run("train", Settings(clean=Clean(events=("-",))))


def test_a_file_from_another_directory_is_found_again(stages: Stages, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A rerun started elsewhere, as cron does, reads the file where it was."""
    run("train", FILE)
    (here / "a.csv").write_text("five", encoding="utf-8")
    (here / "elsewhere").mkdir()
    monkeypatch.chdir(here / "elsewhere")
    reports = run("recommend", Settings(common=Common(workdir=str(here / "xsell-work"))))
    assert reports[-1].metrics == {"n": 1}
    assert stages.settings["clean"].clean.events == (str(here / "a.csv"),)


def test_another_file_needs_force(stages: Stages, here: Path) -> None:
    """A directory made from one file refuses another one until --force is typed; the sentence names both."""
    run("clean", FILE)
    (here / "b.csv").write_text("six", encoding="utf-8")
    other = Settings(clean=Clean(events=("b.csv",)))
    for command in ("clean", "train", "evaluate"):
        with pytest.raises(UsageError, match=r"a\.csv, not from b\.csv") as caught:
            run(command, other)
        assert "--force" in caught.value.hint
    stages.since()
    run("train", replace(other, common=Common(force=True)))
    assert stages.ran == ["clean", "features", "train"]
    run("evaluate", other)


def test_a_misspelt_file_is_not_another_file(stages: Stages, here: Path) -> None:
    """A file that is not there is missed by name, and nobody is told to replace what was made from another one."""
    run("clean", FILE)
    (here / "folder").mkdir()
    for name in ("b.csv", "folder"):
        with pytest.raises(InputError, match=f"no file {name}"):
            run("evaluate", Settings(clean=Clean(events=(name,))))
    stages.since()
    run("features", NOTHING)
    assert stages.ran == ["features"]


def test_a_page_that_cannot_be_written_loses_no_result(stages: Stages, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was judged is shown and kept before the run ends with the code of what kept the page from being written."""
    told, shown = stages.evaluate, []
    monkeypatch.setitem(
        job.STAGES, "evaluate", lambda: lambda *words: replace(told(*words), unwritten=XsellError("The disk is full.", "Room!"))
    )
    with pytest.raises(XsellError, match="disk is full"):
        job.run("evaluate", FILE, frozenset(), silent, shown.append)
    assert (shown[-1].command, entries(here)["evaluate"]["status"], entries(here)["evaluate"]["exit_code"]) == ("evaluate", "failed", 1)


def test_what_runs_for_another_command_is_brief(stages: Stages, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stage that runs for another command says why it ran and its brief, and what else it has to say aside."""
    told = stages.clean
    monkeypatch.setitem(job.STAGES, "clean", lambda: lambda *words: replace(told(*words), brief="briefly"))
    cleaned, _ = run("features", FILE)
    assert cleaned.sentences == ("clean ran, because it has no files yet: briefly.",)
    assert cleaned.asides == ("Read the files.",)
    assert run("clean", FILE)[-1].sentences == ("Read the files.",)


def test_options_named_with_the_file_count_exactly(stages: Stages, here: Path) -> None:
    """With the file on the command line, an option that is no longer typed goes back to its default."""
    run("train", replace(FILE, clean=Clean(events=("a.csv",), scale="none")), "clean.scale")
    stages.since()
    run("train", FILE)
    assert stages.ran == ["clean", "features", "train"]
    assert stages.settings["clean"].clean.scale == "minmax"


def test_options_without_the_file_count_when_typed(stages: Stages, here: Path) -> None:
    """Without the file, options keep their last values but for those that are typed now."""
    run("train", replace(FILE, features=Features(idf="smooth")), "features.idf")
    stages.since()
    run("train", NOTHING)
    assert stages.since() == ["train"]
    reports = run("train", Settings(clean=Clean(scale="zscore")), "clean.scale")
    assert stages.ran == ["clean", "features", "train"]
    assert reports[0].sentences[0] == "clean ran, because --scale is not what it was."
    assert stages.settings["features"].features.idf == "smooth"
    assert stages.settings["clean"].clean.events == ("a.csv",)


def test_damaged_tables_are_made_again(stages: Stages, here: Path) -> None:
    """A table that was deleted or changed on the disk is made again."""
    run("train", FILE)
    for harm in (lambda path: path.unlink(), lambda path: path.write_text("{}", encoding="utf-8")):
        harm(here / "xsell-work/features/counts.json")
        stages.since()
        run("recommend", NOTHING)
        assert stages.ran == ["features", "recommend"]


def test_a_damaged_model_is_said_and_not_hidden(stages: Stages, here: Path) -> None:
    """A model file that is not the one that was trained ends in exit code 5."""
    run("train", FILE)
    with (here / "xsell-work/models/hybrid.joblib").open("ab") as file:
        file.write(b"!")
    with pytest.raises(ModelError, match="damaged"):
        run("recommend", NOTHING)


def test_another_version_makes_its_own_tables(stages: Stages, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables made by another version are made again while their input is there, and kept when it is not."""
    run("train", FILE)
    monkeypatch.setattr("xsell.plan.__version__", "9")
    monkeypatch.setattr("xsell.job.__version__", "9")
    stages.since()
    run("recommend", NOTHING)
    assert stages.since() == ["clean", "features", "recommend"]
    monkeypatch.setattr("xsell.plan.__version__", "10")
    (here / "a.csv").unlink()
    run("evaluate", NOTHING)
    assert stages.ran == ["features", "evaluate"]


def test_recommend_for_another_scope_trains_again(stages: Stages, here: Path) -> None:
    """A scope that the model was not trained for trains it again and says so; auto takes what there is."""
    run("train", FILE)
    stages.since()
    reports = run("recommend", Settings(recommend=Recommend(scope="any")), "recommend.scope")
    assert stages.since() == ["train", "recommend"]
    assert reports[0].sentences[0] == "train ran, because it was trained for scope new, not any."
    run("recommend", NOTHING)
    assert stages.ran == ["recommend"]


def test_counting_needs_no_model(stages: Stages, here: Path) -> None:
    """What goes with what is counted without training anything, also where a model is named that was never trained."""
    run("clean", FILE)
    words = Settings(recommend=Recommend(question="items", model="ease"), common=Common(dry_run=True))
    (report,) = run("recommend", words, "recommend.model")
    assert [step["stage"] for step in report.details["plan"] if step["because"]] == ["features", "recommend"]  # type: ignore[attr-defined]


def test_an_empty_basket_is_no_question(stages: Stages, here: Path) -> None:
    """`--basket ""`, as a script with an empty variable types it, is an error and not lists for all customers."""
    run("train", FILE)
    with pytest.raises(UsageError, match="holds no product"):
        run("recommend", NOTHING, "recommend.basket")


@pytest.mark.parametrize(
    ("words", "key"),
    [
        (Recommend(), "recommend/hybrid"),
        (Recommend(question="items"), "recommend/items"),
        (Recommend(question="audience", model="ease"), "recommend/audience"),
        (Recommend(basket="a,b"), "recommend/basket"),
    ],
)
def test_every_question_has_a_record_of_its_own(words: Recommend, key: str, here: Path) -> None:
    """What was answered last to one question is not forgotten by asking another."""
    assert Asked("recommend", Settings(recommend=words), frozenset(), here).key("recommend") == key


def test_a_named_model_must_have_been_trained(stages: Stages, here: Path) -> None:
    """Naming a model that was never trained is an error with exit code 5 that says how to train it; the default one is trained."""
    named = Settings(recommend=Recommend(model="ease"))
    with pytest.raises(ModelError) as caught:
        run("recommend", named, "recommend.model")
    assert caught.value.hint == "Run `xsell train FILE --model ease`."
    run("clean", FILE)
    with pytest.raises(ModelError) as caught:
        run("recommend", named, "recommend.model")
    assert caught.value.hint == "Run `xsell train --model ease`."
    stages.since()
    run("recommend", NOTHING)
    assert stages.ran == ["features", "train", "recommend"]


def test_every_model_has_its_own_entry(stages: Stages, here: Path) -> None:
    """Training a second model leaves what is known of the first."""
    run("train", replace(FILE, train=Train(model="ease")))
    run("train", Settings(train=Train(model="cross")))
    stages.since()
    run("recommend", Settings(recommend=Recommend(model="ease")), "recommend.model")
    assert stages.ran == ["recommend"]
    assert {"train/ease", "train/cross", "recommend/ease"} <= entries(here).keys()


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [
        ("train", Settings(fit=Fit(owned_since="soon")), "no length of time"),
        ("train", Settings(train=Train(split="weekly")), "no split"),
        ("train", Settings(train=Train(tune=True, budget="soon")), "no length of time"),
        ("train", Settings(train=Train(budget="5m")), "no --tune"),
        ("evaluate", Settings(evaluate=Evaluate(split="random:2")), "share between 0 and 1"),
        ("recommend", Settings(recommend=Recommend(question="items", scope="same")), "no customer"),
    ],
)
def test_words_are_read_before_any_work(stages: Stages, here: Path, command: str, words: Settings, said: str) -> None:
    """A length of time or a split that is none, and a scope that the question cannot have, are refused before a stage runs."""
    run("train", FILE)
    stages.since()
    with pytest.raises(UsageError, match=said):
        run(command, words)
    assert stages.ran == []


def test_a_model_made_again_for_another_scope_keeps_its_level(stages: Stages, here: Path) -> None:
    """What tells categories apart and counts as recent is as it was when the model was first trained."""
    run("train", replace(FILE, fit=Fit(category_level=1, owned_since="90d", owned_by=("purchase",))))
    run("recommend", Settings(recommend=Recommend(scope="dormant")), "recommend.scope")
    assert stages.settings["train"].fit == Fit(scope="dormant", category_level=1, owned_since="90d", owned_by=("purchase",))


def test_a_model_made_again_is_tuned_as_before(stages: Stages, here: Path) -> None:
    """A tuned model does not run again for `recommend`, and where it must it is tuned within the same budget."""
    run("train", replace(FILE, train=Train(tune=True, budget="5m")))
    stages.since()
    run("recommend", NOTHING)
    assert stages.ran == ["recommend"]
    run("recommend", Settings(recommend=Recommend(scope="any")), "recommend.scope")
    assert stages.settings["train"].train == Train(tune=True, budget="5m")


def test_an_empty_customer_is_nobody(stages: Stages, here: Path) -> None:
    """`--user ""`, as an unset variable of the shell gives it, makes no lists for everybody."""
    run("train", FILE)
    stages.since()
    with pytest.raises(UsageError, match="nobody"):
        run("recommend", Settings(recommend=Recommend(user=" ")), "recommend.user")
    assert stages.ran == []


@pytest.mark.parametrize("command", ["features", "train", "recommend", "evaluate"])
def test_nothing_done_yet_asks_for_a_file(stages: Stages, here: Path, command: str) -> None:
    """In an empty directory every command asks for a file, and makes no directory."""
    with pytest.raises(UsageError) as caught:
        run(command, NOTHING)
    assert "FILE" in caught.value.hint
    assert not (here / "xsell-work").exists()


def test_clean_needs_a_file(stages: Stages, here: Path) -> None:
    """`xsell clean` alone asks for a file even where there are tables."""
    run("clean", FILE)
    with pytest.raises(UsageError, match="No file"):
        run("clean", NOTHING)


def test_a_failed_run_is_recorded_beside_the_last_good_one(stages: Stages, here: Path) -> None:
    """A run that fails leaves files and facts of the last good run, and its sentence and exit code stand beside them."""
    run("train", FILE)
    before = entries(here)["clean"]

    def fail(_: object) -> None:
        raise InputError("Line 3 is odd.", "Mend it.")

    stages.troubles["clean"] = fail
    (here / "a.csv").write_text("changed", encoding="utf-8")
    with pytest.raises(InputError):
        run("recommend", NOTHING)
    entry = entries(here)["clean"]
    assert entry["outputs"] == before["outputs"]
    assert entry["status"] == "failed"
    failure = entry["last_failure"]
    assert isinstance(failure, dict)
    assert (failure["sentence"], failure["exit_code"]) == ("Line 3 is odd.", 3)
    del stages.troubles["clean"]
    assert run("recommend", NOTHING)[-1].metrics == {"n": 1}
    assert "last_failure" not in entries(here)["clean"]


def test_an_unknown_error_is_recorded_without_its_words(stages: Stages, here: Path) -> None:
    """What an unexpected error says may be a customer's data, so the manifest names its type only."""

    def fail(_: object) -> None:
        raise KeyError("customer 4711")

    stages.troubles["clean"] = fail
    with pytest.raises(KeyError):
        run("clean", FILE)
    assert "4711" not in (here / "xsell-work/xsell.json").read_text(encoding="utf-8")
    assert "KeyError" in (here / "xsell-work/xsell.json").read_text(encoding="utf-8")


@pytest.mark.parametrize(("error", "code"), [(MemoryError(), 7), (KeyboardInterrupt(), 130), (SystemExit(143), 143)])
def test_interruptions_are_recorded(stages: Stages, here: Path, error: BaseException, code: int) -> None:
    """A run that is stopped from outside is recorded with the exit code that the shell sees."""

    def fail(_: object) -> None:
        raise error

    stages.troubles["clean"] = fail
    with pytest.raises(type(error)):
        run("clean", FILE)
    failure = entries(here)["clean"]["last_failure"]
    assert isinstance(failure, dict)
    assert failure["exit_code"] == code


def test_a_closed_gate_writes_all_shows_all_and_stops(stages: Stages, here: Path) -> None:
    """A gate that closes in clean writes and shows its tables, stops before features, and closes again until it is loosened."""
    (here / "a.csv").write_text("bad good", encoding="utf-8")
    strict = replace(FILE, clean=Clean(events=("a.csv",), max_rejected=0.1))
    shown: list[Report] = []
    with pytest.raises(GateError, match="were refused"):
        job.run("train", strict, frozenset(), silent, shown.append)
    assert [report.command for report in shown] == ["clean"]
    assert (here / "xsell-work/clean/report.json").is_file()
    assert (entries(here)["clean"]["status"], entries(here)["clean"]["exit_code"]) == ("failed", 4)
    stages.since()
    with pytest.raises(GateError):
        run("evaluate", NOTHING)
    run("evaluate", FILE)
    assert stages.ran == ["clean", "clean", "features", "evaluate"]


def test_a_gate_of_evaluate_closes_after_writing(stages: Stages, here: Path) -> None:
    """A metric below its gate raises after the evaluation is written."""
    with pytest.raises(GateError):
        run("evaluate", replace(FILE, evaluate=Evaluate(fail_under=("precision@10=0.9",))))
    assert (here / "xsell-work/evaluation/one.json").is_file()


def test_a_dry_run_says_and_writes_nothing(stages: Stages, here: Path) -> None:
    """--dry-run lists what would run and why, and leaves no trace."""
    dry = replace(FILE, common=Common(dry_run=True))
    (report,) = run("train", dry)
    assert stages.ran == []
    assert not (here / "xsell-work").exists()
    assert report.sentences[0] == "clean would run, because it has no files yet."
    run("train", FILE)
    before = sorted((path, path.stat().st_mtime_ns) for path in (here / "xsell-work").rglob("*"))
    (report,) = run("recommend", Settings(common=Common(dry_run=True)))
    assert report.sentences[:3] == ("clean is up to date.", "features is up to date.", "train is up to date.")
    assert sorted((path, path.stat().st_mtime_ns) for path in (here / "xsell-work").rglob("*")) == before


def test_a_dry_run_needs_no_lock_and_other_runs_do(stages: Stages, here: Path) -> None:
    """While another run holds the directory, a dry run answers and a real one is refused."""
    run("clean", FILE)
    with locked(here / "xsell-work", 0, silent):
        run("train", Settings(common=Common(dry_run=True)))
        with pytest.raises(LockedError):
            run("train", Settings(common=Common(lock_timeout=0)))


def test_the_same_run_writes_the_same_manifest(stages: Stages, here: Path) -> None:
    """But for times and run ids the manifest of two equal runs is the same."""
    run("train", FILE)
    first = entries(here)
    run("clean", FILE)
    run("features", NOTHING)
    run("train", NOTHING)
    second = entries(here)
    for entry in (*first.values(), *second.values()):
        for name in ("run_id", "started", "seconds", "peak_memory_mb", "command"):
            assert entry.pop(name) is not None
        for notes in (entry["inputs"], entry["outputs"]):
            assert isinstance(notes, list)
            for note in notes:
                note.pop("mtime_ns", None)
                note.pop("size", None)
    assert first == second


def test_a_damaged_manifest_is_said(stages: Stages, here: Path) -> None:
    """A manifest that is no JSON ends in a sentence that says what to do."""
    run("clean", FILE)
    (here / "xsell-work/xsell.json").write_text("{", encoding="utf-8")
    with pytest.raises(XsellError, match="damaged") as caught:
        run("features", NOTHING)
    assert "Delete it" in caught.value.hint


def test_tables_of_another_shape_are_made_again(stages: Stages, here: Path) -> None:
    """Tables made when their stage promised other columns are made again, and so are those of which nobody wrote down what was promised."""
    run("train", FILE)
    place = here / "xsell-work/xsell.json"
    for promised in ({"layout": "other"}, {}):
        found = json.loads(place.read_text(encoding="utf-8"))
        entry = found["stages"]["features"]
        found["stages"]["features"] = {key: value for key, value in entry.items() if key != "layout"} | promised
        place.write_text(json.dumps(found), encoding="utf-8")
        stages.since()
        run("recommend", NOTHING)
        assert stages.since() == ["features", "recommend"]
    run("recommend", NOTHING)
    assert stages.ran == ["recommend"]
