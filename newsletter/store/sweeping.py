"""What happens to many deliveries of one campaign at once: lost with their process, skipped, queued again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, and_, update

from newsletter.model.campaign import DeliveryStatus
from newsletter.model.transitions import DeliveryEvent, delivery_after
from newsletter.store.events import now
from newsletter.store.schema import deliveries

LOST = "the process ended before the server's answer was written down"
CANCELLED = "the campaign was cancelled"


def lose_sending(connection: Connection, campaign: int, living: Sequence[int] = ()) -> None:
    """What senders that are gone had marked becomes unknown: it may have been mailed. `living` are the fences of
    those who still send."""
    after = delivery_after(DeliveryStatus.SENDING, DeliveryEvent.LOSE)
    connection.execute(
        update(deliveries)
        .where(in_state(campaign, DeliveryStatus.SENDING), deliveries.c.sender.not_in(living))
        .values(status=str(after), reason=LOST, ended=now())
    )


def resend_unknown(connection: Connection, campaign: int) -> int:
    """Queues the unknown ones again: the publication would rather mail somebody twice than not at all."""
    after = delivery_after(DeliveryStatus.UNKNOWN, DeliveryEvent.RESEND)
    queued = connection.execute(
        update(deliveries)
        .where(in_state(campaign, DeliveryStatus.UNKNOWN))
        .values(status=str(after), reason="", ended=None)
    )
    return queued.rowcount


def skip_waiting(connection: Connection, campaign: int) -> None:
    """What waits in a cancelled campaign is skipped, so that a later one may send to these people."""
    waiting = (DeliveryStatus.QUEUED, DeliveryStatus.DEFERRED)
    connection.execute(
        update(deliveries)
        .where(in_state(campaign, *waiting))
        .values(status=str(DeliveryStatus.SKIPPED), reason=CANCELLED, ended=now())
    )


def in_state(campaign: int, *statuses: DeliveryStatus) -> ColumnElement[bool]:
    """The condition that a delivery is one of this campaign's in one of these states."""
    return and_(
        deliveries.c.campaign_id == campaign,
        deliveries.c.status.in_([str(status) for status in statuses]),
    )
