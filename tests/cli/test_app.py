import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.fake_stages import Stages
from xsell import __version__, job
from xsell.contract.options import COMMANDS
from xsell.contract.reports import Warned
from xsell.errors import InputError


def test_version_and_help(xsell: Call) -> None:
    """--version and --help go to standard output with exit code 0; the page of a command has examples and its options."""
    assert xsell("--version").stdout == f"xsell {__version__}\n"
    page = xsell("--help")
    assert page.exit_code == 0
    assert all(command in page.stdout for command in COMMANDS)
    assert "Exit codes" in page.stdout
    for command in COMMANDS:
        page = xsell(command, "--help")
        assert "Examples:" in page.stdout
        assert f"xsell {command}" in page.stdout
        assert "--workdir" in page.stdout
        assert max(map(len, page.stdout.splitlines())) <= 80


def test_no_line_of_a_page_is_broken(xsell: Call) -> None:
    """The lines of the manual pages fit into 80 columns as they were written."""
    from xsell.cli import app, clean, evaluate, features, recommend, train  # noqa: PLC0415

    for page in (app, clean, features, train, recommend, evaluate):
        assert max(map(len, page.PAGE.splitlines())) <= 78


def test_results_on_stdout_talk_on_stderr(xsell: Call) -> None:
    """Tables of the command itself go to standard output; sentences, warnings and tables of stages above do not."""
    ran = xsell("evaluate", "a.csv")
    assert ran.exit_code == 0, ran.stderr
    assert "precision@10" in ran.stdout
    assert "0.05000" in ran.stdout
    assert "Rows" not in ran.stdout + ran.stderr
    assert "Judged." not in ran.stdout
    assert ran.stderr.splitlines()[0] == "clean ran, because it has no files yet."
    assert "Note: There are no times." in ran.stderr


def test_sentences_for_logs_stay_on_one_line(xsell: Call, stages: Stages) -> None:
    """Where no terminal is, a long sentence is one line, so that a log can be searched."""

    def fail(_: object) -> None:
        raise InputError("word " * 40 + "end.", "Look.")

    stages.troubles["clean"] = fail
    assert "Error: " + "word " * 40 + "end." in xsell("clean", "a.csv").stderr.splitlines()


def test_next_step_is_shown(xsell: Call) -> None:
    """The command to type next stands at the end."""
    assert xsell("train", "a.csv").stderr.splitlines()[-1] == "Next: xsell recommend"


def test_what_to_type_next_keeps_the_directory(xsell: Call) -> None:
    """Where the working directory was typed, the next step and the hints of errors name it too; from the environment it comes by itself."""
    assert xsell("train", "a.csv", "-w", "my shop").stderr.splitlines()[-1] == "Next: xsell recommend -w 'my shop'"
    assert "`xsell train -w nowhere FILE`" in xsell("train", "-w", "nowhere").stderr
    assert "`xsell train FILE`" in xsell("train", env={"XSELL_WORKDIR": "nowhere"}).stderr
    assert "`xsell train -w nowhere FILE`" in json.loads(xsell("train", "-w", "nowhere", "--json").stdout)["error"]["hint"]


