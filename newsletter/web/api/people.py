"""How people are told and taken by the API, for the routes of /subscribers and those below it."""

from __future__ import annotations

import datetime
from typing import Annotated, TypeVar

from fastapi import BackgroundTasks, Request, Response
from pydantic import Field

from newsletter.model.api_key import ApiKey
from newsletter.model.subscriber import Consent, Status
from newsletter.publication import Publication
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.shapes import ConsentGiven, ConsentTaken, Given
from newsletter.workflow import adding, signing_up
from newsletter.workflow import subscriber_pages as workflow

Thing = TypeVar("Thing")
Visitor = Annotated[str, Field(max_length=45, pattern=r"^[0-9A-Fa-f:.]*$")]
"""A person's IP address, or nothing."""


class SubscriptionGiven(Given):
    list_id: int
    list_name: str = Field(examples=["weekly"])
    status: Status
    changed: datetime.datetime
    consent: ConsentGiven | None


class SubscriberGiven(Given):
    """Somebody, once, on however many lists."""

    id: int = Field(examples=[7])
    email: str = Field(examples=["ada@example.com"])
    name: str = Field(examples=["Ada"])
    language: str = Field(examples=["en"])
    attributes: dict[str, str] = Field(examples=[{"city": "London"}])
    created: datetime.datetime | None
    suppressed: bool = Field(description="Never written to, whatever the lists say.")
    subscriptions: list[SubscriptionGiven]


class AddedGiven(SubscriberGiven):
    confirmation_sent: bool = Field(
        description="Whether a mail is on its way that asks them to confirm."
    )


def tried(here: Publication, addition: adding.Addition, by: ApiKey) -> adding.Added:
    try:
        return adding.add(here, addition, actor=by.actor)
    except adding.NotAdded as caught:
        raise refused(caught) from None


def refused(caught: adding.NotAdded) -> ApiProblem:
    if caught.why is adding.Why.BAD_ADDRESS:
        return invalid("body.email", caught.message)
    headers = {"retry-after": "3600"} if caught.why is adding.Why.TOO_MANY else {}
    return ApiProblem(
        str(caught.why), f"{caught.message[:1].upper()}{caught.message[1:]}.", headers=headers
    )


def invalid(where: str, message: str) -> ApiProblem:
    errors = [{"where": where, "message": message}]
    return ApiProblem("invalid", "The request is not valid.", errors=errors)


def added_given(
    here: Publication,
    request: Request,
    response: Response,
    later: BackgroundTasks,
    added: adding.Added,
    status: int = 201,
) -> AddedGiven:
    response.status_code = status if added.made or status == 200 else 200
    response.headers["location"] = f"/api/v1/subscribers/{added.subscriber}"
    request.state.subscriber = added.subscriber
    if added.posted.mail is not None:
        later.add_task(signing_up.send, here, added.posted)
    shown = given(found(workflow.one(here, added.subscriber)))
    return AddedGiven(**dict(shown), confirmation_sent=added.posted.mail is not None)


def consent_of(here: Publication, by: ApiKey, taken: ConsentTaken | None) -> Consent | None:
    if taken is None:
        return None
    at = taken.when or datetime.datetime.now(datetime.UTC)
    if at.tzinfo is None:
        at = at.replace(tzinfo=datetime.UTC)
    source = f"{by.actor} {taken.source}".strip()
    return Consent(at, source, taken.text, signing_up.kept_ip(here, taken.ip))


def found(thing: Thing | None) -> Thing:
    if thing is None:
        raise ApiProblem(
            "not-found", "There is nobody of this number, or they are not on this list."
        )
    return thing


def given(one: workflow.Person) -> SubscriberGiven:
    person = one.subscriber
    return SubscriberGiven(
        id=person.id,
        email=person.email,
        name=person.name,
        language=person.language,
        attributes=dict(person.attributes),
        created=person.created,
        suppressed=one.suppressed,
        subscriptions=[
            SubscriptionGiven(
                list_id=on.list.id,
                list_name=on.list.name,
                status=on.status,
                changed=on.changed,
                consent=ConsentGiven.model_validate(on.consent) if on.consent else None,
            )
            for on in one.lists
        ],
    )
