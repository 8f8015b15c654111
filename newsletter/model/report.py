"""How a campaign goes and went, for people: its pace, its domains, what servers said, and what came after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from newsletter.model.campaign import Books, Campaign, DeliveryStatus, Sample

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
class Report:
    """All of it, of one campaign. `rate` is deliveries a second; `left` seconds until the end; None before
    enough has been seen."""

    campaign: Campaign
    books: Books
    domains: tuple[DomainLine, ...]
    replies: tuple[ReplyLine, ...]
    samples: tuple[Sample, ...]
    after: Aftermath
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
