"""The ledger of a campaign in the database: one process at a time, every step committed.

Deliveries that a lost holder left *sending* become *unknown* when the next one takes the lease: they may
have been mailed, so they are not mailed again.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    case,
    false,
    func,
    or_,
    select,
    update,
)

from newsletter.model.campaign import ENDED, Addressee, CampaignStatus, DeliveryStatus
from newsletter.model.subscriber import MailingList, Status
from newsletter.model.transitions import (
    CampaignEvent,
    DeliveryEvent,
    delivery_after,
    delivery_states_before,
)
from newsletter.store import leases
from newsletter.store.audiences import IN_ANOTHER, SUPPRESSED, has_issue_elsewhere
from newsletter.store.campaigns import change_campaign, status_of
from newsletter.store.engine import Store
from newsletter.store.events import log, now
from newsletter.store.schema import deliveries, lists, subscribers, subscriptions
from newsletter.store.subscribers import Decide, bounce_everywhere, suppressed
from newsletter.store.sweeping import in_state, lose_sending, resend_unknown, skip_waiting

_CONFIRMED = str(Status.CONFIRMED)
CUT_OFF = "the connection was lost after the message's content was written"


class Answer(Protocol):
    """What a server said, as the ledger keeps it."""

    @property
    def code(self) -> int: ...
    @property
    def text(self) -> str: ...
    @property
    def server(self) -> str: ...


class Result(Protocol):
    """What became of one delivery, as `delivery.ledger` has it."""

    @property
    def addressee(self) -> Addressee: ...
    @property
    def event(self) -> DeliveryEvent: ...
    @property
    def reply(self) -> Answer: ...
    @property
    def suppress(self) -> bool: ...
    @property
    def next_attempt(self) -> datetime.datetime | None: ...


class CampaignLedger:
    """Implements `delivery.ledger.Ledger`. `on_hard_bounce` decides what a bounce makes of a subscription. With
    `resend` a run begins with those of whom earlier ones do not know: they may get the very same mail twice."""

    def __init__(
        self, store: Store, campaign: int, on_hard_bounce: Decide, *, resend: bool = False
    ) -> None:
        self._store = store
        self._campaign = campaign
        self._on_hard_bounce = on_hard_bounce
        self._resend = resend
        self._fence = 0
        self._slug = ""
        self._again = False
        self._lists: dict[int, MailingList] = {}
        self._queries: dict[bool, Select[Any]] = {}

    def acquire(self, actor: str) -> None:
        """Takes the lease and starts the campaign; raises TryAgainLater while somebody holds it."""
        with self._store.writing() as connection:
            before = leases.take(connection, self._campaign)
            self._fence = before.fence + 1
            self._slug, self._again = before.slug, before.again or bool(before.correction)
            lose_sending(connection, self._campaign)
            if self._resend:
                resend_unknown(connection, self._campaign)
            self._wake_deferred(connection)
            change_campaign(connection, self._campaign, CampaignEvent.START, actor)

    def release(
        self,
        event: CampaignEvent,
        actor: str,
        reason: str = "",
        wake: datetime.datetime | None = None,
    ) -> None:
        """Gives the lease back and lets the campaign pause or finish, unless it is not ours any more. `wake` is
        when a server goes on with it."""
        with self._store.writing() as connection:
            given = leases.give_back(connection, self._campaign, self._fence)
            status = status_of(connection, self._campaign)
            if given and status is CampaignStatus.SENDING:
                change_campaign(connection, self._campaign, event, actor, reason, wake=wake)
            if given and status is CampaignStatus.CANCELLED:
                skip_waiting(connection, self._campaign)

    def claim(self, most: int, deferred_below: int = 0) -> tuple[Addressee, ...]:
        with self._store.writing() as connection:
            leases.renew(connection, self._campaign, self._fence)
            query = self._next(deferred=deferred_below > 0)
            given = {"most": most, "below": deferred_below, "moment": now()}
            while rows := connection.execute(query, given).all():
                marked: list[Addressee] = []
                for row in rows:
                    delivery, subscription, barred, elsewhere, *person = row
                    if reason := _reason_to_skip(subscription, barred, elsewhere):
                        self._change(connection, delivery, DeliveryEvent.SKIP, {"reason": reason})
                    else:
                        marked.append(self._addressee(delivery, *person))
                if marked:
                    self._mark(connection, [one.delivery for one in marked])
                    return tuple(marked)
        return ()

    def record(self, results: Sequence[Result]) -> None:
        with self._store.writing() as connection:
            for event in dict.fromkeys(result.event for result in results):
                alike = [result for result in results if result.event is event]
                self._end_sending(connection, event, alike)
            for result in results:
                if result.suppress:
                    told = f"refused: {result.reply.code} {result.reply.text}"
                    self._suppress(connection, result.addressee, told)

    def put_back(self, addressees: Sequence[Addressee]) -> None:
        """As if they had not been claimed: the attempt is not counted."""
        after = delivery_after(DeliveryStatus.SENDING, DeliveryEvent.PUT_BACK)
        with self._store.writing() as connection:
            connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.id.in_([one.delivery for one in addressees]),
                    self._in_state(DeliveryStatus.SENDING),
                )
                .values(
                    status=str(after),
                    attempts=deliveries.c.attempts - 1,
                    run_attempts=deliveries.c.run_attempts - 1,
                )
            )

    def stop_reason(self) -> str:
        with self._store.reading() as connection:
            return leases.stop_reason(connection, self._campaign, self._fence)

    def next_deferred(self, most_attempts: int) -> datetime.datetime | None:
        with self._store.reading() as connection:
            return connection.execute(
                select(func.min(deliveries.c.next_attempt)).where(
                    self._in_state(DeliveryStatus.DEFERRED),
                    deliveries.c.run_attempts < most_attempts,
                )
            ).scalar()

    def _next(self, *, deferred: bool) -> Select[Any]:
        """The next deliveries, each with its person as they are now; made once, asked for each group with
        `most`, `below` and `moment`."""
        if deferred not in self._queries:
            self._queries[deferred] = self._make_next(deferred=deferred)
        return self._queries[deferred]

    def _make_next(self, *, deferred: bool) -> Select[Any]:
        waiting = self._in_state(DeliveryStatus.QUEUED)
        if deferred:
            queued = deliveries.c.status == str(DeliveryStatus.QUEUED)
            tried = deliveries.c.run_attempts < bindparam("below")
            due = and_(tried, deliveries.c.next_attempt <= bindparam("moment"))
            both = self._in_state(DeliveryStatus.QUEUED, DeliveryStatus.DEFERRED)
            waiting = and_(both, or_(queued, due))
        here = and_(
            subscriptions.c.list_id == deliveries.c.list_id,
            subscriptions.c.subscriber_id == deliveries.c.subscriber_id,
        )
        return (
            select(
                deliveries.c.id,
                subscriptions.c.status,
                case((suppressed(), True), else_=False),
                case((self._elsewhere(), True), else_=False),
                deliveries.c.run_attempts,
                deliveries.c.subscriber_id,
                deliveries.c.address,
                lists.c.id,
                lists.c.name,
                lists.c.title,
                subscribers.c.name,
                subscribers.c.language,
                subscribers.c.attributes,
            )
            .select_from(deliveries)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .join(lists, lists.c.id == deliveries.c.list_id)
            .outerjoin(subscriptions, here)
            .where(waiting)
            .order_by(deliveries.c.id)
            .limit(bindparam("most"))
        )

    def _elsewhere(self) -> ColumnElement[bool]:
        return false() if self._again else has_issue_elsewhere(self._slug, self._campaign)

    def _addressee(
        self,
        delivery: int,
        tried: int,
        subscriber: int,
        address: str,
        list_id: int,
        list_name: str,
        list_title: str,
        name: str,
        language: str,
        attributes: Mapping[str, str] | None,
    ) -> Addressee:
        mailing_list = self._lists.get(list_id)
        if mailing_list is None:
            mailing_list = self._lists[list_id] = MailingList(list_id, list_name, list_title)
        return Addressee(
            delivery, tried + 1, subscriber, address, mailing_list, name, language, attributes or {}
        )

    def _mark(self, connection: Connection, ids: Sequence[int]) -> None:
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id.in_(ids))
            .values(
                status=str(DeliveryStatus.SENDING),
                attempts=deliveries.c.attempts + 1,
                run_attempts=deliveries.c.run_attempts + 1,
                marked=now(),
                ended=None,
            )
        )

    def _end_sending(
        self, connection: Connection, event: DeliveryEvent, results: Sequence[Result]
    ) -> None:
        """Lets one event happen to many deliveries that are being sent, and then to those among them that
        became unknown meanwhile, where it settles them."""
        after = delivery_after(DeliveryStatus.SENDING, event)
        alike: dict[str, Any] = {"reason": CUT_OFF if event is DeliveryEvent.LOSE else ""}
        rows: list[dict[str, Any]] = [
            {"delivery": result.addressee.delivery, "said": result.reply.text}
            | {"answered": result.reply.code, "by": result.reply.server}
            for result in results
        ]
        if after is DeliveryStatus.DEFERRED:
            for row, result in zip(rows, results, strict=True):
                row["again"] = result.next_attempt
        again: Any = bindparam("again") if after is DeliveryStatus.DEFERRED else None
        ended = now() if after in ENDED else None
        changed = connection.execute(
            update(deliveries)
            .where(
                deliveries.c.id == bindparam("delivery"),
                deliveries.c.status == str(DeliveryStatus.SENDING),
            )
            .values(
                status=str(after),
                ended=ended,
                code=bindparam("answered"),
                reply=bindparam("said"),
                server=bindparam("by"),
                next_attempt=again,
                **alike,
            ),
            rows,
        )
        if changed.rowcount != len(rows):
            for result in results:
                reply = result.reply
                told = {"code": reply.code, "reply": reply.text, "server": reply.server}
                told["next_attempt"] = result.next_attempt
                self._change(connection, result.addressee.delivery, event, told | alike)

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

    def _in_state(self, *statuses: DeliveryStatus) -> ColumnElement[bool]:
        return in_state(self._campaign, *statuses)


def _reason_to_skip(subscription: str | None, barred: bool, elsewhere: bool) -> str:
    """What has changed since the audience was frozen; empty when nothing that matters has."""
    if subscription != _CONFIRMED:
        return subscription or "no longer on the list"
    if barred:
        return SUPPRESSED
    return IN_ANOTHER if elsewhere else ""
