"""What a person does with a campaign that was begun: look at it, pause it, go on, cancel it, settle unknowns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from newsletter.delivery.message import message_id
from newsletter.delivery.postfix_log import lines_of, taken
from newsletter.delivery.sending import Observer
from newsletter.model.campaign import Books, Campaign, CampaignStatus, Delivery, DeliveryStatus
from newsletter.model.transitions import DeliveryEvent, ImpossibleEvent
from newsletter.problems import NotConfirmed, UsageError
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store import steering as store_steering
from newsletter.store.audiences import audience_of
from newsletter.store.engine import Connection, Store, open_store
from newsletter.store.snapshots import content_of
from newsletter.workflow.dispatch import OPEN, OPERATOR, WAITING, Outcome
from newsletter.workflow.running import run
from newsletter.workflow.starting import start

BY_HAND = "settled by hand"


@dataclass(frozen=True, slots=True)
class Settled:
    """How an unknown delivery was settled; still unknown where `status` says so."""

    address: str
    status: DeliveryStatus
    reason: str


def show(publication: Publication, campaign: int) -> tuple[Campaign, Books]:
    """A campaign with its books; raises UsageError when there is none of that number."""
    with _open(publication, campaign) as store, store.reading() as connection:
        return _with_books(connection, campaign)


def pause(
    publication: Publication, campaign: int, *, actor: str = OPERATOR
) -> tuple[Campaign, Books]:
    """A process that sends it stops within two seconds, after what it has in hand."""
    with _open(publication, campaign) as store, store.writing() as connection:
        with _possible(connection, campaign, "paused"):
            store_steering.pause(connection, campaign, actor, "it was paused by hand")
        return _with_books(connection, campaign)


def cancel(
    publication: Publication, campaign: int, *, actor: str = OPERATOR
) -> tuple[Campaign, Books]:
    """Nobody who waits gets it from this campaign any more; a later send may mail them. Of one that has not
    begun, nothing that was frozen is left."""
    with _open(publication, campaign) as store, store.writing() as connection:
        with _possible(connection, campaign, "cancelled"):
            store_steering.cancel(connection, campaign, actor, "it was cancelled by hand")
        return _with_books(connection, campaign)


def take_back(publication: Publication, campaign: int, *, actor: str = OPERATOR) -> Campaign:
    """Takes back what is held or scheduled: nothing that was frozen is left. Raises UsageError when its first
    message may have left by now."""
    with _open(publication, campaign) as store, store.writing() as connection:
        found = store_campaigns.campaign_by_id(connection, campaign)
        if not found.waiting:
            raise UsageError(f"campaign {campaign} is {found.status}: it cannot be taken back")
        with _possible(connection, campaign, "taken back"):
            store_steering.cancel(connection, campaign, actor, "it was taken back")
        return store_campaigns.campaign_by_id(connection, campaign)


def recipients(publication: Publication, campaign: int) -> int:
    """How many a campaign would mail if it went on now."""
    with _open(publication, campaign) as store, store.reading() as connection:
        return _recipients(connection, store_campaigns.campaign_by_id(connection, campaign))


def resume(
    publication: Publication,
    campaign: int,
    count: int | None = None,
    *,
    actor: str = OPERATOR,
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
    share: bool = False,
) -> Outcome:
    """Sends what is left of it now, with `share` beside processes that do so already. One that is scheduled or held has to be confirmed by the number of its
    recipients of now. Raises NotConfirmed, TryAgainLater while another process sends it, and what `start` does.
    """
    with _open(publication, campaign) as store:
        found = _resumable(publication, store, campaign, count, actor)
        start(publication, store, found, actor)
        return run(
            publication,
            store,
            campaign,
            observe=observe,
            stopping=stopping,
            actor=actor,
            share=share,
        )


def wake(
    publication: Publication, campaign: int, count: int | None = None, *, actor: str = OPERATOR
) -> Campaign:
    """Lets a server go on with a campaign (`studio`, `serve`), confirmed as for `resume`."""
    with _open(publication, campaign) as store:
        _resumable(publication, store, campaign, count, actor)
        with store.writing() as connection:
            store_steering.wake(connection, campaign, actor)
            return store_campaigns.campaign_by_id(connection, campaign)


def run_held(
    publication: Publication,
    campaign: int,
    *,
    actor: str = OPERATOR,
    observe: Observer = lambda addressee, event, reply: None,
    stopping: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Sends what this process has held, once its time has come. Raises UsageError when it was taken back."""
    with _open(publication, campaign) as store:
        with store.reading() as connection:
            found = store_campaigns.campaign_by_id(connection, campaign)
        if found.status is not CampaignStatus.HELD:
            raise UsageError(f"campaign {campaign} is {found.status} meanwhile")
        start(publication, store, found, actor)
        return run(publication, store, campaign, observe=observe, stopping=stopping, actor=actor)


