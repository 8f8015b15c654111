"""What a line of a file does to the person that it is about: decided from what is known, without touching anything.

The lines of one person are met in order; what one did is known to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from newsletter.model.subscriber import Status

Decide = Callable[[Status | None, Status], Status]
"""From a subscription's status (None: there is none) and the file's to the one that follows."""


class Effect(StrEnum):
    NEW = "new"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    BLOCKED = "blocked"


@dataclass(slots=True)
class Known:
    """Somebody as the database knows them, and as the lines met so far have changed them. `suppressed` is why they are
    not written to; `held`, that it is for their own address. `statuses` are those on the lists of the lines."""

    there: bool
    name: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    suppressed: str = ""
    held: bool = False
    statuses: dict[int, Status | None] = field(default_factory=dict)

    @property
    def details(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "language": self.language,
            "attributes": dict(self.attributes),
        }


@dataclass(frozen=True, slots=True)
class Change:
    """What a line changes: a subscription's status, the person's details, a suppression that it makes."""

    before: Status | None
    after: Status
    made: bool = False
    suppressed: bool = False
    details: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Met:
    effect: Effect
    reason: str = ""
    change: Change | None = None


def meet(known: Known, row: Any, decide: Decide) -> Met:
    """Lets a line (of `staging`) change what is known; tells what it does."""
    status, before = Status(row.status), known.statuses.get(row.place)
    after = decide(before, status) if known.there else status
    wants_mail = status in (Status.CONFIRMED, Status.PENDING) and not row.suppress_kind
    stays = after is before and before is not status
    if wants_mail and stays and before is not Status.CONFIRMED:
        return Met(Effect.BLOCKED, f"is {before} on this list")
    if known.suppressed and wants_mail:
        return Met(Effect.BLOCKED, f"suppressed: {known.suppressed}")
    suppressed = bool(row.suppress_kind) and not known.held
    if suppressed:
        known.held, known.suppressed = True, row.suppress_reason
    made, details = not known.there, _met_details(known, row)
    known.there = True
    known.statuses[row.place] = after
    if before is after and not details and not suppressed:
        return Met(Effect.UNCHANGED)
    change = Change(before, after, made, suppressed, None if made else details)
    return Met(Effect.NEW if before is None else Effect.UPDATED, "", change)


def known_of(row: Any) -> Known:
    """What is known of the person of a line, its list left out."""
    if row.person is None:
        known = Known(there=False)
    else:
        known = Known(True, row.known_name, row.known_language, row.known_attributes or {})
    known.held = row.held is not None
    known.suppressed = row.held or row.domain_held or ""
    return known


def _met_details(known: Known, row: Any) -> Mapping[str, Any] | None:
    """Takes over what the line says of a person; what it does not say stays. Returns what changed, if anything."""
    before = known.details
    known.name = row.name or known.name
    known.language = row.language or known.language
    known.attributes = {**known.attributes, **row.attributes}
    after = known.details
    return None if before == after else {"before": before, "after": after}
