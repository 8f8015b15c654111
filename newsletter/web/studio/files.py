"""The files of an issue over HTTP: read with GET, saved with PUT (a script) or POST (a plain form).

`If-Match` names the version that the typing began from. Answers: 200 saved, 409 both changed the same
lines and nothing was written, 428 without a version, 413 too large, 507 the disk does not take it (and why).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from newsletter.problems import NewsletterError, UsageError
from newsletter.web.live import Live
from newsletter.web.problem_words import error_message
from newsletter.web.studio.choice import choice_of
from newsletter.web.studio.conflict_page import conflict_page
from newsletter.web.studio.origin import refuse_other_sites
from newsletter.workflow.editing import MISSING, Conflict, EditingDesk, Saved
from newsletter.workflow.merging import Agreed
from newsletter.workflow.preview import PreviewDesk

_log = logging.getLogger("newsletter.web")
MOST = 8_000_000
"""Bytes of a request: the text and its base, each up to what the reader of issues takes, escaped."""
ORDER = "x-order"
"""A header of the window's own requests: the order in which it knows the names of the files."""
_FRESH = {"cache-control": "no-store"}


class Files:
    """The endpoints of `/studio/{slug}/files/{name}`."""

    def __init__(self, editing: EditingDesk, desk: PreviewDesk, live: Live) -> None:
        self._editing = editing
        self._desk = desk
        self._live = live

    async def read(self, request: Request) -> Response:
        slug, name = _place(request)
        opened = await run_in_threadpool(self._editing.issue(slug).open, name)
        told = {"text": opened.text, "version": opened.version, "refusal": opened.refusal}
        return JSONResponse(told, headers={**_FRESH, "etag": f'"{opened.version}"'})

    async def save(self, request: Request) -> Response:
        refuse_other_sites(request)
        version = request.headers.get("if-match", "").strip('"')
        if not version:
            raise HTTPException(428, "A save names the version of the file that it began from.")
        typed = _typed(await _body(request))
        try:
            outcome = await self._saved(request, typed["text"], typed["base"], version)
        except OSError as caught:  # a full disk, mostly; the window keeps the text and tries again
            _log.warning("nothing was saved: %s", caught)
            return JSONResponse({"message": caught.strerror}, 507, _FRESH)
        except NewsletterError as caught:
            if isinstance(caught, UsageError):
                raise
            _log.warning("nothing was saved: %s", caught.message)
            return JSONResponse({"message": error_message(caught.message)}, 507, _FRESH)
        if isinstance(outcome, Conflict):
            return JSONResponse(_conflict(outcome), 409, _FRESH)
        return JSONResponse(_saved(outcome), headers=_FRESH)

    async def submit(self, request: Request) -> Response:
        """What a form without scripts sends; it comes back to the same screen."""
        refuse_other_sites(request)
        form = _form(await _body(request))
        slug, name = _place(request)
        choice = choice_of(slug, request.query_params)
        version, text, base = (form.get(key, "") for key in ("version", "text", "base"))
        if not version:
            raise HTTPException(428, "The form names no version of the file.")
        outcome = await self._saved(request, text, base, version)
        if isinstance(outcome, Conflict):
            return conflict_page(outcome, slug, choice)
        return RedirectResponse(choice.address(file=name), 303)

    async def _saved(
        self, request: Request, text: str, base: str, version: str
    ) -> Saved | Conflict:
        slug, name = _place(request)
        issue = self._editing.issue(slug)
        order = request.headers.get(ORDER, "")
        outcome = await run_in_threadpool(
            issue.save, name, text, version=version, base=base, order=order
        )
        if isinstance(outcome, Saved):
            self._desk.type_saved(slug, issue.name_now(name, order), text)
            self._live.saved(slug)
        return outcome


def _place(request: Request) -> tuple[str, str]:
    return request.path_params["slug"], request.path_params["name"]


async def _body(request: Request) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MOST:
            raise HTTPException(413, "The text is too large.")
    return bytes(data)


def _typed(data: bytes) -> Mapping[str, str]:
    try:
        typed = json.loads(data)
    except ValueError as caught:
        raise HTTPException(400, "The save is not JSON.") from caught
    if not isinstance(typed, dict) or not all(
        isinstance(typed.get(key), str) for key in ("text", "base")
    ):
        raise HTTPException(400, "A save has a text and the base it began from.")
    return typed


def _form(data: bytes) -> Mapping[str, str]:
    fields = parse_qs(data.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _saved(saved: Saved) -> dict[str, Any]:
    at = saved.at.strftime("%H:%M:%S")
    return {"text": saved.text, "version": saved.version, "at": at, "merged": saved.merged}


def _conflict(conflict: Conflict) -> dict[str, Any]:
    regions = [
        {"agreed": len(region.lines)}
        if isinstance(region, Agreed)
        else {"mine": region.mine, "theirs": region.theirs}
        for region in conflict.merged.regions
    ]
    return {
        "file": conflict.file,
        "version": conflict.version,
        "gone": conflict.version == MISSING,
        "theirs": conflict.theirs,
        "keep_mine": conflict.merged.mine,
        "take_file": conflict.merged.theirs,
        "regions": regions,
    }
