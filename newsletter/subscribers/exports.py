"""Subscriptions as CSV: lossless, and safe to open in a spreadsheet.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (as does one that begins
with apostrophes and then such a character), and the importer takes exactly that one away again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from newsletter.model.subscriber import Subscription
from newsletter.subscribers.importers.columns import column_of

COLUMNS = (
    "email",
    "name",
    "language",
    "list",
    "status",
    "created",
    "consent_when",
    "consent_source",
    "consent_text",
    "consent_ip",
    "suppressed",
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(subscriptions: Iterable[Subscription], attributes: Sequence[str]) -> Iterator[str]:
    """The export, line by line (CRLF, RFC 4180); `attributes` are the further columns."""
    columns = [*COLUMNS, *(column_of(name) for name in attributes)]
    yield csv_line(columns)
    for one in subscriptions:
        person, consent = one.subscriber, one.consent
        cells = [
            person.email,
            person.name,
            person.language,
            one.list.name,
            str(one.status),
            person.created.isoformat() if person.created else "",
            consent.when.isoformat() if consent else "",
            consent.source if consent else "",
            consent.text if consent else "",
            consent.ip if consent else "",
            one.suppressed,
            *(person.attributes.get(name, "") for name in attributes),
        ]
        yield csv_line(map(guarded, cells))


def is_export(header: Sequence[str]) -> bool:
    """Whether a table is one of ours, whatever attributes of other products it has."""
    return tuple(header[: len(COLUMNS)]) == COLUMNS


def begins_export(line: str) -> bool:
    """Whether a line is the header of an export as it was written: commas part its cells, whatever stands in them."""
    return f"{line.rstrip()},".startswith(f"{','.join(COLUMNS)},")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def restored(cell: str) -> str:
    """The cell before it was guarded."""
    guarded_one = cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA)
    return cell[1:] if guarded_one else cell


def csv_line(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue()
