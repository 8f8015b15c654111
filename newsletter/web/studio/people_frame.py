"""What the pages about subscribers share: who may see and change them, forms that need no script, messages.

Whoever may send may look; only an admin changes anything. A form that cannot be done comes back as the page it
was on, with what is wrong and what to do. A form that was done leads to a page by a redirect, so that reloading
does nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from newsletter.model.account import Action, may
from newsletter.problems import NewsletterError
from newsletter.publication import Publication
from newsletter.web.problem_words import sentence
from newsletter.web.security import account_of, require
from newsletter.web.studio.assets import own_version
from newsletter.web.studio.origin import refuse_other_sites
from newsletter.web.views import page
from newsletter.workflow.operator import operator
from newsletter.workflow.preview import PreviewDesk
from newsletter.workflow.scheduling import zone_of

AT = "/subscribers"
MOST_FIELDS = 1200
LARGEST_FORM = 2_000_000
Show = Callable[[Request, str], Response]
"""Shows the page of a form again, with what was wrong; empty to show it as it is."""
Act = Callable[[Request, FormData], str]
"""Does what a form says, and returns the address to go to."""


class Frame:
    """Makes pages and endpoints for one studio."""

    def __init__(self, desk: PreviewDesk) -> None:
        self._desk = desk

    @property
    def publication(self) -> Publication:
        return self._desk.publication

    def page(
        self, request: Request, name: str, here: str, status: int = 200, /, **values: object
    ) -> Response:
        """One of the pages `studio/people-….html`; `here` names the tab it stands under."""
        account = account_of(request)
        return page(
            f"studio/people-{name}",
            status,
            publication=self.publication,
            zone=zone_of(self.publication),
            account=account,
            may_change=may(account, Action.SUBSCRIBERS),
            here=here,
            at=AT,
            scripts=own_version(),
            path=request.url.path,
            query=urlencode(
                [pair for pair in request.query_params.multi_items() if pair[0] != "lang"]
            ),
            **values,
        )

    def shown(self, show: Show) -> Callable[[Request], Any]:
        """The endpoint that shows a page."""

        async def endpoint(request: Request) -> Response:
            require(request, Action.SEND)
            return await run_in_threadpool(show, request, "")

        return endpoint

    def done(
        self, act: Act, show: Show, *, files: int = 0, largest: int = LARGEST_FORM
    ) -> Callable[[Request], Any]:
        """The endpoint that takes a form; `show` is the page that it came from."""

        async def endpoint(request: Request) -> Response:
            refuse_other_sites(request)
            require(request, Action.SUBSCRIBERS)
            _refuse_large(request, largest)
            async with request.form(max_files=files, max_fields=MOST_FIELDS) as form:
                try:
                    there = await run_in_threadpool(act, request, form)
                except NewsletterError as caught:
                    told = sentence(caught)
                    response = await run_in_threadpool(show, request, told)
                    if response.status_code < 300:
                        response.status_code = 409
                    return response
            return RedirectResponse(there, 303)

        return endpoint


def actor_of(request: Request) -> str:
    """Who does something, for the record: an account's name, else the login at this machine."""
    account = account_of(request)
    return f"account:{account.name}" if account.id else operator()


def text_of(form: FormData | Mapping[str, Any], key: str, most: int = 10_000) -> str:
    """What a field of a form says, bounded; empty for what is no text."""
    value = form.get(key, "")
    return value.strip()[:most] if isinstance(value, str) else ""


def number_of(form: FormData | Mapping[str, Any], key: str) -> int | None:
    """The whole number that somebody typed: `1284`, `1,284` or `1 284`; None for anything else."""
    typed = "".join(
        one for one in text_of(form, key, 40) if not one.isspace() and one not in ",.'’"
    )
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None


def _refuse_large(request: Request, largest: int) -> None:
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise HTTPException(411, "The browser did not say how much it sends.")
    if int(length) > largest:
        raise HTTPException(413, "That is too large.")
