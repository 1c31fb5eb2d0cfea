"""Raw files: whatever form they have, every record is found again or refused with its line."""

import gzip
import hashlib
import io
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xsell.errors import InputError
from xsell.files.raw import read_raw
from xsell.files.raw_text import SCRIPTS, _guessed

PLAIN = "user,item\nü,café\n"


def made(path: Path, content: bytes | str) -> str:
    """Write a file and give its name."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_encodings_give_the_same_text(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without mark, UTF-16 and Windows-1252 are read alike, and an unusual one is named."""
    raw = read_raw(made(tmp_path / "a.csv", PLAIN.encode(encoding)))
    assert raw.frame.rows(named=True) == [{"user": "ü", "item": "café"}]
    assert bool(raw.notes) == (encoding in {"utf-16", "cp1252"})


WORDS = {
    "gb18030": "用户,商品\n张伟,意大利浓缩咖啡豆五百克\n李娜,人工智能导论与应用\n",
    "big5": "客戶,商品\n陳大文,義大利濃縮咖啡豆\n林小姐,人工智慧導論與應用\n",
    "cp949": "고객,상품\n김민수,에스프레소 원두 오백 그램\n이영희,인공지능 입문\n",
    "cp932": "顧客,商品\n田中,エスプレッソ用の豆\n鈴木,人工知能入門と応用\n",
}


@pytest.mark.parametrize("encoding", WORDS)
def test_east_asian_files_are_known_by_their_signs(tmp_path: Path, encoding: str) -> None:
    """Chinese, Japanese and Korean files in the usual encodings of two bytes a sign are read as they are, and that it was a guess is said."""
    raw = read_raw(made(tmp_path / "a.csv", WORDS[encoding].encode(encoding)))
    assert [",".join(cells) for cells in (raw.frame.columns, *raw.frame.rows())] == WORDS[encoding].splitlines()
    assert "looks like" in raw.notes[0]


@pytest.mark.parametrize("encoding", ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256"])
@given(data=st.data())
def test_no_other_text_looks_east_asian(encoding: str, data: st.DataObject) -> None:
    """Words of European letters, spaced as words are, are never taken for Chinese, Japanese or Korean."""
    own = {"cp1252": "äöüßéèêàçñóœ\u2019\u201c\u201dÄÖÜÉ", "cp1250": "żółćęśąźňčřěšžý", "cp1251": "абвгдежзийклмнопрстуфхцчшщъыьэюя"}
    more = {
        "cp1253": "αβγδεζηθικλμνξοπρστυφχψως",
        "cp1254": "ğüşıöçİ",
        "cp1255": "אבגדהוזחטיכלמנסעפצקרשת",
        "cp1256": "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    }
    letters = (own | more)[encoding]
    word = st.text(letters if encoding in {"cp1251", "cp1253", "cp1255", "cp1256"} else letters + "aeinrst", min_size=2, max_size=9)
    text = " ".join(data.draw(st.lists(word, min_size=20, max_size=40)))
    content = text.encode(encoding, errors="ignore")
    assert all(_guessed(content, script) is None for script in SCRIPTS)


def test_a_few_spoilt_characters_do_not_spoil_the_others(tmp_path: Path) -> None:
    """UTF-8 cut in the middle of a character stays UTF-8, and the damage is told."""
    text = "user,item\n" + "茶,咖啡\n" * 200
    raw = read_raw(made(tmp_path / "a.csv", text.encode() + b"x,\xe8\x8c\n"))
    assert raw.frame["item"][0] == "咖啡"
    assert "damaged" in raw.notes[0]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "no suffix"])
def test_packed_files_are_told_by_their_bytes(tmp_path: Path, name: str) -> None:
    """A gzip file is unpacked whatever its name, also when it has several members, and its digest is that of the file."""
    packed = gzip.compress(b"user,item\na,b\n") + gzip.compress(b"c,d\n")
    raw = read_raw(made(tmp_path / name, packed))
    assert raw.frame.rows() == [("a", "b"), ("c", "d")]
    assert raw.sha256 == hashlib.sha256(packed).hexdigest()
    assert raw.fact.rows == 2


