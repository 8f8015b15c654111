"""Campaigns in the database: frozen content, lists, status, and the books."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from newsletter.model.campaign import (
    Books,
    Campaign,
    CampaignStatus,
    Content,
    Delivery,
    DeliveryStatus,
)
from newsletter.model.edition import EditionFile, Marker
from newsletter.model.subscriber import MailingList
from newsletter.model.transitions import CampaignEvent, campaign_after
from newsletter.store.events import log, now
from newsletter.store.lists import mailing_list
from newsletter.store.schema import (
    campaign_lists,
    campaign_pictures,
    campaigns,
    deliveries,
    exclusions,
    lists,
    revisions,
)

_HEADERS = (
    "slug",
    "language",
    "sender_name",
    "sender_email",
    "reply_to",
    "web_url",
    "base_url",
    "publication",
)
_WITH_REVISION = select(campaigns, revisions.c.number.label("revision")).join(
    revisions, revisions.c.id == campaigns.c.revision_id
)


def keep_revision(connection: Connection, slug: str, number: int, digest: str) -> int:
    """The id of a published revision, written down when it is new. A number that was published again with
    other content (its folder was thrown away) takes the new digest."""
    known = connection.execute(
        select(revisions).where(revisions.c.slug == slug, revisions.c.number == number)
    ).one_or_none()
    if known is None:
        values = {"slug": slug, "number": number, "digest": digest, "published": now()}
        made = connection.execute(insert(revisions).values(values).returning(revisions.c.id))
        return int(made.scalar_one())
    if known.digest != digest:
        connection.execute(
            update(revisions).where(revisions.c.id == known.id).values(digest=digest)
        )
    return int(known.id)


def make_campaign(
    connection: Connection,
    content: Content,
    revision_id: int,
    to: Sequence[MailingList],
    *,
    again: bool,
    actor: str,
    started: datetime.datetime,
) -> int:
    """Writes a campaign with its frozen content down, approved; returns its id."""
    values = {
        "slug": content.slug,
        "revision_id": revision_id,
        "status": str(CampaignStatus.APPROVED),
        "again": again,
        "digest": content.digest,
        "subject": content.subject,
        "html": content.html,
        "text": content.text,
        "headers": {name: getattr(content, name) for name in _HEADERS},
        "markers": [[marker.token, marker.field, marker.default] for marker in content.markers],
        "created": now(),
        "started": started,
    }
    made = connection.execute(insert(campaigns).values(values).returning(campaigns.c.id))
    campaign = int(made.scalar_one())
    connection.execute(
        insert(campaign_lists),
        [{"campaign_id": campaign, "list_id": one.id, "position": at} for at, one in enumerate(to)],
    )
    if content.pictures:
        connection.execute(
            insert(campaign_pictures),
            [
                {"campaign_id": campaign, "position": at, "path": file.path}
                | {"media_type": file.media_type, "data": file.data}
                for at, file in enumerate(content.pictures)
            ],
        )
    log(connection, "campaign approved", actor, campaign=campaign, digest=content.digest)
    return campaign


def content_of(connection: Connection, campaign: int) -> Content:
    """What a campaign sends, as it was frozen."""
    row = connection.execute(select(campaigns).where(campaigns.c.id == campaign)).one()
    pictures = connection.execute(
        select(campaign_pictures)
        .where(campaign_pictures.c.campaign_id == campaign)
        .order_by(campaign_pictures.c.position)
    )
    return Content(
        subject=row.subject,
        html=row.html,
        text=row.text,
        markers=tuple(Marker(*marker) for marker in row.markers),
        pictures=tuple(EditionFile(file.path, file.media_type, file.data) for file in pictures),
        **row.headers,
    )


def change_campaign(
    connection: Connection, campaign: int, event: CampaignEvent, actor: str, reason: str = ""
) -> CampaignStatus:
    """Lets an event happen to a campaign; raises ImpossibleEvent."""
    before = status_of(connection, campaign)
    after = campaign_after(before, event)
    ended = now() if after in (CampaignStatus.FINISHED, CampaignStatus.CANCELLED) else None
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(status=str(after), reason=reason, ended=ended)
    )
    if before is not after:
        log(connection, f"campaign {after}", actor, campaign=campaign, reason=reason)
    return after


def status_of(connection: Connection, campaign: int) -> CampaignStatus:
    found = connection.execute(select(campaigns.c.status).where(campaigns.c.id == campaign))
    return CampaignStatus(found.scalar_one())


def all_campaigns(connection: Connection, slug: str = "") -> tuple[Campaign, ...]:
    """Campaigns, the newest first, of one issue or of all."""
    query = _WITH_REVISION.order_by(campaigns.c.id.desc())
    if slug:
        query = query.where(campaigns.c.slug == slug)
    rows = connection.execute(query).all()
    to = _lists_of(connection, [row.id for row in rows])
    return tuple(_campaign(row, to.get(row.id, ())) for row in rows)


def campaign_by_id(connection: Connection, campaign: int) -> Campaign:
    row = connection.execute(_WITH_REVISION.where(campaigns.c.id == campaign)).one()
    return _campaign(row, _lists_of(connection, [campaign]).get(campaign, ()))


def books_of(connection: Connection, campaign: int) -> Books:
    """A campaign's people, counted from the rows themselves."""
    excluded = connection.execute(
        select(exclusions.c.reason, func.count())
        .where(exclusions.c.campaign_id == campaign)
        .group_by(exclusions.c.reason)
        .order_by(exclusions.c.reason)
    )
    states = connection.execute(
        select(deliveries.c.status, func.count())
        .where(deliveries.c.campaign_id == campaign)
        .group_by(deliveries.c.status)
    )
    by_reason = {str(row.reason): int(row[1]) for row in excluded}
    by_state = {DeliveryStatus(status): count for status, count in states}
    frozen = connection.execute(
        select(campaigns.c.candidates).where(campaigns.c.id == campaign)
    ).scalar_one()
    return Books(int(frozen), by_reason, by_state)


def deliveries_of(
    connection: Connection, campaign: int, status: DeliveryStatus
) -> tuple[Delivery, ...]:
    """Deliveries in one state, named one by one."""
    rows = connection.execute(
        select(deliveries)
        .where(deliveries.c.campaign_id == campaign, deliveries.c.status == str(status))
        .order_by(deliveries.c.id)
    )
    return tuple(
        Delivery(
            row.subscriber_id,
            row.address,
            DeliveryStatus(row.status),
            row.attempts,
            row.code,
            row.reply,
            row.server,
            row.reason,
        )
        for row in rows
    )


def _lists_of(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[MailingList, ...]]:
    rows = connection.execute(
        select(campaign_lists.c.campaign_id, lists)
        .join(lists, lists.c.id == campaign_lists.c.list_id)
        .where(campaign_lists.c.campaign_id.in_(ids))
        .order_by(campaign_lists.c.campaign_id, campaign_lists.c.position)
    )
    found: dict[int, tuple[MailingList, ...]] = {}
    for row in rows:
        found[row.campaign_id] = (*found.get(row.campaign_id, ()), mailing_list(row))
    return found


def _campaign(row: Row[Any], to: tuple[MailingList, ...]) -> Campaign:
    return Campaign(
        id=row.id,
        slug=row.slug,
        revision=row.revision,
        digest=row.digest,
        subject=row.subject,
        status=CampaignStatus(row.status),
        lists=to,
        started=row.started,
        ended=row.ended,
        reason=row.reason,
    )
