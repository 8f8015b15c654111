"""From a frozen campaign to mail on its way: the part of sending that knows nothing of issues.

`freeze` writes content and audience down in one transaction; `run` sends until nothing is left, something
stops it, or somebody does. Both may be called again after any failure.
"""

from __future__ import annotations

import datetime
import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from newsletter.delivery.dkim import signer_of
from newsletter.delivery.message import Composer
from newsletter.delivery.sending import End, Observer, Policy, Run, send_all
from newsletter.delivery.transports import Transport, transports_of
from newsletter.model.campaign import (
    EVERYBODY,
    Books,
    Campaign,
    CampaignStatus,
    Content,
    Selection,
)
from newsletter.model.campaign import DeliveryStatus as State
from newsletter.model.subscriber import MailingList, Status
from newsletter.model.transitions import CampaignEvent
from newsletter.problems import Changed, TryAgainLater
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store.audiences import audience_of, freeze_audience
from newsletter.store.engine import Connection, Store
from newsletter.store.events import now
from newsletter.store.ledger import CampaignLedger
from newsletter.store.results import Left
from newsletter.store.snapshots import approve_content, content_of, start_with
from newsletter.store.sweeping import resend_unknown
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.tokens import load_key
from newsletter.workflow.database import refuse_unfinished
from newsletter.workflow.progress import Progress
from newsletter.workflow.returning import recipients_of, sent_content

OPERATOR = "cli"
ROUNDS = 3
"""How often one run sends unknown ones again, where the publication says so."""
LOOK = 0.5
"""Seconds between two looks at whether other processes that share the campaign have ended."""
_COLLECTED_AFTER = (50_000, 50, 100)
OPEN = (CampaignStatus.APPROVED, CampaignStatus.SENDING, CampaignStatus.PAUSED)
WAITING = (CampaignStatus.SCHEDULED, CampaignStatus.HELD)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run left its campaign."""

    campaign: Campaign
    books: Books
    run: Run


def unfinished(
    connection: Connection,
    slug: str,
    lists: Sequence[MailingList],
    selection: Selection = EVERYBODY,
) -> Campaign | None:
    """The campaign of this issue to these very lists that was approved, waits or was begun, and has not ended;
    a correction only for its own note, a segment's only for that segment as it is."""
    wanted = {one.id for one in lists}
    for campaign in store_campaigns.all_campaigns(connection, slug):
        same = {one.id for one in campaign.lists} == wanted
        same = same and campaign.selection.same_kind(selection)
        if same and campaign.status in (*OPEN, *WAITING):
            return campaign
    return None


def freeze(
    store: Store,
    content: Content,
    revision: tuple[int, str] | None,
    lists: Sequence[MailingList],
    fingerprint: str,
    *,
    selection: Selection = EVERYBODY,
    actor: str = OPERATOR,
    inputs: Mapping[str, str] | None = None,
    confirmed: int = 0,
    event: CampaignEvent | None = None,
    wake: datetime.datetime | None = None,
    served: bool = False,
) -> int:
    """Writes a campaign down, approved: content, and the audience that `fingerprint` was shown for.

    `revision` is number and digest of the published web edition, None when that is published at its start.
    `event` happens to it at once, in the same transaction. Raises Changed when the audience is no longer that
    one, TryAgainLater when another process was first.
    """
    with store.writing() as connection:
        if unfinished(connection, content.slug, lists, selection) is not None:
            raise TryAgainLater(
                "this issue is being sent to these lists by another process just now",
                "Call this again: it joins that campaign once it stands still.",
            )
        campaign = approve_content(
            connection,
            content,
            lists,
            actor=actor,
            selection=selection,
            inputs=inputs,
            served=served,
        )
        freeze_shown(connection, campaign, content.slug, lists, fingerprint, selection)
        store_campaigns.confirm(connection, campaign, confirmed)
        if revision is not None:
            start_with(connection, campaign, *revision)
        if event is not None:
            store_campaigns.change_campaign(connection, campaign, event, actor, wake=wake)
    return campaign


def freeze_shown(
    connection: Connection,
    campaign: int,
    slug: str,
    lists: Sequence[MailingList],
    fingerprint: str,
    selection: Selection,
) -> None:
    """Freezes the audience that somebody was shown. Raises Changed when it is another by now."""
    found = audience_of(connection, lists, slug, selection)
    if found.fingerprint != fingerprint:
        raise Changed(
            "the audience is not the one that was shown", "Nothing was sent. Call this again."
        )
    freeze_audience(connection, campaign, lists, slug, selection)


