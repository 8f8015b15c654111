"""Who may be written to: subscribers, lists, subscriptions with their consent, and suppressions."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """What a person's subscription to one list allows. Mail goes to `CONFIRMED` only."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Address:
    """A mail address. `email` is what mail is sent to: the local part as typed, the domain in lower case
    and ASCII (IDNA). `key` is its identity: all in lower case, NFC. No dots or plus tags are stripped."""

    email: str
    key: str

    @property
    def domain(self) -> str:
        return self.email.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person, once, on however many lists. `attributes` are texts that content may name by merge tags."""

    id: int
    email: str
    name: str = ""
    language: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    created: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Consent:
    """Why a person may be written to: when (UTC), from where (a form, a file, an operator), what was said,
    and the IP address it was said from, where that is kept."""

    when: datetime.datetime
    source: str
    text: str = ""
    ip: str = ""


@dataclass(frozen=True, slots=True)
class MailingList:
    """`name` is what commands call it, `title` what readers see (the name where there is none)."""

    id: int
    name: str
    title: str = ""
    public: bool = False
    """Whether anybody may sign up to it."""
    double_opt_in: bool = True
    """Whether who signs up is mailed a link first, by which they confirm."""

    @property
    def shown(self) -> str:
        return self.title or self.name


@dataclass(frozen=True, slots=True)
class Subscription:
    """One person on one list."""

    subscriber: Subscriber
    list: MailingList
    status: Status
    changed: datetime.datetime
    consent: Consent | None = None
    suppressed: str = ""
    """The reason why the address or its domain is suppressed everywhere, else empty."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """An address (its key) or a whole domain that is never written to, whatever a list says. A `bounce` is lifted
    by the person's own confirmation, `complaint` and `manual` by an admin only."""

    value: str
    reason: str
    since: datetime.datetime | None = None
    is_domain: bool = False
    kind: str = "manual"
    id: int = 0
    """Its number; 0 before it is written down."""


@dataclass(frozen=True, slots=True)
class ListCounts:
    list: MailingList
    counts: Mapping[Status, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())
