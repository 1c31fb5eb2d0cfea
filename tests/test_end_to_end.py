import csv
import io
import itertools
import json
import random
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pytest

from tests.conftest import SmallShop, Typed
from xsell.data import schema

CLEAN = (schema.INTERACTIONS, schema.ITEMS, schema.USERS, schema.SEARCHES, schema.REJECTS)
CROSS = ("--model", "cross", "--lambda", "100", "--rho", "0.5")
ALS = ("--model", "als", "--factors", "16")
FEATURES = (schema.ITEM_FEATURES, schema.USER_FEATURES, schema.TERMS, schema.AFFINITY)


def table(path: Path, columns: str, rows: Iterable[Iterable[object]]) -> Path:
    """Write a CSV file with these columns (named with commas) and rows."""
    text = io.StringIO()
    csv.writer(text).writerows([columns.split(","), *rows])
    path.write_bytes(text.getvalue().encode())
    return path


def ratings(path: Path, users: int = 40, items: int = 12, columns: str = "user_id,item_id,rating") -> Path:
    """Write ratings of two groups of people who like two groups of things."""
    dice = random.Random(3)
    rows = [
        (f"u{u:02d}", f"i{i:02d}", dice.choice((4, 5)) if (u + i) % 2 == 0 else dice.choice((1, 2)))
        for u, i in itertools.product(range(users), range(items))
        if dice.random() < 0.6
    ]
    return table(path, columns, rows)


def lists(path: Path) -> pl.DataFrame:
    """Read the lists in a CSV file of recommendations."""
    return pl.read_csv(path, schema_overrides={"user_id": pl.String, "item_id": pl.String})


def test_five_commands_leave_the_promised_tables(typed: Typed, small_shop: SmallShop, tmp_path: Path) -> None:
    """After clean, features, train, recommend and evaluate every promised file is there and keeps its Table's promise."""
    work = tmp_path / "work"
    for words in (
        ("clean", *small_shop.words),
        ("features",),
        ("train", "--model", "cross"),
        ("recommend", "--model", "cross", "--output", tmp_path / "campaign.csv"),
        ("evaluate", "--model", "cross"),
    ):
        ran = typed(*words, "-w", work)
        assert ran.code == 0, ran.err
    for promised in (*CLEAN, *FEATURES, schema.recommendations("cross")):
        promised.check(pl.read_parquet(work / promised.path))
    for path in ("clean/report.json", "models/cross.json", "xsell.json"):
        assert json.loads((work / path).read_text(encoding="utf-8"))
    assert (work / "features/item_content.npz").exists()
    assert (work / "models/cross.joblib").exists()
    assert list((work / "evaluation").glob("*.json"))
    assert list((work / "evaluation").glob("*.parquet"))
    assert not list(work.rglob("*.tmp*"))
    assert lists(tmp_path / "campaign.csv").height == pl.read_parquet(work / "recommendations/cross.parquet").height


def test_lists_hold_what_is_new_to_the_customer(typed: Typed, small_shop: SmallShop, tmp_path: Path) -> None:
    """Under the default scope no list holds an owned product or one from a category bought from; ranks run from one, scores never rise."""
    assert typed("clean", *small_shop.words, "-w", tmp_path).code == 0
    assert typed("train", *CROSS, "-w", tmp_path).code == 0
    assert typed("recommend", "--model", "cross", "-w", tmp_path).code == 0
    found = pl.read_parquet(tmp_path / "recommendations/cross.parquet")
    items = pl.read_parquet(tmp_path / schema.ITEMS.path)
    events = pl.read_parquet(tmp_path / schema.INTERACTIONS.path).filter(pl.col("event") != schema.VIEW)
    owned = events.join(items.select("item_id", "category"), on="item_id").select("user_id", "item_id", "category").unique()
    assert found.height > 1000
    assert found.join(owned, on=["user_id", "item_id"], how="semi").is_empty()
    placed = found.join(items.select("item_id", pl.col("category").alias("own_category")), on="item_id")
    assert placed.join(owned, left_on=["user_id", "own_category"], right_on=["user_id", "category"], how="semi").is_empty()
    assert placed["own_category"].null_count() == 0
    by_user = found.sort("user_id", "rank").group_by("user_id", maintain_order=True).agg("rank", pl.col("score").diff().max().alias("rise"))
    assert all(ranks == list(range(1, len(ranks) + 1)) for ranks in by_user["rank"].to_list())
    assert (by_user["rise"].drop_nulls() <= 0).all()


