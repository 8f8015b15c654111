"""Two people become one, when rules say that their addresses are the same person's.

No status is raised: of each list the lowest of the two stands. What was sent to either belongs to the one who stays.
The other row is left empty and points at that one, so that links in old mails still act for the person.
"""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, select, update

from newsletter.model.subscriber import Status
from newsletter.store.events import log, now
from newsletter.store.schema import (
    deliveries,
    exclusions,
    import_changes,
    incoming,
    sign_ups,
    subscribers,
    subscriptions,
)
from newsletter.store.schema_access import api_answers, pauses
from newsletter.store.schema_clicks import clicks

MERGED = "merged:"
"""What the identity of a row begins with that points at another: `merged:<who stays>:<its own number>`."""
_LOWEST_FIRST = (
    Status.COMPLAINED,
    Status.UNSUBSCRIBED,
    Status.BOUNCED,
    Status.PENDING,
    Status.CONFIRMED,
)


def lowest(*statuses: Status) -> Status:
    """The status that stands where one person has several."""
    return min(statuses, key=_LOWEST_FIRST.index)


def current_id(connection: Connection, subscriber: int) -> int:
    """The person that a number speaks of by now: somebody who became one with another is that one."""
    while True:
        key = connection.execute(
            select(subscribers.c.email_key).where(subscribers.c.id == subscriber)
        ).scalar()
        if key is None or not key.startswith(MERGED):
            return subscriber
        subscriber = int(key.split(":")[1])


def confirmed_lists(connection: Connection, subscriber: int) -> int:
    query = select(func.count()).where(
        subscriptions.c.subscriber_id == subscriber,
        subscriptions.c.status == str(Status.CONFIRMED),
    )
    return int(connection.execute(query).scalar_one())


def merge(connection: Connection, keep: int, other: int, actor: str) -> None:
    """Makes `other` one with `keep`."""
    _merge_subscriptions(connection, keep, other, actor)
    _merge_pauses(connection, keep, other)
    for table in (deliveries, exclusions):
        mine = select(table.c.campaign_id).where(table.c.subscriber_id == keep)
        connection.execute(
            update(table)
            .where(table.c.subscriber_id == other, table.c.campaign_id.not_in(mine))
            .values(subscriber_id=keep)
        )
    # Both had this campaign: its books stay as they were, without an address.
    connection.execute(
        update(deliveries).where(deliveries.c.subscriber_id == other).values(address="", reply="")
    )
    for moved in (incoming, sign_ups, import_changes, api_answers, clicks):
        connection.execute(
            update(moved).where(moved.c.subscriber_id == other).values(subscriber_id=keep)
        )
    _complete(connection, keep, other)
    connection.execute(
        update(subscribers)
        .where(subscribers.c.email_key.startswith(f"{MERGED}{other}:"))
        .values(
            email_key=func.replace(subscribers.c.email_key, f"{MERGED}{other}:", f"{MERGED}{keep}:")
        )
    )
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == other)
        .values(
            email="",
            email_key=f"{MERGED}{keep}:{other}",
            domain="",
            name="",
            language="",
            attributes={},
        )
    )
    log(connection, "merged", actor, subscriber=keep, number=other)


def _merge_subscriptions(connection: Connection, keep: int, other: int, actor: str) -> None:
    mine = _statuses(connection, keep)
    for list_id, status in _statuses(connection, other).items():
        here = subscriptions.c.list_id == list_id, subscriptions.c.subscriber_id == other
        if list_id not in mine:
            connection.execute(update(subscriptions).where(*here).values(subscriber_id=keep))
            continue
        connection.execute(delete(subscriptions).where(*here))
        after = lowest(mine[list_id], status)
        if after is mine[list_id]:
            continue
        connection.execute(
            update(subscriptions)
            .where(subscriptions.c.list_id == list_id, subscriptions.c.subscriber_id == keep)
            .values(status=str(after), changed=now())
        )
        log(
            connection,
            "merged",
            actor,
            subscriber=keep,
            list_id=list_id,
            before=str(mine[list_id]),
            after=str(after),
        )


def _statuses(connection: Connection, person: int) -> dict[int, Status]:
    rows = connection.execute(
        select(subscriptions.c.list_id, subscriptions.c.status).where(
            subscriptions.c.subscriber_id == person
        )
    )
    return {row.list_id: Status(row.status) for row in rows}


def _merge_pauses(connection: Connection, keep: int, other: int) -> None:
    """The longer pause of the two."""
    found = connection.execute(
        select(func.max(pauses.c.until)).where(pauses.c.subscriber_id.in_([keep, other]))
    ).scalar()
    if found is None:
        return
    has = connection.execute(select(pauses).where(pauses.c.subscriber_id == keep)).first()
    if has is None:
        connection.execute(
            update(pauses).where(pauses.c.subscriber_id == other).values(subscriber_id=keep)
        )
        return
    connection.execute(update(pauses).where(pauses.c.subscriber_id == keep).values(until=found))
    connection.execute(delete(pauses).where(pauses.c.subscriber_id == other))


def _complete(connection: Connection, keep: int, other: int) -> None:
    """What only the other row knew of the person."""
    rows = {
        row.id: row
        for row in connection.execute(
            select(subscribers).where(subscribers.c.id.in_([keep, other]))
        )
    }
    mine, theirs = rows[keep], rows[other]
    connection.execute(
        update(subscribers)
        .where(subscribers.c.id == keep)
        .values(
            name=mine.name or theirs.name,
            language=mine.language or theirs.language,
            attributes={**(theirs.attributes or {}), **(mine.attributes or {})},
            created=min(mine.created, theirs.created),
        )
    )
