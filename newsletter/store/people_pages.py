"""People in pages, as programs read them: whoever comes after a number, with what they are subscribed to."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, select

from newsletter.model.campaign import Delivery, DeliveryStatus
from newsletter.model.subscriber import Consent, MailingList, Status, Subscriber
from newsletter.store.identities import folded
from newsletter.store.lists import mailing_list
from newsletter.store.schema import deliveries, events, lists, subscribers, subscriptions
from newsletter.store.subscribers import subscriber
from newsletter.store.subscribers import suppressed as is_suppressed


@dataclass(frozen=True, slots=True)
class OnList:
    """A person on one list."""

    list: MailingList
    status: Status
    changed: datetime.datetime
    consent: Consent | None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with everything that they are subscribed to."""

    subscriber: Subscriber
    suppressed: bool
    lists: tuple[OnList, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """An event of the log. `list_name` is empty where it is about none."""

    id: int
    at: datetime.datetime
    kind: str
    actor: str
    list_name: str
    data: dict[str, Any]


def people_after(
    connection: Connection,
    after: int,
    most: int,
    *,
    key: str = "",
    list_id: int | None = None,
    status: Status | None = None,
    more: Sequence[ColumnElement[bool]] = (),
) -> tuple[Person, ...]:
    """The next people by number, of those on a list, in a status (on that list, or on any), or with an address's
    identity; nobody who was erased."""
    query = (
        select(subscribers, is_suppressed().label("is_suppressed"))
        .where(subscribers.c.id > after, subscribers.c.email != "", *more)
        .order_by(subscribers.c.id)
        .limit(most)
    )
    if key:
        query = query.where(subscribers.c.email_key == folded(connection, key))
    if list_id is not None or status is not None:
        here = [subscriptions.c.subscriber_id == subscribers.c.id]
        if list_id is not None:
            here.append(subscriptions.c.list_id == list_id)
        if status is not None:
            here.append(subscriptions.c.status == str(status))
        query = query.where(select(subscriptions.c.list_id).where(*here).exists())
    rows = connection.execute(query).all()
    on = _lists_of(connection, [row.id for row in rows])
    return tuple(
        Person(subscriber(row), bool(row.is_suppressed), tuple(on.get(row.id, ()))) for row in rows
    )


def person_by_id(connection: Connection, number: int) -> Person | None:
    """Somebody with everything that they are subscribed to; None for one who was erased."""
    found = people_after(connection, number - 1, 1, more=(subscribers.c.id == number,))
    return found[0] if found else None


def events_after(connection: Connection, person: int, after: int, most: int) -> tuple[Told, ...]:
    """What happened to somebody, the oldest first."""
    rows = connection.execute(
        select(events, lists.c.name)
        .outerjoin(lists, lists.c.id == events.c.list_id)
        .where(events.c.subscriber_id == person, events.c.id > after)
        .order_by(events.c.id)
        .limit(most)
    )
    return tuple(
        Told(row.id, row.at, row.kind, row.actor, row.name or "", dict(row.data or {}))
        for row in rows
    )


def deliveries_after(
    connection: Connection, campaign: int, after: int, most: int, status: DeliveryStatus | None
) -> tuple[tuple[int, Delivery], ...]:
    """The next deliveries of a campaign with their numbers."""
    query = (
        select(deliveries)
        .where(deliveries.c.campaign_id == campaign, deliveries.c.id > after)
        .order_by(deliveries.c.id)
        .limit(most)
    )
    if status is not None:
        query = query.where(deliveries.c.status == str(status))
    return tuple(
        (
            row.id,
            Delivery(
                row.subscriber_id,
                row.address,
                DeliveryStatus(row.status),
                row.attempts,
                row.code,
                row.reply,
                row.server,
                row.reason,
            ),
        )
        for row in connection.execute(query)
    )


def _lists_of(connection: Connection, people: Sequence[int]) -> dict[int, list[OnList]]:
    rows = connection.execute(
        select(subscriptions, lists)
        .join(lists, lists.c.id == subscriptions.c.list_id)
        .where(subscriptions.c.subscriber_id.in_(people))
        .order_by(lists.c.name)
    )
    found: dict[int, list[OnList]] = {}
    for row in rows:
        consent = (
            Consent(row.consent_when, row.consent_source, row.consent_text, row.consent_ip)
            if row.consent_when
            else None
        )
        found.setdefault(row.subscriber_id, []).append(
            OnList(mailing_list(row), Status(row.status), row.changed, consent)
        )
    return found
