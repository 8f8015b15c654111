"""Who asked to be forgotten: a keyed hash of the address and nothing else; and what forgetting erases."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from newsletter.model.campaign import DeliveryStatus
from newsletter.store.clicks import forget_clicks
from newsletter.store.events import log, now
from newsletter.store.finding import rub_out
from newsletter.store.identities import folded
from newsletter.store.schema import (
    deliveries,
    forgotten,
    import_changes,
    incoming,
    sign_ups,
    subscribers,
    subscriptions,
    suppressions,
)
from newsletter.store.schema_access import api_answers, pauses

TOMBSTONE = "forgotten:"
"""What the identity of an erased person begins with: ledgers keep pointing at the row, which says nothing."""


def anybody_forgotten(connection: Connection) -> bool:
    return connection.execute(select(forgotten.c.hash).limit(1)).first() is not None


def is_forgotten(connection: Connection, hashes: Sequence[str], *, finally_: bool = False) -> bool:
    """Whether an address with one of these hashes is forgotten; `finally_`: in a way that the person's own
    sign-up does not lift (they had complained, or an operator had suppressed them)."""
    query = select(forgotten.c.hash).where(forgotten.c.hash.in_(hashes))
    if finally_:
        query = query.where(forgotten.c.final.is_(True))
    return connection.execute(query.limit(1)).first() is not None


def forgotten_since(connection: Connection, moment: datetime.datetime | None = None) -> set[str]:
    """The hashes of everybody who is forgotten, or was since a moment."""
    query = select(forgotten.c.hash)
    if moment is not None:
        query = query.where(forgotten.c.since >= moment)
    return set(connection.execute(query).scalars())


def remember(connection: Connection, hashes: Sequence[str]) -> None:
    """The person came back by their own word."""
    connection.execute(delete(forgotten).where(forgotten.c.hash.in_(hashes)))


def forget(
    connection: Connection,
    subscriber_id: int,
    key: str,
    hash: str,
    actor: str,
    *,
    of_many: bool = False,
) -> None:
    """Erases a person: name, address, attributes, subscriptions, sign-ups, clicks and what servers said to
    mails to them. Counts of campaigns stay; mails that wait to be sent to them are skipped. Who erases many calls
    `finding.rub_out` after the last. `hash` is empty where it is kept already."""
    mine = deliveries.c.subscriber_id == subscriber_id
    waiting = deliveries.c.status.in_([str(DeliveryStatus.QUEUED), str(DeliveryStatus.DEFERRED)])
    connection.execute(
        update(deliveries)
        .where(mine, waiting)
        .values(status=str(DeliveryStatus.SKIPPED), reason="forgotten", ended=now())
    )
    connection.execute(update(deliveries).where(mine).values(address="", reply=""))
    _log_leaving(connection, subscriber_id, actor)
    came_back = incoming.c.subscriber_id == subscriber_id
    connection.execute(update(incoming).where(came_back).values(told="", source=""))
    for table in (subscriptions, sign_ups, import_changes, api_answers, pauses):
        connection.execute(delete(table).where(table.c.subscriber_id == subscriber_id))
    forget_clicks(connection, subscriber_id)
    if hash:
        keep_hash(connection, key, hash)
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == subscriber_id)
        .values(
            email="",
            email_key=f"{TOMBSTONE}{subscriber_id}",
            domain="",
            name="",
            language="",
            attributes={},
        )
    )
    if not of_many:
        rub_out(connection)
    log(connection, "forgotten", actor, subscriber=subscriber_id)


def _log_leaving(connection: Connection, subscriber_id: int, actor: str) -> None:
    """Says of each list that one is fewer on it: what is counted back from today would be wrong without."""
    mine = select(subscriptions.c.list_id, subscriptions.c.status).where(
        subscriptions.c.subscriber_id == subscriber_id
    )
    for list_id, status in connection.execute(mine).all():
        log(
            connection,
            "forgotten",
            actor,
            subscriber=subscriber_id,
            list_id=list_id,
            before=status,
            after="",
        )


def keep_hash(connection: Connection, key: str, hash: str) -> None:
    """Keeps the hash in place of what suppresses the address, if anything does."""
    held = suppressions.c.value == folded(connection, key), suppressions.c.is_domain.is_(False)
    final = connection.execute(
        select(func.count()).select_from(suppressions).where(*held, suppressions.c.kind != "bounce")
    ).scalar_one()
    connection.execute(delete(suppressions).where(*held))
    connection.execute(delete(forgotten).where(forgotten.c.hash == hash))
    connection.execute(insert(forgotten).values(hash=hash, since=now(), final=bool(final)))
