"""Raw tables for the tests of cleaning, written as CSV text."""

from xsell.data.rawtable import RawTable
from xsell.files.raw_csv import read_csv


def raw(text: str, path: str = "a.csv") -> RawTable:
    """Read a CSV text as if it were a file."""
    records = read_csv(text, path)
    return RawTable(path, records.frame, records.lines, records.refused, (), "")
