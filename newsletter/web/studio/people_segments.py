"""Segments: conditions that have a name, counted while they are typed, saved, shown and deleted."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.problems import UsageError
from newsletter.web.problem_words import sentence
from newsletter.web.studio.people_frame import AT, Frame, actor_of, text_of
from newsletter.web.words import gettext
from newsletter.workflow import segments


class SegmentsPage:
    """`GET /subscribers/segments?condition=…` counts one that nobody saved; POST saves or deletes."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        frame, at = self._frame, f"{AT}/segments"
        return [
            Route(at, frame.shown(self._show), methods=["GET"]),
            Route(at, frame.done(self._save, self._show), methods=["POST"]),
            Route(f"{at}/delete", frame.done(self._delete, self._show), methods=["POST"]),
        ]

    def _show(self, request: Request, told: str) -> Response:
        publication = self._frame.publication
        typed = getattr(request.state, "typed", None) or request.query_params
        condition = text_of(typed, "condition", 4000)
        found: int | None = None
        wrong = ""
        if condition and not told:
            try:
                found = segments.try_condition(publication, condition)
            except UsageError as caught:
                wrong = sentence(caught)
        known = segments.all_segments(publication)
        return self._frame.page(
            request,
            "segments",
            "segments",
            told=told,
            wrong=wrong,
            found=found,
            condition=condition,
            name=text_of(typed, "name", 300),
            segments=[(one, self._count(one.name)) for one in known],
        )

    def _count(self, name: str) -> int | None:
        """How many are in a saved one; None where it means nothing any more, since a list of it is gone."""
        try:
            return segments.count(self._frame.publication, name)
        except UsageError:
            return None

    def _save(self, request: Request, form: FormData) -> str:
        request.state.typed = form
        name, condition = text_of(form, "name", 300), text_of(form, "condition", 5000)
        there = any(one.name == name for one in segments.all_segments(self._frame.publication))
        if there and text_of(form, "known") != "1":
            raise UsageError(gettext("There is a segment of this name already"))
        segments.save(self._frame.publication, name, condition, actor=actor_of(request))
        return f"{AT}/segments"

    def _delete(self, request: Request, form: FormData) -> str:
        segments.delete(
            self._frame.publication, text_of(form, "name", 300), actor=actor_of(request)
        )
        return f"{AT}/segments"
