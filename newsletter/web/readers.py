"""Signing up, confirming, and a reader's own settings: forms that work without a script.

    GET  /subscribe                  the form          POST  takes it; a mail follows
    GET  /confirm/<token>            one button        POST  confirms
    GET  /preferences/<token>        the settings      POST  changes them, or leaves everything

A GET changes nothing, whoever fetches it. The form may stand on any other site as plain HTML: what it
sends without our token of time comes back once, filled in, to be sent again from here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from newsletter.publication import Publication
from newsletter.web.security import READERS_PAGES
from newsletter.workflow import preferences, signing_up
from newsletter.workflow.pages import render_page
from newsletter.workflow.signing_up import Answer, Form

LARGEST_FORM = 16_384
MOST_FIELDS = 200
Fields = dict[str, list[str]]
Handler = Callable[[Publication, Request, Fields], Response]


def readers_routes(publication: Callable[[], Publication]) -> list[BaseRoute]:
    def route(path: str, show: Handler, act: Handler) -> Route:
        return Route(path, _endpoint(publication, show, act), methods=["GET", "POST"])

    return [
        route("/subscribe", _show_form, _take_form),
        route("/confirm/{token}", _show_confirmation, _confirm),
        route("/preferences/{token}", _show_preferences, _change_preferences),
    ]


def reader_page(
    publication: Publication, name: str, status: int = 200, /, **values: object
) -> Response:
    """One of the publication's small pages: never kept by anybody, found by no search engine."""
    headers = {
        "cache-control": "no-store",
        "x-robots-tag": "noindex",
        "content-security-policy": READERS_PAGES,
    }
    return HTMLResponse(render_page(publication, name, **values), status, headers)


def _endpoint(
    publication: Callable[[], Publication], show: Handler, act: Handler
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            fields = await _fields(request)
            return await run_in_threadpool(act, publication(), request, fields)
        return await run_in_threadpool(show, publication(), request, {})

    return endpoint


async def _fields(request: Request) -> Fields:
    """What a form sent, URL-encoded, bounded in size and number."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise HTTPException(413)
    try:
        text = body.decode("utf-8")
        return parse_qs(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as caught:
        raise HTTPException(400) from caught


def _one(fields: Fields, name: str) -> str:
    return fields.get(name, [""])[0]


def _ip(request: Request) -> str:
    return request.client.host if request.client else ""


def _show_form(publication: Publication, request: Request, fields: Fields) -> Response:
    return _form(publication, Form(), "")


def _take_form(publication: Publication, request: Request, fields: Fields) -> Response:
    form = Form(
        email=_one(fields, "email"),
        name=_one(fields, "name"),
        lists=tuple(fields.get("list", [])),
        shown=_one(fields, "shown"),
        trap=_one(fields, "website"),
    )
    posted = signing_up.sign_up(publication, form, _ip(request))
    if posted.answer is Answer.ASKED:
        response = reader_page(publication, "message", kind="asked")
        if posted.mail is not None:
            response.background = BackgroundTask(signing_up.send, publication, posted)
        return response
    if posted.answer is Answer.BUSY:
        return reader_page(publication, "message", 429, kind="busy")
    return _form(publication, form, str(posted.answer))


def _form(publication: Publication, form: Form, note: str) -> Response:
    lists = signing_up.shown_lists(publication)
    if not lists:
        return reader_page(publication, "message", 404, kind="closed")
    status = 422 if note in (Answer.BAD_ADDRESS, Answer.NO_LIST) else 200
    return reader_page(
        publication,
        "subscribe",
        status,
        lists=lists,
        form=form,
        note=note,
        shown=signing_up.form_token(publication),
    )


def _show_confirmation(publication: Publication, request: Request, fields: Fields) -> Response:
    found = signing_up.confirmation(publication, request.path_params["token"])
    if found is None:
        return reader_page(publication, "message", 404, kind="expired")
    return reader_page(publication, "confirmed" if found.confirmed else "confirm", reader=found)


def _confirm(publication: Publication, request: Request, fields: Fields) -> Response:
    found = signing_up.confirm(publication, request.path_params["token"], _ip(request))
    if found is None:
        return reader_page(publication, "message", 404, kind="expired")
    return reader_page(publication, "confirmed", reader=found)


def _show_preferences(publication: Publication, request: Request, fields: Fields) -> Response:
    found = preferences.preferences(publication, request.path_params["token"])
    return _settings(publication, found, saved=False)


def _change_preferences(publication: Publication, request: Request, fields: Fields) -> Response:
    token = request.path_params["token"]
    if "leave" in fields:
        found = preferences.leave_all(publication, token)
    else:
        found = preferences.change_preferences(
            publication,
            token,
            name=_one(fields, "name"),
            language=_one(fields, "language"),
            lists=tuple(fields.get("list", [])),
            ip=_ip(request),
        )
    return _settings(publication, found, saved=True)


def _settings(
    publication: Publication, found: preferences.Preferences | None, *, saved: bool
) -> Response:
    if found is None:
        return reader_page(publication, "message", 404, kind="unknown")
    return reader_page(
        publication, "preferences", reader=found, saved=saved, languages=preferences.LANGUAGES
    )
