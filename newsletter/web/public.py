"""What readers see: published issues, their archive and feed, and the address that unsubscribes.

    GET  /healthz                          ok, when the database answers as well
         /robots.txt, /sitemap.xml,
         /.well-known/security.txt         see `site`
    GET  /issues/, /issues/feed.xml,
         /issues/<slug>/…                  published files, as any static host would serve them
         /subscribe, /confirm/<token>,
         /preferences/<token>              see `readers`
    GET  /unsubscribe/<token>              a page with one button; nothing changes, whoever fetches it
    POST /unsubscribe/<token>              unsubscribes: the button, or a mail program (RFC 8058)
    POST /unsubscribe/<token>/settings     mails the link to a reader's settings to their own address
         /unsubscribe/preview              what test mails and previews link to; inert
         /c/<token>/…                      counted links, see `clicks`
         /api/v1/…                         for programs with a key: see `api`

Unsubscribing asks for no cookie, login or second step, and may be done twice. A wrong token is a page
that says what to do.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from newsletter.publication import Publication
from newsletter.web.api.mounted import Api
from newsletter.web.clicks import click_routes
from newsletter.web.errors import for_readers
from newsletter.web.files import ASK_AGAIN, FEEDS, PublishedFiles, media_type
from newsletter.web.readers import reader_page, readers_routes
from newsletter.web.security import READERS_PAGES, SecurityHeaders, allowed_hosts
from newsletter.web.settings_mail import settings_link, settings_mail_route
from newsletter.web.site import site_routes
from newsletter.web.worker import worker_of, working
from newsletter.workflow import published, unsubscribing
from newsletter.workflow.archive import archive_files
from newsletter.workflow.database import answers, keeping_open

PREVIEW = "preview"
"""Stands where a reader's token would in test mails and previews."""
LARGEST_FORM = 4096


def public_app(
    publication: Publication, hosts: tuple[str, ...] = (), *, works: bool = False
) -> Starlette:
    """The application behind `newsletter serve`; `hosts` are names it also answers to. With `works` it looks after
    campaigns as well: what is scheduled or held, and what a server was sending."""
    named = allowed_hosts(publication.base_url, more=hosts)
    api = [Api(lambda: publication)] if publication.settings.api.enabled else []

    def health(_: Request) -> Response:
        answers(publication)
        return PlainTextResponse("ok\n", headers={"cache-control": "no-store"})

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        if not works:
            with keeping_open(publication):
                yield
            return
        async with working(worker_of(lambda: publication)):
            yield

    return Starlette(
        lifespan=lifespan,
        routes=[*api, Route("/healthz", health), *public_routes(lambda: publication)],
        middleware=[
            Middleware(SecurityHeaders, policy=READERS_PAGES),
            Middleware(TrustedHostMiddleware, allowed_hosts=named, www_redirect=False),
        ],
        exception_handlers=dict(for_readers(lambda: publication)),
    )


def public_routes(publication: Callable[[], Publication]) -> list[BaseRoute]:
    folder = published.issues_folder(publication())
    return [
        *unsubscribe_routes(publication),
        *click_routes(publication),
        *readers_routes(publication),
        Route("/", lambda request: RedirectResponse("/issues/"), methods=["GET"]),
        *(_redirect(name) for name in FEEDS),
        *site_routes(publication),
        *(Route(f"/issues/{name}", _feed(publication, folder, name)) for name in FEEDS),
        Route("/issues/", _archive(publication, PublishedFiles(folder)), methods=["GET"]),
        Mount("/issues", PublishedFiles(folder)),
    ]


def _redirect(name: str) -> Route:
    return Route(f"/{name}", lambda request: RedirectResponse(f"/issues/{name}"), methods=["GET"])


def _feed(
    publication: Callable[[], Publication], folder: Path, name: str
) -> Callable[[Request], Awaitable[Response]]:
    """The feed that was published, or before that an empty one, so that a reader may be subscribed in advance."""
    files = PublishedFiles(folder)

    async def feed(request: Request) -> Response:
        try:
            return await files.get_response(name, request.scope)
        except HTTPException:
            empty = await run_in_threadpool(archive_files, publication(), ())
            return Response(empty[name], headers={"cache-control": ASK_AGAIN}, media_type=kind)

    kind = media_type(name)
    return feed


def _archive(
    publication: Callable[[], Publication], files: PublishedFiles
) -> Callable[[Request], Awaitable[Response]]:
    """The archive's page, or before anything is published a page that says so."""

    async def archive(request: Request) -> Response:
        try:
            return await files.get_response("index.html", request.scope)
        except HTTPException:
            return await run_in_threadpool(reader_page, publication(), "empty-archive")

    return archive


def unsubscribe_routes(publication: Callable[[], Publication]) -> list[BaseRoute]:
    def show(request: Request) -> Response:
        token = request.path_params["token"]
        if token == PREVIEW:
            return reader_page(publication(), "message", kind="preview")
        reader = unsubscribing.unsubscribe_page(publication(), token)
        if reader is None:
            return reader_page(publication(), "message", 404, kind="unknown")
        name = "unsubscribed" if reader.already else "unsubscribe"
        return reader_page(
            publication(),
            name,
            language=reader.language,
            address=reader.address,
            leaves=reader.leaves,
            settings_link=settings_link(publication(), reader.language, token),
        )

    async def act(request: Request) -> Response:
        token = request.path_params["token"]
        if token == PREVIEW:
            return await run_in_threadpool(reader_page, publication(), "message", kind="preview")
        via = await _via(request)
        return await run_in_threadpool(_unsubscribe, publication(), token, via)

    async def unsubscribe(request: Request) -> Response:
        if request.method == "POST":
            return await act(request)
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"allow": "GET, HEAD, POST, OPTIONS"})
        return await run_in_threadpool(show, request)

    return [
        Route("/unsubscribe/{token}", unsubscribe, methods=["GET", "POST", "OPTIONS"]),
        settings_mail_route(publication),
    ]


def _unsubscribe(publication: Publication, token: str, via: str) -> Response:
    reader = unsubscribing.unsubscribe(publication, token, via=via)
    if reader is None:
        return reader_page(publication, "message", 404, kind="unknown")
    return reader_page(
        publication,
        "unsubscribed",
        language=reader.language,
        address=reader.address,
        leaves=reader.leaves,
    )


async def _via(request: Request) -> str:
    """Who acts: the button on the page, or a mail program, which says so in the body (RFC 8058 § 3.2).

    Mail programs send either kind of form; a body that is neither is a person's as well."""
    size = 0
    body = b""
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_FORM:
            raise HTTPException(413)
        body += chunk
    return "one-click" if b"One-Click" in body and b"List-Unsubscribe" in body else "page"
