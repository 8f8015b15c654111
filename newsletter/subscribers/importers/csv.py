"""CSV and its kin: comma, semicolon, tab or bar; with a header or without one.

Encoding and delimiter are found by looking at the file, which is then read line by line, so its size does
not matter. Line numbers are those an editor shows, also where a cell holds line breaks (the number of the
line a row begins on).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from newsletter.problems import UsageError
from newsletter.subscribers.importers.encodings import find_encoding
from newsletter.subscribers.importers.rows import Reject
from newsletter.subscribers.importers.sheets import Record, Sheet

DELIMITERS = ",;\t|，"


def read(path: Path, shown: str = "", encoding: str = "", delimiter: str = "") -> Sheet:
    """The table of a file, read as somebody says or as it looks. Raises UsageError when it is not there or empty."""
    encoding = encoding or find_encoding(path)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = next((line for line in file if line.strip()), "")
    if not first:
        raise UsageError(f"{shown or path} is empty")
    delimiter = delimiter or find_delimiter(first)
    records = _records(path, encoding, delimiter, shown)
    head = next(records, None)
    header: list[str] = []
    if isinstance(head, tuple) and not any("@" in cell for cell in head[1]):
        header = head[1]
    elif head is not None:
        records = chain([head], records)
    kind = "tsv" if delimiter == "\t" else "csv"
    return Sheet(kind, header, records, encoding, delimiter, shown, guarded=True)


def find_delimiter(header: str) -> str:
    """The character that parts the header's cells."""
    counts = {delimiter: header.count(delimiter) for delimiter in DELIMITERS}
    best = max(counts, key=lambda delimiter: counts[delimiter])
    return best if counts[best] else ","


def _records(path: Path, encoding: str, delimiter: str, shown: str) -> Iterator[Record]:
    # What an encoding that somebody insists on cannot read is shown as such, and judged line by line.
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        lines = (line.replace("\0", "") if "\0" in line else line for line in file)
        reader = csv.reader(lines, delimiter=delimiter)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as caught:
                yield Reject(line, "", f"not CSV: {caught}", shown)
                continue
            if cells and any(cell and not cell.isspace() for cell in cells):
                yield line, cells
