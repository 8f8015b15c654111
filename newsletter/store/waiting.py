"""The deliveries of a campaign that wait for their turn, each with its person as they are now."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Select, Text, and_, bindparam, case, cast, false, or_, select

from newsletter.model.campaign import Addressee, DeliveryStatus
from newsletter.model.subscriber import MailingList, Status
from newsletter.store.audiences import IN_ANOTHER, SUPPRESSED, has_issue_elsewhere
from newsletter.store.events import now
from newsletter.store.schema import deliveries, lists, subscribers, subscriptions
from newsletter.store.subscribers import suppressed
from newsletter.store.sweeping import in_state


class WaitingDeliveries:
    """Those of one campaign. Whoever has the issue `slug` by another campaign meanwhile must not get it again;
    empty when that does not matter."""

    def __init__(self, campaign: int, slug: str = "") -> None:
        self._campaign = campaign
        self._slug = slug
        self._lists: dict[int, MailingList] = {}
        self._queries: dict[bool, Select[Any]] = {}

    def next(
        self,
        connection: Connection,
        most: int,
        deferred_below: int = 0,
        without: Collection[str] = (),
    ) -> Sequence[tuple[Addressee, str]]:
        """The next ones in order, each with the reason to skip it: what has changed since the audience was frozen;
        empty when nothing that matters has. With `deferred_below` also those whose time has come again and that
        were tried fewer times in this run; nobody at the domains `without`."""
        deferred = deferred_below > 0
        if deferred not in self._queries:
            self._queries[deferred] = self._query(deferred=deferred)
        query = self._queries[deferred]
        if without:
            query = query.where(subscribers.c.domain.not_in(sorted(without)))
        given = {"most": most, "below": deferred_below, "moment": now()}
        return [
            (
                Addressee(
                    delivery,
                    tried + 1,
                    subscriber,
                    address,
                    self._lists.get(list_id) or self._list(connection, list_id),
                    name,
                    language,
                    json.loads(attributes) or {} if attributes and attributes != "{}" else {},
                ),
                reason,
            )
            for (
                delivery,
                reason,
                tried,
                subscriber,
                address,
                list_id,
                name,
                language,
                attributes,
            ) in connection.execute(query, given).all()
        ]

    def _query(self, *, deferred: bool) -> Select[Any]:
        """Made once, asked for each group with `most`, `below` and `moment`."""
        waiting = in_state(self._campaign, DeliveryStatus.QUEUED)
        if deferred:
            queued = deliveries.c.status == str(DeliveryStatus.QUEUED)
            tried = deliveries.c.run_attempts < bindparam("below")
            due = and_(tried, deliveries.c.next_attempt <= bindparam("moment"))
            both = in_state(self._campaign, DeliveryStatus.QUEUED, DeliveryStatus.DEFERRED)
            waiting = and_(both, or_(queued, due))
        here = and_(
            subscriptions.c.list_id == deliveries.c.list_id,
            subscriptions.c.subscriber_id == deliveries.c.subscriber_id,
        )
        elsewhere = has_issue_elsewhere(self._slug, self._campaign) if self._slug else false()
        reason = case(
            (subscriptions.c.status.is_(None), "no longer on the list"),
            (subscriptions.c.status != str(Status.CONFIRMED), subscriptions.c.status),
            (suppressed(), SUPPRESSED),
            (elsewhere, IN_ANOTHER),
            else_="",
        )
        return (
            select(
                deliveries.c.id,
                reason,
                deliveries.c.run_attempts,
                deliveries.c.subscriber_id,
                deliveries.c.address,
                deliveries.c.list_id,
                subscribers.c.name,
                subscribers.c.language,
                cast(subscribers.c.attributes, Text),
            )
            .select_from(deliveries)
            .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
            .outerjoin(subscriptions, here)
            .where(waiting)
            .order_by(deliveries.c.id)
            .limit(bindparam("most"))
        )

    def _list(self, connection: Connection, list_id: int) -> MailingList:
        """As it is when a run meets it first: hundreds of thousands of people share it."""
        row = connection.execute(
            select(lists.c.name, lists.c.title).where(lists.c.id == list_id)
        ).one()
        self._lists[list_id] = MailingList(list_id, row.name, row.title)
        return self._lists[list_id]
