"""JSON Lines: whole objects are read, everything else is refused with its line."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from xsell.files.raw_json import read_json_lines

VALUES = st.one_of(st.none(), st.text(max_size=5), st.integers(-9, 9))


@settings(deadline=None)
@given(rows=st.lists(st.fixed_dictionaries({"user": st.text(min_size=1, max_size=5), "x": VALUES}), min_size=1, max_size=6))
def test_objects_come_back(rows: list[dict[str, str | int | None]]) -> None:
    """Every object is a row, in order, with its texts as they were."""
    got = read_json_lines("".join(f"{json.dumps(row)}\n" for row in rows), "a.jsonl")
    assert got.frame["user"].to_list() == [row["user"] for row in rows]
    assert [None if x is None else str(x) for x in got.frame["x"]] == [None if row["x"] is None else str(row["x"]) for row in rows]


def test_broken_lines_are_refused_with_their_line() -> None:
    """Lines that are no object are refused, blank ones skipped, and the others kept."""
    got = read_json_lines('{"user": 1, "tags": ["x", "y"]}\n\nnope\n[1]\n{"user": "b", "more": {"k": true}}\n', "a.jsonl")
    assert got.frame.to_dicts() == [{"user": "1", "tags": "x|y", "more": None}, {"user": "b", "tags": None, "more": '{"k": true}'}]
    assert got.lines.to_list() == [1, 5]
    assert got.refused.rows() == [(3, "no JSON object", '["nope"]'), (4, "no JSON object", '["[1]"]')]
