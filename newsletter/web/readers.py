"""Signing up, confirming, and a reader's own settings: forms that work without a script.

    GET  /subscribe                  the form          POST  takes it; a mail follows
    GET  /confirm/<token>            one button        POST  confirms
    GET  /preferences/<token>        the settings      POST  changes them, pauses, leaves everything, erases
    GET  /preferences/<token>/data   what is known of the reader, as JSON

A GET changes nothing, whoever fetches it. The form may stand on any other site as plain HTML: what it
sends without our token of time comes back once, filled in, to be sent again from here.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from time import monotonic
from urllib.parse import parse_qs

from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from newsletter.publication import Publication
from newsletter.web import even
from newsletter.web.security import READERS_PAGES
from newsletter.workflow import preferences, signing_up
from newsletter.workflow.pages import page_language, page_words, render_page
from newsletter.workflow.signing_up import Answer, Form

LARGEST_FORM = 16_384
MOST_FIELDS = 200
Fields = dict[str, list[str]]
Handler = Callable[[Publication, Request, Fields], Response]


def readers_routes(publication: Callable[[], Publication]) -> list[BaseRoute]:
    def route(path: str, show: Handler, act: Handler) -> Route:
        return Route(path, _endpoint(publication, show, act), methods=["GET", "POST"])

    return [
        Route("/subscribe", _subscribe_endpoint(publication), methods=["GET", "POST"]),
        route("/confirm/{token}", _show_confirmation, _confirm),
        route("/preferences/{token}", _show_preferences, _change_preferences),
        Route("/preferences/{token}/data", _data_endpoint(publication), methods=["GET"]),
    ]


def reader_page(
    publication: Publication, name: str, status: int = 200, /, language: str = "", **values: object
) -> Response:
    """One of the publication's small pages, in a reader's language where there are words for it: never kept by
    anybody, found by no search engine."""
    headers = {
        "cache-control": "no-store",
        "x-robots-tag": "noindex",
        "content-security-policy": READERS_PAGES,
    }
    html = render_page(publication, name, language, **values)
    return HTMLResponse(html, status, headers)


def _endpoint(
    publication: Callable[[], Publication], show: Handler, act: Handler
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "POST":
            fields = await _fields(request)
            return await run_in_threadpool(act, publication(), request, fields)
        return await run_in_threadpool(show, publication(), request, {})

    return endpoint


def _subscribe_endpoint(
    publication: Callable[[], Publication],
) -> Callable[[Request], Awaitable[Response]]:
    plain = _endpoint(publication, _show_form, _take_form)

    async def endpoint(request: Request) -> Response:
        began = monotonic()
        response = await plain(request)
        if request.method == "POST" and response.status_code == 200:
            await even.next_tick(began)
        return response

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
        response = reader_page(publication, "message", 429, kind="often")
        response.headers["retry-after"] = str(int(signing_up.HOUR.total_seconds()))
        return response
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
    token = request.path_params["token"]
    return _settings(publication, preferences.preferences(publication, token), token)


def _change_preferences(publication: Publication, request: Request, fields: Fields) -> Response:
    token = request.path_params["token"]
    if "erase" in fields:
        return _erase(publication, token, sure="sure" in fields)
    if "leave" in fields:
        found = preferences.leave_all(publication, token)
    elif "pause" in fields:
        found = preferences.pause(publication, token)
    elif "resume" in fields:
        found = preferences.resume(publication, token)
    else:
        found = preferences.change_preferences(
            publication,
            token,
            name=_one(fields, "name"),
            language=_one(fields, "language"),
            lists=tuple(fields.get("list", [])),
            ip=_ip(request),
        )
    return _settings(publication, found, token, note="saved_text")


def _erase(publication: Publication, token: str, *, sure: bool) -> Response:
    found = preferences.preferences(publication, token)
    if found is None or not sure:
        return _settings(publication, found, token, note="erase_unsure")
    preferences.erase(publication, token)
    return reader_page(publication, "message", language=found.language, kind="erased")


def _settings(
    publication: Publication,
    found: preferences.Preferences | None,
    token: str,
    *,
    note: str = "",
) -> Response:
    if found is None:
        return reader_page(publication, "message", 404, kind="unknown")
    spoken = page_language(publication, found.language)
    until = found.paused_until
    return reader_page(
        publication,
        "preferences",
        language=spoken,
        reader=found,
        note=note,
        paused=page_words(publication, spoken).date(until.date()) if until else "",
        languages=preferences.LANGUAGES,
        data_link=f"/preferences/{token}/data",
    )


def _data_endpoint(
    publication: Callable[[], Publication],
) -> Callable[[Request], Awaitable[Response]]:
    def data(token: str) -> Response:
        found = preferences.data_of(publication(), token)
        if found is None:
            return reader_page(publication(), "message", 404, kind="unknown")
        text = json.dumps(found, ensure_ascii=False, indent=2) + "\n"
        headers = {
            "cache-control": "no-store",
            "x-robots-tag": "noindex",
            "content-disposition": 'attachment; filename="my-data.json"',
        }
        return Response(text, 200, headers, "application/json; charset=utf-8")

    async def endpoint(request: Request) -> Response:
        return await run_in_threadpool(data, request.path_params["token"])

    return endpoint
