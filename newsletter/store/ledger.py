"""The ledger of a campaign in the database: one process at a time, every step committed.

Deliveries that a lost holder left *sending* become *unknown* when the next one takes the lease: they may
have been mailed, so they are not mailed again.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, Protocol

from sqlalchemy import Connection, Row, Select, and_, case, func, or_, select, update

from newsletter.model.campaign import ENDED, Addressee, CampaignStatus, DeliveryStatus
from newsletter.model.subscriber import MailingList, Status
from newsletter.model.transitions import (
    CampaignEvent,
    DeliveryEvent,
    delivery_after,
    delivery_states_before,
)
from newsletter.store import leases
from newsletter.store.audiences import SUPPRESSED, has_issue_elsewhere
from newsletter.store.campaigns import change_campaign, status_of
from newsletter.store.engine import Store
from newsletter.store.events import log, now
from newsletter.store.schema import deliveries, lists, subscribers, subscriptions
from newsletter.store.subscribers import Decide, bounce_everywhere, suppressed

LOST = "the process ended before the server's answer was written down"
CUT_OFF = "the connection was lost after the message's content was written"


class Answer(Protocol):
    """What a server said, as the ledger keeps it."""

    @property
    def code(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def server(self) -> str: ...


class CampaignLedger:
    """Implements `delivery.ledger.Ledger`. `on_hard_bounce` decides what a bounce makes of a subscription."""

    def __init__(self, store: Store, campaign: int, on_hard_bounce: Decide) -> None:
        self._store = store
        self._campaign = campaign
        self._on_hard_bounce = on_hard_bounce
        self._fence = 0
        self._slug = ""
        self._again = False

    def acquire(self, actor: str) -> None:
        """Takes the lease and starts the campaign; raises TryAgainLater while somebody holds it."""
        with self._store.writing() as connection:
            before = leases.take(connection, self._campaign)
            self._fence = before.fence + 1
            self._slug, self._again = before.slug, before.again
            self._lose_sending(connection)
            self._wake_deferred(connection)
            change_campaign(connection, self._campaign, CampaignEvent.START, actor)

    def release(self, event: CampaignEvent, actor: str, reason: str = "") -> None:
        """Gives the lease back and lets the campaign pause or finish, unless it is not ours any more."""
        with self._store.writing() as connection:
            given = leases.give_back(connection, self._campaign, self._fence)
            if given and status_of(connection, self._campaign) is CampaignStatus.SENDING:
                change_campaign(connection, self._campaign, event, actor, reason)

    def claim(self, deferred_below: int = 0) -> Addressee | None:
        with self._store.writing() as connection:
            leases.renew(connection, self._campaign, self._fence)
            query = self._next(deferred_below)
            while (row := connection.execute(query).one_or_none()) is not None:
                reason = self._reason_to_skip(connection, row)
                if not reason:
                    return self._mark(connection, row)
                self._change(connection, row.id, DeliveryEvent.SKIP, {"reason": reason})
        return None

    def record(
        self,
        addressee: Addressee,
        event: DeliveryEvent,
        reply: Answer,
        *,
        suppress: bool = False,
        next_attempt: datetime.datetime | None = None,
    ) -> None:
        values = {"code": reply.code, "reply": reply.text, "server": reply.server}
        values |= {"next_attempt": next_attempt}
        values |= {"reason": CUT_OFF if event is DeliveryEvent.LOSE else ""}
        with self._store.writing() as connection:
            self._change(connection, addressee.delivery, event, values)
            if suppress:
                told = f"refused: {reply.code} {reply.text}"
                self._suppress(connection, addressee, told)

    def next_deferred(self, most_attempts: int) -> datetime.datetime | None:
        with self._store.reading() as connection:
            return connection.execute(
                select(func.min(deliveries.c.next_attempt)).where(
                    self._in_state(DeliveryStatus.DEFERRED),
                    deliveries.c.run_attempts < most_attempts,
                )
            ).scalar()

    def _next(self, deferred_below: int) -> Select[Any]:
        """The next delivery, with its person as they are now."""
        waiting = self._in_state(DeliveryStatus.QUEUED)
        if deferred_below:
            due = and_(
                self._in_state(DeliveryStatus.DEFERRED),
                deliveries.c.run_attempts < deferred_below,
                deliveries.c.next_attempt <= now(),
            )
            waiting = or_(waiting, due)
        here = and_(
            subscriptions.c.list_id == deliveries.c.list_id,
            subscriptions.c.subscriber_id == deliveries.c.subscriber_id,
        )
        return (
            select(
                deliveries,
                subscribers.c.name.label("person"),
                subscribers.c.language,
                subscribers.c.attributes,
                subscriptions.c.status.label("subscription"),
                case((suppressed(), True), else_=False).label("suppressed"),
                lists.c.name.label("list_name"),
                lists.c.title.label("list_title"),
            )
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .join(lists, lists.c.id == deliveries.c.list_id)
            .outerjoin(subscriptions, here)
            .where(waiting)
            .order_by(deliveries.c.id)
            .limit(1)
        )

    def _reason_to_skip(self, connection: Connection, row: Row[Any]) -> str:
        """What has changed since the audience was frozen; empty when nothing that matters has."""
        if row.subscription != str(Status.CONFIRMED):
            return row.subscription or "no longer on the list"
        if row.suppressed:
            return SUPPRESSED
        if self._again:
            return ""
        elsewhere = has_issue_elsewhere(self._slug, self._campaign, row.subscriber_id)
        return "in another campaign of this issue" if connection.scalar(select(elsewhere)) else ""

    def _mark(self, connection: Connection, row: Row[Any]) -> Addressee:
        attempt = row.run_attempts + 1
        counted = {"attempts": row.attempts + 1, "run_attempts": attempt, "marked": now()}
        self._change(connection, row.id, DeliveryEvent.MARK, counted)
        return Addressee(
            delivery=row.id,
            attempt=attempt,
            subscriber=row.subscriber_id,
            address=row.address,
            list=MailingList(row.list_id, row.list_name, row.list_title),
            name=row.person,
            language=row.language,
            attributes=row.attributes or {},
        )

    def _change(
        self, connection: Connection, delivery: int, event: DeliveryEvent, values: Mapping[str, Any]
    ) -> None:
        """Lets an event happen to a delivery, where its state allows it. The late answer of a holder who
        lost the lease settles what became unknown meanwhile, and changes nothing else."""
        for status in delivery_states_before(event):
            after = delivery_after(status, event)
            ended = now() if after in ENDED else None
            changed = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery, deliveries.c.status == str(status))
                .values({"status": str(after), "ended": ended, **values})
            )
            if changed.rowcount:
                return

    def _lose_sending(self, connection: Connection) -> None:
        after = delivery_after(DeliveryStatus.SENDING, DeliveryEvent.LOSE)
        connection.execute(
            update(deliveries)
            .where(self._in_state(DeliveryStatus.SENDING))
            .values(status=str(after), reason=LOST, ended=now())
        )

    def _wake_deferred(self, connection: Connection) -> None:
        """A new run tries what was deferred before, at once and as often as any."""
        connection.execute(
            update(deliveries)
            .where(
                self._in_state(DeliveryStatus.DEFERRED, DeliveryStatus.QUEUED),
                deliveries.c.run_attempts > 0,
            )
            .values(run_attempts=0, next_attempt=now())
        )

    def _suppress(self, connection: Connection, addressee: Addressee, told: str) -> None:
        actor = f"campaign:{self._campaign}"
        bounced = bounce_everywhere(
            connection,
            addressee.subscriber,
            addressee.address,
            told,
            self._on_hard_bounce,
            actor,
            self._campaign,
        )
        if bounced:
            log(
                connection,
                "suppressed",
                actor,
                subscriber=addressee.subscriber,
                campaign=self._campaign,
            )

    def _in_state(self, *statuses: DeliveryStatus) -> Any:
        return and_(
            deliveries.c.campaign_id == self._campaign,
            deliveries.c.status.in_([str(status) for status in statuses]),
        )
