"""CSV and its kin: comma, semicolon, tab or bar; with a header, lines of a title above it, or without one.

Encoding, delimiter and quotes are found by looking at the file (`dialects`), which is then read line by line, so its
size does not matter. Line numbers are those an editor shows, also where a cell holds line breaks (the number of the
line a row begins on). A quote that nobody closes costs the line it stands on, and not the rest of the file.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from newsletter.problems import UsageError
from newsletter.subscribers.exports import begins_export
from newsletter.subscribers.importers.cells import addresses_in, bare, is_address
from newsletter.subscribers.importers.columns import field_of
from newsletter.subscribers.importers.dialects import Dialect, find_dialect
from newsletter.subscribers.importers.encodings import BROKEN, find_encoding
from newsletter.subscribers.importers.rows import Reject
from newsletter.subscribers.importers.sheets import Record, Sheet

csv.field_size_limit(1 << 22)
MOST_LINES = 200
"""Lines that one row may stretch over."""
_NOTHING = "\0\x1a\ufeff \t\r\n\f\xa0\u3000"
"""What says nothing, and stands in cells all the same: \x1a is how DOS ends a file."""
_TITLES = 12
"""Lines among which the header is looked for."""
_LOOKED_AT = 100


def read(path: Path, shown: str = "", encoding: str = "", delimiter: str = "") -> Sheet:
    """The table of a file, read as somebody says or as it looks. Raises UsageError when it is not there or empty."""
    encoding = encoding or find_encoding(path)
    with path.open(encoding=encoding, errors=BROKEN, newline="") as file:
        lines = list(islice((line for line in file if line.strip(_NOTHING)), _LOOKED_AT))
    if not lines:
        raise UsageError(f"{shown or path} is empty")
    ours = not delimiter and begins_export(lines[0].removeprefix("\ufeff"))
    dialect = Dialect(",") if ours else find_dialect(lines, delimiter)
    records = _records(path, encoding, dialect, shown)
    header, records = without_titles(records)
    kind = "tsv" if dialect.delimiter == "\t" else "csv"
    return Sheet(kind, header, records, encoding, dialect.delimiter, shown, guarded=True)


def without_titles(records: Iterator[Record]) -> tuple[list[str], Iterator[Record]]:
    """The header, and what comes after it: the first row, unless a later one of the first few is named like the
    columns of subscribers, and no address stands above it. A file that begins with an address has none."""
    first = list(islice(records, _TITLES))
    tables = [one for one in first if isinstance(one, tuple)]
    if not tables or _has_address(tables[0][1]):
        return [], chain(first, records)
    header = tables[0]
    for row in tables:
        if _has_address(row[1]):
            break
        if any(field_of(cell.strip()) == "email" for cell in row[1]):
            header = row
            break
    at = first.index(header)
    above = [one for one in first[:at] if isinstance(one, Reject)]
    return header[1], _without(header[1], chain(above, first[at + 1 :], records))


def _without(header: list[str], records: Iterator[Record]) -> Iterator[Record]:
    """Files that were put together of several have the header of each."""
    again = [cell.strip(_NOTHING) for cell in header]
    for record in records:
        cells = record[1] if isinstance(record, tuple) else []
        if len(cells) != len(again) or [cell.strip(_NOTHING) for cell in cells] != again:
            yield record


def _has_address(cells: list[str]) -> bool:
    return any("@" in cell and (is_address(cell) or addresses_in(cell)) for cell in cells)


def _records(path: Path, encoding: str, dialect: Dialect, shown: str) -> Iterator[Record]:
    # What an encoding that somebody insists on cannot read is shown as such, and judged line by line.
    with path.open(encoding=encoding, errors=BROKEN, newline="") as file:
        feed = _Feed(file)
        for _ in range(dialect.skipped):
            next(feed, None)
            feed.begin()
        reader = dialect.reader(feed)
        while True:
            feed.begin()
            try:
                cells = next(reader)
            except StopIteration:
                if not feed.cut:
                    return
                cells = []
            except csv.Error as caught:
                yield Reject(feed.line, "", f"not CSV: {caught}", shown)
                continue
            if feed.cut or (feed.count > 1 and dialect.is_open(feed.taken)):
                told = dialect.address_in(feed.taken[0]) if feed.taken else ""
                yield Reject(feed.line, told, "it opens a quote that is never closed", shown)
                feed.give_back()
                reader = dialect.reader(feed)
            elif any(cell and cell.strip(_NOTHING) for cell in cells):
                yield feed.line, [bare(cell) if cell[:1] == "=" else cell for cell in cells]


class _Feed:
    """The lines of a file, for one row after the other: counted, and given back where a row took too many."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: list[str] = []
        self.taken: list[str] = []
        self.line = 1
        self.cut = False

    def begin(self) -> None:
        self.line += len(self.taken)
        self.taken = []
        self.cut = False

    @property
    def count(self) -> int:
        return len(self.taken)

    def give_back(self) -> None:
        """All lines of the row but its first are read again."""
        self._back.extend(reversed(self.taken[1:]))
        del self.taken[1:]

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= MOST_LINES:
            self.cut = True
            raise StopIteration
        line = self._back.pop() if self._back else next(self._file)
        self.taken.append(line)
        return line.replace("\0", "") if "\0" in line else line
