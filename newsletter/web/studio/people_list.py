"""The list of people as a page; adding one of them; and all of them as a file.

What the list shows is made in `people_listing`.
"""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from newsletter.model.account import Action
from newsletter.problems import UsageError
from newsletter.web.security import require
from newsletter.web.studio.parts import part_of, shown_before
from newsletter.web.studio.people_choice import PeopleChoice, people_choice
from newsletter.web.studio.people_done import done_of
from newsletter.web.studio.people_frame import AT, Frame, actor_of, text_of
from newsletter.web.studio.people_listing import Listings
from newsletter.web.words import gettext
from newsletter.workflow import subscribers


class ListPage:
    """`GET /subscribers`, `…/export`, and `…/add`."""

    def __init__(self, frame: Frame, listings: Listings) -> None:
        self._frame = frame
        self._listings = listings

    def routes(self) -> list[Route]:
        frame = self._frame
        return [
            Route(AT, frame.shown(self._show), methods=["GET"]),
            Route(f"{AT}/add", frame.shown(self._ask), methods=["GET"]),
            Route(f"{AT}/add", frame.done(self._add, self._ask), methods=["POST"]),
            Route(f"{AT}/export", self._export, methods=["GET"]),
        ]

    def _show(self, request: Request, told: str) -> Response:
        choice = people_choice(request.query_params)
        if part_of(request) == "listing":
            grows = choice.list != shown_before(request, "list")
            listing = self._listings.of(choice, grows=grows)
            return self._frame.page(request, "found-part", "people", listing=listing)
        return self._frame.page(
            request,
            "list",
            "people",
            told=told,
            done=done_of(request.query_params),
            listing=self._listings.of(choice),
        )

    def _ask(self, request: Request, told: str) -> Response:
        typed = getattr(request.state, "typed", None) or {}
        names = ("address", "name", "list", "consent")
        fields = {name: text_of(typed, name, 2000) for name in names}
        fields["list"] = fields["list"] or self._frame.publication.settings.default_list
        return self._frame.page(
            request,
            "add",
            "people",
            told=told,
            typed=fields,
            listing=self._listings.of(people_choice({})),
        )

    def _add(self, request: Request, form: FormData) -> str:
        request.state.typed = form
        address, consent = text_of(form, "address", 400), text_of(form, "consent", 2000)
        if not consent:
            raise UsageError(gettext("Say why they may be written to"))
        subscribers.add(
            self._frame.publication,
            address,
            text_of(form, "list", 200),
            name=text_of(form, "name", 200),
            consent_text=consent,
            actor=actor_of(request),
            source="studio",
        )
        return f"{AT}?{PeopleChoice(q=address).query()}&done=added"

    def _export(self, request: Request) -> Response:
        """Everybody of a list, or of all, as the command line writes it; for whoever may change them."""
        require(request, Action.SUBSCRIBERS)
        wanted = request.query_params.get("list", "")
        lines = subscribers.export(self._frame.publication, wanted)
        first = next(lines)  # a list that is not there is told before anything is sent
        headers = {
            "content-disposition": 'attachment; filename="subscribers.csv"',
            "cache-control": "no-store",
        }
        whole = (line.encode("utf-8") for part in ((first,), lines) for line in part)
        return StreamingResponse(whole, media_type="text/csv; charset=utf-8", headers=headers)
