from pathlib import Path

import pytest

from tests.cli.conftest import Call
from tests.fake_stages import Stages
from xsell.cli.config import configured
from xsell.errors import UsageError


def write(text: str) -> None:
    """Write the project file of the current directory."""
    Path("xsell.toml").write_text(text, encoding="utf-8")


def test_flags_over_environment_over_project_file(xsell: Call, stages: Stages) -> None:
    """A flag beats the environment, which beats the project file, which beats the default."""
    write('seed = 1\nthreads = 1\n[common]\nlock_timeout = 3\n[clean]\nscale = "none"\noutliers = "drop"')
    assert xsell("train", "a.csv", "--scale", "zscore", env={"XSELL_SEED": "2"}).exit_code == 0
    seen = stages.settings["train"]
    assert (seen.clean.scale, seen.clean.outliers) == ("zscore", "drop")
    assert (seen.common.seed, seen.common.threads, seen.common.lock_timeout) == (2, 1, 3.0)
    xsell("train", "a.csv", "--seed", "3", env={"XSELL_SEED": "2"})
    assert stages.settings["train"].common.seed == 3


def test_a_command_table_beats_a_group_table(xsell: Call, stages: Stages) -> None:
    """`[evaluate]` may hold any option of evaluate and wins over `[fit]`; keys may be written with dashes."""
    write('[fit]\nlike = 3\n[evaluate]\nlike = 4\nfail-under = ["ndcg@10=0.01"]\nmodel = "ease"')
    xsell("evaluate", "a.csv")
    assert stages.settings["evaluate"].fit.like == 4.0
    assert stages.settings["evaluate"].evaluate.fail_under == ("ndcg@10=0.01",)
    xsell("train", "a.csv")
    assert stages.settings["train"].fit.like == 3.0


@pytest.mark.parametrize(("text", "lengths"), [("k = 5", (5,)), ("k = [5, 20]", (5, 20)), ('k = "5,20"', (5, 20))])
def test_lengths_from_the_file(xsell: Call, stages: Stages, text: str, lengths: tuple[int, ...]) -> None:
    """Lengths of lists may be a number, a list of numbers, or text as it is typed."""
    write(f"[evaluate]\n{text}")
    assert xsell("evaluate", "a.csv").exit_code == 0
    assert stages.settings["evaluate"].evaluate.k == lengths


def test_values_from_the_file_count_as_given(xsell: Call, stages: Stages) -> None:
    """A model named in the project file must have been trained."""
    write('[recommend]\nmodel = "ease"')
    xsell("clean", "a.csv")
    assert xsell("recommend").exit_code == 5


@pytest.mark.parametrize(
    ("text", "sentence", "hint"),
    [
        ("[clean]\nscales = 'none'", "option scales", "Did you mean scale?"),
        ("[claen]\nscale = 'none'", "table claen", "Did you mean clean?"),
        ("sed = 1", "option sed", "Did you mean seed?"),
        ("[clean]\nscale = 'no'", "'no'", "minmax, zscore, none"),
        ("seed = 'x'", "no int", "--help"),
        ("seed = true", "no int", "--help"),
        ("seed = -1", "-1", "at least 0"),
        ("[clean]\nmax_rejected = 2", "2", "at most 1"),
        ("[clean", "is not TOML", "--config"),
        ("config = 'x'", "option config", ""),
    ],
)
def test_mistakes_are_said(xsell: Call, text: str, sentence: str, hint: str) -> None:
    """Unknown words, wrong kinds and broken syntax are usage errors that name the way out."""
    write(text)
    with pytest.raises(UsageError, match=sentence) as caught:
        configured("train", "")
    assert hint in caught.value.hint
    assert xsell("train", "a.csv").exit_code == 2


def test_a_named_file_must_exist(xsell: Call) -> None:
    """--config with a file that is not there is an error; without it no file is needed."""
    assert configured("train", "") == {}
    ran = xsell("train", "a.csv", "--config", "no.toml")
    assert ran.exit_code == 2
    assert "no.toml" in ran.stderr
