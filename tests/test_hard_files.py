"""Files that break other tools, typed as a user would: a right answer, or one sentence with a hint and the exit code of its kind."""

import gzip
import random
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import Typed
from xsell.contract.names import MODELS

DICE = random.Random(0)
PAIRS = [(u, i) for u in range(60) for i in DICE.sample(range(12), 5)]


def rows(head: str, last: list[str]) -> str:
    """Pairs of a customer and a product with a third cell drawn from some."""
    return head + "\n" + "".join(f"u{u},i{i},{DICE.choice(last)}\n" for u, i in PAIRS)


FILES = {
    "ratings of any size": rows("user_id,item_id,rating", ["1e308", "-1e308", "1e300", "5", "1"]),
    "ratings that are no numbers": rows("user_id,item_id,rating", ["nan", "NaN", "inf", "-inf", "5", "1", ""]),
    "quantities of any size": rows("user_id,item_id,quantity", ["1e308", "1e39", "-1e300", "1"]),
    "one rating for all": rows("user_id,item_id,rating", ["3"]),
    "everybody has everything": "user_id,item_id\n" + "".join(f"u{u},i{i}\n" for u in range(40) for i in range(12)),
    "nobody shares anything": "user_id,item_id\n" + "".join(f"u{u},i{u}\n" for u in range(60)),
    "one customer": "user_id,item_id\n" + "".join(f"u,i{i}\n" for i in range(30)),
    "one product": "user_id,item_id\n" + "".join(f"u{u},i\n" for u in range(50)),
    "one row": "user_id,item_id\nu,i\n",
    "one category": rows("user_id,item_id,category", ["A"]),
    "ids with signs": "user_id,item_id\n" + "".join(f'"客户,{u}","a ""b"" {i}; ,é"\n' for u, i in PAIRS),
}


@pytest.mark.parametrize("name", FILES)
def test_a_hard_file_gives_lists_and_a_verdict_or_a_sentence(name: str, tmp_path: Path, typed: Typed) -> None:
    """Training and recommending work, evaluating works or says in a sentence why nobody can be judged."""
    file, work = tmp_path / "hard.csv", ("-w", tmp_path / "work", "-q")
    file.write_text(FILES[name], encoding="utf-8")
    assert typed("train", file, "--model", "ease", *work).code == 0
    made = typed("recommend", "--model", "ease", "-o", "-", *work)
    assert made.code == 0
    assert "nan" not in made.out.lower()
    judged = typed("evaluate", "--model", "ease", *work)
    assert judged.code in {0, 3}
    assert judged.code == 0 or judged.err.startswith("Error: There is nobody to judge")


@pytest.mark.parametrize("model", MODELS)
def test_every_model_takes_extreme_ratings(model: str, tmp_path: Path, typed: Typed) -> None:
    """Ratings of 1e308 beside NaN and infinity train every model, and its lists hold numbers."""
    file, work = tmp_path / "hard.csv", ("-w", tmp_path / "work", "-q")
    file.write_text(rows("user_id,item_id,rating", ["1e308", "nan", "inf", "5", "1"]), encoding="utf-8")
    assert typed("train", file, "--model", model, *work).code == 0
    made = typed("recommend", "--model", model, "-o", "-", *work)
    assert made.code == 0
    assert len(made.out.splitlines()) > 60
    assert "nan" not in made.out.lower()
    assert "inf" not in made.out.lower()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\xef\xbb\xbf\n \n", "is empty"),
        ("\ufeff\n".encode("utf-16-le"), "is empty"),
        (b"user_id,item_id\n", "no rows"),
        (b"user_id,item_id,rating\nu,i,nan\n", "unreadable rating"),
        (b"PAR1 and then nothing", "damaged or cut off Parquet"),
        (gzip.compress(b"user_id,item_id\nu,i\n", mtime=0)[:-9], "cut off"),
        (gzip.compress(b"user_id,item_id\nu,i\n", mtime=0) + b"trailing", "bytes after its gzip data"),
        (b"\x00\x01\x02\x03" * 50, "no text"),
        (b"1,2,3\n4,5,6\n", "no header line"),
        (b"who,what\na,b\n", "no user column and no item column"),
    ],
)
def test_what_is_no_table_is_a_sentence(content: bytes, said: str, tmp_path: Path, typed: Typed) -> None:
    """An empty, cut off or foreign file ends with exit code 3, says what it is, and leaves no table behind."""
    file = tmp_path / "hard.csv"
    file.write_bytes(content)
    ran = typed("train", file, "-w", tmp_path / "work")
    assert ran.code == 3
    assert said in ran.err
    assert not (tmp_path / "work/clean").exists()


