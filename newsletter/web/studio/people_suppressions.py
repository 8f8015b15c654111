"""Suppressions: addresses and domains that are never written to; found, added and lifted."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from newsletter.problems import UsageError
from newsletter.web.studio.people_frame import AT, Frame, actor_of, text_of
from newsletter.web.words import gettext
from newsletter.workflow import suppressions

MOST_AT_ONCE = 1000


class SuppressionsPage:
    """`GET /subscribers/suppressions?q=…&kind=…`; POST adds, `…/lift` lifts."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame

    def routes(self) -> list[Route]:
        frame, at = self._frame, f"{AT}/suppressions"
        return [
            Route(at, frame.shown(self._show), methods=["GET"]),
            Route(at, frame.done(self._add, self._show), methods=["POST"]),
            Route(f"{at}/lift", frame.done(self._lift, self._show), methods=["POST"]),
        ]

    def _show(self, request: Request, told: str) -> Response:
        publication, query = self._frame.publication, request.query_params
        typed = getattr(request.state, "typed", None) or {}
        kind = query.get("kind", "")
        kind = kind if kind in suppressions.KINDS else ""
        search, after = query.get("q", "")[:200], query.get("after", "")[:400]
        found = suppressions.page(
            publication, search=search, kind=kind, after=after, most=suppressions.PAGE + 1
        )
        shown = found[: suppressions.PAGE]
        more = ""
        if len(found) > len(shown):
            more = urlencode({"q": search, "kind": kind, "after": shown[-1].value})
        return self._frame.page(
            request,
            "suppressions",
            "suppressions",
            told=told,
            found=shown,
            more=more,
            search=search,
            kind=kind,
            after=after,
            counts=suppressions.counts(publication),
            words=kind_words(),
            typed=text_of(typed, "what", 100_000),
            reason=text_of(typed, "reason", 500),
            added=_number(query.get("added", "")),
            known=_number(query.get("known", "")),
            lifted=query.get("lifted", "")[:400],
        )

    def _add(self, request: Request, form: FormData) -> str:
        request.state.typed = form
        lines = [one.strip() for one in text_of(form, "what", 100_000).splitlines() if one.strip()]
        if not lines or len(lines) > MOST_AT_ONCE:
            raise UsageError(gettext("Name an address or a domain, one a line, a thousand at most"))
        for one in lines:  # all of them can be used, or none is
            suppressions.value_of(one)
        actor, reason = actor_of(request), text_of(form, "reason", 500)
        added = 0
        for one in lines:
            _, new = suppressions.add(self._frame.publication, one, reason=reason, actor=actor)
            added += new
        return f"{AT}/suppressions?added={added}&known={len(lines) - added}"

    def _lift(self, request: Request, form: FormData) -> str:
        lifted = suppressions.lift(
            self._frame.publication,
            text_of(form, "what", 400),
            actor=actor_of(request),
            admin=True,
            why=text_of(form, "why", 500),
        )
        return f"{AT}/suppressions?{urlencode({'lifted': lifted.value})}"


def kind_words() -> dict[str, str]:
    return {
        "manual": gettext("by hand"),
        "bounce": gettext("mail came back"),
        "complaint": gettext("complaint"),
    }


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None