def test_same_input_twice_gives_the_same_bytes(typed: Typed, small_shop: SmallShop, tmp_path: Path) -> None:
    """The same files, options and seed give the same bytes of recommendations, in another directory too."""
    made = []
    for name in ("one", "two"):
        assert typed("train", *small_shop.words, *CROSS, "-w", tmp_path / name).code == 0
        assert typed("recommend", "--model", "cross", "-w", tmp_path / name).code == 0
        made.append((tmp_path / name / "recommendations/cross.parquet").read_bytes())
    assert made[0] == made[1]


@pytest.mark.parametrize("options", [CROSS, ALS], ids=["cross", "als"])
def test_threads_do_not_change_a_list(typed: Typed, small_shop: SmallShop, tmp_path: Path, options: tuple[str, ...]) -> None:
    """One thread and two give the same lists; a score or a share may differ in its last digit."""
    made = []
    for threads in ("1", "2"):
        work = tmp_path / threads
        assert typed("train", *small_shop.words, *options, "--threads", threads, "-w", work).code == 0
        assert typed("recommend", *options[:2], "--threads", threads, "-w", work).code == 0
        made.append(pl.read_parquet(work / f"recommendations/{options[1]}.parquet").drop("score", "because", "reasons"))
    assert made[0].equals(made[1])


def test_a_bare_file_of_ratings_is_enough(typed: Typed, tmp_path: Path) -> None:
    """`xsell evaluate ratings.csv` alone evaluates a file of user, item and rating, and says what a catalogue and times would add."""
    ran = typed("evaluate", ratings(tmp_path / "ratings.csv"), "-w", tmp_path / "work")
    assert ran.code == 0, ran.err
    said = (ran.out + ran.err).lower()
    assert "random" in said
    assert "--items" in said or "catalogue" in said
    assert "time" in said
    assert "p@10" in said


def test_expected_ratings(typed: Typed, tmp_path: Path) -> None:
    """`--model ratings` offers everybody what their group rates high, and a file without ratings is refused with exit code 3 and one sentence."""
    work = tmp_path / "work"
    assert typed("train", ratings(tmp_path / "ratings.csv"), "--model", "ratings", "-w", work).code == 0
    assert typed("recommend", "--model", "ratings", "-n", "1", "-w", work, "-o", tmp_path / "lists.csv").code == 0
    made = lists(tmp_path / "lists.csv")
    assert (
        made.select(same=(pl.col("user_id").str.slice(1).cast(int) + pl.col("item_id").str.slice(1).cast(int)) % 2 == 0)["same"].mean()
        > 0.9
    )
    bare = table(tmp_path / "bare.csv", "user_id,item_id", [("u1", "a"), ("u1", "b"), ("u2", "a")])
    ran = typed("train", bare, "--model", "ratings", "-w", tmp_path / "bare")
    assert (ran.code, "learns from ratings" in ran.err, "Traceback" in ran.err) == (3, True, False)


