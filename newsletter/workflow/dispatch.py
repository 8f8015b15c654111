"""From a frozen campaign to mail on its way: the part of sending that knows nothing of issues.

`freeze` writes content and audience down in one transaction; `run` sends until nothing is left, something
stops it, or somebody does. Both may be called again after any failure.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from newsletter.delivery.dkim import signer_of
from newsletter.delivery.message import CampaignRecipients, Composer, Recipient
from newsletter.delivery.sending import End, Observer, Policy, Run, send_all
from newsletter.delivery.transports import Transport, transports_of
from newsletter.model.campaign import Addressee, Books, Campaign, CampaignStatus, Content
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
from newsletter.subscribers.consent import Event, after
from newsletter.subscribers.tokens import Grant, Key, load_key, unsubscribe_token

OPERATOR = "cli"
UNFINISHED = (CampaignStatus.APPROVED, CampaignStatus.SENDING, CampaignStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run left its campaign."""

    campaign: Campaign
    books: Books
    run: Run


def unfinished(connection: Connection, slug: str, lists: Sequence[MailingList]) -> Campaign | None:
    """The campaign of this issue to these very lists that was begun and has not ended."""
    wanted = {one.id for one in lists}
    for campaign in store_campaigns.all_campaigns(connection, slug):
        same = {one.id for one in campaign.lists} == wanted
        if same and campaign.status in UNFINISHED:
            return campaign
    return None


def freeze(
    store: Store,
    content: Content,
    revision: tuple[int, str],
    lists: Sequence[MailingList],
    fingerprint: str,
    *,
    again: bool = False,
) -> int:
    """Writes a campaign down, approved: content, and the audience that `fingerprint` was shown for.

    `revision` is number and digest of the published web edition. Raises Changed when the audience is no
    longer that one, TryAgainLater when another process was first.
    """
    with store.writing() as connection:
        if unfinished(connection, content.slug, lists) is not None:
            raise TryAgainLater(
                "this issue is being sent to these lists by another process just now",
                "Call this again: it joins that campaign once it stands still.",
            )
        found = audience_of(connection, lists, content.slug, again=again)
        if found.fingerprint != fingerprint:
            raise Changed(
                "the audience is not the one that was shown", "Nothing was sent. Call this again."
            )
        revision_id = store_campaigns.keep_revision(connection, content.slug, *revision)
        campaign = store_campaigns.make_campaign(
            connection, content, revision_id, lists, again=again, actor=OPERATOR, started=now()
        )
        freeze_audience(connection, campaign, lists, content.slug, again=again)
    return campaign


def run(
    publication: Publication,
    store: Store,
    campaign_id: int,
    *,
    transport: Transport | None = None,
    policy: Policy | None = None,
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Sends what is left of a campaign. Raises TryAgainLater while another process does."""
    key = load_key(publication)
    ways_out = [transport] if transport else transports_of(publication)
    ledger = CampaignLedger(store, campaign_id, _hard_bounce)
    ledger.acquire(OPERATOR)
    reason = "it was stopped by an error"
    event = CampaignEvent.PAUSE
    try:
        with store.reading() as connection:
            campaign = store_campaigns.campaign_by_id(connection, campaign_id)
            content = store_campaigns.content_of(connection, campaign_id)
        composer = Composer(
            content,
            campaign.started,
            signer=signer_of(publication),
            idempotency_header=publication.settings.smtp.idempotency_header,
        )
        ended = send_all(
            ledger,
            ways_out,
            composer,
            _recipients(content, campaign, key),
            policy=policy or _policy(publication, campaign),
            observe=observe,
            stopping=stopping,
        )
        event, reason = _end(store, campaign_id, ended)
    finally:
        ledger.release(event, OPERATOR, reason)
    with store.reading() as connection:
        return Outcome(
            store_campaigns.campaign_by_id(connection, campaign_id),
            store_campaigns.books_of(connection, campaign_id),
            ended,
        )


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


def _recipients(content: Content, campaign: Campaign, key: Key) -> Callable[[Addressee], Recipient]:
    recipients = CampaignRecipients(content, campaign.id, campaign.revision)

    def recipient_of(addressee: Addressee) -> Recipient:
        token = unsubscribe_token(key, Grant(addressee.list.id, addressee.subscriber))
        return recipients.recipient(addressee, token)

    return recipient_of


def _end(store: Store, campaign: int, ended: Run) -> tuple[CampaignEvent, str]:
    """A campaign is finished when every delivery has ended and the books balance; else it is paused."""
    if ended.end is not End.DONE:
        return CampaignEvent.PAUSE, ended.reason
    with store.reading() as connection:
        books = store_campaigns.books_of(connection, campaign)
    if not books.balanced:
        return CampaignEvent.PAUSE, "the books do not balance"
    if books.remaining:
        return CampaignEvent.PAUSE, f"{books.count(State.DEFERRED)} deliveries are deferred"
    return CampaignEvent.FINISH, ""


def _hard_bounce(before: Status | None) -> Status:
    return after(before, Event.HARD_BOUNCE)