def _resumable(
    publication: Publication, store: Store, campaign: int, count: int | None, actor: str
) -> Campaign:
    with store.writing() as connection:
        found = store_campaigns.campaign_by_id(connection, campaign)
        if found.status not in (*OPEN, *WAITING):
            raise UsageError(f"campaign {campaign} is {found.status}: there is nothing to resume")
        if found.begun or (found.frozen and found.status is CampaignStatus.APPROVED):
            return found
        if publication.settings.approval == "required" and found.approved_by == actor:
            raise UsageError(
                f"{actor} has approved this: somebody else has to send it",
                'This publication wants two people for that (approval = "required").',
            )
        wanted = _recipients(connection, found)
        if count != wanted:
            told = "no count was typed" if count is None else f"{count} was typed"
            raise NotConfirmed(
                f"not confirmed: {told}, campaign {campaign} has {wanted} recipients now",
                f"Nothing was sent. In a script: --confirm-count {wanted}",
            )
        store_campaigns.confirm(connection, campaign, wanted)
        return store_campaigns.campaign_by_id(connection, campaign)


def _recipients(connection: Connection, campaign: Campaign) -> int:
    if campaign.frozen is not None:
        return store_campaigns.books_of(connection, campaign.id).remaining
    return audience_of(connection, campaign.lists, campaign.slug, campaign.selection).prepared


def settle(
    publication: Publication,
    campaign: int,
    *,
    accepted: Sequence[str] = (),
    not_accepted: Sequence[str] = (),
    postfix_logs: Sequence[Path] = (),
    actor: str = OPERATOR,
) -> tuple[Settled, ...]:
    """Says of unknown deliveries what became of them, by address or from a relay's log; tells of every one
    that was unknown. Whoever is told not to have been accepted is mailed by the next send of the issue.

    Raises UsageError for an address that is not unknown here, NewsletterError for a log that cannot be read: then
    nothing is changed.
    """
    by_log = taken(lines_of(postfix_logs))  # before the store is asked: a log may be long
    with _open(publication, campaign) as store, store.writing() as connection:
        unknown = store_campaigns.deliveries_of(connection, campaign, DeliveryStatus.UNKNOWN)
        told = {address.lower(): DeliveryEvent.ACCEPT for address in accepted}
        told |= {address.lower(): DeliveryEvent.REFUSE for address in not_accepted}
        _refuse_strangers(campaign, told, unknown)
        ids = _message_ids(connection, campaign, unknown)
        settled = []
        for delivery, its_id in zip(unknown, ids, strict=True):
            event, reason = told.get(delivery.address.lower()), BY_HAND
            if event is None and its_id in by_log:
                event, reason = DeliveryEvent.ACCEPT, f"in the relay's log as {by_log[its_id]}"
            if event is None:
                settled.append(Settled(delivery.address, delivery.status, delivery.reason))
                continue
            store_steering.settle(connection, campaign, delivery.subscriber, event, reason, actor)
            after = (
                DeliveryStatus.ACCEPTED if event is DeliveryEvent.ACCEPT else DeliveryStatus.REFUSED
            )
            settled.append(Settled(delivery.address, after, reason))
        return tuple(settled)


@contextmanager
def _open(publication: Publication, campaign: int) -> Iterator[Store]:
    with open_store(publication) as store:
        with store.reading() as connection:
            if not store_steering.exists(connection, campaign):
                raise UsageError(
                    f"there is no campaign {campaign}", "See them: newsletter campaigns list"
                )
        yield store


@contextmanager
def _possible(connection: Connection, campaign: int, wanted: str) -> Iterator[None]:
    status = store_campaigns.status_of(connection, campaign)
    try:
        yield
    except ImpossibleEvent:
        raise UsageError(f"campaign {campaign} is {status}: it cannot be {wanted}") from None


def _with_books(connection: Connection, campaign: int) -> tuple[Campaign, Books]:
    return (
        store_campaigns.campaign_by_id(connection, campaign),
        store_campaigns.books_of(connection, campaign),
    )


def _refuse_strangers(
    campaign: int, told: dict[str, DeliveryEvent], unknown: Sequence[Delivery]
) -> None:
    strangers = sorted(told.keys() - {delivery.address.lower() for delivery in unknown})
    if strangers:
        raise UsageError(
            f"not unknown in campaign {campaign}: {', '.join(strangers)}", "Nothing was changed."
        )


def _message_ids(
    connection: Connection, campaign: int, unknown: Sequence[Delivery]
) -> tuple[str, ...]:
    content = content_of(connection, campaign)
    revision = store_campaigns.campaign_by_id(connection, campaign).revision
    return tuple(
        message_id(content, campaign, revision, delivery.subscriber) for delivery in unknown
    )
