"""Files of suppressions: one address or domain a line, or a table with a column of them; and our own export.

A column that is named `reason`, `kind` or `since` is taken as that, any other but the first is left out, unless one
is named like a column of addresses.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from newsletter.model.subscriber import Suppression
from newsletter.subscribers.exports import csv_line, guarded, restored
from newsletter.subscribers.importers import csv
from newsletter.subscribers.importers.columns import field_of
from newsletter.subscribers.importers.rows import Reject, moment

COLUMNS = ("value", "kind", "reason", "since")
_VALUE = frozenset({"value", "domain", "suppressed", "suppression", "address", "域名", "地址"})


@dataclass(frozen=True, slots=True)
class Line:
    line: int
    text: str
    reason: str = ""
    kind: str = ""
    since: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class SuppressionFile:
    """A file, opened; `lines` are read as they are asked for."""

    encoding: str
    lines: Iterator[Line | Reject]


def read_suppressions(path: Path) -> SuppressionFile:
    """Looks at a file. Raises UsageError when it is not there or empty."""
    sheet = csv.read(path)
    columns = [column.strip().lower() for column in sheet.header]
    records = sheet.records
    if columns and not _has_names(columns):
        records = chain([(1, sheet.header)], records)
        columns = []
    return SuppressionFile(sheet.encoding, _lines(records, columns))


def csv_lines(suppressions: Iterable[Suppression]) -> Iterator[str]:
    """The lines of an export, the header first."""
    yield csv_line(COLUMNS)
    for one in suppressions:
        since = one.since.isoformat() if one.since else ""
        yield csv_line(map(guarded, (one.value, one.kind, one.reason, since)))


def _lines(
    records: Iterator[tuple[int, list[str]] | Reject], columns: list[str]
) -> Iterator[Line | Reject]:
    where = next((at for at, name in enumerate(columns) if _is_value(name)), 0)
    places = {name: columns.index(name) for name in ("reason", "kind", "since") if name in columns}
    for record in records:
        if isinstance(record, Reject):
            yield record
            continue
        number, cells = record
        cells = [restored(cell.strip()) for cell in cells]
        more = {name: cells[at] for name, at in places.items() if at < len(cells)}
        text = cells[where] if where < len(cells) else ""
        since = moment(more.get("since", ""))
        yield Line(number, text, more.get("reason", ""), more.get("kind", "").lower(), since)


def _has_names(columns: list[str]) -> bool:
    return any(_is_value(name) for name in columns)


def _is_value(name: str) -> bool:
    return name in _VALUE or field_of(name) == "email"
