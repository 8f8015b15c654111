"""How a campaign goes and went, for people: its pace, its domains, what servers said, and what came after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.model.campaign import Books, Campaign, DeliveryStatus, Sample
from newsletter.model.clicks import Clicks

RATE_SECONDS = 60.0
"""The rate is that of the last minute."""
FEWEST_INTERVALS = 2
"""Before so many intervals have been seen nothing is said of when it ends."""


@dataclass(frozen=True, slots=True)
class DomainLine:
    """The deliveries to one domain, by state; `others` is how many domains the last line stands for."""

    domain: str
    states: Mapping[DeliveryStatus, int]
    others: int = 0

    @property
    def total(self) -> int:
        return sum(self.states.values())

    @property
    def remaining(self) -> int:
        waiting = (DeliveryStatus.QUEUED, DeliveryStatus.SENDING, DeliveryStatus.DEFERRED)
        return sum(self.states.get(one, 0) for one in waiting)

    def count(self, *statuses: DeliveryStatus) -> int:
        return sum(self.states.get(status, 0) for status in statuses)


@dataclass(frozen=True, slots=True)
class ReplyLine:
    """What servers said alike about deliveries that are in one state, and at how many domains."""

    status: DeliveryStatus
    code: int
    text: str
    count: int
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Aftermath:
    """People to whom something happened after they got it. Whoever had another campaign since counts there."""

    bounced: int = 0
    complained: int = 0
    unsubscribed: int = 0


@dataclass(frozen=True, slots=True)
class LinkLine:
    """A counted link and how often it was followed: by people, by how many different ones where that is kept, and by
    what is taken for a machine."""

    number: int
    url: str
    words: str
    clicks: int
    people: int
    automated: int


@dataclass(frozen=True, slots=True)
class ClickCounts:
    """The clicks of a campaign, link by link, those that were followed most first. `people` followed any of them."""

    kept: Clicks
    lines: tuple[LinkLine, ...]
    people: int

    @property
    def clicks(self) -> int:
        return sum(line.clicks for line in self.lines)

    @property
    def automated(self) -> int:
        return sum(line.automated for line in self.lines)

    @property
    def by_person(self) -> bool:
        """Whether it is kept who followed a link."""
        return self.kept is Clicks.SUBSCRIBER

    @property
    def followed(self) -> tuple[LinkLine, ...]:
        """The links that anybody, or anything, has followed."""
        return tuple(line for line in self.lines if line.clicks or line.automated)


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, of one campaign. `rate` is deliveries a second; `left` seconds until the end; None before
    enough has been seen."""

    campaign: Campaign
    books: Books
    domains: tuple[DomainLine, ...]
    replies: tuple[ReplyLine, ...]
    samples: tuple[Sample, ...]
    after: Aftermath
    clicks: ClickCounts | None = None
    """None where its links are not counted."""
    rate: float | None = None
    left: float | None = None


def pace(samples: Sequence[Sample], remaining: int) -> tuple[float | None, float | None]:
    """Deliveries a second in the last minute, and the seconds until `remaining` more are done; None where too
    little has been seen, or nothing moves."""
    if not samples:
        return None, None
    last = samples[-1]
    recent = [one for one in samples if (last.at - one.at).total_seconds() <= RATE_SECONDS]
    seconds = (last.at - recent[0].at).total_seconds()
    if len(recent) <= FEWEST_INTERVALS or seconds <= 0:
        return None, None
    rate = max(0, last.done - recent[0].done) / seconds
    return rate, remaining / rate if rate > 0 else None
