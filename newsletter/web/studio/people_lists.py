"""The lists: which there are, who is on them, making one and changing its title, openness and way in."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.model.subscriber import Status
from newsletter.problems import UsageError
from newsletter.web.studio.people_frame import AT, Frame, actor_of, text_of
from newsletter.web.words import gettext
from newsletter.workflow import lists


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed for a new list, so that a refusal loses nothing of it."""

    name: str = ""
    title: str = ""
    public: bool = False
    double: bool = True


class ListsPage:
    """`GET` and `POST /subscribers/lists`."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        at = f"{AT}/lists"
        return [
            Route(at, self._frame.shown(self._show), methods=["GET"]),
            Route(at, self._frame.done(self._save, self._show), methods=["POST"]),
        ]

    def _show(self, request: Request, told: str) -> Response:
        typed = getattr(request.state, "typed", None) or Typed()
        return self._frame.page(
            request,
            "lists",
            "lists",
            told=told,
            lists=lists.all_lists(self._frame.publication),
            statuses=tuple(Status),
            typed=typed,
        )

    def _save(self, request: Request, form: FormData) -> str:
        publication = self._frame.publication
        typed = Typed(
            text_of(form, "name", 300),
            text_of(form, "title", 200),
            text_of(form, "public") == "1",
            text_of(form, "double") != "0",
        )
        there = any(one.list.name == typed.name for one in lists.all_lists(publication))
        if there and text_of(form, "known") != "1":
            request.state.typed = typed
            raise UsageError(gettext("There is a list of this name already"))
        request.state.typed = typed
        lists.make_list(
            publication,
            typed.name,
            title=typed.title,
            public=typed.public,
            double_opt_in=typed.double,
            actor=actor_of(request),
        )
        return f"{AT}/lists"
