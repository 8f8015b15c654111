"""Mails that came back, in the database: each once, with what it was, for whom, and of which campaign.

Texts of servers are kept without addresses, so that erasing a person has no further place to visit.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select

from newsletter.model.campaign import DeliveryStatus
from newsletter.model.incoming import EventType, Incoming, RejectReason
from newsletter.store.events import now
from newsletter.store.merging import current_id
from newsletter.store.schema import campaigns, deliveries, incoming, revisions, subscribers

_MAILED = (str(DeliveryStatus.ACCEPTED), str(DeliveryStatus.REFUSED), str(DeliveryStatus.FAILED))


@dataclass(frozen=True, slots=True)
class Sent:
    """The delivery that a mail is about."""

    campaign: int
    subscriber: int
    list: int
    address: str
    status: DeliveryStatus


@dataclass(frozen=True, slots=True)
class Tried:
    """How a delivery to somebody went: what a server said at once, and whether it came back later: `soft`, or
    `blocked` for what is the sender's fault."""

    ended: datetime.datetime
    status: DeliveryStatus
    code: int
    reply: str
    soft: bool
    blocked: bool


def known_event(connection: Connection, *, digest: str = "", source: str = "") -> EventType | None:
    """What a mail was that was taken before, by its digest or by the name that its mailbox gives it; None for a new
    one."""
    wanted = incoming.c.digest == digest if digest else incoming.c.source == source
    found = connection.execute(select(incoming.c.event).where(wanted).limit(1)).scalar()
    return EventType(found) if found else None


def keep(connection: Connection, one: Incoming, digest: str, source: str) -> None:
    """Writes a mail down. `told` holds no address."""
    connection.execute(
        insert(incoming).values(
            at=now(),
            digest=digest,
            source=source,
            event=str(one.event),
            reason=str(one.reason),
            campaign_id=one.campaign or None,
            subscriber_id=one.subscriber or None,
            status=one.status[:20],
            told=one.told[:500],
        )
    )


def delivery_of(connection: Connection, campaign: int, subscriber: int) -> Sent | None:
    query = select(deliveries).where(deliveries.c.campaign_id == campaign)
    for number in (subscriber, current_id(connection, subscriber)):
        found = connection.execute(query.where(deliveries.c.subscriber_id == number)).one_or_none()
        if found is not None:
            return _sent(found)
    return None


def last_delivery(connection: Connection, list_id: int, subscriber: int) -> Sent | None:
    """The newest delivery to somebody on a list that was taken or may have been."""
    taken = (str(DeliveryStatus.ACCEPTED), str(DeliveryStatus.UNKNOWN))
    found = connection.execute(
        select(deliveries)
        .where(
            deliveries.c.subscriber_id == current_id(connection, subscriber),
            deliveries.c.list_id == list_id,
            deliveries.c.status.in_(taken),
        )
        .order_by(deliveries.c.id.desc())
        .limit(1)
    ).one_or_none()
    return _sent(found) if found else None


def _sent(row: Row[Any]) -> Sent:
    return Sent(
        row.campaign_id, row.subscriber_id, row.list_id, row.address, DeliveryStatus(row.status)
    )


def revision_of(connection: Connection, campaign: int) -> int | None:
    """The revision that a campaign sends; None when there is no such campaign."""
    return connection.scalar(
        select(revisions.c.number)
        .join(campaigns, campaigns.c.revision_id == revisions.c.id)
        .where(campaigns.c.id == campaign)
    )


def tries(connection: Connection, subscriber: int, most: int) -> tuple[Tried, ...]:
    """How the last deliveries to somebody went, the newest first."""
    ours = incoming.c.reason.in_([str(RejectReason.BLOCKED), str(RejectReason.SPAM)])
    rows = connection.execute(
        select(
            deliveries,
            _came_back(subscriber, ~ours).label("soft"),
            _came_back(subscriber, ours).label("blocked"),
        )
        .where(deliveries.c.subscriber_id == subscriber, deliveries.c.status.in_(_MAILED))
        .order_by(deliveries.c.id.desc())
        .limit(most)
    )
    return tuple(
        Tried(
            row.ended or now(),
            DeliveryStatus(row.status),
            row.code,
            row.reply,
            bool(row.soft),
            bool(row.blocked),
        )
        for row in rows
    )


def _came_back(subscriber: int, why: ColumnElement[bool]) -> ColumnElement[bool]:
    """Whether the mail of a delivery to somebody came back for that."""
    return (
        select(incoming.c.id)
        .where(
            incoming.c.subscriber_id == subscriber,
            incoming.c.campaign_id == deliveries.c.campaign_id,
            incoming.c.event == str(EventType.BOUNCED),
            why,
        )
        .exists()
    )


def refused_again(connection: Connection, campaign: int, least: int) -> tuple[Sent, ...]:
    """Whom a server did not take the mail of a campaign for, and to whom at least so many have gone so far: those who
    may be out of reach for good."""
    ended = deliveries.alias()
    before = (
        select(func.count())
        .where(ended.c.subscriber_id == deliveries.c.subscriber_id, ended.c.status.in_(_MAILED))
        .scalar_subquery()
    )
    rows = connection.execute(
        select(deliveries).where(
            deliveries.c.campaign_id == campaign,
            deliveries.c.status.in_(_MAILED[1:]),
            before >= least,
        )
    )
    return tuple(_sent(row) for row in rows)


def counts(connection: Connection, campaign: int) -> Mapping[EventType, int]:
    """How many people of a campaign each kind of mail came back from."""
    rows = connection.execute(
        select(incoming.c.event, func.count(incoming.c.subscriber_id.distinct()))
        .where(incoming.c.campaign_id == campaign)
        .group_by(incoming.c.event)
    )
    return {EventType(event): count for event, count in rows}


def count_reason(connection: Connection, campaign: int, *reasons: RejectReason) -> int:
    """How many people's mails came back for one of these reasons."""
    return int(
        connection.execute(
            select(func.count(incoming.c.subscriber_id.distinct())).where(
                incoming.c.campaign_id == campaign,
                incoming.c.event == str(EventType.BOUNCED),
                incoming.c.reason.in_([str(one) for one in reasons]),
            )
        ).scalar_one()
    )


def accepted(connection: Connection, campaign: int) -> int:
    return int(
        connection.execute(
            select(func.count()).where(
                deliveries.c.campaign_id == campaign,
                deliveries.c.status == str(DeliveryStatus.ACCEPTED),
            )
        ).scalar_one()
    )


def all_incoming(
    connection: Connection, campaign: int = 0, event: str = "", most: int = 1000
) -> tuple[Incoming, ...]:
    """Mails that came back, the newest first, of one campaign and of one kind where these are named."""
    wanted = (
        select(incoming, subscribers.c.email)
        .outerjoin(subscribers, subscribers.c.id == incoming.c.subscriber_id)
        .order_by(incoming.c.id.desc())
        .limit(most)
    )
    if campaign:
        wanted = wanted.where(incoming.c.campaign_id == campaign)
    if event:
        wanted = wanted.where(incoming.c.event == event)
    return tuple(
        Incoming(
            EventType(row.event),
            RejectReason(row.reason),
            row.campaign_id or 0,
            row.subscriber_id or 0,
            row.email or "",
            row.status,
            row.told,
            row.at,
        )
        for row in connection.execute(wanted)
    )