@pytest.mark.parametrize("mark", ["utf-8-sig", "utf-16", "cp1252"])
def test_encodings_are_told_apart(mark: str, tmp_path: Path, typed: Typed) -> None:
    """A byte order mark or a Windows encoding changes neither the first column's name nor an id."""
    file = tmp_path / "hard.csv"
    file.write_bytes("user_id,item_id\nJosé,Käse\nJosé,Brot\n".encode(mark))
    assert typed("clean", file, "-w", tmp_path / "work").code == 0
    interactions = pl.read_parquet(tmp_path / "work/clean/interactions.parquet")
    assert interactions.select("user_id", "item_id").rows() == [("José", "Brot"), ("José", "Käse")]


def test_one_column_cannot_be_two_things(tmp_path: Path, typed: Typed) -> None:
    """A column named for two fields with --map is a mistake in the call."""
    file = tmp_path / "hard.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    ran = typed("clean", file, "--map", "user_id=a,item_id=a", "-w", tmp_path / "work")
    assert ran.code == 2
    assert "both user_id and item_id" in ran.err


@pytest.mark.parametrize("like", ["99", "1e300"])
@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_like_that_nobody_reaches_is_told(like: str, tmp_path: Path, typed: Typed) -> None:
    """Where no rating is as good as --like, however much it is, there is nothing to learn from, which is said, and no warning of a library."""
    file = tmp_path / "hard.csv"
    file.write_text(rows("user_id,item_id,rating", ["1", "3", "5"]), encoding="utf-8")
    ran = typed("train", file, "--like", like, "--model", "ease", "-w", tmp_path / "work")
    assert ran.code == 3
    assert "nothing to learn from" in ran.err
    assert "--like" in ran.err


def test_a_column_may_mean_different_things_in_different_files(tmp_path: Path, typed: Typed) -> None:
    """A column `nr` is the customer in one table and the product in another, if --map says so."""
    for name, text in (("e", "user,item\nu,i\nv,i\n"), ("i", "nr,category\ni,A\n"), ("u", "nr,age\nu,33\n")):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    tables = ("--items", tmp_path / "i.csv", "--users", tmp_path / "u.csv")
    assert typed("clean", tmp_path / "e.csv", *tables, "--map", "user_id=nr,item_id=nr", "-w", tmp_path / "work").code == 0


def test_a_damaged_record_names_one_directory(tmp_path: Path, typed: Typed) -> None:
    """Where the record of a working directory is cut off, the command to type names that directory once, and nothing else is touched."""
    file, work = tmp_path / "plain.csv", tmp_path / "work"
    file.write_text(rows("user_id,item_id,rating", ["1", "4", "5"]), encoding="utf-8")
    assert typed("clean", file, "-w", work).code == 0
    before = (work / "xsell.json").read_bytes()[:100]
    (work / "xsell.json").write_bytes(before)
    ran = typed("train", "-w", work)
    assert ran.code == 1
    assert ran.err.count("-w ") == 1
    assert (work / "xsell.json").read_bytes() == before


def test_too_little_memory_is_refused_from_the_start(tmp_path: Path, typed: Typed) -> None:
    """What is too little for lists is so for training and judging too: one sentence, exit code 7, and the model from before stands."""
    file, work = tmp_path / "plain.csv", ("-w", tmp_path / "work")
    file.write_text(rows("user_id,item_id,rating", ["1", "4", "5"]), encoding="utf-8")
    assert typed("train", file, "--model", "popular", *work).code == 0
    model = (tmp_path / "work/models/popular.joblib").read_bytes()
    for words in (("train", "--force"), ("recommend",), ("evaluate",)):
        ran = typed(*words, "--model", "popular", "--memory", "1MB", *work)
        assert ran.code == 7
        assert "more than --memory 1MB allows" in ran.err
    assert (tmp_path / "work/models/popular.joblib").read_bytes() == model
    assert not (tmp_path / "work/evaluation").exists()