def run(
    publication: Publication,
    store: Store,
    campaign_id: int,
    *,
    transport: Transport | None = None,
    policy: Policy | None = None,
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
    actor: str = OPERATOR,
    share: bool = False,
) -> Outcome:
    """Sends what is left of a campaign; with `share` beside processes that send it already, and until they have
    ended too. Raises TryAgainLater while another process sends it that it does not share."""
    refuse_unfinished(publication)
    key = load_key(publication)
    resend = publication.settings.delivery.on_unknown == "resend"
    ledger = CampaignLedger(store, campaign_id, _hard_bounce, resend=resend)
    ledger.acquire(actor, share=share)
    ended: Run | None = None
    try:
        with store.reading() as connection:
            campaign = store_campaigns.campaign_by_id(connection, campaign_id)
            content = content_of(connection, campaign_id)
        composer = Composer(
            sent_content(content, campaign_id, key),
            campaign.started,
            signer=signer_of(publication),
            idempotency_header=publication.settings.smtp.idempotency_header,
        )
        pace = Progress(store, campaign_id, observe)
        patience = policy or _policy(publication, campaign)
        rounds = ROUNDS
        while True:
            with _seldom_collected():
                ended = send_all(
                    ledger,
                    [transport] if transport else transports_of(publication),
                    composer,
                    recipients_of(publication, content, campaign, key),
                    policy=patience,
                    observe=pace.observe,
                    stopping=stopping,
                )
            if ended.end is not End.DONE:
                break
            waited = _wait_for_others(ledger, patience, stopping)
            if waited is None:
                continue
            ended, rounds = waited, rounds - 1
            again = resend and rounds and ended.end is End.DONE
            if not (again and _resent(store, campaign_id)):
                break
        pace.keep()
    finally:
        ledger.release(
            lambda books, others: _left(publication, campaign, ended, books, others), actor
        )
    with store.reading() as connection:
        return Outcome(
            store_campaigns.campaign_by_id(connection, campaign_id),
            store_campaigns.books_of(connection, campaign_id),
            ended,
        )


def _wait_for_others(
    ledger: CampaignLedger, policy: Policy, stopping: Callable[[], bool]
) -> Run | None:
    """Waits until no other process sends this campaign: whoever is last ends it. None when they left something
    to do: one of them has died, or has put something back."""
    while ledger.others():
        if stopping():
            return Run(End.INTERRUPTED, "it was interrupted")
        if reason := ledger.stop_reason():
            return Run(End.PAUSED, reason)
        if ledger.has_work(policy.attempts):
            return None
        time.sleep(LOOK)
    return None if ledger.has_work(policy.attempts) else Run(End.DONE)


def _resent(store: Store, campaign: int) -> bool:
    with store.writing() as connection:
        return bool(resend_unknown(connection, campaign))


def _policy(publication: Publication, campaign: Campaign) -> Policy:
    delivery = publication.settings.delivery
    return Policy(
        attempts=delivery.attempts,
        backoff=delivery.backoff,
        window=delivery.window,
        deadline=campaign.started + datetime.timedelta(hours=delivery.deadline),
        stop_failures=delivery.stop_failures,
        rate=delivery.rate,
        domains=delivery.domains,
        domain_connections=delivery.domain_connections,
    )


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Python looks for cycles after every 700 new objects, which are 40 messages; they have none. Looked for seldom, a
    twentieth of the time is saved, and what cycles there are is still found."""
    before = gc.get_threshold()
    if before[0] < _COLLECTED_AFTER[0]:
        gc.set_threshold(*_COLLECTED_AFTER)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _left(
    publication: Publication, campaign: Campaign, ended: Run | None, books: Books, others: int
) -> Left | None:
    """A campaign is finished when every delivery has ended and the books balance; else it is paused, and a
    server that sends it wakes it for what was deferred. As long as others send it, it is theirs, unless going
    on makes no sense for anybody."""
    if ended is not None and ended.end is End.PAUSED:
        return Left(CampaignEvent.PAUSE, ended.reason)
    if others:
        return None
    if ended is None:
        return Left(CampaignEvent.PAUSE, "it was stopped by an error")
    if ended.end is not End.DONE:
        return Left(CampaignEvent.PAUSE, ended.reason)
    if not books.balanced:
        return Left(CampaignEvent.PAUSE, "the books do not balance")
    if books.remaining:
        again = datetime.timedelta(seconds=publication.settings.delivery.retry_after)
        wake = now() + again if campaign.served else None
        told = f"{books.count(State.DEFERRED)} deliveries are deferred"
        return Left(CampaignEvent.PAUSE, told, wake)
    return Left(CampaignEvent.FINISH)


def _hard_bounce(before: Status | None) -> Status:
    return after(before, Event.HARD_BOUNCE)
