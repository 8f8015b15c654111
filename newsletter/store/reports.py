"""What a report of a campaign is made of: its deliveries by domain and by reply, and what people did after it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, func, literal_column, select

from newsletter.model.campaign import DeliveryStatus
from newsletter.model.report import Aftermath
from newsletter.store.schema import campaigns, deliveries, events, subscribers

MOST_REPLIES = 2_000


def states_by_domain(connection: Connection, campaign: int) -> dict[str, dict[DeliveryStatus, int]]:
    """How many deliveries to each domain are in each state."""
    rows = connection.execute(
        select(subscribers.c.domain, deliveries.c.status, func.count())
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(deliveries.c.campaign_id == campaign)
        .group_by(subscribers.c.domain, deliveries.c.status)
    )
    found: dict[str, dict[DeliveryStatus, int]] = {}
    for domain, status, count in rows:
        found.setdefault(domain, {})[DeliveryStatus(status)] = int(count)
    return found


def replies(
    connection: Connection, campaign: int
) -> tuple[tuple[DeliveryStatus, int, str, str, int], ...]:
    """State, code, what was said, domain and number of the deliveries that did not surely arrive, the most first."""
    wanted = (
        DeliveryStatus.DEFERRED,
        DeliveryStatus.REFUSED,
        DeliveryStatus.FAILED,
        DeliveryStatus.UNKNOWN,
    )
    said = func.coalesce(func.nullif(deliveries.c.reason, ""), deliveries.c.reply)
    rows = connection.execute(
        select(deliveries.c.status, deliveries.c.code, said, subscribers.c.domain, func.count())
        .join(subscribers, subscribers.c.id == deliveries.c.subscriber_id)
        .where(
            deliveries.c.campaign_id == campaign,
            deliveries.c.status.in_([str(status) for status in wanted]),
        )
        .group_by(deliveries.c.status, deliveries.c.code, said, subscribers.c.domain)
        .order_by(func.count().desc())
        .limit(MOST_REPLIES)
    )
    return tuple(
        (DeliveryStatus(status), int(code), str(text or ""), domain, int(count))
        for status, code, text, domain, count in rows
    )


def aftermath(connection: Connection, campaign: int) -> Aftermath:
    """How many people bounced, complained or left after this campaign and before they got another one."""
    told = _count(connection, campaign, events.c.campaign_id == campaign)
    left = _count(connection, campaign, and_(events.c.kind == "unsubscribed", _its_own(campaign)))
    return Aftermath(told.get("bounced", 0), told.get("complained", 0), left.get("unsubscribed", 0))


def _count(connection: Connection, campaign: int, condition: ColumnElement[bool]) -> dict[str, int]:
    rows = connection.execute(
        select(events.c.kind, func.count(func.distinct(events.c.subscriber_id)))
        .where(condition, events.c.subscriber_id.is_not(None))
        .group_by(events.c.kind)
    )
    return {str(kind): int(count) for kind, count in rows}


def _its_own(campaign: int) -> ColumnElement[bool]:
    """The condition that the person of an event got this campaign before it, and no later one."""
    got = and_(
        deliveries.c.subscriber_id == events.c.subscriber_id,
        deliveries.c.status == str(DeliveryStatus.ACCEPTED),
        deliveries.c.ended <= events.c.at,
    )
    mine = (
        select(literal_column("1"))
        .select_from(deliveries)
        .where(got, deliveries.c.campaign_id == campaign)
        .correlate(events)
        .exists()
    )
    later = (
        select(literal_column("1"))
        .select_from(deliveries.join(campaigns, campaigns.c.id == deliveries.c.campaign_id))
        .where(got, campaigns.c.id > campaign)
        .correlate(events)
        .exists()
    )
    return and_(mine, ~later)
