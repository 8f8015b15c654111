"""Excel workbooks (.xlsx): the first sheet that holds addresses, else that has a row; read-only and row by row. No formula is computed.

A workbook is a ZIP of XML, so what it may unpack to is bounded before anything is read.
"""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

from newsletter.problems import UsageError
from newsletter.subscribers.importers.csv import without_titles
from newsletter.subscribers.importers.sheets import Record, Sheet

MOST_BYTES = 1_000_000_000
MOST_COLUMNS = 1_000
_LOOKED_AT = 100
"""Rows of a sheet among which addresses are looked for."""


def read(path: Path, shown: str = "") -> Sheet:
    """The table of a workbook. Raises UsageError when it is none, or larger than MOST_BYTES unpacked."""
    from openpyxl import load_workbook

    _check(path)
    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except Exception as caught:  # openpyxl raises whatever its XML parser met
        raise UsageError(f"{shown or path} is no Excel workbook: {caught}") from caught
    sheets = [_head(sheet) for sheet in book.worksheets]
    filled = [head for head in sheets if head[0]]
    if not filled:
        raise UsageError(f"{shown or path} is empty")
    first, rest = next((one for one in filled if _holds_addresses(one[0])), filled[0])
    header, records = without_titles(chain(first, rest))
    return Sheet("xlsx", header, records, file=shown)


def _head(sheet: Any) -> tuple[list[Record], Iterator[Record]]:
    records = _records(sheet)
    return list(islice(records, _LOOKED_AT)), records


def _holds_addresses(head: list[Record]) -> bool:
    return any("@" in cell for one in head if isinstance(one, tuple) for cell in one[1])


def _check(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(member.file_size for member in archive.infolist())
    except (OSError, zipfile.BadZipFile) as caught:
        raise UsageError(f"cannot read {path}: {caught}") from caught
    if size > MOST_BYTES:
        raise UsageError(f"{path} unpacks to {size:,} bytes", "Save it as CSV.")


def _records(sheet: Any) -> Iterator[Record]:
    for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MOST_COLUMNS), 1):
        cells = [_text(value) for value in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(cells):
            yield number, cells


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float() if value.is_integer():
            return str(int(value))
        case datetime.datetime() | datetime.date():
            return value.isoformat()
        case _:
            return str(value).strip()
