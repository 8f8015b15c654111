"""As whom a mail is looked at: somebody found among all subscribers, the one before or after, one at random, nobody.

The list comes from the server, a few people at a time: into the page, and as a piece of a page for the script that
searches while somebody types (static/studio/person-picker.js). Who may not send sees no subscriber at all.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.model.account import Action
from newsletter.web.security import require
from newsletter.web.studio.choice import Choice, choice_of
from newsletter.web.views import page
from newsletter.workflow.persons import MOST_COUNTED, NAMELESS, Person, Place, SomePeople
from newsletter.workflow.preview import PreviewDesk

READ_AS = ("email", "inbox", "text")
"""The views that a person changes."""


@dataclass(frozen=True, slots=True)
class Picker:
    """`person` is the one who is chosen, and `place` where they stand among those who are found."""

    found: SomePeople
    person: Person | None
    place: Place | None
    most: int = MOST_COUNTED

    @property
    def nameless(self) -> bool:
        return self.person is not None and self.place is None


def picker_of(desk: PreviewDesk, choice: Choice) -> Picker | None:
    """What the screen shows of it; None for a view that is the same for everybody."""
    if choice.view not in READ_AS:
        return None
    found = found_of(desk, choice)
    if choice.person == NAMELESS:
        return Picker(found, desk.person(NAMELESS), None)
    person = desk.person(choice.person)
    place = desk.place(choice.person, choice.find) if person else None
    return Picker(found, person, place)


def found_of(desk: PreviewDesk, choice: Choice) -> SomePeople:
    """The people of the list, at the place that is looked at."""
    side, _, number = choice.pick.partition("-")
    return desk.people(
        choice.find,
        after=number if side == "after" else "",
        before=number if side == "before" else "",
    )


def kept(choice: Choice) -> list[tuple[str, str]]:
    """The choices that a search for somebody keeps, for the hidden fields of its form."""
    usual = Choice(choice.slug)
    return [
        (one.name, str(getattr(choice, one.name)))
        for one in fields(Choice)
        if one.name not in ("slug", "find", "pick")
        and getattr(choice, one.name) != getattr(usual, one.name)
    ]


class PersonPicker:
    """The endpoint `/studio/{slug}/people`: the list alone."""

    def __init__(self, desk: PreviewDesk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        return [Route("/studio/{slug}/people", self.show)]

    async def show(self, request: Request) -> Response:
        require(request, Action.SEND)
        choice = choice_of(request.path_params["slug"], request.query_params)
        found = await run_in_threadpool(found_of, self._desk, choice)
        return page("studio/person-found", choice=choice, link=choice.address, found=found)