def test_standard_input_has_no_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash reads CSV or JSON Lines from standard input."""
    for text in (b"user,item\na,b\n", b'{"user": "a", "item": "b"}\n'):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text)))
        raw = read_raw("-")
        assert (raw.frame.rows(named=True), raw.sha256, raw.label) == ([{"user": "a", "item": "b"}], "", "Standard input")


def test_parquet_keeps_what_helps(tmp_path: Path) -> None:
    """Numbers and times keep their types, times go to UTC, lists become text with bars, and a row's line is its number."""
    at = datetime(2020, 1, 1, 12, tzinfo=UTC)
    frame = pl.DataFrame(
        {"user": [7], "at": [at], "genres": [["a", "b"]], "kind": pl.Series(["x"], dtype=pl.Categorical), "more": [{"k": 1}]}
    )
    frame.with_columns(pl.col("at").dt.convert_time_zone("Asia/Tokyo")).write_parquet(tmp_path / "a.parquet")
    raw = read_raw(str(tmp_path / "a.parquet"))
    assert raw.frame.row(0) == (7, at, "a|b", "x", '{"value":{"k":1}}')
    assert raw.lines.to_list() == [1]


BROKEN = {
    "empty": (b"", "empty"),
    "blank": (b" \n\n", "empty"),
    "packed nothing": (gzip.compress(b""), "empty"),
    "header only": (b"user,item\n", "no rows"),
    "no header": (b"1,2,3\n4,5,6\n", "no header"),
    "blank header": (b",,\na,b,c\n", "empty cells"),
    "binary": (bytes(range(256)) * 20, "text"),
    "zeros": (b"user,item\n\0\0\0,\0\n", "no text"),
    "half a UTF-16": (b"\xff\xfea", "UTF-16"),
    "cut parquet": (b"PAR1\x15\x04\x15", "Parquet"),
    "cut gzip": (gzip.compress(b"user,item\n" + b"a,b\n" * 999)[:-12], "cut off"),
    "damaged gzip": (b"\x1f\x8b\x08\x00" + b"\xff" * 40, "damaged"),
    "workbook": (b"PK\x03\x04rest", "Excel"),
    "array": (b'[{"user": 1},\n{"user": 2}]\n', "JSON"),
}


def test_every_kind_of_parquet_column_has_a_text(tmp_path: Path) -> None:
    """Durations, bytes and lists of them become text or nothing, and the other columns are read all the same."""
    spans = pl.Series([timedelta(days=1), None])
    frame = pl.DataFrame(
        {"user": ["a", "b"], "span": spans, "spans": [[timedelta(1)], None], "bytes": [b"x", b"\xff"], "parts": [[b"x"], [b"\xff"]]}
    )
    frame.write_parquet(tmp_path / "a.parquet")
    read = read_raw(str(tmp_path / "a.parquet")).frame
    assert read["user"].to_list() == ["a", "b"]
    assert set(read.dtypes) == {pl.String}
    assert read["span"].null_count() == 1


@pytest.mark.parametrize("kind", BROKEN)
def test_unusable_files_end_in_a_sentence_and_a_hint(tmp_path: Path, kind: str) -> None:
    """A file that cannot be used is refused by name, with what is wrong and what to do."""
    content, word = BROKEN[kind]
    path = made(tmp_path / "broken.csv", content)
    with pytest.raises(InputError, match=word) as caught:
        read_raw(path)
    assert "broken.csv" in caught.value.message
    assert caught.value.hint


def test_missing_files_and_directories_are_named(tmp_path: Path) -> None:
    """A path that is no file is an input error."""
    with pytest.raises(InputError, match=r"absent\.csv"):
        read_raw(str(tmp_path / "absent.csv"))
    with pytest.raises(InputError, match="directory"):
        read_raw(str(tmp_path))


def test_a_closed_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` without a standard input is an input error."""
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="closed"):
        read_raw("-")
