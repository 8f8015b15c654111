"""How far an issue is: a draft, without errors, approved, sent; as the campaigns of it say."""

from __future__ import annotations

from dataclasses import dataclass

from newsletter.model.campaign import Campaign, CampaignStatus
from newsletter.publication import Publication
from newsletter.store.campaigns import all_campaigns
from newsletter.store.engine import open_store, store_exists
from newsletter.workflow.starting import void_reason

STEPS = ("draft", "checked", "approved", "sent")
_SENT = (CampaignStatus.SENDING, CampaignStatus.PAUSED, CampaignStatus.FINISHED)
_APPROVED = (CampaignStatus.APPROVED, CampaignStatus.SCHEDULED, CampaignStatus.HELD)


@dataclass(frozen=True, slots=True)
class Stage:
    """`step` is one of STEPS. `campaign` is the newest that brought it there; `void` why an approval of it
    stands no more."""

    step: str
    campaign: Campaign | None = None
    void: str = ""

    @property
    def number(self) -> int:
        return STEPS.index(self.step)

    @property
    def status(self) -> str:
        return str(self.campaign.status) if self.campaign else ""


def stage_of(publication: Publication, slug: str, *, errors: bool) -> Stage:
    """The stage of an issue that has errors now, or none."""
    now = "draft" if errors else "checked"
    if not store_exists(publication):
        return Stage(now)
    with open_store(publication) as store, store.reading() as connection:
        found = all_campaigns(connection, slug)
    for campaign in sorted(found, key=lambda one: one.id, reverse=True):
        if campaign.status in _SENT:
            return Stage("sent", campaign)
        if campaign.status in _APPROVED:
            void = void_reason(publication, campaign)
            return Stage(now if void else "approved", campaign, void)
    return Stage(now)
