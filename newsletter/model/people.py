"""What is asked of all subscribers at once: filters, a page of people, and what a change of many did."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from newsletter.model.subscriber import Status, Subscriber


class Sort(StrEnum):
    EMAIL = "email"
    NAME = "name"
    CREATED = "created"


@dataclass(frozen=True, slots=True)
class Filters:
    """Whom to show: all of what is set must hold. `status` is that on `list`, or on any list where none is named;
    `condition` is written as a segment's."""

    text: str = ""
    list: str = ""
    status: str = ""
    segment: str = ""
    language: str = ""
    source: str = ""
    tag: str = ""
    suppressed: bool | None = None
    since: datetime.date | None = None
    until: datetime.date | None = None
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """One person of a page. `statuses` are by list, `suppressed` is the reason, else empty."""

    person: Subscriber
    statuses: Mapping[str, Status] = field(default_factory=dict)
    suppressed: str = ""


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """`after` asks for the next page; empty where this is the last."""

    people: tuple[Found, ...]
    after: str = ""


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a change of many people did. `blocked` were left as they are: suppressed, or gone from the list by their
    own word. `batch` undoes it, by `undo_import`; 0 for what cannot be undone."""

    chosen: int
    changed: int
    unchanged: int
    blocked: int = 0
    batch: int = 0
