"""Campaigns in the database: their lists, status, schedule, and the books. What they send is in `snapshots`."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select, update

from newsletter.model.campaign import (
    Books,
    Campaign,
    CampaignStatus,
    Delivery,
    DeliveryStatus,
    Selection,
)
from newsletter.model.subscriber import MailingList
from newsletter.model.transitions import CampaignEvent, campaign_after
from newsletter.store.events import log, now
from newsletter.store.lists import mailing_list
from newsletter.store.schema import (
    campaign_lists,
    campaigns,
    deliveries,
    exclusions,
    lists,
    revisions,
)
from newsletter.store.segments import segment_of

_WITH_REVISION = select(campaigns, revisions.c.number.label("revision")).join(
    revisions, revisions.c.id == campaigns.c.revision_id
)


def change_campaign(
    connection: Connection,
    campaign: int,
    event: CampaignEvent,
    actor: str,
    reason: str = "",
    *,
    wake: datetime.datetime | None = None,
    digest: str = "",
) -> CampaignStatus:
    """Lets an event happen to a campaign; raises ImpossibleEvent. `wake` is when it goes on by itself, `digest`
    is that of the content, where the event is about it."""
    before = status_of(connection, campaign)
    after = campaign_after(before, event)
    ended = now() if after in (CampaignStatus.FINISHED, CampaignStatus.CANCELLED) else None
    values = {"status": str(after), "reason": reason, "ended": ended, "wake": wake}
    if after in (CampaignStatus.SENDING, CampaignStatus.PAUSED):
        values |= {"wall": "", "zone": ""}  # a person named another moment: when it began
    connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(values))
    if before is not after:
        log(
            connection,
            f"campaign {after}",
            actor,
            campaign=campaign,
            reason=reason,
            digest=digest,
        )
    return after


def give_reason(connection: Connection, campaign: int, reason: str) -> None:
    """Says why a campaign waits, and lets it wait: nothing wakes it."""
    connection.execute(
        update(campaigns).where(campaigns.c.id == campaign).values(reason=reason, wake=None)
    )


def confirm(connection: Connection, campaign: int, count: int) -> None:
    """Keeps the number of recipients that was typed."""
    connection.execute(update(campaigns).where(campaigns.c.id == campaign).values(confirmed=count))


def appoint(
    connection: Connection, campaign: int, *, wall: str = "", zone: str = "", served: bool = False
) -> None:
    """Keeps how a person named the moment of a schedule, and who sends it."""
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(wall=wall, zone=zone, served=served)
    )


def due_campaigns(connection: Connection, moment: datetime.datetime) -> tuple[Campaign, ...]:
    """What a server has to go on with at a moment: whatever wakes then, and what it was sending."""
    waking = and_(campaigns.c.wake.is_not(None), campaigns.c.wake <= moment)
    sending = campaigns.c.status == str(CampaignStatus.SENDING)
    rows = connection.execute(
        _WITH_REVISION.where(campaigns.c.served, or_(waking, sending)).order_by(campaigns.c.id)
    ).all()
    to = _lists_of(connection, [row.id for row in rows])
    return tuple(_campaign(row, to.get(row.id, ())) for row in rows)


def status_of(connection: Connection, campaign: int) -> CampaignStatus:
    found = connection.execute(select(campaigns.c.status).where(campaigns.c.id == campaign))
    return CampaignStatus(found.scalar_one())


def all_campaigns(connection: Connection, slug: str = "") -> tuple[Campaign, ...]:
    """Campaigns, the newest first, of one issue or of all."""
    query = _WITH_REVISION.order_by(campaigns.c.id.desc())
    if slug:
        query = query.where(campaigns.c.slug == slug)
    rows = connection.execute(query).all()
    to = _lists_of(connection, [row.id for row in rows])
    return tuple(_campaign(row, to.get(row.id, ())) for row in rows)


def campaign_by_id(connection: Connection, campaign: int) -> Campaign:
    row = connection.execute(_WITH_REVISION.where(campaigns.c.id == campaign)).one()
    return _campaign(row, _lists_of(connection, [campaign]).get(campaign, ()))


def books_of(connection: Connection, campaign: int) -> Books:
    """A campaign's people, counted from the rows themselves."""
    excluded = connection.execute(
        select(exclusions.c.reason, func.count())
        .where(exclusions.c.campaign_id == campaign)
        .group_by(exclusions.c.reason)
        .order_by(exclusions.c.reason)
    )
    states = connection.execute(
        select(deliveries.c.status, func.count())
        .where(deliveries.c.campaign_id == campaign)
        .group_by(deliveries.c.status)
    )
    by_reason = {str(row.reason): int(row[1]) for row in excluded}
    by_state = {DeliveryStatus(status): count for status, count in states}
    frozen = connection.execute(
        select(campaigns.c.candidates).where(campaigns.c.id == campaign)
    ).scalar_one()
    return Books(int(frozen), by_reason, by_state)


def deliveries_of(
    connection: Connection, campaign: int, status: DeliveryStatus
) -> tuple[Delivery, ...]:
    """Deliveries in one state, named one by one."""
    rows = connection.execute(
        select(deliveries)
        .where(deliveries.c.campaign_id == campaign, deliveries.c.status == str(status))
        .order_by(deliveries.c.id)
    )
    return tuple(
        Delivery(
            row.subscriber_id,
            row.address,
            DeliveryStatus(row.status),
            row.attempts,
            row.code,
            row.reply,
            row.server,
            row.reason,
        )
        for row in rows
    )


def _lists_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[MailingList, ...]]:
    rows = connection.execute(
        select(campaign_lists.c.campaign_id, lists)
        .join(lists, lists.c.id == campaign_lists.c.list_id)
        .where(campaign_lists.c.campaign_id.in_(ids))
        .order_by(campaign_lists.c.campaign_id, campaign_lists.c.position)
    )
    found: dict[int, tuple[MailingList, ...]] = {}
    for row in rows:
        found[row.campaign_id] = (*found.get(row.campaign_id, ()), mailing_list(row))
    return found


def _campaign(row: Row[Any], to: tuple[MailingList, ...]) -> Campaign:
    return Campaign(
        id=row.id,
        slug=row.slug,
        revision=row.revision,
        digest=row.digest,
        subject=row.subject,
        status=CampaignStatus(row.status),
        lists=to,
        started=row.started,
        ended=row.ended,
        reason=row.reason,
        selection=Selection(
            row.again, row.newcomers, row.retry, row.correction, segment_of(row.segment)
        ),
        approved_by=row.approved_by,
        inputs=row.inputs,
        confirmed=row.confirmed,
        frozen=row.frozen,
        wake=row.wake,
        wall=row.wall,
        zone=row.zone,
        served=row.served,
    )
