"""Readers who want no mail for a while: left out of whatever is frozen meanwhile, and of what waits for them."""

from __future__ import annotations

import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, literal_column, select, update

from newsletter.model.campaign import DeliveryStatus
from newsletter.store.events import now
from newsletter.store.schema import deliveries, subscribers
from newsletter.store.schema_access import pauses

PAUSED = "paused"


def pause(connection: Connection, person: int, until: datetime.datetime) -> None:
    """No mail until a moment; what waits to be sent to them is skipped."""
    resume(connection, person)
    connection.execute(insert(pauses).values(subscriber_id=person, until=until))
    waiting = [str(DeliveryStatus.QUEUED), str(DeliveryStatus.DEFERRED)]
    connection.execute(
        update(deliveries)
        .where(deliveries.c.subscriber_id == person, deliveries.c.status.in_(waiting))
        .values(status=str(DeliveryStatus.SKIPPED), reason=PAUSED, ended=now())
    )


def resume(connection: Connection, person: int) -> None:
    connection.execute(delete(pauses).where(pauses.c.subscriber_id == person))


def paused_until(connection: Connection, person: int) -> datetime.datetime | None:
    """Until when somebody has paused; None when they have not, or it is over."""
    until = connection.execute(
        select(pauses.c.until).where(pauses.c.subscriber_id == person)
    ).scalar()
    return until if until is not None and until > now() else None


def paused() -> ColumnElement[bool]:
    """The condition that the subscriber at hand has paused."""
    return (
        select(literal_column("1"))
        .where(pauses.c.subscriber_id == subscribers.c.id, pauses.c.until > now())
        .exists()
    )
