"""What the send loop asks of whoever keeps the books. The store implements it; `workflow` passes it in."""

from __future__ import annotations

import datetime
from typing import Protocol

from newsletter.delivery.failures import Reply
from newsletter.model.campaign import Addressee
from newsletter.model.transitions import DeliveryEvent


class Ledger(Protocol):
    """The deliveries of one campaign, held under a lease by this process alone."""

    def claim(self, deferred_below: int = 0) -> Addressee | None:
        """Marks the next delivery as being sent, and commits that before it returns it; None when there is
        none left. Whoever has unsubscribed, is suppressed or has the issue meanwhile is skipped on the way.
        With `deferred_below`, deferred ones whose time has come are taken too, if tried fewer times in this run. Raises TryAgainLater when the lease is lost.
        """
        ...

    def record(
        self,
        addressee: Addressee,
        event: DeliveryEvent,
        reply: Reply,
        *,
        suppress: bool = False,
        next_attempt: datetime.datetime | None = None,
    ) -> None:
        """Writes down what became of a delivery, and commits."""
        ...

    def next_deferred(self, most_attempts: int) -> datetime.datetime | None:
        """When the earliest deferred delivery with fewer attempts may be tried again; None without any."""
        ...
