"""What the send loop asks of whoever keeps the books. The store implements it; `workflow` passes it in."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from newsletter.delivery.failures import Reply
from newsletter.model.campaign import Addressee
from newsletter.model.transitions import DeliveryEvent


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one delivery. `next_attempt` is set where it was deferred."""

    addressee: Addressee
    event: DeliveryEvent
    reply: Reply
    suppress: bool = False
    next_attempt: datetime.datetime | None = None


class Ledger(Protocol):
    """The deliveries of one campaign, held under a lease of this process; others may hold further ones."""

    def claim(
        self, most: int, deferred_below: int = 0, without: Collection[str] = ()
    ) -> Sequence[Addressee]:
        """Marks the next deliveries as being sent, and commits that before it returns them; none when there
        is none left. Whoever has unsubscribed, is suppressed or has the issue meanwhile is skipped on the
        way. With `deferred_below`, deferred ones whose time has come are taken too, if tried fewer times in
        this run. Nobody at the domains `without` is taken. Raises TryAgainLater when the lease is lost or the campaign was stopped.
        """
        ...

    def record(self, results: Sequence[Result]) -> None:
        """Writes down what became of deliveries, in one transaction."""
        ...

    def exchange(
        self,
        results: Sequence[Result],
        most: int,
        deferred_below: int = 0,
        without: Collection[str] = (),
    ) -> Sequence[Addressee]:
        """Writes down what became of deliveries and claims the next ones, in one transaction. Where nothing may be
        claimed any more, the results are written down and there is none: `claim` tells why."""
        ...

    def put_back(self, addressees: Sequence[Addressee]) -> None:
        """Takes the mark off deliveries of which nothing was sent, as if they had not been claimed."""
        ...

    def stop_reason(self) -> str:
        """Why this run must end, from outside: the campaign was paused, cancelled or taken over; else empty."""
        ...

    def next_deferred(self, most_attempts: int) -> datetime.datetime | None:
        """When the earliest deferred delivery with fewer attempts may be tried again; None without any."""
        ...