def test_course_enrolments(typed: Typed, tmp_path: Path) -> None:
    """A table of learner, course and subject is enough for offers from subjects that the learner has not taken up."""
    dice = random.Random(5)
    rows = [
        (f"L{u:03d}", f"{subject}-{dice.randrange(6)}", subject)
        for u in range(120)
        for subject in (("Algebra", "Physics", "Drawing") if u % 2 else ("Latin", "History", "Drawing"))
        if dice.random() < 0.7
    ]
    path = table(tmp_path / "courses.csv", "learner,course,subject", rows)
    assert typed("train", path, "-w", tmp_path / "work").code == 0
    ran = typed("recommend", "-w", tmp_path / "work", "--output", tmp_path / "offers.csv", "-n", "3")
    assert ran.code == 0, ran.err
    taken = {(learner, subject) for learner, _, subject in rows}
    offers = lists(tmp_path / "offers.csv")
    assert offers.height
    assert not taken & set(offers.select("user_id", "category").iter_rows())
    ran = typed("evaluate", path, "-w", tmp_path / "work")
    assert ran.code == 0, ran.err
    assert "new-category" in ran.out + ran.err


def test_article_views(typed: Typed, tmp_path: Path) -> None:
    """A table of reader, article, section and time is split in time and gives offers from new sections."""
    dice = random.Random(6)
    sections = ("Politics", "Sport", "Culture", "Science", "Travel")
    rows = []
    for u in range(150):
        liked = [sections[(u + step) % 5] for step in range(3)]
        for day in sorted(dice.sample(range(1, 29), 8)):
            section = liked[min(day // 10, 2)]
            rows.append((f"R{u:03d}", f"{section}/{dice.randrange(8)}", section, f"2026-02-{day:02d}T{dice.randrange(24):02d}:00:00"))
    path = table(tmp_path / "reads.csv", "reader,article,section,time", rows)
    ran = typed("evaluate", path, "--model", "cross", "-w", tmp_path / "work")
    assert ran.code == 0, ran.err
    assert "temporal" in ran.out + ran.err
    assert typed("train", "--model", "cross", "-w", tmp_path / "work").code == 0
    ran = typed("recommend", "--model", "cross", "-w", tmp_path / "work", "-o", tmp_path / "offers.csv")
    assert ran.code == 0, ran.err
    seen = {(reader, section) for reader, _, section, _ in rows}
    assert not seen & set(lists(tmp_path / "offers.csv").select("user_id", "category").iter_rows())


HOSTILE = ('a,b"c', "顾客 七", "two\nlines", "=1+1", "-9", "0007", "Größe ñ", "'quoted'", "x" * 300)


def test_hostile_ids_survive(typed: Typed, tmp_path: Path) -> None:
    """Customer and product ids with commas, quotes, newlines, Chinese letters or leading zeros come back as they were."""
    items = [f"{h}·{n}" for n, h in enumerate(HOSTILE)]
    rows = [(u, i, 5) for n, u in enumerate(HOSTILE) for m, i in enumerate(items) if (n + m) % 3]
    path = table(tmp_path / "hostile.csv", "user_id,item_id,rating", rows)
    assert typed("train", path, "--model", "popular", "-w", tmp_path / "work").code == 0
    ran = typed("recommend", "--model", "popular", "-w", tmp_path / "work", "--output", tmp_path / "offers.csv")
    assert ran.code == 0, ran.err
    with (tmp_path / "offers.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.DictReader(file))
    assert {row["user_id"] for row in found} == set(HOSTILE)
    assert {row["item_id"] for row in found} <= set(items)
    assert not {(u, i) for u, i, _ in rows} & {(row["user_id"], row["item_id"]) for row in found}


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        ("user_id,item_id,rating", [("u", f"i{n}", 5) for n in range(9)]),
        ("user_id,item_id,rating", [(f"u{n}", "i", 5) for n in range(9)]),
        ("user_id,item_id,category", [(f"u{n}", f"i{n % 4}", "only") for n in range(9)]),
        ("user_id,item_id", [("u", "i")]),
    ],
    ids=["one user", "one item", "one category", "one row"],
)
def test_too_little_of_everything_ends_in_a_sentence(typed: Typed, tmp_path: Path, columns: str, rows: list[tuple[object, ...]]) -> None:
    """One user, one item, one category or one row end in lists or in a sentence with exit code 3, never in a crash."""
    path = table(tmp_path / "little.csv", columns, rows)
    for words in (("train", path), ("recommend",), ("evaluate", path)):
        ran = typed(*words, "-w", tmp_path / "work")
        assert ran.code in {0, 3}, ran.err
        if ran.code:
            assert len(ran.err.strip()) > 20


BROKEN = {
    "empty.csv": b"",
    "header.csv": b"user_id,item_id,rating\n",
    "nan.csv": b"user_id,item_id,rating\nu,i,NaN\nv,j,nan\n",
    "infinite.csv": b"user_id,item_id,rating\nu,i,inf\nv,j,-inf\n",
    "wide.csv": b"user_id,item_id,rating\nu,i,1e308\nv,j,-1e308\nu,j,1e308\n",
    "truncated.parquet": b"PAR1\x15\x04\x15\x10\x15\x14L\x15",
    "prose.csv": b"Dear all,\nplease find attached the file.\n",
    "binary.csv": bytes(range(256)) * 20,
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_end_in_a_sentence(typed: Typed, tmp_path: Path, name: str) -> None:
    """A file that cannot be used ends with exit code 3, a sentence that names the file, and no half-written table."""
    path = tmp_path / name
    path.write_bytes(BROKEN[name])
    ran = typed("clean", path, "-w", tmp_path / "work")
    assert ran.code == 3, ran.out + ran.err
    assert name in ran.err
    assert not (tmp_path / "work" / schema.INTERACTIONS.path).exists()


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_other_encodings_are_read_and_named(typed: Typed, tmp_path: Path, encoding: str) -> None:
    """A file in another encoding than UTF-8 gives the same ids, and the sentence says how it was read."""
    path = tmp_path / "umlauts.csv"
    path.write_bytes("user_id,item_id,rating\nMüller,süß,5\nGröße,öl,4\n".encode(encoding))
    ran = typed("clean", path, "-w", tmp_path / "work")
    assert ran.code == 0, ran.err
    assert "read as" in ran.err
    assert set(pl.read_parquet(tmp_path / "work" / schema.INTERACTIONS.path)["user_id"]) == {"Müller", "Größe"}


def test_broken_cells_do_not_stop_the_good_rows(typed: Typed, tmp_path: Path) -> None:
    """NaN, infinite and absurd ratings among good ones are refused or clipped, counted, and the models stay finite."""
    path = ratings(tmp_path / "ratings.csv")
    path.write_bytes(path.read_bytes() + b"u01,i02,NaN\nu03,i04,inf\nu05,i06,-inf\nu07,i08,1e308\n")
    assert typed("train", path, *CROSS, "-w", tmp_path / "work").code == 0
    assert typed("recommend", "--model", "cross", "-w", tmp_path / "work").code == 0
    assert pl.read_parquet(tmp_path / "work/recommendations/cross.parquet")["score"].is_finite().all()
    report = json.loads((tmp_path / "work/clean/report.json").read_text(encoding="utf-8"))
    assert pl.read_parquet(tmp_path / "work" / schema.REJECTS.path).height >= 1
    assert report


def test_a_failed_gate_still_writes_everything(typed: Typed, tmp_path: Path) -> None:
    """A quality gate that is not passed exits 4 after the evaluation is written."""
    path = ratings(tmp_path / "ratings.csv")
    ran = typed("evaluate", path, "--model", "popular", "--fail-under", "precision@10=0.999", "-w", tmp_path / "work")
    assert ran.code == 4, ran.err
    assert list((tmp_path / "work/evaluation").glob("*.json"))


def test_json_is_one_object_on_success_and_on_failure(typed: Typed, tmp_path: Path) -> None:
    """With --json stdout is one JSON object, whether the command succeeds or fails."""
    good = typed("clean", ratings(tmp_path / "ratings.csv"), "--json", "-w", tmp_path / "work")
    (tmp_path / "empty.csv").touch()
    bad = typed("clean", tmp_path / "empty.csv", "--json", "-w", tmp_path / "other")
    for ran, code in ((good, 0), (bad, 3)):
        said = json.loads(ran.out)
        assert ran.code == said["exit_code"] == code
        assert said["command"] == "clean"


def test_a_model_never_trained_is_named(typed: Typed, tmp_path: Path) -> None:
    """Asking a model that was never trained exits 5 with the command that trains it."""
    assert typed("clean", ratings(tmp_path / "ratings.csv"), "-w", tmp_path / "work").code == 0
    ran = typed("recommend", "--model", "svd", "-w", tmp_path / "work")
    assert ran.code == 5, ran.err
    assert "xsell train" in ran.err


def test_a_week_later_the_same_command_learns_from_the_new_file(typed: Typed, tmp_path: Path) -> None:
    """When the file has grown, the same two commands as in the README's cron line run again without being forced."""
    path, lists_path = ratings(tmp_path / "week.csv"), tmp_path / "offers.csv"
    made = []
    for added in (b"", b"u01,i13,5\nu03,i13,5\nu05,i13,4\nnewcomer,i13,5\nnewcomer,i01,5\n"):
        path.write_bytes(path.read_bytes() + added)
        assert typed("train", path, "--model", "popular", "--quiet", "-w", tmp_path / "work").code == 0
        ran = typed("recommend", "--model", "popular", "--output", lists_path, "--quiet", "-w", tmp_path / "work")
        assert ran.code == 0, ran.err
        made.append(set(lists(lists_path)["user_id"]))
    assert made[1] - made[0] == {"newcomer"}


def test_a_model_that_is_there_is_not_to_be_trained_again(typed: Typed, tmp_path: Path) -> None:
    """After an evaluation the next step is to train the best model, or to make lists where it is trained."""
    bare = ratings(tmp_path / "ratings.csv")
    words = ("evaluate", bare, "--model", "popular", "-w", tmp_path / "work")
    assert f"Next: xsell train -w {tmp_path / 'work'} --model popular" in typed(*words).err
    assert typed("train", bare, "--model", "popular", "-w", tmp_path / "work").code == 0
    assert f"Next: xsell recommend -w {tmp_path / 'work'} --model popular" in typed(*words).err


def test_an_unknown_customer_gets_what_is_popular(typed: Typed, tmp_path: Path) -> None:
    """A customer nobody has seen gets the popular products, and `source` says so."""
    assert typed("train", ratings(tmp_path / "ratings.csv"), *CROSS, "-w", tmp_path / "work").code == 0
    (tmp_path / "who.txt").write_text("u01\nnobody\n", encoding="utf-8")
    ran = typed(
        "recommend", "--model", "cross", "--only-users", tmp_path / "who.txt", "-o", tmp_path / "offers.csv", "-w", tmp_path / "work"
    )
    assert ran.code == 0, ran.err
    source = dict(lists(tmp_path / "offers.csv").select("user_id", "source").unique().iter_rows())
    assert source.keys() == {"u01", "nobody"}
    assert "popular" in source["nobody"]
    assert source["nobody"] != source["u01"]


def test_a_page_may_be_replaced(typed: Typed, small_shop: SmallShop, tmp_path: Path) -> None:
    """The page of an evaluation has the same bytes when it is made again in its place, though that is the working directory."""
    work = tmp_path / "work"
    words = ("evaluate", *small_shop.words, *CROSS, "--report", work / "report.html", "-w", work)
    pages = []
    for _ in range(2):
        ran = typed(*words)
        assert ran.code == 0, ran.err
        pages.append((work / "report.html").read_bytes())
    assert pages[0] == pages[1]
    assert b"better than popular" in pages[0] or b"Too few customers" in pages[0]


def test_items_that_are_no_products_may_stand_in_a_file(typed: Typed, tmp_path: Path) -> None:
    """`--drop-items @FILE` takes ids and patterns from a file, beside others; a changed file counts when it is named again, and a missing one is named."""
    log, odd = (
        table(tmp_path / "a.csv", "user,item", [("u", item) for item in ("POST", "BANK 1", "M", "tea", "BAG, RED")]),
        tmp_path / "odd.txt",
    )
    odd.write_text("POST\nBANK*\nBAG, RED\n", encoding="utf-8")
    call = ("clean", log, "-w", tmp_path / "work", "--drop-items", f"M,@{odd}")
    assert typed(*call).code == 0
    assert pl.read_parquet(tmp_path / "work/clean/interactions.parquet")["item_id"].to_list() == ["tea"]
    odd.write_text("# no products\nPOST\nnothing\n", encoding="utf-8")
    ran = typed(*call, "--json")
    assert json.loads(ran.out)["counts"]["events_kept"] == 3
    assert "--drop-items nothing matches no item" in ran.err
    ran = typed("clean", log, "-w", tmp_path / "work", "--drop-items", "@none.txt")
    assert ran.code == 3
    assert "no file none.txt" in ran.err
    ran = typed("clean", log, "-w", tmp_path / "work", "--drop-items", "@")
    assert ran.code == 2
    assert "lacks the name of a file" in ran.err


def test_postage_is_left_out_where_there_are_prices(typed: Typed, tmp_path: Path) -> None:
    """A log of paid goods loses its postage to the rejects, with a note and a way back; one of films keeps the film of that name."""
    log = table(tmp_path / "a.csv", "user,item,price,time", [("u", item, 1, "2024-01-01") for item in ("P", "t", "m")])
    goods = table(tmp_path / "goods.csv", "item,name", [("P", "Postage"), ("t", "Tea"), ("m", "Mug"), ("X", "Carriage")])
    ran, rows = typed("clean", log, "--items", goods, "-w", tmp_path / "work"), tmp_path / "work/clean/interactions.parquet"
    assert "Left out 1 row of 1 item that is no product: Postage; --drop-items none keeps it." in " ".join(ran.err.split())
    assert pl.read_parquet(rows)["item_id"].to_list() == ["m", "t"]
    assert set(pl.read_parquet(tmp_path / "work/clean/items.parquet")["item_id"]) == {"m", "t"}
    assert pl.read_parquet(tmp_path / "work/clean/rejects.parquet").filter(reason="no product").height == 3
    assert json.loads((tmp_path / "work/clean/report.json").read_text())["lists"]["no product"] == ["P"]
    ran = typed("recommend", "-w", tmp_path / "work", "--for", "items", "--item", "P")
    assert (ran.code, "Product P was left out, as it is no product." in ran.err) == (3, True)
    assert "Left out" not in typed("clean", log, "--items", goods, "-w", tmp_path / "work", "--drop-items", "none").err
    assert pl.read_parquet(rows).height == 3
    films = table(tmp_path / "films.csv", "user,film", [("u", item) for item in ("P", "t", "m")])
    assert typed("clean", films, "--items", goods, "-w", tmp_path / "films").code == 0
    assert pl.read_parquet(tmp_path / "films/clean/interactions.parquet").height == 3


def test_many_items_that_look_like_no_products_are_left_out_by_a_file(typed: Typed, tmp_path: Path) -> None:
    """Where they are too many to type, the note ends with the option to type; with it they are gone, and typed again they stay gone."""
    log = table(tmp_path / "a.csv", "user,item", [("u", item) for item in (*(f"p{n}" for n in range(50)), *"ABCDEFGHI", "X Y", "M*")])
    note = f"--drop-items @{tmp_path / 'work/clean/no-products.txt'} would leave them out."
    assert note in " ".join(typed("clean", log, "-w", tmp_path / "work").err.split())
    for _ in range(2):
        ran = typed("clean", log, "-w", tmp_path / "work", "--drop-items", note.split()[1])
        assert (ran.code, "no product" in ran.err) == (0, False), ran.err
        assert pl.read_parquet(tmp_path / "work/clean/interactions.parquet").height == 50
