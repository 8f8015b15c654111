"""What programs are told of plans, campaigns and deliveries, and how they ask for them."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from pydantic import Field

from newsletter.model.campaign import Books, Campaign, CampaignStatus, Delivery, DeliveryStatus
from newsletter.publication import Publication
from newsletter.web.api.shapes import WHOLE, Given, Name, Taken
from newsletter.workflow.campaigns import SendPlan

Count = Annotated[
    int, Field(ge=0, le=1_000_000_000, description="How many recipients you expect."), WHOLE
]


class BooksGiven(Given):
    """Every candidate is counted once: candidates = prepared + excluded, and the states sum to prepared."""

    candidates: int
    prepared: int
    excluded: dict[str, int] = Field(examples=[{"unsubscribed": 4}])
    states: dict[str, int] = Field(examples=[{"accepted": 120}])


class CampaignGiven(Given):
    id: int = Field(examples=[3])
    issue: str
    revision: int = Field(description="0 until it starts.")
    subject: str
    digest: str
    status: CampaignStatus
    reason: str = Field(description="Why it stands still.")
    lists: list[str]
    approved_by: str
    confirmed: int
    started: datetime.datetime
    ended: datetime.datetime | None
    wake: datetime.datetime | None = Field(description="When it goes on by itself.")
    correction: str
    segment: str = Field(description="Its name, where it goes to one.")
    books: BooksGiven


class BegunGiven(CampaignGiven):
    servers_awake: int = Field(
        description="Servers that would carry it out now; with 0 it waits until one is awake."
    )


class CampaignPage(Given):
    items: list[CampaignGiven]


class DeliveryGiven(Given):
    subscriber_id: int
    address: str
    status: DeliveryStatus
    attempts: int
    code: int
    reply: str
    reason: str


class DeliveryPage(Given):
    items: list[DeliveryGiven]
    next: str | None


class PlanNew(Taken):
    issue: Annotated[str, Field(min_length=1, max_length=200)] = Field(examples=["2026-10-zh"])
    lists: list[Name] = Field(
        default_factory=list,
        max_length=50,
        examples=[["weekly"]],
        description="The publication's default list where there is none.",
    )
    segment: Annotated[str, Field(max_length=200)] = Field(
        "", description="Only those on the lists who are in this segment."
    )
    again: bool = Field(False, description="Those too who have it already.")
    newcomers: bool = Field(False, description="Those too who joined since it was sent.")
    retry: bool = Field(False, description="Those too whom a server refused before.")
    correction: Annotated[str, Field(max_length=500)] = Field(
        "", description="A note: it goes to exactly those who have an earlier revision."
    )


class PlanGiven(Given):
    """What sending would do. To send it, confirm the number of recipients; `digest` and `audience` make sure that
    it is this very content to these very people."""

    issue: str
    subject: str
    digest: str
    audience: str
    lists: dict[str, int] = Field(description="Recipients by list.")
    recipients: int
    excluded: dict[str, int]
    message_bytes: int
    warnings: list[str]
    campaign: int | None = Field(description="One of this issue that was begun or waits.")
    needs_approval: bool = Field(description="Whether this publication wants two people's steps.")
    approved_by: str = Field(description="Who has approved this very content; empty for nobody.")
    void: str = Field(description="Why an approval does not stand any more.")


class ApprovalNew(PlanNew):
    digest: Annotated[str, Field(max_length=64)] = Field(
        "", description="Of the plan: another content is refused."
    )


class CampaignNew(ApprovalNew):
    confirm: Count
    audience: Annotated[str, Field(max_length=64)] = Field(
        "", description="Of the plan: other people are refused."
    )
    at: Annotated[str, Field(max_length=40)] | None = Field(
        None,
        description="When, in the publication's time zone; now where it is left out.",
        examples=["2026-12-01 09:00"],
    )
    fold: Literal["first", "second"] | None = Field(
        None, description="Which one, where the clock is set back and a time comes twice."
    )
    hold: Annotated[int, Field(ge=0, le=3600), WHOLE] = Field(
        0, description="Seconds in which it can be cancelled before it begins."
    )


class Confirmed(Taken):
    confirm: Count | None = Field(
        None, description="Needed for one that has not begun: the number of its recipients now."
    )


def plan_given(here: Publication, shown: SendPlan) -> PlanGiven:
    known = shown.resumed or shown.waiting
    return PlanGiven(
        issue=shown.issue,
        subject=shown.content.subject_shown,
        digest=shown.content.digest,
        audience=shown.audience.fingerprint,
        lists={one.name: count for one, count in shown.audience.per_list},
        recipients=shown.recipients,
        excluded=dict(shown.audience.excluded),
        message_bytes=shown.message_bytes,
        warnings=[str(one) for one in shown.problems],
        campaign=known.campaign.id if known else None,
        needs_approval=here.settings.approval == "required",
        approved_by=shown.approved.approved_by if shown.approved and not shown.void else "",
        void=shown.void,
    )


def delivery_given(one: Delivery) -> DeliveryGiven:
    return DeliveryGiven(
        subscriber_id=one.subscriber,
        address=one.address,
        status=one.status,
        attempts=one.attempts,
        code=one.code,
        reply=one.reply,
        reason=one.reason,
    )


def campaign_given(campaign: Campaign, books: Books) -> CampaignGiven:
    return CampaignGiven(
        id=campaign.id,
        issue=campaign.slug,
        revision=campaign.revision,
        subject=campaign.subject,
        digest=campaign.digest,
        status=campaign.status,
        reason=campaign.reason,
        lists=[one.name for one in campaign.lists],
        approved_by=campaign.approved_by,
        confirmed=campaign.confirmed,
        started=campaign.started,
        ended=campaign.ended,
        wake=campaign.wake,
        correction=campaign.selection.correction,
        segment=campaign.selection.segment.name if campaign.selection.segment else "",
        books=BooksGiven(
            candidates=books.candidates,
            prepared=books.prepared,
            excluded=dict(books.excluded),
            states={str(state): count for state, count in sorted(books.states.items())},
        ),
    )
