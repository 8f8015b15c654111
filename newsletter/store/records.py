"""Everything that is known of one person, for an access request: plain values, ready for JSON."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, or_, select

from newsletter.store.clicks import clicks_of_person
from newsletter.store.identities import folded
from newsletter.store.merging import MERGED
from newsletter.store.pauses import paused_until
from newsletter.store.schema import (
    campaigns,
    deliveries,
    events,
    exclusions,
    incoming,
    lists,
    revisions,
    sign_ups,
    subscribers,
    subscriptions,
    suppressions,
)


def record_of(connection: Connection, key: str) -> dict[str, Any] | None:
    """The record of the person with this identity; None when there is none. Times are ISO 8601, UTC."""
    person = connection.execute(
        select(subscribers).where(subscribers.c.email_key == folded(connection, key))
    ).one_or_none()
    if person is None:
        return None
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "language": person.language,
        "attributes": person.attributes or {},
        "created": _told(person.created),
        "paused_until": _told(paused_until(connection, person.id)),
        "suppressed": _suppressed(connection, person),
        "subscriptions": _subscriptions(connection, person.id),
        "sign_ups": _sign_ups(connection, person.id),
        "mails": _mails(connection, person.id),
        "clicks": _clicks(connection, person.id),
        "came_back": _came_back(connection, person.id),
        "events": _events(connection, person.id),
    }


def _suppressed(connection: Connection, person: Row[Any]) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(suppressions).where(suppressions.c.value.in_([person.email_key, person.domain]))
    )
    return [
        {"what": row.value, "reason": row.reason, "kind": row.kind, "since": _told(row.since)}
        for row in rows
    ]


def _subscriptions(connection: Connection, person: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(subscriptions, lists.c.name)
        .join(lists, lists.c.id == subscriptions.c.list_id)
        .where(subscriptions.c.subscriber_id == person)
        .order_by(lists.c.name)
    )
    return [
        {
            "list": row.name,
            "status": row.status,
            "changed": _told(row.changed),
            "consent": {
                "when": _told(row.consent_when),
                "source": row.consent_source,
                "text": row.consent_text,
                "ip": row.consent_ip,
            }
            if row.consent_when
            else None,
        }
        for row in rows
    ]


def _sign_ups(connection: Connection, person: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(sign_ups).where(sign_ups.c.subscriber_id == person).order_by(sign_ups.c.id)
    )
    return [
        {
            "asked": _told(row.asked),
            "name": row.name,
            "language": row.language,
            "text": row.text,
            "ip": row.ip,
            "mailed": _told(row.mailed),
            "confirmed": _told(row.confirmed),
        }
        for row in rows
    ]


def _mails(connection: Connection, person: int) -> list[dict[str, Any]]:
    sent = connection.execute(
        select(deliveries, campaigns.c.slug, revisions.c.number)
        .join(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .join(revisions, revisions.c.id == campaigns.c.revision_id)
        .where(deliveries.c.subscriber_id == person)
        .order_by(deliveries.c.id)
    )
    left_out = connection.execute(
        select(exclusions.c.reason, exclusions.c.campaign_id, campaigns.c.slug)
        .join(campaigns, campaigns.c.id == exclusions.c.campaign_id)
        .where(exclusions.c.subscriber_id == person)
        .order_by(exclusions.c.campaign_id)
    )
    return [
        {
            "issue": row.slug,
            "campaign": row.campaign_id,
            "revision": row.number,
            "address": row.address,
            "status": row.status,
            "reason": row.reason,
            "reply": row.reply,
            "ended": _told(row.ended),
        }
        for row in sent
    ] + [
        {
            "issue": row.slug,
            "campaign": row.campaign_id,
            "status": "not sent",
            "reason": row.reason,
        }
        for row in left_out
    ]


def _clicks(connection: Connection, person: int) -> list[dict[str, Any]]:
    return [one | {"at": _told(one["at"])} for one in clicks_of_person(connection, person)]


def _came_back(connection: Connection, person: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(incoming, campaigns.c.slug)
        .outerjoin(campaigns, campaigns.c.id == incoming.c.campaign_id)
        .where(incoming.c.subscriber_id == person)
        .order_by(incoming.c.id)
    )
    return [
        {
            "at": _told(row.at),
            "event": row.event,
            "reason": row.reason,
            "issue": row.slug,
            "status": row.status,
            "reply": row.told,
        }
        for row in rows
    ]


def _numbers(person: int) -> Select[int]:
    """The numbers of a person: their own, and those of whoever became one with them."""
    return select(subscribers.c.id).where(
        or_(subscribers.c.id == person, subscribers.c.email_key.startswith(f"{MERGED}{person}:"))
    )


def _events(connection: Connection, person: int) -> list[dict[str, Any]]:
    rows = connection.execute(
        select(events, lists.c.name)
        .outerjoin(lists, lists.c.id == events.c.list_id)
        .where(events.c.subscriber_id.in_(_numbers(person)))
        .order_by(events.c.id)
    )
    return [
        {
            "at": _told(row.at),
            "kind": row.kind,
            "by": row.actor,
            "list": row.name,
            "data": row.data or {},
        }
        for row in rows
    ]


def _told(moment: datetime.datetime | None) -> str | None:
    return moment.isoformat() if moment else None
