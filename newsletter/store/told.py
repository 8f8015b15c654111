"""Who got what: the deliveries of one person, and those of one campaign."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, ScalarSelect, select

from newsletter.store.identities import folded
from newsletter.store.schema import (
    campaigns,
    deliveries,
    exclusions,
    incoming,
    revisions,
    subscribers,
)


def of_person(connection: Connection, key: str) -> tuple[dict[str, Any], ...]:
    """Every campaign that a person was a candidate of, the newest first: with the delivery and what came back for
    it, or why there is none."""
    key = folded(connection, key)
    person = select(subscribers.c.id).where(subscribers.c.email_key == key).scalar_subquery()
    delivered = (
        select(
            campaigns.c.id.label("campaign"),
            revisions.c.slug.label("issue"),
            revisions.c.number.label("revision"),
            deliveries.c.status,
            deliveries.c.code,
            deliveries.c.reply,
            deliveries.c.server,
            deliveries.c.reason,
            deliveries.c.ended,
        )
        .join(campaigns, campaigns.c.id == deliveries.c.campaign_id)
        .join(revisions, revisions.c.id == campaigns.c.revision_id)
        .where(deliveries.c.subscriber_id == person)
    )
    left_out = (
        select(
            campaigns.c.id.label("campaign"),
            revisions.c.slug.label("issue"),
            revisions.c.number.label("revision"),
            exclusions.c.reason,
        )
        .join(campaigns, campaigns.c.id == exclusions.c.campaign_id)
        .join(revisions, revisions.c.id == campaigns.c.revision_id)
        .where(exclusions.c.subscriber_id == person)
    )
    blank = {"status": "excluded", "code": 0, "reply": "", "server": "", "ended": None}
    rows = [dict(row._mapping) for row in connection.execute(delivered)]
    rows += [blank | dict(row._mapping) for row in connection.execute(left_out)]
    back = _came_back(connection, person)
    for row in rows:
        row["came_back"] = back.get(row["campaign"], [])
    return tuple(sorted(rows, key=lambda row: -row["campaign"]))


def _came_back(
    connection: Connection, person: ScalarSelect[int]
) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = {}
    rows = connection.execute(
        select(incoming)
        .where(incoming.c.subscriber_id == person, incoming.c.campaign_id.is_not(None))
        .order_by(incoming.c.id)
    )
    for row in rows:
        one = {"event": row.event, "reason": row.reason, "status": row.status, "told": row.told}
        found.setdefault(row.campaign_id, []).append(one)
    return found


def of_campaign(
    connection: Connection, campaign: int, status: str, most: int = 0
) -> tuple[dict[str, Any], ...]:
    """The deliveries of a campaign, all or those of one state, by address; the first few where `most` is given."""
    wanted = select(
        deliveries.c.subscriber_id.label("subscriber"),
        deliveries.c.address,
        deliveries.c.status,
        deliveries.c.attempts,
        deliveries.c.code,
        deliveries.c.reply,
        deliveries.c.server,
        deliveries.c.reason,
        deliveries.c.ended,
    ).where(deliveries.c.campaign_id == campaign)
    if status:
        wanted = wanted.where(deliveries.c.status == status)
    if most:
        wanted = wanted.limit(most)
    return tuple(
        dict(row._mapping) for row in connection.execute(wanted.order_by(deliveries.c.address))
    )
