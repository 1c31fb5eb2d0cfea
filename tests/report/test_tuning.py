"""What tuning did, in words."""

import math

import pytest

from xsell.contract.trials import Attempt
from xsell.report import tuning

TRIALS = (
    Attempt("als", {"factors": 64, "alpha": 0.3}, 3, 200, 0.2, "usual"),
    *(Attempt("als", {"factors": n, "alpha": 0.1}, 1, 40, 0.3) for n in (8, 16)),
    *(Attempt("als", {"factors": n, "alpha": 0.1, "regularization": 0.0003}, 3, 200, 0.21 + n / 1e5) for n in range(256, 248, -1)),
    Attempt("cross", {"regularization": 100.0, "rho": 0.0, "prefixes": True}, 3, 200, 0.25, "chosen"),
)


def test_how_far_it_got_is_said() -> None:
    """A search that ran out of time says after how many trials and names the budget; a whole one says how many there were."""
    cut = " ".join(tuning.sentences("hybrid", TRIALS, 80, ["cross"], "30s"))
    assert f"The budget of 30s ended tuning after {len(TRIALS)} of at most 80 trials" in cut
    assert "It found a setting of cross" in cut
    whole = " ".join(tuning.sentences("hybrid", TRIALS, len(TRIALS), [], "30s"))
    assert f"Tuning made {len(TRIALS)} trials." in whole
    assert "the usual ones stay" in whole
    assert list(tuning.sentences("popular", (), 0, [], "60s")) == ["Tuning has nothing to try for popular that is not tried anyway."]


def test_expected_ratings_are_told_by_their_error() -> None:
    """The setting with the least error comes first, under RMSE; and where too few ratings were held out, this is said."""
    trials = [Attempt("ratings", {"factors": n}, 3, 50, math.nan, "" if n else "usual", 0.9 + n / 100) for n in (4, 0, 8)]
    (grid,) = tuning.grids(trials)
    assert grid.columns[-1] == "RMSE"
    assert [row[-1] for row in grid.rows] == pytest.approx([0.9, 0.94, 0.98])
    assert tuning.facts(trials, 3)["tuning"]["trials"][0] == {
        "model": "ratings",
        "parameters": {"factors": 4},
        "rung": 3,
        "customers": 50,
        "role": "",
        "rmse": pytest.approx(0.94),
    }
    assert "Too few ratings were held out" in next(iter(tuning.sentences("ratings", (), 0, [], "60s")))


def test_the_best_are_drawn() -> None:
    """The table holds the five best full trials of a model and its usual setting, best first, in at most 80 columns, the chosen one stressed."""
    (grid,) = tuning.grids(TRIALS)
    assert [row[0] for row in grid.rows] == ["als"] * 6 + ["cross"]
    assert [row[2] for row in grid.rows] == [None] * 5 + ["usual", "chosen"]
    assert grid.bold == (6,)
    values = [row[-1] for row in grid.rows[:6]]
    assert values == sorted(values, reverse=True)
    assert grid.rows[-1][1] == "λ 100, ρ 0, prefixes"
    width = [max(len(str(row[k] or "–")) for row in grid.rows) for k in range(3)]
    assert sum(width) + 3 * 2 + 7 <= 80
    assert not list(tuning.grids(()))


def test_a_setting_fits_beside_the_longest_name() -> None:
    """What als was given stands in one line of 80 columns beside the model with the longest name and its quality."""
    setting = tuning.words({"factors": 128, "alpha": 0.03, "regularization": 0.00333, "iterations": 20})
    assert setting == "factors 128, alpha 0.03, λ 0.00333, sweeps 20"
    assert len("cross on prefixes") + 2 + len(setting) + 2 + len("NDCG@10") <= 80


def test_facts_hold_every_trial() -> None:
    """Scripts get every trial with its setting, rung, customers and quality."""
    facts = tuning.facts(TRIALS, 80)["tuning"]
    assert facts["trials_planned"] == 80
    assert len(facts["trials"]) == len(TRIALS)
    assert facts["trials"][0] == {
        "model": "als",
        "parameters": {"factors": 64, "alpha": 0.3},
        "rung": 3,
        "customers": 200,
        "ndcg@10": 0.2,
        "role": "usual",
    }
    assert tuning.facts((), 0) == {}
