"""/subscribers: people, what they are subscribed to, and what happened to them."""

from __future__ import annotations

import datetime
from typing import Annotated, Any

from fastapi import APIRouter, BackgroundTasks, Query, Request, Response
from pydantic import Field

from newsletter.model.api_key import Scope
from newsletter.model.subscriber import Status
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
from newsletter.web.api.people import (
    AddedGiven,
    SubscriberGiven,
    Visitor,
    added_given,
    consent_of,
    found,
    given,
    tried,
)
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import (
    AttributeChanges,
    Attributes,
    ConsentTaken,
    Email,
    Given,
    Language,
    Name,
    Taken,
    Text,
)
from newsletter.workflow import adding
from newsletter.workflow import subscriber_pages as workflow

router = APIRouter(route_class=KeyedRoute, tags=["subscribers"])
READ, WRITE, FORGET = (
    Scope.SUBSCRIBERS_READ,
    Scope.SUBSCRIBERS_WRITE,
    Scope.SUBSCRIBERS_FORGET,
)


class SubscriberPage(Given):
    items: list[SubscriberGiven]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class SubscriberNew(Taken):
    """Without `consent` the person is pending and is asked by mail to confirm; with it they are confirmed, unless
    they have left, bounced or complained before: no status is ever raised."""

    email: Email
    name: Text = Field("", examples=["Ada"])
    language: Language = ""
    attributes: Attributes = Field(default_factory=dict)
    lists: list[Name] = Field(
        default_factory=list, max_length=50, examples=[["weekly"]], description="By name."
    )
    consent: ConsentTaken | None = None
    ip: Visitor = Field(
        "",
        description="The visitor's IP address, for the limits of sign-ups.",
        examples=["192.0.2.7"],
    )


class SubscriberChange(Taken):
    """Only what is given changes."""

    name: Text | None = None
    language: Language | None = None
    attributes: AttributeChanges | None = Field(
        None,
        description="Laid over those that are there; null takes one away.",
        examples=[{"city": "Kyoto", "old": None}],
    )


class EventGiven(Given):
    id: int
    at: datetime.datetime
    kind: str = Field(examples=["confirmed"])
    actor: str = Field(examples=["reader:sign-up"])
    list_name: str
    data: dict[str, Any]


class EventPage(Given):
    items: list[EventGiven]
    next: str | None


@router.get(
    "/subscribers",
    summary="People, by number: all, or those on a list, in a status, in a segment, with an address",
    response_model=SubscriberPage,
    **operation(READ, "listSubscribers", 409),
)
def list_subscribers(
    here: Here,
    limit: Limit = 50,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = "",
    email: Annotated[str, Query(max_length=254)] = "",
    list_: Annotated[str, Query(alias="list", max_length=200)] = "",
    status: Status | None = None,
    segment: Annotated[str, Query(max_length=200, description="A segment's name.")] = "",
) -> SubscriberPage:
    on = workflow.list_id_of(here, list_) if list_ else None
    wanted = workflow.Wanted(email, on, status, segment)
    page = workflow.page(here, wanted, after(cursor_), limit)
    return SubscriberPage(items=[given(one) for one in page.items], next=cursor(page.next))


@router.post(
    "/subscribers",
    summary="Add somebody, or put somebody who is known on lists",
    response_model=AddedGiven,
    status_code=201,
    **operation(
        WRITE,
        "addSubscriber",
        writes=True,
        success={200: {"model": AddedGiven, "description": "Somebody who was known"}},
    ),
)
def add_subscriber(
    here: Here,
    by: By,
    new: SubscriberNew,
    request: Request,
    response: Response,
    later: BackgroundTasks,
) -> AddedGiven:
    addition = adding.Addition(
        email=new.email,
        name=new.name,
        language=new.language,
        attributes=new.attributes,
        lists=tuple(new.lists),
        consent=consent_of(here, by, new.consent),
        ip=new.ip,
    )
    return added_given(here, request, response, later, tried(here, addition, by))


@router.get(
    "/subscribers/{subscriber_id}",
    summary="One person",
    response_model=SubscriberGiven,
    **operation(READ, "getSubscriber", 404),
)
def get_subscriber(here: Here, subscriber_id: Number) -> SubscriberGiven:
    return given(found(workflow.one(here, subscriber_id)))


@router.patch(
    "/subscribers/{subscriber_id}",
    summary="Change name, language or attributes",
    response_model=SubscriberGiven,
    **operation(WRITE, "changeSubscriber", 404, writes=True),
)
def change_subscriber(
    here: Here, by: By, subscriber_id: Number, change: SubscriberChange, request: Request
) -> SubscriberGiven:
    request.state.subscriber = subscriber_id
    changed = workflow.change(
        here,
        subscriber_id,
        name=change.name,
        language=change.language,
        attributes=change.attributes,
        actor=by.actor,
    )
    return given(found(changed))


@router.delete(
    "/subscribers/{subscriber_id}",
    summary="Erase a person",
    description="Erases address, name, attributes, subscriptions and consents, and keeps a keyed hash of the address, "
    "so that no import brings them back. To unsubscribe somebody, delete a subscription instead.",
    status_code=204,
    response_class=Response,
    **operation(FORGET, "forgetSubscriber", 404, writes=True),
)
def forget_subscriber(here: Here, by: By, subscriber_id: Number) -> None:
    if not workflow.forget_by_id(here, subscriber_id, actor=by.actor):
        raise ApiProblem("not-found", "There is nobody of this number.")


@router.get(
    "/subscribers/{subscriber_id}/record",
    summary="Everything that is known of a person, for an access request",
    response_model=dict[str, Any],
    **operation(READ, "getSubscriberRecord", 404),
)
def get_record(here: Here, subscriber_id: Number) -> dict[str, Any]:
    return found(workflow.record(here, subscriber_id))


@router.get(
    "/subscribers/{subscriber_id}/events",
    summary="What happened to a person, the oldest first",
    response_model=EventPage,
    **operation(READ, "listSubscriberEvents", 404),
)
def list_events(
    here: Here,
    subscriber_id: Number,
    limit: Limit = 50,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = "",
) -> EventPage:
    items, following = found(workflow.events(here, subscriber_id, after(cursor_), limit))
    told = [EventGiven.model_validate(one) for one in items]
    return EventPage(items=told, next=cursor(following))
