"""Earlier evaluations: what is read, and what is refused."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from xsell.errors import InputError
from xsell.files.earlier import read_earlier

ENDS = {"mean": 0.25, "low": 0.2, "high": 0.3}


def facts(**changed: Any) -> dict[str, Any]:
    """An evaluation of two models over four customers."""
    models = {name: {"metrics": {"ndcg@10": ENDS, "coverage@10": 0.5}} for name in ("ease", "popular")}
    return {"split": {"rule": "temporal"}, "scope": "new", "k": 10, "counts": {"customers": 4}, "models": models} | changed


def values(*scores: float) -> pl.DataFrame:
    """The values of the customers, the same ones for both models."""
    one = pl.DataFrame({"user_id": [f"u{n}" for n in range(len(scores))], "ndcg@10": scores})
    return pl.concat([one.select(pl.lit(name).alias("model"), pl.all()) for name in ("ease", "popular")])


def write(path: Path, content: Any) -> str:
    """Write an evaluation and give its path."""
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return str(path)


def test_an_evaluation_is_read_with_its_values(tmp_path: Path) -> None:
    """Models keep their order, metrics without an interval are left out, and the values beside the file come with it."""
    values(0.0, 0.0, 0.5, 0.5).write_parquet(tmp_path / "last.parquet")
    earlier = read_earlier(write(tmp_path / "last.json", facts()))
    assert earlier.models == {"ease": {"ndcg@10": (0.25, 0.2, 0.3)}, "popular": {"ndcg@10": (0.25, 0.2, 0.3)}}
    assert earlier.question == {"split": "temporal", "scope": "new", "k": 10}
    assert earlier.values is not None
    assert earlier.customers == 4


def test_values_may_be_missing(tmp_path: Path) -> None:
    """The JSON alone is enough."""
    assert read_earlier(write(tmp_path / "last.json", facts())).values is None


@pytest.mark.parametrize("content", [values(0.0, 0.5, 0.6), values(0.25).filter(pl.col("model") == "ease"), values(0.25).drop("ndcg@10")])
def test_values_of_another_evaluation_are_refused(tmp_path: Path, content: pl.DataFrame) -> None:
    """Values whose means are not those of the JSON, or that lack a model or a metric, belong to something else."""
    content.write_parquet(tmp_path / "last.parquet")
    with pytest.raises(InputError, match="not of the evaluation beside it"):
        read_earlier(write(tmp_path / "last.json", facts()))


def test_a_truncated_file_of_values_is_refused(tmp_path: Path) -> None:
    """A Parquet file that was cut off is told as damaged."""
    (tmp_path / "last.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=r"last.parquet is damaged"):
        read_earlier(write(tmp_path / "last.json", facts()))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (json.dumps(facts())[:90], "damaged"),
        ("", "damaged"),
        ("[" * 100_000, "damaged"),
        ("[]", "no evaluation"),
        ("3", "no evaluation"),
        ({"k": 10}, "no evaluation"),
        (facts(models={}), "no evaluation"),
        (facts(models=[]), "no evaluation"),
        (facts(k="many"), "damaged"),
        (facts(k=None), "no evaluation"),
        (facts(models={"ease": {"metrics": {"ndcg@10": {"mean": 0.1}}}}), "no evaluation"),
        (facts(models={"ease": {"metrics": {"ndcg@10": ENDS | {"mean": None}}}}), "without a number"),
        (facts(models={"ease": {"metrics": {"ndcg@10": ENDS | {"mean": float("nan")}}}}), "without a number"),
        (facts(models={"ease": {"metrics": {"ndcg@10": ENDS | {"low": 0.9}}}}), "without a number"),
    ],
)
def test_what_is_no_evaluation_is_refused(tmp_path: Path, content: Any, said: str) -> None:
    """Cut off, empty, of another kind or without numbers: each is one sentence, never a comparison with nothing."""
    with pytest.raises(InputError, match=said):
        read_earlier(write(tmp_path / "last.json", content))


def test_a_missing_file_and_a_directory_are_refused(tmp_path: Path) -> None:
    """What is not there, or no file, is said by name."""
    with pytest.raises(InputError, match="There is no earlier evaluation"):
        read_earlier(str(tmp_path / "last.json"))
    with pytest.raises(InputError, match="cannot be read"):
        read_earlier(str(tmp_path))
