"""/campaigns and /plans: what was sent and how it stands; planned, confirmed by count, begun, paused, resumed, cancelled.

Nothing is sent by a request: it is handed to a server that wakes campaigns (`serve`, `studio`), at once or later.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from newsletter.model.api_key import Scope
from newsletter.model.campaign import Books, Campaign, CampaignStatus, DeliveryStatus, Selection
from newsletter.model.segment import Segment
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.web.api.issues import written
from newsletter.web.api.operations import (
    LARGEST,
    By,
    Cursor,
    Here,
    Limit,
    Number,
    after,
    cursor,
    operation,
)
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Given, Name, Taken
from newsletter.workflow import (
    campaigns,
    lists,
    scheduling,
    segments,
    steering,
    subscriber_pages,
)
from newsletter.workflow.campaigns import SendPlan
from newsletter.workflow.worker import servers_awake

router = APIRouter(route_class=KeyedRoute, tags=["campaigns"])
Count = Annotated[int, Field(ge=0, le=LARGEST, description="How many recipients you expect.")]


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


class CampaignNew(PlanNew):
    confirm: Count
    digest: Annotated[str, Field(max_length=64)] = Field(
        "", description="Of the plan: another content is refused."
    )
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
    hold: Annotated[int, Field(ge=0, le=3600)] = Field(
        0, description="Seconds in which it can be cancelled before it begins."
    )


class Confirmed(Taken):
    confirm: Count | None = Field(
        None, description="Needed for one that has not begun: the number of its recipients now."
    )


@router.get(
    "/campaigns",
    summary="Every campaign with its books, the newest first",
    response_model=CampaignPage,
    **operation(Scope.CAMPAIGNS_READ, "listCampaigns"),
)
def list_campaigns(here: Here) -> CampaignPage:
    return CampaignPage(items=[_given(*one) for one in campaigns.status(here)])


@router.post(
    "/plans",
    summary="What sending an issue would do; nothing is changed",
    response_model=PlanGiven,
    **operation(Scope.CAMPAIGNS_READ, "planCampaign", 404, writes=True),
)
def plan_campaign(here: Here, new: PlanNew) -> PlanGiven:
    return _plan(_planned(here, new))


@router.post(
    "/campaigns",
    summary="Send an issue, now or at a time",
    description="Answers at once; a server that is awake carries it out. `confirm` must be the number of recipients "
    "that the plan tells.",
    response_model=BegunGiven,
    status_code=202,
    **operation(Scope.CAMPAIGNS_SEND, "createCampaign", 404, writes=True),
)
def create_campaign(here: Here, by: By, new: CampaignNew, response: Response) -> BegunGiven:
    shown = _planned(here, new)
    if new.at and new.hold:
        raise ApiProblem("conflict", "`at` and `hold` together make no sense.")
    if new.digest and new.digest != shown.content.digest:
        raise ApiProblem("changed", "The content is not that of the plan.")
    if new.audience and new.audience != shown.audience.fingerprint:
        raise ApiProblem("changed", "The people are not those of the plan.")
    if new.at:
        moment = scheduling.appointment(here, new.at, fold=new.fold or "")
        made = campaigns.schedule(here, shown, new.confirm, moment, actor=by.actor)
    else:
        made = campaigns.hold(here, shown, new.confirm, float(new.hold), actor=by.actor)
    response.headers["location"] = f"/api/v1/campaigns/{made.id}"
    return _begun(here, made.id)


@router.get(
    "/campaigns/{campaign_id}",
    summary="One campaign with its books",
    response_model=CampaignGiven,
    **operation(Scope.CAMPAIGNS_READ, "getCampaign", 404),
)
def get_campaign(here: Here, campaign_id: Number) -> CampaignGiven:
    return _given(*_found(here, campaign_id))


@router.get(
    "/campaigns/{campaign_id}/deliveries",
    summary="Who got it and who did not",
    description="Names addresses, so the key needs subscribers:read.",
    response_model=DeliveryPage,
    **operation(Scope.SUBSCRIBERS_READ, "listDeliveries", 404),
)
def list_deliveries(
    here: Here,
    campaign_id: Number,
    limit: Limit = 50,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = "",
    status: DeliveryStatus | None = None,
) -> DeliveryPage:
    _found(here, campaign_id)
    items, following = subscriber_pages.deliveries(here, campaign_id, after(cursor_), limit, status)
    told = [
        DeliveryGiven(
            subscriber_id=one.subscriber,
            address=one.address,
            status=one.status,
            attempts=one.attempts,
            code=one.code,
            reply=one.reply,
            reason=one.reason,
        )
        for one in items
    ]
    return DeliveryPage(items=told, next=cursor(following))


@router.post(
    "/campaigns/{campaign_id}/pause",
    summary="Pause: whoever sends it stops within two seconds",
    response_model=CampaignGiven,
    **operation(Scope.CAMPAIGNS_SEND, "pauseCampaign", 404, writes=True),
)
def pause_campaign(here: Here, by: By, campaign_id: Number) -> CampaignGiven:
    _found(here, campaign_id)
    return _given(*steering.pause(here, campaign_id, actor=by.actor))


@router.post(
    "/campaigns/{campaign_id}/resume",
    summary="Go on with what is left, or begin now what is scheduled or held",
    response_model=BegunGiven,
    status_code=202,
    **operation(Scope.CAMPAIGNS_SEND, "resumeCampaign", 404, writes=True),
)
def resume_campaign(here: Here, by: By, campaign_id: Number, confirmed: Confirmed) -> BegunGiven:
    _found(here, campaign_id)
    steering.wake(here, campaign_id, confirmed.confirm, actor=by.actor)
    return _begun(here, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/cancel",
    summary="Cancel: nobody who waits gets it from this campaign any more",
    response_model=CampaignGiven,
    **operation(Scope.CAMPAIGNS_SEND, "cancelCampaign", 404, writes=True),
)
def cancel_campaign(here: Here, by: By, campaign_id: Number) -> CampaignGiven:
    _found(here, campaign_id)
    return _given(*steering.cancel(here, campaign_id, actor=by.actor))


def _planned(here: Publication, new: PlanNew) -> SendPlan:
    issue = written(here, new.issue)
    known = {one.list.name for one in lists.all_lists(here)}
    for name in new.lists:
        if name not in known:
            raise ApiProblem("unknown-list", f"There is no list {name}.")
    note = new.correction.strip()
    inside = _segment(here, new.segment) if new.segment else None
    selection = Selection(new.again or bool(note), new.newcomers, new.retry, note, inside)
    return campaigns.plan(here, issue, new.lists, selection=selection)


def _segment(here: Publication, name: str) -> Segment:
    try:
        return segments.show(here, name)
    except UsageError:
        raise ApiProblem("conflict", f"There is no segment {name}.") from None


def _plan(shown: SendPlan) -> PlanGiven:
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
    )


def _found(here: Publication, number: int) -> tuple[Campaign, Books]:
    try:
        return steering.show(here, number)
    except UsageError:
        raise ApiProblem("not-found", "There is no campaign of this number.") from None


def _begun(here: Publication, number: int) -> BegunGiven:
    given = _given(*_found(here, number))
    return BegunGiven(**dict(given), servers_awake=servers_awake(here))


def _given(campaign: Campaign, books: Books) -> CampaignGiven:
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
