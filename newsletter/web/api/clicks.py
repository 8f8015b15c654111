"""/campaigns/{id}/clicks: how the links of a mail were followed, and by whom where the publication keeps that."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from newsletter.model.api_key import Scope
from newsletter.model.clicks import Clicks
from newsletter.web.api.campaigns import found_campaign
from newsletter.web.api.operations import Cursor, Here, Limit, Number, after, cursor, operation
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import WHOLE, Given
from newsletter.workflow import reports

router = APIRouter(route_class=KeyedRoute, tags=["campaigns"])
Link = Annotated[int, Query(ge=0, le=99_999, description="One link; 0 for any."), WHOLE]


class LinkGiven(Given):
    number: int = Field(examples=[7])
    url: str
    words: str
    clicks: int = Field(description="By people.")
    people: int = Field(description="Different ones, where that is kept.")
    automated: int = Field(description="By what is taken for a machine.")


class ClicksGiven(Given):
    kept: Clicks = Field(description="What the campaign was approved to keep.")
    clicks: int
    people: int
    automated: int
    links: list[LinkGiven] = Field(description="Those that were followed most first.")


class ReaderGiven(Given):
    subscriber_id: int
    address: str
    clicks: int
    first: datetime.datetime
    last: datetime.datetime


class ReaderPage(Given):
    items: list[ReaderGiven]
    next: str | None


@router.get(
    "/campaigns/{campaign_id}/clicks",
    summary="How often each link was followed",
    description="`off` and no links where the publication counted none.",
    response_model=ClicksGiven,
    **operation(Scope.CAMPAIGNS_READ, "getClicks", 404),
)
def get_clicks(here: Here, campaign_id: Number) -> ClicksGiven:
    found_campaign(here, campaign_id)
    counts = reports.clicks(here, campaign_id)
    if counts is None:
        return ClicksGiven(kept=Clicks.OFF, clicks=0, people=0, automated=0, links=[])
    return ClicksGiven(
        kept=counts.kept,
        clicks=counts.clicks,
        people=counts.people,
        automated=counts.automated,
        links=[LinkGiven.model_validate(line) for line in counts.lines],
    )


@router.get(
    "/campaigns/{campaign_id}/readers",
    summary="Who followed a link, or any",
    description="Nobody where it is not kept who. Names addresses, so the key needs subscribers:read.",
    response_model=ReaderPage,
    **operation(Scope.SUBSCRIBERS_READ, "listReaders", 404),
)
def list_readers(
    here: Here,
    campaign_id: Number,
    link: Link = 0,
    limit: Limit = 50,
    cursor_: Annotated[Cursor, Query(alias="cursor")] = "",
) -> ReaderPage:
    found_campaign(here, campaign_id)
    items, following = reports.readers(here, campaign_id, link, after(cursor_), limit)
    return ReaderPage(
        items=[
            ReaderGiven(
                subscriber_id=one["subscriber"],
                **{name: one[name] for name in ("address", "clicks", "first", "last")},
            )
            for one in items
        ],
        next=cursor(following),
    )
