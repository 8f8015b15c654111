"""/suppressions: addresses and domains that are never written to, whatever a list says."""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from newsletter.model.api_key import Scope
from newsletter.model.subscriber import Suppression
from newsletter.problems import UsageError
from newsletter.web.api.operations import By, Cursor, Here, Limit, Number, after, cursor, operation
from newsletter.web.api.people import invalid
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Given, Taken, Text
from newsletter.workflow import subscriber_pages
from newsletter.workflow import suppressions as workflow

router = APIRouter(route_class=KeyedRoute, tags=["suppressions"])
READ, WRITE = Scope.SUPPRESSIONS_READ, Scope.SUPPRESSIONS_WRITE
Kind = Literal["manual", "bounce", "complaint"]


class SuppressionGiven(Given):
    id: int = Field(examples=[12])
    value: str = Field(
        description="An address in its normal form, or a domain.", examples=["ada@example.com"]
    )
    is_domain: bool = Field(description="Everybody at this domain.")
    kind: str = Field(
        description="`bounce` is lifted by the person's own confirmation; `manual` and `complaint` by an admin only.",
        examples=["manual"],
    )
    reason: str = Field(examples=["asked by letter"])
    since: datetime.datetime | None


class SuppressionPage(Given):
    items: list[SuppressionGiven]
    next: str | None = Field(description="The cursor of the next page; null on the last.")


class SuppressionNew(Taken):
    value: Annotated[str, Field(min_length=1, max_length=254)] = Field(
        description="An address, or a domain: `spam.example`.", examples=["ada@example.com"]
    )
    reason: Text = Field("", examples=["asked by letter"])
    kind: Kind = "manual"


@router.get(
    "/suppressions",
    summary="Who is never written to, the oldest first",
    response_model=SuppressionPage,
    **operation(READ, "listSuppressions"),
)
def list_suppressions(
    here: Here,
    limit: Limit = 50,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = "",
    kind: Kind | None = None,
    search: Annotated[
        str, Query(max_length=254, description="Within address, domain or reason.")
    ] = "",
) -> SuppressionPage:
    items, following = workflow.page_by_number(
        here, after(cursor_), limit, search=search, kind=kind or ""
    )
    return SuppressionPage(items=[_given(one) for one in items], next=cursor(following))


@router.post(
    "/suppressions",
    summary="Suppress an address or a whole domain",
    description="What is suppressed already stays as it is, with its older reason (200).",
    response_model=SuppressionGiven,
    status_code=201,
    **operation(
        WRITE,
        "addSuppression",
        writes=True,
        success={200: {"model": SuppressionGiven, "description": "It was suppressed before"}},
    ),
)
def add_suppression(
    here: Here, by: By, new: SuppressionNew, request: Request, response: Response
) -> SuppressionGiven:
    known = subscriber_pages.page(here, subscriber_pages.Wanted(new.value), 0, 1).items
    request.state.subscriber = known[0].subscriber.id if known else None
    try:
        made, added = workflow.add(
            here, new.value, reason=new.reason, kind=new.kind, actor=by.actor
        )
    except UsageError as caught:
        raise invalid("body.value", caught.message) from None
    response.status_code = 201 if added else 200
    response.headers["location"] = f"/api/v1/suppressions/{made.id}"
    return _given(made)


@router.get(
    "/suppressions/{suppression_id}",
    summary="One suppression",
    response_model=SuppressionGiven,
    **operation(READ, "getSuppression", 404),
)
def get_suppression(here: Here, suppression_id: Number) -> SuppressionGiven:
    return _given(_found(workflow.by_id(here, suppression_id)))


@router.delete(
    "/suppressions/{suppression_id}",
    summary="Let an address or a domain be written to again",
    description="What a bounce made. A complaint, and what somebody suppressed by hand, is lifted only by a key with the "
    "scope suppressions:lift beside this one. Statuses on lists stay what they are.",
    status_code=204,
    response_class=Response,
    **operation(WRITE, "liftSuppression", 404, writes=True),
)
def lift_suppression(
    here: Here,
    by: By,
    suppression_id: Number,
    why: Annotated[
        str,
        Query(
            max_length=500,
            pattern=r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*$",
            description="Kept in the log.",
        ),
    ] = "",
) -> None:
    admin = by.may(Scope.SUPPRESSIONS_LIFT)
    try:
        lifted = workflow.lift_by_id(here, suppression_id, actor=by.actor, admin=admin, why=why)
    except workflow.AdminOnly:
        raise ApiProblem(
            "out-of-scope",
            f"A complaint, and what was suppressed by hand, needs the scope {Scope.SUPPRESSIONS_LIFT}.",
            needs=str(Scope.SUPPRESSIONS_LIFT),
        ) from None
    _found(lifted)


def _found(one: Suppression | None) -> Suppression:
    if one is None:
        raise ApiProblem("not-found", "There is no suppression of this number.")
    return one


def _given(one: Suppression) -> SuppressionGiven:
    return SuppressionGiven.model_validate(one)
