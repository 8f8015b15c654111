"""Counted links and clicks in the database: where a link leads, how often it was followed, and by whom where that is
kept. A click changes nothing of anybody: it is a row that is added.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, insert, select, update

from newsletter.model.clicks import Click, Clicks, MailLink
from newsletter.model.report import LinkLine
from newsletter.model.subscriber import Status
from newsletter.store.schema import campaigns, deliveries, subscribers, subscriptions
from newsletter.store.schema_clicks import campaign_links, clicks

BY_A_PERSON = clicks.c.automated == ""


@dataclass(frozen=True, slots=True)
class FrozenLink:
    """Where a link of a campaign leads, and what the campaign was approved to keep of clicks."""

    url: str
    kept: Clicks
    started: datetime.datetime


def keep_links(connection: Connection, campaign: int, links: Sequence[MailLink]) -> None:
    """Writes down where the links of a campaign lead, when its content is frozen."""
    if links:
        rows = [{"number": one.number, "url": one.url, "words": one.words} for one in links]
        connection.execute(
            insert(campaign_links), [{"campaign_id": campaign} | row for row in rows]
        )


def links_of(connection: Connection, campaign: int) -> tuple[MailLink, ...]:
    rows = connection.execute(
        select(campaign_links)
        .where(campaign_links.c.campaign_id == campaign)
        .order_by(campaign_links.c.number)
    )
    return tuple(MailLink(row.number, row.url, row.words) for row in rows)


def kept_of(connection: Connection, campaign: int) -> Clicks:
    """What a campaign was approved to keep of clicks."""
    headers = connection.execute(
        select(campaigns.c.headers).where(campaigns.c.id == campaign)
    ).scalar_one()
    return Clicks(headers.get("clicks", Clicks.OFF))


def number_of_links(connection: Connection, campaign: int) -> int:
    query = select(func.count()).where(campaign_links.c.campaign_id == campaign)
    return int(connection.execute(query).scalar_one())


def link_of(connection: Connection, campaign: int, number: int) -> FrozenLink | None:
    """One link; None when the campaign has none of that number."""
    row = connection.execute(
        select(campaign_links.c.url, campaigns.c.headers, campaigns.c.started)
        .join(campaigns, campaigns.c.id == campaign_links.c.campaign_id)
        .where(campaign_links.c.campaign_id == campaign, campaign_links.c.number == number)
    ).one_or_none()
    if row is None:
        return None
    return FrozenLink(row.url, Clicks(row.headers.get("clicks", Clicks.OFF)), row.started)


def delivered(connection: Connection, campaign: int, subscriber: int) -> datetime.datetime | None:
    """When a server took somebody's mail; None as long as that is not written down."""
    return connection.execute(
        select(deliveries.c.ended).where(
            deliveries.c.campaign_id == campaign, deliveries.c.subscriber_id == subscriber
        )
    ).scalar_one_or_none()


def is_reader(connection: Connection, subscriber: int) -> bool:
    """Whether somebody is confirmed on any list: of others nothing is kept any more."""
    found = connection.execute(
        select(subscriptions.c.subscriber_id)
        .where(
            subscriptions.c.subscriber_id == subscriber,
            subscriptions.c.status == str(Status.CONFIRMED),
        )
        .limit(1)
    )
    return found.first() is not None


def add_click(connection: Connection, click: Click) -> int:
    """Counts a click; its number, by which it can still be taken for a machine's."""
    made = connection.execute(
        insert(clicks)
        .values(
            campaign_id=click.campaign,
            number=click.number,
            subscriber_id=click.subscriber or None,
            at=click.at,
            automated=click.automated,
        )
        .returning(clicks.c.id)
    )
    return int(made.scalar_one())


def mark_automated(connection: Connection, ids: Sequence[int], reason: str) -> None:
    """Takes clicks that were counted as a person's for a machine's."""
    connection.execute(
        update(clicks).where(clicks.c.id.in_(ids), BY_A_PERSON).values(automated=reason)
    )


