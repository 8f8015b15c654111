"""Watches a run: every few seconds it writes down how far the campaign is."""

from __future__ import annotations

import time
from contextlib import suppress

from newsletter.delivery.failures import Reply
from newsletter.delivery.sending import Observer
from newsletter.model.campaign import ENDED, Addressee
from newsletter.model.transitions import DeliveryEvent
from newsletter.problems import NewsletterError
from newsletter.store.campaigns import books_of
from newsletter.store.engine import Store
from newsletter.store.progress import keep_sample

EVERY = 5.0
"""Seconds between two samples."""
_ENDING = frozenset(
    {DeliveryEvent.ACCEPT, DeliveryEvent.REFUSE, DeliveryEvent.GIVE_UP, DeliveryEvent.LOSE}
)


class Progress:
    """Passes on what `observe` is told, and keeps a sample now and then. A sample that cannot be written is
    no reason to stop a send."""

    def __init__(self, store: Store, campaign: int, observe: Observer) -> None:
        self._store = store
        self._campaign = campaign
        self._observe = observe
        with store.reading() as connection:
            self._done = books_of(connection, campaign).count(*ENDED)
        self._kept = 0.0
        self.keep()

    def observe(self, addressee: Addressee, event: DeliveryEvent, reply: Reply) -> None:
        self._observe(addressee, event, reply)
        self._done += event in _ENDING
        if time.monotonic() - self._kept >= EVERY:
            self.keep()

    def keep(self) -> None:
        self._kept = time.monotonic()
        with suppress(NewsletterError), self._store.writing() as connection:
            keep_sample(connection, self._campaign, self._done)
