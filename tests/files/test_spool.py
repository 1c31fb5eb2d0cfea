"""Tables that grow piece by piece on the disk."""

from pathlib import Path

import polars as pl
import pytest

from xsell.data.schema import recommendations
from xsell.errors import XsellError
from xsell.files import spool as spool_module
from xsell.files import workspace as workspace_module
from xsell.files.spool import NAME
from xsell.files.workspace import Workspace

TABLE = recommendations("popular")


def rows(first: int, last: int) -> pl.DataFrame:
    """Make lists of one product for some customers, some of them with commas in their ids."""
    ids = [f"{number:05},ü" for number in range(first, last)]
    reasons = [[{"kind": "popularity", "what": f"bought by {number}", "item_id": None, "share": 1.0}] for number in range(first, last)]
    known = {"user_id": ids, "rank": [1] * len(ids), "item_id": ["a"] * len(ids), "score": [0.5] * len(ids), "reasons": reasons}
    unknown = dict.fromkeys(name for name in TABLE.columns if name not in known)
    return pl.DataFrame(known | unknown, schema=dict(TABLE.columns)).select(list(TABLE.columns))


def written(directory: Path, *cuts: int) -> Workspace:
    """Write a table cut into pieces at these rows, in every format."""
    made = Workspace(directory)
    with made.spool(TABLE) as spool:
        for first, last in zip((0, *cuts), (*cuts, 3000), strict=True):
            spool.add(rows(first, last))
        assert spool.height == 3000
        made.write_spool(spool)
        for suffix in ("csv", "jsonl", "parquet"):
            made.export(str(directory / f"out.{suffix}"), spool)
    return made


def test_pieces_give_the_table(tmp_path: Path) -> None:
    """A table in pieces, an empty one among them, is read back as the whole, and every export is what the whole table gives."""
    whole, made = rows(0, 3000), written(tmp_path / "pieces", 700, 700, 2999)
    assert made.read(TABLE).equals(whole)
    assert pl.read_parquet(tmp_path / "pieces" / "out.parquet").equals(whole)
    for suffix in ("csv", "jsonl"):
        made.export(str(tmp_path / f"whole.{suffix}"), whole)
        assert (tmp_path / "pieces" / f"out.{suffix}").read_bytes() == (tmp_path / f"whole.{suffix}").read_bytes()


def test_the_pieces_in_which_rows_come_change_no_byte(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the rows are cut, they are put away and written in stretches of one length."""
    monkeypatch.setattr(spool_module, "PIECE", 300)
    monkeypatch.setattr(workspace_module, "ROW_GROUP", 700)
    cuts = {"one": (1000, 2000), "two": (1000, 2000), "many": tuple(range(7, 3000, 7)), "whole": ()}
    found = {(written(tmp_path / name, *some).root / TABLE.path).read_bytes() for name, some in cuts.items()}
    assert len(found) == 1
    assert pl.read_parquet(found.pop()).equals(rows(0, 3000))


def test_nothing_stays_behind(tmp_path: Path) -> None:
    """Pieces are gone at the end, also after a failure, and those of a killed run go when the next one begins."""
    made = written(tmp_path, 10)
    assert not (tmp_path / NAME).exists()
    (tmp_path / NAME).mkdir()
    (tmp_path / NAME / "00000007.parquet").write_bytes(b"half")
    with made.spool(TABLE) as spool:
        assert not list((tmp_path / NAME).iterdir())
        spool.add(rows(0, 5))
    with pytest.raises(XsellError, match="user_id is missing"), made.spool(TABLE) as spool:
        spool.add(rows(0, 5).drop("user_id"))
    assert not (tmp_path / NAME).exists()


@pytest.mark.usefixtures("full_disk")
def test_a_full_disk_keeps_the_table(tmp_path: Path) -> None:
    """Where there is no room for a piece, one sentence says so."""
    made = Workspace(tmp_path)
    with made.spool(TABLE) as spool:
        spool.add(rows(0, 3000).with_columns(name=pl.col("user_id").hash().cast(pl.String)))
        with pytest.raises(XsellError, match="no room"):
            made.write_spool(spool)
