"""What a campaign sends, as it was approved: its frozen content, who approved it, and of which files it was made.

A campaign is written down as a draft and approved in the same transaction. When its approval is void, or it is
taken back before its first message, content and audience leave the database in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from newsletter.model.campaign import EVERYBODY, CampaignStatus, Content, Selection
from newsletter.model.edition import EditionFile, Marker
from newsletter.model.subscriber import MailingList
from newsletter.model.transitions import CampaignEvent
from newsletter.store.campaigns import all_campaigns, change_campaign
from newsletter.store.clicks import keep_links, links_of
from newsletter.store.events import log, now
from newsletter.store.schema import (
    campaign_lists,
    campaign_pictures,
    campaigns,
    deliveries,
    exclusions,
    revisions,
)
from newsletter.store.schema_clicks import campaign_links
from newsletter.store.segments import kept_segment

_HEADERS = (
    "slug",
    "language",
    "sender_name",
    "sender_email",
    "reply_to",
    "web_url",
    "base_url",
    "publication",
    "clicks",
)
UNPUBLISHED = 0
"""The number of the revision of a campaign whose web edition is not published yet."""


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


def approve_content(
    connection: Connection,
    content: Content,
    to: Sequence[MailingList],
    *,
    actor: str,
    selection: Selection = EVERYBODY,
    inputs: Mapping[str, str] | None = None,
    served: bool = False,
) -> int:
    """Writes a campaign with its content down, approved by `actor`; in place of a draft of the same issue to the
    same lists, where there is one. Returns its id. `inputs` are the SHA-256 of the issue's files by path."""
    campaign = _find_draft(connection, content.slug, to)
    if campaign is None:
        campaign = _make_draft(connection, content.slug, to)
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(
            digest=content.digest,
            subject=content.subject,
            html=content.html,
            text=content.text,
            headers={name: getattr(content, name) for name in _HEADERS},
            markers=[[marker.token, marker.field, marker.default] for marker in content.markers],
            approved_by=actor,
            inputs=dict(inputs or {}),
            served=served,
            again=selection.again,
            newcomers=selection.newcomers,
            retry=selection.retry,
            correction=selection.correction,
            segment=kept_segment(selection.segment),
        )
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
    keep_links(connection, campaign, content.links)
    change_campaign(connection, campaign, CampaignEvent.APPROVE, actor, digest=content.digest)
    return campaign


def _find_draft(connection: Connection, slug: str, to: Sequence[MailingList]) -> int | None:
    wanted = {one.id for one in to}
    for campaign in all_campaigns(connection, slug):
        is_draft = campaign.status is CampaignStatus.DRAFT
        if is_draft and {one.id for one in campaign.lists} == wanted:
            return campaign.id
    return None


def _make_draft(connection: Connection, slug: str, to: Sequence[MailingList]) -> int:
    values = {
        "slug": slug,
        "revision_id": keep_revision(connection, slug, UNPUBLISHED, ""),
        "status": str(CampaignStatus.DRAFT),
        **_BLANK,
        "created": now(),
        "started": now(),
    }
    made = connection.execute(insert(campaigns).values(values).returning(campaigns.c.id))
    campaign = int(made.scalar_one())
    connection.execute(
        insert(campaign_lists),
        [{"campaign_id": campaign, "list_id": one.id, "position": at} for at, one in enumerate(to)],
    )
    return campaign


def start_with(connection: Connection, campaign: int, number: int, digest: str) -> None:
    """The web edition is out and the first message may follow: the campaign has its revision and its date."""
    slug = connection.execute(
        select(campaigns.c.slug).where(campaigns.c.id == campaign)
    ).scalar_one()
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(revision_id=keep_revision(connection, slug, number, digest), started=now())
    )


def void(connection: Connection, campaign: int, actor: str, reason: str) -> None:
    """What was approved is not what there is any more: a draft again, with nothing frozen."""
    change_campaign(connection, campaign, CampaignEvent.VOID, actor, reason)
    release(connection, campaign)


def release(connection: Connection, campaign: int) -> None:
    """Forgets the content and the audience of a campaign of which nothing was sent."""
    connection.execute(
        update(campaigns)
        .where(campaigns.c.id == campaign)
        .values(**_BLANK, candidates=0, confirmed=0, frozen=None, wake=None, wall="", zone="")
    )
    for table in (campaign_pictures, campaign_links, deliveries, exclusions):
        connection.execute(delete(table).where(table.c.campaign_id == campaign))
    log(connection, "campaign released", "store", campaign=campaign)


_BLANK: dict[str, Any] = {
    "digest": "",
    "subject": "",
    "html": "",
    "text": "",
    "headers": {},
    "markers": [],
    "inputs": {},
    "approved_by": "",
}


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
        links=links_of(connection, campaign),
        **row.headers,
    )
