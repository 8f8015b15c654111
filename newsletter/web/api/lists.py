"""/lists: mailing lists with how many are on them."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import Field

from newsletter.model.api_key import Scope
from newsletter.model.subscriber import ListCounts
from newsletter.web.api.operations import By, Here, Number, operation
from newsletter.web.api.problems import ApiProblem
from newsletter.web.api.route import KeyedRoute
from newsletter.web.api.shapes import Given, Name, Taken, Text
from newsletter.workflow import lists as workflow

router = APIRouter(route_class=KeyedRoute, tags=["lists"])


class ListGiven(Given):
    id: int = Field(examples=[1])
    name: str = Field(examples=["weekly"])
    title: str = Field(examples=["The weekly letter"])
    public: bool = Field(description="Whether anybody may sign up to it.")
    total: int
    counts: dict[str, int] = Field(
        description="Subscriptions by status.", examples=[{"confirmed": 120, "pending": 3}]
    )


class ListPage(Given):
    items: list[ListGiven]


class ListNew(Taken):
    name: Name = Field(examples=["weekly"])
    title: Text = ""
    public: bool = False


class ListChange(Taken):
    """Only what is given changes."""

    title: Text | None = None
    public: bool | None = None


@router.get(
    "/lists",
    summary="Every mailing list",
    response_model=ListPage,
    **operation(Scope.LISTS_READ, "listLists"),
)
def list_lists(here: Here) -> ListPage:
    return ListPage(items=[_given(one) for one in workflow.all_lists(here)])


@router.post(
    "/lists",
    summary="Make a list",
    response_model=ListGiven,
    status_code=201,
    **operation(Scope.LISTS_WRITE, "createList", writes=True),
)
def create_list(here: Here, by: By, new: ListNew, response: Response) -> ListGiven:
    made = workflow.make_new_list(
        here, new.name, title=new.title, public=new.public, actor=by.actor
    )
    if made is None:
        raise ApiProblem("conflict", f"There is a list {new.name} already.")
    response.headers["location"] = f"/api/v1/lists/{made.id}"
    return _given(ListCounts(made, {}))


@router.get(
    "/lists/{list_id}",
    summary="One list",
    response_model=ListGiven,
    **operation(Scope.LISTS_READ, "getList", 404),
)
def get_list(here: Here, list_id: Number) -> ListGiven:
    return _given(_found(workflow.counts_by_id(here, list_id)))


@router.patch(
    "/lists/{list_id}",
    summary="Change what readers see of a list, and whether they may sign up to it",
    response_model=ListGiven,
    **operation(Scope.LISTS_WRITE, "changeList", 404, writes=True),
)
def change_list(here: Here, by: By, list_id: Number, change: ListChange) -> ListGiven:
    changed = workflow.change_by_id(
        here, list_id, title=change.title, public=change.public, actor=by.actor
    )
    return _given(_found(changed))


def _found(one: ListCounts | None) -> ListCounts:
    if one is None:
        raise ApiProblem("not-found", "There is no list of this number.")
    return one


def _given(one: ListCounts) -> ListGiven:
    return ListGiven(
        id=one.list.id,
        name=one.list.name,
        title=one.list.title,
        public=one.list.public,
        total=one.total,
        counts={str(status): count for status, count in sorted(one.counts.items())},
    )
