"""What a file of subscribers looks like before anything is imported: its encoding, and what each column holds.

Reads the first lines only (and, for the encoding, what `encodings` reads), so a large file is looked at as
quickly as a small one. Changes nothing.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from newsletter.problems import UsageError
from newsletter.subscribers.addresses import BadAddress, parse_address
from newsletter.subscribers.importers.columns import ATTRIBUTE, FIELDS, IGNORED, field_of
from newsletter.subscribers.importers.files import ImportFile, open_import, table_of
from newsletter.subscribers.importers.readings import NAMES, Reading, Readings, readings
from newsletter.subscribers.importers.rows import known_status

DELIMITERS = (",", ";", "\t", "|", "，")
ENCODINGS = NAMES
LOOKED_AT = 200
__all__ = [
    "ATTRIBUTE",
    "DELIMITERS",
    "ENCODINGS",
    "FIELDS",
    "IGNORED",
    "ColumnLook",
    "ImportLook",
    "Reading",
    "Readings",
    "look",
]


@dataclass(frozen=True, slots=True)
class ColumnLook:
    """A column as it stands in the file. `field` is what it is taken for: one of FIELDS, IGNORED, `attribute:NAME`,
    or empty where the product's own reader knows it. The numbers are of the lines that were looked at."""

    name: str
    field: str
    first: str
    filled: int
    different: int
    odd: int
    """Values that are no address, or no status, where the column is one."""


@dataclass(frozen=True, slots=True)
class ImportLook:
    """`looked_at` lines were read for the columns. `header` is False for a file that begins with an address.
    `readings` is None where the file is no text of its own: a workbook, an archive."""

    format: str
    encoding: str
    delimiter: str
    header: bool
    columns: tuple[ColumnLook, ...]
    looked_at: int
    readings: Readings | None = None
    refusal: str = ""
    means: str = ""
    """The status of everybody in it, by its name."""

    @property
    def encoding_name(self) -> str:
        return ENCODINGS.get(self.encoding, self.encoding)


def look(
    path: Path,
    *,
    encoding: str = "",
    delimiter: str = "",
    mapping: Mapping[str, str] | None = None,
    format: str = "",
) -> ImportLook:
    """Looks at a file. What makes it impossible to import stands in `refusal`, beside what could be found out."""
    refusal = ""
    try:
        opened = open_import(path, mapping, format, encoding=encoding, delimiter=delimiter)
    except UsageError as caught:
        refusal = f"{caught.message} {caught.hint}".strip()
        opened = _as_it_stands(path, format, encoding, delimiter)
    _let_go(opened)
    text = bool(opened.delimiter) and "zip" not in opened.format
    header = any(name for name, _ in opened.columns)
    columns = tuple(_column(opened, at) for at in range(len(opened.columns)))
    return ImportLook(
        opened.format,
        opened.encoding,
        opened.delimiter,
        header,
        columns,
        len(opened.head),
        readings(path) if text else None,
        refusal,
        opened.means,
    )


def _as_it_stands(path: Path, format: str, encoding: str, delimiter: str) -> ImportFile:
    """The file with its columns by their names, so that they can be shown and mapped; raises UsageError again when
    it is no table at all."""
    sheet = table_of(path, format, encoding, delimiter)
    head = [one[1] for one in islice(sheet.records, LOOKED_AT) if isinstance(one, tuple)]
    columns = tuple((name, field_of(name.strip())) for name in sheet.header)
    return ImportFile(sheet.format, sheet.encoding, sheet.delimiter, columns, iter(()), tuple(head))


def _let_go(opened: ImportFile) -> None:
    """Ends the reading, so that what an archive was unpacked to is deleted now."""
    next(opened.rows, None)
    if isinstance(opened.rows, Generator):
        opened.rows.close()


def _column(opened: ImportFile, at: int) -> ColumnLook:
    name, field = opened.columns[at]
    cells = [cells[at].strip() if at < len(cells) else "" for cells in opened.head]
    filled = [cell for cell in cells if cell]
    odd = 0
    if field == "email":
        odd = sum(not _is_address(cell) for cell in cells)
    elif field == "status":
        odd = sum(not known_status(cell) for cell in filled)
    first = filled[0] if filled else ""
    return ColumnLook(name, field, first[:60], len(filled), len(set(filled)), odd)


def _is_address(text: str) -> bool:
    try:
        parse_address(text)
    except BadAddress:
        return False
    return True
