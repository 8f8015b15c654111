"""From an approval to the first message: nothing starts that is not what was approved, to those who were meant.

Right before a campaign starts its issue is compared with the files that it was approved from, and the mail that
they make now with the snapshot. Any difference voids the approval, loudly: the campaign is a draft again, with
nothing frozen. Then the web edition is published, and the audience is frozen where it is not yet.
"""

from __future__ import annotations

import datetime

from newsletter.delivery.content import freeze as freeze_content
from newsletter.model.campaign import Campaign, CampaignStatus, Content
from newsletter.model.transitions import CampaignEvent
from newsletter.problems import Changed, ContentError, NotConfirmed, TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.store import campaigns as store_campaigns
from newsletter.store.audiences import audience_of, freeze_audience
from newsletter.store.engine import Store
from newsletter.store.events import now
from newsletter.store.snapshots import content_of, start_with, void
from newsletter.workflow.inputs import edited, inputs_of, issue_of
from newsletter.workflow.issues import prepare_email
from newsletter.workflow.publish import Revision, publish

FEWEST = 20
"""So many people more or fewer than were typed are no reason to ask again, however small the list."""


def start(publication: Publication, store: Store, campaign: Campaign, actor: str) -> None:
    """Makes a campaign that was approved ready for its first message; one that was begun stays as it is.

    Raises Changed when its approval is void, NotConfirmed when the audience is not the size that was typed; the
    campaign is a draft or held then, and says why.
    """
    if campaign.begun or campaign.revision:
        return
    if reason := void_reason(publication, campaign):
        refuse_void(store, campaign, actor, reason)
    with store.reading() as connection:
        content = content_of(connection, campaign.id)
    issue, note = issue_of(campaign.slug, campaign.inputs), campaign.selection.correction
    if reason := made_otherwise(publication, issue, content, note):
        refuse_void(store, campaign, actor, reason)
    revision = publish(publication, issue, correction=note)
    if reason := made_otherwise(publication, issue, content, note):
        refuse_void(store, campaign, actor, reason)
    _freeze(publication, store, campaign, revision, actor)


def void_reason(publication: Publication, campaign: Campaign) -> str:
    """Why the approval of a campaign is void: its issue was edited; empty when it stands."""
    if not campaign.inputs:
        return ""
    try:
        changed = edited(
            campaign.inputs, inputs_of(publication, issue_of(campaign.slug, campaign.inputs))
        )
    except UsageError as caught:
        return caught.message
    if not changed:
        return ""
    named = ", ".join(changed[:3]) + (f" and {len(changed) - 3} more" if changed[3:] else "")
    return f"{named} changed after {campaign.approved_by or 'somebody'} approved it"


def made_otherwise(publication: Publication, issue: str, content: Content, note: str) -> str:
    """Why a snapshot is not what the issue would be mailed as now; empty when it is."""
    try:
        prepared = prepare_email(publication, issue, correction=note)
    except ContentError:
        return "the issue has errors now"
    now_made = freeze_content(prepared.edition, publication, prepared.issue)
    if now_made.digest == content.digest:
        return ""
    return "its mail is made otherwise than when it was approved: theme or settings changed"


def refuse_void(store: Store, campaign: Campaign, actor: str, reason: str) -> None:
    """Takes an approval back and says so."""
    with store.writing() as connection:
        void(connection, campaign.id, actor, f"the approval is void: {reason}")
    raise Changed(
        f"the approval of campaign {campaign.id} is void: {reason}",
        "Nothing was sent. Look at the issue and send or approve it again.",
    )


def _freeze(
    publication: Publication, store: Store, campaign: Campaign, revision: Revision, actor: str
) -> None:
    """The audience of now, where none is frozen yet and it is about the size that was typed."""
    with store.writing() as connection:
        here = store_campaigns.campaign_by_id(connection, campaign.id)
        if here.begun or here.status not in _CAN_START:
            raise TryAgainLater(
                f"campaign {here.id} is {here.status} meanwhile",
                "See where it stands: newsletter status",
            )
        reason = ""
        if here.frozen is None:
            found = audience_of(connection, here.lists, here.slug, here.selection)
            reason = _unlike(found.prepared, here.confirmed, publication)
            if not reason:
                freeze_audience(connection, here.id, here.lists, here.slug, here.selection)
        if reason:
            store_campaigns.change_campaign(
                connection, here.id, CampaignEvent.HOLD, actor, reason, wake=None
            )
        else:
            start_with(connection, here.id, revision.number, revision.digest)
    if reason:
        raise NotConfirmed(f"campaign {campaign.id} is held: {reason}", "Nothing was sent.")


_CAN_START = (CampaignStatus.APPROVED, CampaignStatus.SCHEDULED, CampaignStatus.HELD)


def _unlike(count: int, confirmed: int, publication: Publication) -> str:
    tolerance = max(FEWEST, publication.settings.delivery.tolerance * confirmed)
    if count == 0:
        return "nobody is left to send it to"
    if abs(count - confirmed) <= tolerance:
        return ""
    return f"{confirmed} recipients were confirmed, now there are {count}"


def hold(store: Store, campaign: Campaign, actor: str, reason: str) -> None:
    """Lets a campaign that has not begun wait for a person."""
    with store.writing() as connection:
        store_campaigns.change_campaign(
            connection, campaign.id, CampaignEvent.HOLD, actor, reason, wake=None
        )


def late_by(campaign: Campaign) -> datetime.timedelta:
    """How long ago a campaign should have gone on."""
    return now() - campaign.wake if campaign.wake else datetime.timedelta(0)
