"""Errors become pages here, and only here: a status, what happened, what to do. Never a traceback."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from newsletter.problems import ContentError, NewsletterError, TryAgainLater, UsageError
from newsletter.publication import Publication
from newsletter.web.problem_words import error_hint, error_message
from newsletter.web.views import page
from newsletter.workflow.pages import render_page

Handlers = Mapping[Any, Callable[[Request, Exception], Awaitable[Response]]]
_log = logging.getLogger("newsletter.web")


def status_of(caught: Exception) -> int:
    """The HTTP status that tells the same as the exception."""
    match caught:
        case HTTPException():
            return caught.status_code
        case UsageError():
            return 404
        case ContentError():
            return 422
        case TryAgainLater():
            return 503
        case _:
            return 500


def for_editors() -> Handlers:
    """Pages of the preview: they say all that is known."""

    async def handle(_: Request, caught: Exception) -> Response:
        status = status_of(caught)
        if isinstance(caught, NewsletterError):
            problems = caught.problems if isinstance(caught, ContentError) else ()
            return page(
                "error",
                status,
                message=error_message(caught.message),
                hint=error_hint(caught.hint),
                problems=problems,
            )
        if isinstance(caught, HTTPException):
            return page("error", status, message=caught.detail, hint="", problems=())
        _log.exception("a page of the preview failed", exc_info=caught)
        hint = "The terminal that runs the preview says more."
        return page("error", status, message="This page failed.", hint=hint, problems=())

    return _all(handle)


def for_readers(publication: Callable[[], Publication]) -> Handlers:
    """Pages for everybody, in the publication's language: they tell nothing of what is inside."""

    async def handle(_: Request, caught: Exception) -> Response:
        status = status_of(caught)
        if status >= 500:
            _log.exception("a page failed", exc_info=caught)
        headers = {"cache-control": "no-store"} | ({"retry-after": "60"} if status == 503 else {})
        headers |= dict(getattr(caught, "headers", None) or {})
        kind = _kind(status)
        try:
            html = render_page(publication(), "message", kind=kind)
        except NewsletterError:
            return PlainTextResponse(kind.replace("_", " "), status, headers)
        return HTMLResponse(html, status, headers)

    return _all(handle)


def _kind(status: int) -> str:
    """Which words readers get: only where there is no page it is said so."""
    if status >= 500:
        return "failed"
    return "not_found" if status in (404, 410) else "refused"


def _all(handle: Callable[[Request, Exception], Awaitable[Response]]) -> Handlers:
    return {
        NewsletterError: handle,
        HTTPException: handle,
        ClientDisconnect: _gone,
        Exception: handle,
    }


async def _gone(_: Request, caught: Exception) -> Response:
    """Whoever hung up in the middle of a form reads no answer, and is no failure of ours."""
    return PlainTextResponse("", 400)
