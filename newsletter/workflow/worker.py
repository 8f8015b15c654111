"""The worker inside a server (`studio`, `serve`): it wakes what is scheduled or held, goes on with what a server was
sending, and takes what came back from the mailbox.

Several servers may run on one database: the lease decides who sends. A server that comes late fires nothing: what
should have begun while none was awake is held, and says so, until a person decides.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from newsletter.model.campaign import Campaign, CampaignStatus
from newsletter.problems import Changed, NewsletterError, NotConfirmed, TryAgainLater
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store import leases, workers
from newsletter.store import steering as store_steering
from newsletter.store.engine import Store, open_store, store_exists
from newsletter.store.events import now
from newsletter.workflow import bounces
from newsletter.workflow.clicking import let_go
from newsletter.workflow.running import run
from newsletter.workflow.scheduling import told_moment
from newsletter.workflow.starting import hold, late_by, start

ACTOR = "server"
TICK = 0.5
"""Seconds between two looks for something to do."""
BEAT = 20.0
TIDY = 3600.0
"""Seconds between two looks for what is not to be kept any longer."""
LOOK_FOR_MAILBOX = 30.0
"""Seconds between two looks at whether a mailbox is set by now."""
LEAVING = 10.0
"""Seconds in which the end of a server waits for the answers to what is in hand."""


class Worker:
    """`publication` gives the publication as it is now; `tell` hears what a person should know."""

    def __init__(
        self,
        publication: Callable[[], Publication],
        tell: Callable[[str], None],
    ) -> None:
        self._publication = publication
        self._tell = tell
        self._stop = threading.Event()
        self._nudged = threading.Event()
        self._running: dict[int, threading.Thread] = {}
        self._beaten = -BEAT
        self._tidied = -TIDY
        self._told = ""
        self._threads: tuple[threading.Thread, ...] = ()

    @property
    def publication(self) -> Publication:
        return self._publication()

    def start(self) -> None:
        self._stop.clear()
        self._threads = (
            threading.Thread(target=self._loop, name="worker", daemon=True),
            threading.Thread(target=self._take_mail, name="returns", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """What is being sent stops after what it has in hand."""
        self._stop.set()
        self._nudged.set()
        end = time.monotonic() + LEAVING
        for thread in (*self._threads, *self._running.values()):
            if thread.is_alive():
                thread.join(max(0.0, end - time.monotonic()))
        with contextlib.suppress(NewsletterError), self._store() as store:
            if store is not None:
                with store.writing() as connection:
                    workers.leave(connection)

    def nudge(self) -> None:
        """Something was just made due: looks at once."""
        self._nudged.set()

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                with self._store() as store:
                    while store is not None and not self._stop.is_set():
                        self.look(store)
                        self._wait()
            except NewsletterError as caught:
                self._complain(f"Campaigns cannot be looked after: {caught.message}")
            self._wait()

    def _take_mail(self) -> None:
        """Looks into the mailbox now and then, where one is set. What cannot be had is told once."""
        told = ""
        while not self._stop.is_set():
            publication = self._publication()
            wanted = publication.settings.bounces
            if wanted.host:
                try:
                    bounces.fetch(publication)
                    told = ""
                except NewsletterError as caught:
                    if caught.message != told:
                        told = caught.message
                        self._tell(f"Returned mail cannot be fetched: {caught.message}")
            self._stop.wait(wanted.every if wanted.host else LOOK_FOR_MAILBOX)

    def _wait(self) -> None:
        if (
            not self._stop.is_set()
        ):  # whoever was nudged to stop looks no more, and is not waited for
            self._nudged.wait(TICK)
            self._nudged.clear()

    def _complain(self, text: str) -> None:
        if text != self._told:
            self._told = text
            self._tell(text)

    @contextlib.contextmanager
    def _store(self) -> Iterator[Store | None]:
        """The database; None while there is none. Who only looks makes none."""
        publication = self._publication()
        if not store_exists(publication):
            yield None
            return
        with open_store(publication) as store:
            yield store

    def look(self, store: Store) -> None:
        """Begins whatever is due and in nobody's hands."""
        if time.monotonic() - self._beaten >= BEAT:
            self._beaten = time.monotonic()
            with store.writing() as connection:
                workers.beat(connection)
        if time.monotonic() - self._tidied >= TIDY:
            self._tidied = time.monotonic()
            let_go(self.publication, store)
        with store.reading() as connection:
            due = store_campaigns.due_campaigns(connection, now())
            free = [one for one in due if not store_steering.is_held(connection, one.id)]
        for campaign in free:
            known = self._running.get(campaign.id)
            if known is not None and known.is_alive():
                continue
            thread = threading.Thread(
                target=self._go_on, args=(campaign,), name=f"campaign {campaign.id}", daemon=True
            )
            self._running[campaign.id] = thread
            thread.start()

    def _go_on(self, campaign: Campaign) -> None:
        try:
            publication = self._publication()
            with open_store(publication) as store:
                go_on(publication, store, campaign, stopping=self._stop.is_set)
        except TryAgainLater:
            self._stop.wait(1.0)  # somebody else has it, or stands in its way: looked at again
        except NewsletterError as caught:
            self._tell(". ".join(filter(None, (caught.message, caught.hint))))


def go_on(
    publication: Publication,
    store: Store,
    campaign: Campaign,
    *,
    stopping: Callable[[], bool] = lambda: False,
) -> None:
    """Goes on with a campaign that is due. Raises NotConfirmed when it is held for a person instead, and Changed
    when its approval is void."""
    if reason := _too_late(publication, store, campaign):
        if campaign.begun:
            with store.writing() as connection:
                store_steering.pause(connection, campaign.id, ACTOR, reason)
        else:
            hold(store, campaign, ACTOR, reason)
        raise NotConfirmed(
            f"campaign {campaign.id} of {campaign.slug} waits for you: {reason}",
            f"To send it now: newsletter campaigns resume {campaign.id}",
        )
    try:
        start(publication, store, campaign, ACTOR)
    except (Changed, NotConfirmed, TryAgainLater):
        raise
    except NewsletterError as caught:
        hold(store, campaign, ACTOR, f"it could not start: {caught.message}")
        raise
    run(publication, store, campaign.id, stopping=stopping, actor=ACTOR)


def _too_late(publication: Publication, store: Store, campaign: Campaign) -> str:
    """Why nothing goes out by itself any more; empty when it is not too late."""
    late = publication.settings.delivery.late
    if campaign.status is CampaignStatus.SENDING:
        with store.reading() as connection:
            silent = leases.silent_since(connection, campaign.id)
        if silent is None or (now() - silent).total_seconds() <= late:
            return ""
        return f"no server was awake to send the rest since {told_moment(silent)}"
    if not campaign.waiting or campaign.wake is None or late_by(campaign).total_seconds() <= late:
        return ""
    moment = told_moment(campaign.wake, campaign.wall, campaign.zone)
    return f"its time, {moment}, passed while no server was awake"


def servers_awake(publication: Publication) -> int:
    """How many servers would send what is scheduled."""
    with open_store(publication) as store, store.reading() as connection:
        return workers.awake(connection)
