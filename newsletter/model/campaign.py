"""A campaign: one issue, frozen, to one audience, frozen. A delivery: one message to one subscriber.

The books: candidates = prepared + excluded, and the states of the deliveries sum to prepared. Every
person is in exactly one of these counts, so “who did not get it, and why” always has an answer.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from newsletter.model.clicks import FIELD as CLICK_TOKEN
from newsletter.model.clicks import ClickRules, Clicks, MailLink, direct
from newsletter.model.edition import MARKER_TOKEN, EditionFile, Marker
from newsletter.model.segment import Segment
from newsletter.model.subscriber import MailingList


class CampaignStatus(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    HELD = "held"
    SENDING = "sending"
    PAUSED = "paused"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class DeliveryStatus(StrEnum):
    """`UNKNOWN` is honest: the content was written and its reply never recorded, so nobody can say."""

    QUEUED = "queued"
    SENDING = "sending"
    DEFERRED = "deferred"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


ENDED = frozenset(
    {
        DeliveryStatus.ACCEPTED,
        DeliveryStatus.REFUSED,
        DeliveryStatus.FAILED,
        DeliveryStatus.SKIPPED,
        DeliveryStatus.UNKNOWN,
    }
)


@dataclass(frozen=True, slots=True)
class Content:
    """What a campaign sends, before it has a recipient. Once frozen, editing the issue changes nothing here.

    `html`, `text` and `subject` hold the markers' tokens; `pictures` travel inside the mail and are empty
    in linked mode. `base_url` is where unsubscribe links lead.
    """

    slug: str
    subject: str
    html: str
    text: str
    language: str
    markers: tuple[Marker, ...]
    pictures: tuple[EditionFile, ...]
    sender_name: str
    sender_email: str
    reply_to: str
    web_url: str
    base_url: str
    publication: str
    clicks: str = str(Clicks.OFF)
    """What is kept of clicks on its links; unless nothing is, `html` has counted links, and `links` says where to."""
    links: tuple[MailLink, ...] = ()

    @property
    def uncounted(self) -> Content:
        """The same with links that lead straight to where they go: for whoever only looks, and for tests."""
        mine = next((one for one in self.markers if one.field == CLICK_TOKEN), None)
        if mine is None:
            return self
        return replace(
            self,
            html=direct(self.html, ClickRules(self.base_url), mine.token),
            markers=tuple(one for one in self.markers if one is not mine),
            clicks=str(Clicks.OFF),
            links=(),
        )

    def with_click_token(self, token: str) -> Content:
        """The same with one token for everybody in its counted links: nobody has one of their own."""
        mine = next((one for one in self.markers if one.field == CLICK_TOKEN), None)
        if mine is None:
            return self
        others = tuple(one for one in self.markers if one is not mine)
        return replace(self, html=self.html.replace(mine.token, token), markers=others)

    @property
    def subject_shown(self) -> str:
        """The subject as somebody without a name reads it."""
        defaults = {marker.token: marker.default for marker in self.markers}
        return MARKER_TOKEN.sub(lambda found: defaults.get(found.group(), ""), self.subject)

    @property
    def digest(self) -> str:
        """The SHA-256 of everything above, in hexadecimal: same content, same digest."""
        parts = [
            self.slug,
            self.subject,
            self.html,
            self.text,
            self.language,
            [[marker.token, marker.field, marker.default] for marker in self.markers],
            [[file.path, hashlib.sha256(file.data).hexdigest()] for file in self.pictures],
            [self.sender_name, self.sender_email, self.reply_to],
            [self.web_url, self.base_url, self.publication],
        ]
        if self.clicks != Clicks.OFF:
            parts.append(self.clicks)
        return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Selection:
    """Whom a send is for, of those on its lists; by itself: whoever has had no part in this issue yet."""

    again: bool = False
    """Those too who already have the issue."""
    newcomers: bool = False
    """Those too who joined a list after the issue was sent to it."""
    retry: bool = False
    """Those too whose delivery of the issue was refused, or failed after its tries."""
    correction: str = ""
    """The note of a correction: exactly those who have an earlier revision."""
    segment: Segment | None = None
    """Only those in it, by the condition that it had when this was confirmed."""

    def same_kind(self, other: Selection) -> bool:
        """Whether a campaign for one is what a send for the other goes on with."""
        mine, others = self.segment, other.segment
        return (self.correction, mine and (mine.name, mine.text)) == (
            other.correction,
            others and (others.name, others.text),
        )


EVERYBODY = Selection()


@dataclass(frozen=True, slots=True)
class Campaign:
    """`reason` says why it stands still. `started` is UTC and becomes the Date of every message. `revision` is
    0 until its web edition is published, at its start."""

    id: int
    slug: str
    revision: int
    digest: str
    subject: str
    status: CampaignStatus
    lists: tuple[MailingList, ...]
    started: datetime.datetime
    ended: datetime.datetime | None = None
    reason: str = ""
    selection: Selection = EVERYBODY
    approved_by: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    """SHA-256 of the issue's files when it was approved, by path."""
    confirmed: int = 0
    """The number of recipients that was typed; 0 before that."""
    frozen: datetime.datetime | None = None
    """When its audience was frozen."""
    wake: datetime.datetime | None = None
    """When it goes on by itself; None when that needs a person."""
    wall: str = ""
    zone: str = ""
    """The moment of its schedule as a person named it: wall time and time zone."""
    served: bool = False
    """Whether a server sends it (`studio`, `serve`), not the process that began it."""

    @property
    def begun(self) -> bool:
        """Whether its first message may have left."""
        return self.status in (CampaignStatus.SENDING, CampaignStatus.PAUSED)

    @property
    def waiting(self) -> bool:
        """Whether it is approved and confirmed, and waits for its moment or for a person."""
        return self.status in (CampaignStatus.SCHEDULED, CampaignStatus.HELD)


class Addressee(NamedTuple):
    """A delivery whose turn has come, with what is personal in it. `address` was frozen with the audience;
    `attempt` counts from 1. A tuple, since one is made for every message."""

    delivery: int
    attempt: int
    subscriber: int
    address: str
    list: MailingList
    name: str = ""
    language: str = ""
    attributes: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Delivery:
    """One row of the ledger, for people."""

    subscriber: int
    address: str
    status: DeliveryStatus
    attempts: int
    code: int = 0
    reply: str = ""
    server: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who would get an issue, as shown before anything is frozen. `fingerprint` names the very people."""

    per_list: tuple[tuple[MailingList, int], ...]
    """How many get it by way of each list; somebody on two lists counts with the first."""
    excluded: Mapping[str, int]
    fingerprint: str

    @property
    def prepared(self) -> int:
        return sum(count for _, count in self.per_list)

    @property
    def candidates(self) -> int:
        return self.prepared + sum(self.excluded.values())


@dataclass(frozen=True, slots=True)
class Sample:
    """How many deliveries had ended at a moment."""

    at: datetime.datetime
    done: int


@dataclass(frozen=True, slots=True)
class Books:
    """A campaign's people, counted."""

    candidates: int
    excluded: Mapping[str, int]
    states: Mapping[DeliveryStatus, int]

    @property
    def prepared(self) -> int:
        return sum(self.states.values())

    @property
    def balanced(self) -> bool:
        return self.candidates == self.prepared + sum(self.excluded.values())

    @property
    def remaining(self) -> int:
        return sum(count for status, count in self.states.items() if status not in ENDED)

    def count(self, *statuses: DeliveryStatus) -> int:
        return sum(self.states.get(status, 0) for status in statuses)
