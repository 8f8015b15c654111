"""What came back by mail, in one vocabulary: the event types and reject reasons of django-anymail, by their names."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from enum import StrEnum


class EventType(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    REJECTED = "rejected"
    FAILED = "failed"
    BOUNCED = "bounced"
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    AUTORESPONDED = "autoresponded"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBED = "subscribed"
    INBOUND = "inbound"
    """A mail that is none of these: somebody wrote."""
    UNKNOWN = "unknown"


class RejectReason(StrEnum):
    NONE = ""
    INVALID = "invalid"
    """There is no such mailbox."""
    BOUNCED = "bounced"
    TIMED_OUT = "timed_out"
    BLOCKED = "blocked"
    """The sender's fault, not the person's."""
    SPAM = "spam"
    UNSUBSCRIBED = "unsubscribed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Incoming:
    """One mail that came back and what it did. `campaign` and `subscriber` are 0 where it is not known whose it is;
    `effects` are told to a person: `suppressed`, `unsubscribed`, `settled`, `paused campaign 3`."""

    event: EventType
    reason: RejectReason = RejectReason.NONE
    campaign: int = 0
    subscriber: int = 0
    address: str = ""
    status: str = ""
    told: str = ""
    at: datetime.datetime | None = None
    known: bool = False
    """It was there before; nothing has changed."""
    effects: tuple[str, ...] = ()
