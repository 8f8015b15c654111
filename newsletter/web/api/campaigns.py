"""/plans, /approvals, /campaigns: planned, approved, confirmed by count, begun, paused, resumed, cancelled; how it stands.

Nothing is sent by a request: it is handed to a server that wakes campaigns (`serve`, `studio`), at once or later.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from newsletter.model.api_key import Scope
from newsletter.model.campaign import Books, Campaign, DeliveryStatus, Selection
from newsletter.model.segment import Segment
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.web.api.campaign_shapes import (
    ApprovalNew,
    BegunGiven,
    CampaignGiven,
    CampaignNew,
    CampaignPage,
    Confirmed,
    DeliveryPage,
    PlanGiven,
    PlanNew,
    campaign_given,
    delivery_given,
    plan_given,
)
from newsletter.web.api.issues import written
from newsletter.web.api.operations import (
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


@router.get(
    "/campaigns",
    summary="Every campaign with its books, the newest first",
    response_model=CampaignPage,
    **operation(Scope.CAMPAIGNS_READ, "listCampaigns"),
)
def list_campaigns(here: Here) -> CampaignPage:
    return CampaignPage(items=[campaign_given(*one) for one in campaigns.status(here)])


@router.post(
    "/plans",
    summary="What sending an issue would do; nothing is changed",
    response_model=PlanGiven,
    **operation(Scope.CAMPAIGNS_READ, "planCampaign", 404, writes=True),
)
def plan_campaign(here: Here, new: PlanNew) -> PlanGiven:
    return plan_given(here, _planned(here, new))


@router.post(
    "/approvals",
    summary="Approve an issue as it is now, for somebody to send",
    description="Freezes the content; who gets it is counted when it is sent. An edit of the issue makes it void. What "
    "is approved and stands is left as it is (200). Where two people's steps are wanted, another key or person sends it. "
    "`POST /campaigns` sends, holds or schedules what was approved; cancelling the campaign takes an approval back.",
    response_model=CampaignGiven,
    status_code=201,
    **operation(
        Scope.CAMPAIGNS_APPROVE,
        "approveCampaign",
        404,
        writes=True,
        success={200: {"model": CampaignGiven, "description": "It was approved before"}},
    ),
)
def approve_campaign(here: Here, by: By, new: ApprovalNew, response: Response) -> CampaignGiven:
    shown = _planned(here, new)
    _refuse_other(shown, new.digest)
    stands = shown.approved is not None and not shown.void
    made = campaigns.approve(here, shown, actor=by.actor)
    response.status_code = 200 if stands else 201
    response.headers["location"] = f"/api/v1/campaigns/{made.id}"
    return campaign_given(*found_campaign(here, made.id))


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
    _refuse_other(shown, new.digest)
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
    return campaign_given(*found_campaign(here, campaign_id))


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
    found_campaign(here, campaign_id)
    items, following = subscriber_pages.deliveries(here, campaign_id, after(cursor_), limit, status)
    return DeliveryPage(items=[delivery_given(one) for one in items], next=cursor(following))


@router.post(
    "/campaigns/{campaign_id}/pause",
    summary="Pause: whoever sends it stops within two seconds",
    response_model=CampaignGiven,
    **operation(Scope.CAMPAIGNS_SEND, "pauseCampaign", 404, writes=True),
)
def pause_campaign(here: Here, by: By, campaign_id: Number) -> CampaignGiven:
    found_campaign(here, campaign_id)
    return campaign_given(*steering.pause(here, campaign_id, actor=by.actor))


@router.post(
    "/campaigns/{campaign_id}/resume",
    summary="Go on with what is left, or begin now what is scheduled or held",
    response_model=BegunGiven,
    status_code=202,
    **operation(Scope.CAMPAIGNS_SEND, "resumeCampaign", 404, writes=True),
)
def resume_campaign(here: Here, by: By, campaign_id: Number, confirmed: Confirmed) -> BegunGiven:
    found_campaign(here, campaign_id)
    steering.wake(here, campaign_id, confirmed.confirm, actor=by.actor)
    return _begun(here, campaign_id)


@router.post(
    "/campaigns/{campaign_id}/cancel",
    summary="Cancel: nobody who waits gets it from this campaign any more",
    response_model=CampaignGiven,
    **operation(Scope.CAMPAIGNS_SEND, "cancelCampaign", 404, writes=True),
)
def cancel_campaign(here: Here, by: By, campaign_id: Number) -> CampaignGiven:
    found_campaign(here, campaign_id)
    return campaign_given(*steering.cancel(here, campaign_id, actor=by.actor))


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


def _refuse_other(shown: SendPlan, digest: str) -> None:
    if digest and digest != shown.content.digest:
        raise ApiProblem("changed", "The content is not that of the plan.")


def _segment(here: Publication, name: str) -> Segment:
    try:
        return segments.show(here, name)
    except UsageError:
        raise ApiProblem("conflict", f"There is no segment {name}.") from None


def found_campaign(here: Publication, number: int) -> tuple[Campaign, Books]:
    """The campaign of a number with its books, or the answer that there is none."""
    try:
        return steering.show(here, number)
    except UsageError:
        raise ApiProblem("not-found", "There is no campaign of this number.") from None


def _begun(here: Publication, number: int) -> BegunGiven:
    given = campaign_given(*found_campaign(here, number))
    return BegunGiven(**dict(given), servers_awake=servers_awake(here))
