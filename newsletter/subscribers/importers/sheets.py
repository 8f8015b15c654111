"""A table as it stands in a file, before anybody knows what its columns mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from newsletter.subscribers.importers.rows import Reject

Record = tuple[int, list[str]] | Reject
"""A line's number and its cells, or why it cannot be parsed."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """`header` is empty where the file has none. `records` are read as they are asked for. `guarded` says
    that cells may carry the apostrophe of an export that is safe for spreadsheets."""

    format: str
    header: list[str]
    records: Iterator[Record]
    encoding: str = ""
    delimiter: str = ""
    file: str = ""
    guarded: bool = False
