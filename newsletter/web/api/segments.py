"""/segments: conditions on subscribers that have a name, and how many people each holds for."""

from __future__ import annotations

import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Response
from pydantic import Field

from newsletter.model.api_key import Scope
from newsletter.model.segment import Segment
from newsletter.problems import UsageError
from newsletter.publication import Publication
from newsletter.web.api.operations import By, Here, operation
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Given, Taken
from newsletter.workflow import segments as workflow

router = APIRouter(route_class=KeyedRoute, tags=["segments"])
Called = Annotated[
    str,
    Path(
        min_length=1,
        max_length=200,
        pattern=r"^[^\x00-\x20\x7f-\xa0/\u2028\u2029]+$",
        description="A name without spaces.",
        examples=["berliners"],
    ),
]


class SegmentGiven(Given):
    name: str = Field(examples=["berliners"])
    condition: str = Field(examples=["attributes.city in (Berlin, Potsdam)"])
    by: str
    saved: datetime.datetime | None


class CountedGiven(SegmentGiven):
    count: int = Field(description="How many people are in it now, whatever lists they are on.")


class SegmentPage(Given):
    items: list[SegmentGiven]


class SegmentNew(Taken):
    condition: Annotated[str, Field(min_length=1, max_length=10_000)] = Field(
        examples=["list = weekly and created > 2026-01-01"]
    )


@router.get(
    "/segments",
    summary="Every segment by name",
    response_model=SegmentPage,
    **operation(Scope.SEGMENTS_READ, "listSegments"),
)
def list_segments(here: Here) -> SegmentPage:
    return SegmentPage(items=[_given(one) for one in workflow.all_segments(here)])


@router.get(
    "/segments/{name}",
    summary="One segment, and how many people are in it",
    response_model=CountedGiven,
    **operation(Scope.SEGMENTS_READ, "getSegment", 404),
)
def get_segment(here: Here, name: Called) -> CountedGiven:
    return _counted(here, name)


@router.put(
    "/segments/{name}",
    summary="Make a segment, or change its condition",
    response_model=CountedGiven,
    **operation(Scope.SEGMENTS_WRITE, "saveSegment", writes=True),
)
def save_segment(here: Here, by: By, name: Called, new: SegmentNew) -> CountedGiven:
    try:
        workflow.save(here, name, new.condition, actor=by.actor)
    except workflow.BadCondition as caught:
        errors = [{"where": "body.condition", "message": f"{caught.message}. {caught.hint}"}]
        raise ApiProblem(
            "invalid", "The condition cannot be read.", errors=errors, position=caught.position
        ) from None
    return _counted(here, name)


@router.delete(
    "/segments/{name}",
    summary="Remove a segment",
    description="A campaign that was confirmed with it keeps its condition.",
    status_code=204,
    response_class=Response,
    **operation(Scope.SEGMENTS_WRITE, "deleteSegment", 404, writes=True),
)
def delete_segment(here: Here, by: By, name: Called) -> None:
    _one(here, name)
    workflow.delete(here, name, actor=by.actor)


def _one(here: Publication, name: str) -> Segment:
    for one in workflow.all_segments(here):
        if one.name == name:
            return one
    raise ApiProblem("not-found", "There is no segment of this name.")


def _counted(here: Publication, name: str) -> CountedGiven:
    one = _one(here, name)
    try:
        count = workflow.count(here, name)
    except UsageError as caught:
        raise ApiProblem("conflict", f"It cannot be counted: {caught.message}.") from None
    return CountedGiven(**dict(_given(one)), count=count)


def _given(one: Segment) -> SegmentGiven:
    return SegmentGiven(name=one.name, condition=one.text, by=one.by, saved=one.saved)
