"""/subscribers/{id}/subscriptions/{list}: putting people on lists, and taking them off."""

from __future__ import annotations

from fastapi import APIRouter, BackgroundTasks, Request, Response

from newsletter.model.api_key import Scope
from newsletter.web.api.operations import By, Here, Number, operation
from newsletter.web.api.people import (
    AddedGiven,
    SubscriberGiven,
    Visitor,
    added_given,
    consent_of,
    found,
    given,
    refused,
)
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import ConsentTaken, Taken
from newsletter.workflow import adding
from newsletter.workflow import subscriber_pages as workflow

router = APIRouter(route_class=KeyedRoute, tags=["subscribers"])
WRITE = Scope.SUBSCRIBERS_WRITE


class SubscriptionNew(Taken):
    consent: ConsentTaken | None = None
    ip: Visitor = ""


@router.put(
    "/subscribers/{subscriber_id}/subscriptions/{list_id}",
    summary="Put a person on a list",
    description="As adding somebody: confirmed with a consent, else pending and asked by mail; no status is raised.",
    response_model=AddedGiven,
    **operation(WRITE, "putSubscription", 404, writes=True),
)
def put_subscription(
    here: Here,
    by: By,
    subscriber_id: Number,
    list_id: Number,
    new: SubscriptionNew,
    request: Request,
    response: Response,
    later: BackgroundTasks,
) -> AddedGiven:
    try:
        added = adding.put_on_list(
            here,
            subscriber_id,
            list_id,
            consent_of(here, by, new.consent),
            ip=new.ip,
            actor=by.actor,
        )
    except adding.NotAdded as caught:
        raise refused(caught) from None
    return added_given(here, request, response, later, found(added), status=200)


@router.delete(
    "/subscribers/{subscriber_id}/subscriptions/{list_id}",
    summary="Unsubscribe a person from a list",
    description="The subscription stays, as `unsubscribed`, so that no import brings it back. Twice is once.",
    response_model=SubscriberGiven,
    **operation(WRITE, "deleteSubscription", 404, writes=True),
)
def delete_subscription(
    here: Here, by: By, subscriber_id: Number, list_id: Number, request: Request
) -> SubscriberGiven:
    request.state.subscriber = subscriber_id
    return given(found(workflow.leave(here, subscriber_id, list_id, actor=by.actor)))