def test_nothing_is_said_twice(xsell: Call, stages: Stages, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that was said, or that a note repeats, is not said again; scripts get every warning."""
    told, twice = stages.features, Warned("no-timestamps", "There are no times.")
    monkeypatch.setitem(
        job.STAGES, "features", lambda: lambda *words: replace(told(*words), sentences=(twice.message, "Counted."), warnings=(twice,))
    )
    ran = xsell("evaluate", "a.csv", "--json")
    assert ran.stderr.count("There are no times.") == 1
    assert "Counted." in ran.stderr
    assert [warned["code"] for warned in json.loads(ran.stdout)["warnings"]] == ["no-timestamps", "no-timestamps"]


def test_results_are_in_the_json(xsell: Call, stages: Stages, monkeypatch: pytest.MonkeyPatch, here: Path) -> None:
    """Rows that were asked for are in the JSON object and not in the manifest."""
    xsell("train", "a.csv")
    told = stages.recommend
    monkeypatch.setitem(job.STAGES, "recommend", lambda: lambda *words: replace(told(*words), results=({"item_id": "kettle"},)))
    assert json.loads(xsell("recommend", "--json").stdout)["results"] == [{"item_id": "kettle"}]
    assert "kettle" not in (here / "xsell-work/xsell.json").read_text(encoding="utf-8")


def test_json_is_one_object_and_nothing_else(xsell: Call) -> None:
    """With --json standard output is one object with what a script needs."""
    ran = xsell("evaluate", "a.csv", "--json")
    found = json.loads(ran.stdout)
    assert set(found) >= {
        "command",
        "version",
        "run_id",
        "status",
        "exit_code",
        "inputs",
        "outputs",
        "counts",
        "metrics",
        "warnings",
        "seconds",
    }
    assert (found["command"], found["status"], found["exit_code"], found["metrics"]) == ("evaluate", "ok", 0, {"precision@10": 0.05})
    assert [fact["path"] for fact in found["inputs"]] == ["a.csv"]
    assert found["warnings"] == [{"code": "no-timestamps", "message": "There are no times."}]
    assert json.loads(Path("xsell-work/xsell.json").read_text(encoding="utf-8"))["stages"]["evaluate"]["run_id"] == found["run_id"]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("train", "--nonsense"), 2),
        (("train", "--model", "nonsense"), 2),
        (("train",), 2),
        (("clean", "missing.csv"), 3),
        (("clean", "a.csv", "-w", "x" * 300), 3),
        (("recommend", "--user", "\udcff"), 2),
        (("clean", "a.csv", "-w", "\udcff"), 2),
        (("evaluate", "a.csv", "--fail-under", "precision@10=0.9"), 4),
        (("recommend", "--model", "ease"), 5),
    ],
)
def test_failures_are_json_too(xsell: Call, words: tuple[str, ...], code: int) -> None:
    """A run that fails gives its exit code, a sentence on standard error, and with --json an object with the error."""
    ran = xsell(*words)
    assert ran.exit_code == code
    assert ran.stderr
    ran = xsell(*words, "--json", "--force")
    found = json.loads(ran.stdout)
    assert ran.exit_code == code
    assert (found["command"], found["status"], found["exit_code"]) == (words[0], "failed", code)
    assert found["error"]["message"]
    assert found["error"]["hint"]


def test_an_option_before_the_command_fails_as_json(xsell: Call) -> None:
    """Words that are wrong before a command is named end in one object too."""
    ran = xsell("--nonsense", "train", "a.csv", "--json")
    assert ran.exit_code == json.loads(ran.stdout)["exit_code"] == 2


def test_an_error_is_one_sentence_and_one_hint(xsell: Call) -> None:
    """An error the user can mend takes two lines."""
    ran = xsell("train")
    assert ran.stderr.splitlines() == ["Error: Nothing was made in xsell-work yet.", "Start with a file: `xsell train FILE`."]
    assert ran.stdout == ""


def test_a_closed_gate_still_draws(xsell: Call) -> None:
    """The table of an evaluation is drawn before the gate's sentence."""
    ran = xsell("evaluate", "a.csv", "--fail-under", "precision@10=0.9")
    assert "precision@10" in ran.stdout
    assert "Error: precision@10 is lower than asked." in ran.stderr


def test_quiet_leaves_results_and_errors(xsell: Call) -> None:
    """With -q recommend prints its lists, evaluate its verdict, clean nothing at all, and errors are still said."""
    ran = xsell("evaluate", "a.csv", "-q")
    assert (ran.stdout, ran.stderr) == ("hybrid is no better.\n", "")
    assert "kettle" in xsell("recommend", "-q").stdout
    ran = xsell("clean", "a.csv", "-q")
    assert ran.output == ""
    assert "Error" in xsell("clean", "-q").stderr


def test_verbose_says_every_step(xsell: Call) -> None:
    """With -v the steps of the stages stand on standard error, also when it is no terminal."""
    ran = xsell("clean", "a.csv", "-v")
    assert "clean: reading" in ran.stderr.splitlines()
    assert "clean: reading" not in xsell("clean", "a.csv").stderr


def test_more_is_said_to_those_who_ask(xsell: Call) -> None:
    """The verdict stands beneath the tables; asides, of stages above too, are said with -v only, and logged always."""
    plain, wordy = xsell("evaluate", "a.csv", "--log-file", "log.txt"), xsell("evaluate", "a.csv", "-v", "--force", "--scale", "none")
    assert plain.stdout.splitlines()[-1] == "hybrid is no better."
    assert plain.stderr.splitlines()[-1] == "All is in one.json."
    for words in ("Aside.", "Parts"):
        assert words in wordy.output
        assert words not in plain.output
    assert all(words in Path("log.txt").read_text(encoding="utf-8") for words in ("Aside.", "hybrid is no better.", "All is in one.json."))


def test_a_verdict_goes_where_no_result_is_disturbed(xsell: Call) -> None:
    """With --json the verdict is talk on standard error, and with -q as well it is not said."""
    ran = xsell("evaluate", "a.csv", "--json")
    assert "hybrid is no better." in ran.stderr
    assert json.loads(ran.stdout)["verdict"] == ["hybrid is no better."]
    assert xsell("evaluate", "a.csv", "--json", "-q").stderr == ""


@pytest.mark.parametrize("words", [("evaluate", "--report", "a.csv/deep/page.html"), ("recommend", "--output", "a.csv/lists.csv")])
def test_a_place_for_the_result_is_tried_before_the_work(xsell: Call, stages: Stages, here: Path, words: tuple[str, str, str]) -> None:
    """A page or list that could not be written stops the command before any stage, with the option in the sentence."""
    xsell("train", "a.csv")
    stages.since()
    before = sorted(here.rglob("*"))
    ran = xsell(*words)
    assert ran.exit_code == 2
    assert f"Error: {words[1]} {words[2]} cannot be written: not a directory." in ran.stderr
    assert (stages.ran, sorted(here.rglob("*"))) == ([], before)


@pytest.mark.parametrize(
    "words",
    [
        ("evaluate", "a.csv", "--test", "gone.csv"),
        ("evaluate", "a.csv", "--baseline", "gone.csv"),
        ("evaluate", "--against", "gone.csv", "--recommendations", "a.csv"),
        ("recommend", "--only", "gone.csv"),
    ],
)
def test_a_file_that_is_not_there_is_missed_before_the_work(xsell: Call, stages: Stages, words: tuple[str, ...]) -> None:
    """A file that only the command itself reads is looked for before the stages above it run."""
    xsell("clean", "a.csv")
    stages.since()
    ran = xsell(*words, "--force")
    assert ran.exit_code == 3
    assert "Error: There is no file gone.csv." in ran.stderr
    assert stages.ran == []


@pytest.mark.parametrize("command", list(job.FOLDERS))
def test_a_directory_for_the_result_is_tried_before_the_work(xsell: Call, stages: Stages, here: Path, command: str) -> None:
    """Where the folder of a command is none, nothing runs."""
    xsell("train", "a.csv")
    stages.since()
    place = here / "xsell-work" / job.FOLDERS[command]
    shutil.rmtree(place, ignore_errors=True)
    place.write_text("", encoding="utf-8")
    ran = xsell(command, *(("a.csv",) if command == "clean" else ()))
    assert ran.exit_code == 3
    assert f"xsell-work/{place.name} cannot be written: not a directory." in ran.stderr
    assert stages.ran == []


def test_lists_on_stdout_stand_alone(xsell: Call) -> None:
    """With `-o -` no table is drawn on standard output."""
    xsell("train", "a.csv")
    assert "kettle" in xsell("recommend").stdout
    assert xsell("recommend", "-o", "-").stdout == ""


def test_numbers_are_drawn_alike(xsell: Call) -> None:
    """Floats have four significant digits or thousands, missing values a dash, and number columns end at the right."""
    lines = xsell("clean", "a.csv").stdout.splitlines()
    assert [line.split() for line in lines if line.startswith(("read", "refused"))] == [["read", "3", "1.000"], ["refused", "0", "–"]]
    xsell("train", "a.csv")
    lines = [line for line in xsell("recommend").stdout.splitlines() if line.startswith(("kettle", "pot"))]
    assert [line.split()[1] for line in lines] == ["0.1235", "12,346"]
    assert len({len(line.rstrip()) for line in lines}) == 1


def test_an_unknown_error_shows_no_data(xsell: Call, stages: Stages) -> None:
    """An unexpected error is one sentence without its own words; -v adds where it came from, still without them."""

    def fail(_: object) -> None:
        customer = "4711"
        raise KeyError(customer)

    stages.troubles["clean"] = fail
    for words in (("clean", "a.csv"), ("clean", "a.csv", "-v")):
        ran = xsell(*words)
        assert ran.exit_code == 1
        assert "4711" not in ran.output
        assert "KeyError" in ran.stderr
    assert "fake_stages.py" in ran.stderr


@pytest.mark.parametrize(
    ("error", "code"), [(MemoryError(), 7), (KeyboardInterrupt(), 130), (SystemExit(143), 143), (BrokenPipeError(), 141)]
)
def test_ends_from_outside(xsell: Call, stages: Stages, error: BaseException, code: int) -> None:
    """Too little memory, Ctrl-C, SIGTERM and a reader that left have their exit codes."""

    def fail(_: object) -> None:
        raise error

    stages.troubles["clean"] = fail
    assert xsell("clean", "a.csv").exit_code == code


def test_log_file_has_no_customer(xsell: Call, here: Path) -> None:
    """The log repeats sentences and errors as text or JSON Lines, but not the customer whose list was asked for."""
    xsell("train", "a.csv", "--log-file", "text.log")
    assert "INFO" not in (here / "text.log").read_text(encoding="utf-8")
    assert "info" in (here / "text.log").read_text(encoding="utf-8")
    ran = xsell("recommend", "--user", "C7", "--log-file", "json.log", "--log-format", "json")
    assert "Customer C7 gets" in ran.stderr
    lines = [json.loads(line) for line in (here / "json.log").read_text(encoding="utf-8").splitlines()]
    assert [line["message"] for line in lines] == ["Customer (customer) gets a list."]
    assert "C7" not in (here / "json.log").read_text(encoding="utf-8")
    assert xsell("train", "--log-file", "missing/x.log").exit_code == 2


def test_no_color(xsell: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Colour is only for those who want it: FORCE_COLOR turns it on, --no-color and NO_COLOR off."""
    xsell("clean", "a.csv")
    assert "\x1b[" in xsell("train", "--model", "ease", env={"FORCE_COLOR": "1", "TERM": "xterm"}).stderr
    assert "\x1b[3" not in xsell("train", "--no-color", env={"FORCE_COLOR": "1", "TERM": "xterm"}).stderr
    assert "\x1b[3" not in xsell("train", env={"FORCE_COLOR": "1", "NO_COLOR": "1", "TERM": "xterm"}).stderr


def test_names_cannot_steer_the_terminal(xsell: Call, stages: Stages) -> None:
    """Control characters from files are replaced before they reach a terminal, and brackets are no markup."""

    def fail(_: object) -> None:
        raise InputError("Column \x1b]0;owned\x07 [red]is odd.", "Look.")

    stages.troubles["clean"] = fail
    ran = xsell("clean", "a.csv")
    assert "\x1b" not in ran.stderr
    assert "[red]is odd" in ran.stderr


def test_dry_run_is_said(xsell: Call, here: Path) -> None:
    """--dry-run says what would run, also as JSON, and writes nothing."""
    ran = xsell("train", "a.csv", "--dry-run", "--log-file", "x.log")
    assert "clean would run" in ran.stderr
    assert [path.name for path in here.iterdir()] == ["a.csv"]
    found = json.loads(xsell("train", "a.csv", "--dry-run", "--json").stdout)
    assert [step["stage"] for step in found["details"]["plan"]] == ["clean", "features", "train"]
