"""What the ledger is told: what became of a delivery, and what happens to a campaign when a process leaves it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from newsletter.model.campaign import Addressee, Books
from newsletter.model.transitions import CampaignEvent, DeliveryEvent


class Answer(Protocol):
    """What a server said, as the ledger keeps it."""

    @property
    def code(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def server(self) -> str: ...


class Result(Protocol):
    """What became of one delivery, as `delivery.ledger` has it."""

    @property
    def addressee(self) -> Addressee: ...
    @property
    def event(self) -> DeliveryEvent: ...
    @property
    def reply(self) -> Answer: ...
    @property
    def suppress(self) -> bool: ...
    @property
    def next_attempt(self) -> datetime.datetime | None: ...


@dataclass(frozen=True, slots=True)
class Left:
    """What happens to a campaign when a process leaves it: `wake` is when a server goes on with it."""

    event: CampaignEvent
    reason: str = ""
    wake: datetime.datetime | None = None


Leave = Callable[[Books, int], Left | None]
"""Made of the books and the number of processes that still send; None leaves the campaign to those."""
