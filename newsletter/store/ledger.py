"""The ledger of a campaign in the database, for one process that sends it: every step committed.

Several processes may share a campaign, each with a ledger of its own: what one has claimed, no other does. Deliveries
that a lost one left *sending* become *unknown* as soon as another notices: they may have been mailed, so they are not
mailed again.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, null, select, text, update

from newsletter.model.campaign import ENDED, Addressee, CampaignStatus, DeliveryStatus
from newsletter.model.transitions import (
    CampaignEvent,
    DeliveryEvent,
    delivery_after,
    delivery_states_before,
)
from newsletter.problems import TryAgainLater
from newsletter.store import leases
from newsletter.store.campaigns import books_of, change_campaign, status_of
from newsletter.store.engine import Store
from newsletter.store.events import log, now
from newsletter.store.many import ManyRows
from newsletter.store.results import Leave, Result
from newsletter.store.schema import deliveries
from newsletter.store.subscribers import Decide, bounce_everywhere
from newsletter.store.sweeping import in_state, resend_unknown, skip_waiting
from newsletter.store.waiting import WaitingDeliveries

CUT_OFF = "the connection was lost after the message's content was written"
_BY_NAME = {
    name: bindparam(name, type_=deliveries.c[name].type)
    for name in (
        "status",
        "sender",
        "marked",
        "ended",
        "reason",
    )
}
_MARKED = {
    "status": str(DeliveryStatus.SENDING),
    "sender": _BY_NAME["sender"],
    "marked": _BY_NAME["marked"],
    "attempts": deliveries.c.attempts + text("1"),
    "run_attempts": deliveries.c.run_attempts + text("1"),
    "ended": null(),
}
_MARK = (
    update(deliveries)
    .where(deliveries.c.id.in_(bindparam("claimed", expanding=True)))
    .values(_MARKED)
)
"""Deliveries are being sent."""
_MARK_IN_A_ROW = (
    update(deliveries)
    .where(deliveries.c.id.between(bindparam("first"), bindparam("last")))
    .values(_MARKED)
)
"""The same for deliveries whose numbers follow one another: a parameter for each would take longer than the rows."""
_END = ManyRows(
    {
        "delivery": deliveries.c.id.type,
        **{name: deliveries.c[name].type for name in ("code", "reply", "server", "next_attempt")},
    },
    lambda given: (
        update(deliveries)
        .where(
            deliveries.c.id == given["delivery"],
            deliveries.c.status == bindparam("before"),
            deliveries.c.sender == bindparam("fence"),
        )
        .values(
            {name: given[name] for name in ("code", "reply", "server", "next_attempt")}
            | {name: _BY_NAME[name] for name in ("status", "ended", "reason")}
        )
    ),
)
"""A delivery that this process has in hand has gone one way or another."""


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
        self._waiting = WaitingDeliveries(campaign)

    def acquire(self, actor: str, *, share: bool = False) -> None:
        """Takes a lease and starts the campaign; raises TryAgainLater while somebody else sends it, unless they
        `share` it."""
        with self._store.writing() as connection:
            before = leases.take(connection, self._campaign, share=share)
            self._fence = before.fence + 1
            again = before.again or bool(before.correction)
            self._waiting = WaitingDeliveries(self._campaign, "" if again else before.slug)
            if self._resend:
                resend_unknown(connection, self._campaign)
            living, _ = leases.others(connection, self._campaign, self._fence)
            if not living:
                self._wake_deferred(connection)
            change_campaign(connection, self._campaign, CampaignEvent.START, actor)

    def release(self, leave: Leave, actor: str) -> None:
        """Gives the lease back and lets happen to the campaign what `leave` makes of its books and of the number
        of processes that still send it, unless it is not ours any more."""
        with self._store.writing() as connection:
            if not leases.give_back(connection, self._campaign, self._fence):
                return
            others = leases.sweep(connection, self._campaign)
            status = status_of(connection, self._campaign)
            if status is CampaignStatus.CANCELLED:
                skip_waiting(connection, self._campaign)
            if status is not CampaignStatus.SENDING:
                return
            left = leave(books_of(connection, self._campaign), others)
            if left is not None:
                change_campaign(
                    connection, self._campaign, left.event, actor, left.reason, wake=left.wake
                )

    def others(self) -> int:
        """How many other processes send this campaign just now. What one that is gone had in hand is unknown."""
        with self._store.reading() as connection:
            living, gone = leases.others(connection, self._campaign, self._fence)
        if gone:
            with self._store.writing() as connection:
                return max(0, leases.sweep(connection, self._campaign) - 1)
        return living

    def has_work(self, most_attempts: int) -> bool:
        """Whether there is anything that this process could claim, now or soon."""
        if self.next_deferred(most_attempts) is not None:
            return True
        with self._store.reading() as connection:
            queued = select(deliveries.c.id).where(self._in_state(DeliveryStatus.QUEUED)).limit(1)
            return connection.execute(queued).first() is not None

    def claim(
        self, most: int, deferred_below: int = 0, without: Collection[str] = ()
    ) -> Sequence[Addressee]:
        with self._store.writing() as connection:
            if not leases.renew(connection, self._campaign, self._fence):
                raise TryAgainLater(
                    "another process has taken this campaign over, or it was stopped",
                    "See where it stands: newsletter status",
                )
            return self._claim(connection, most, deferred_below, without)

    def record(self, results: Sequence[Result]) -> None:
        with self._store.writing() as connection:
            self._record(connection, results)

    def exchange(
        self,
        results: Sequence[Result],
        most: int,
        deferred_below: int = 0,
        without: Collection[str] = (),
    ) -> Sequence[Addressee]:
        with self._store.writing() as connection:
            self._record(connection, results)
            if not leases.renew(connection, self._campaign, self._fence):
                return ()
            return self._claim(connection, most, deferred_below, without)

    def put_back(self, addressees: Sequence[Addressee]) -> None:
        """As if they had not been claimed: the attempt is not counted."""
        after = delivery_after(DeliveryStatus.SENDING, DeliveryEvent.PUT_BACK)
        with self._store.writing() as connection:
            connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.id.in_([one.delivery for one in addressees]),
                    self._in_hand(),
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

    def _claim(
        self, connection: Connection, most: int, deferred_below: int, without: Collection[str]
    ) -> Sequence[Addressee]:
        while found := self._waiting.next(connection, most, deferred_below, without):
            marked: list[Addressee] = []
            for addressee, reason in found:
                if reason:
                    told = {"reason": reason}
                    self._change(connection, addressee.delivery, DeliveryEvent.SKIP, told)
                else:
                    marked.append(addressee)
            if marked:
                self._mark(connection, [one.delivery for one in marked])
                return marked
        return ()

    def _record(self, connection: Connection, results: Sequence[Result]) -> None:
        for event in dict.fromkeys(result.event for result in results):
            alike = [result for result in results if result.event is event]
            self._end_sending(connection, event, alike)
        for result in results:
            if result.suppress:
                told = f"refused: {result.reply.code} {result.reply.text}"
                self._suppress(connection, result.addressee, told)

    def _mark(self, connection: Connection, ids: Sequence[int]) -> None:
        """Marks them as being sent; `ids` grow."""
        shared = {"sender": self._fence, "marked": now()}
        first, last = ids[0], ids[-1]
        if last - first + 1 == len(ids):
            connection.execute(_MARK_IN_A_ROW, {"first": first, "last": last, **shared})
        else:
            connection.execute(_MARK, {"claimed": ids, **shared})

    def _end_sending(
        self, connection: Connection, event: DeliveryEvent, results: Sequence[Result]
    ) -> None:
        """Lets one event happen to many deliveries that are being sent, and then to those among them that
        became unknown meanwhile, where it settles them."""
        after = delivery_after(DeliveryStatus.SENDING, event)
        reason = CUT_OFF if event is DeliveryEvent.LOSE else ""
        changed = _END.execute(
            connection,
            {
                "delivery": [result.addressee.delivery for result in results],
                "code": [result.reply.code for result in results],
                "reply": [result.reply.text for result in results],
                "server": [result.reply.server for result in results],
                "next_attempt": [result.next_attempt for result in results],
            },
            {
                "status": str(after),
                "ended": now() if after in ENDED else None,
                "reason": reason,
                "before": str(DeliveryStatus.SENDING),
                "fence": self._fence,
            },
        )
        if changed != len(results):
            for result in results:
                reply = result.reply
                told = {"code": reply.code, "reply": reply.text, "server": reply.server}
                told |= {"next_attempt": result.next_attempt, "reason": reason}
                self._change(connection, result.addressee.delivery, event, told)

    def _change(
        self, connection: Connection, delivery: int, event: DeliveryEvent, values: Mapping[str, Any]
    ) -> None:
        """Lets an event happen to a delivery, where its state allows it. The late answer of a holder who
        lost the lease settles what became unknown meanwhile, and changes nothing else."""
        for status in delivery_states_before(event):
            after = delivery_after(status, event)
            ended = now() if after in ENDED else None
            here = deliveries.c.status == str(status)
            if status is DeliveryStatus.SENDING:
                here = self._in_hand()
            changed = connection.execute(
                update(deliveries)
                .where(deliveries.c.id == delivery, here)
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

    def _in_hand(self) -> ColumnElement[bool]:
        """The condition that this very process has a delivery in hand."""
        is_sending = deliveries.c.status == str(DeliveryStatus.SENDING)
        return and_(is_sending, deliveries.c.sender == self._fence)

    def _in_state(self, *statuses: DeliveryStatus) -> ColumnElement[bool]:
        return in_state(self._campaign, *statuses)