def link_lines(connection: Connection, campaign: int) -> tuple[LinkLine, ...]:
    """Every counted link of a campaign with its counts, those that were followed most first."""
    person, machine = _count(BY_A_PERSON), _count(clicks.c.automated != "")
    people = func.count(func.distinct(case((BY_A_PERSON, clicks.c.subscriber_id))))
    mine = and_(
        clicks.c.campaign_id == campaign_links.c.campaign_id,
        clicks.c.number == campaign_links.c.number,
    )
    rows = connection.execute(
        select(campaign_links, person.label("person"), machine.label("machine"), people.label("of"))
        .outerjoin(clicks, mine)
        .where(campaign_links.c.campaign_id == campaign)
        .group_by(*campaign_links.c)
    )
    lines = [
        LinkLine(row.number, row.url, row.words, int(row.person), int(row.of), int(row.machine))
        for row in rows
    ]
    return tuple(sorted(lines, key=lambda line: (-line.clicks, line.number)))


def people_who_clicked(connection: Connection, campaign: int) -> int:
    """How many people followed any link of a campaign, as far as that is kept."""
    return int(
        connection.execute(
            select(func.count(func.distinct(clicks.c.subscriber_id))).where(
                clicks.c.campaign_id == campaign, BY_A_PERSON
            )
        ).scalar_one()
    )


def who_clicked(
    connection: Connection,
    campaign: int,
    number: int = 0,
    most: int = 0,
    *,
    after: int | None = None,
) -> tuple[dict[str, Any], ...]:
    """The people who followed a link of a campaign, or any, by address: how often, and when first and last. With
    `after` those of a greater number, by number."""
    wanted = (
        select(
            subscribers.c.id.label("subscriber"),
            subscribers.c.email.label("address"),
            func.count().label("clicks"),
            func.min(clicks.c.at).label("first"),
            func.max(clicks.c.at).label("last"),
        )
        .join(subscribers, subscribers.c.id == clicks.c.subscriber_id)
        .where(clicks.c.campaign_id == campaign, BY_A_PERSON)
        .group_by(subscribers.c.id, subscribers.c.email)
        .order_by(subscribers.c.email if after is None else subscribers.c.id)
    )
    if after is not None:
        wanted = wanted.where(subscribers.c.id > after)
    if number:
        wanted = wanted.where(clicks.c.number == number)
    if most:
        wanted = wanted.limit(most)
    return tuple(dict(row._mapping) for row in connection.execute(wanted))


def clicks_of_person(connection: Connection, subscriber: int) -> tuple[dict[str, Any], ...]:
    """Every click that is kept of somebody, the first first."""
    rows = connection.execute(
        select(
            clicks.c.at,
            clicks.c.campaign_id.label("campaign"),
            campaigns.c.slug.label("issue"),
            campaign_links.c.url,
            clicks.c.automated,
        )
        .join(campaigns, campaigns.c.id == clicks.c.campaign_id)
        .join(
            campaign_links,
            and_(
                campaign_links.c.campaign_id == clicks.c.campaign_id,
                campaign_links.c.number == clicks.c.number,
            ),
        )
        .where(clicks.c.subscriber_id == subscriber)
        .order_by(clicks.c.id)
    )
    return tuple(dict(row._mapping) for row in rows)


def forget_clicks(connection: Connection, subscriber: int) -> None:
    """Makes somebody's clicks nobody's: what a campaign has counted stays."""
    connection.execute(
        update(clicks).where(clicks.c.subscriber_id == subscriber).values(subscriber_id=None)
    )


def let_go(connection: Connection, before: datetime.datetime) -> int:
    """Makes every click from before a time nobody's; how many were somebody's."""
    gone = connection.execute(
        update(clicks)
        .where(clicks.c.subscriber_id.is_not(None), clicks.c.at < before)
        .values(subscriber_id=None)
    )
    return gone.rowcount


def _count(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)
