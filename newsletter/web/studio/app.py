"""The application behind `newsletter studio`: the screen, its files and frames, and the preview's pages beside.

Only PUT and POST change anything, and only when a page of ours sends them. Every text of an editor is
escaped in our pages and shown in frames that have no origin.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from newsletter.web.errors import for_editors
from newsletter.web.live import Live
from newsletter.web.preview import preview_routes
from newsletter.web.public import public_routes
from newsletter.web.security import OWN_PAGES, SecurityHeaders, allowed_hosts
from newsletter.web.studio.assets import LAID
from newsletter.web.studio.choice import choice_of
from newsletter.web.studio.files import Files
from newsletter.web.studio.frames import Frames
from newsletter.web.studio.screen import screen
from newsletter.web.views import page
from newsletter.workflow.editing import EditingDesk
from newsletter.workflow.preview import PreviewDesk


def studio_app(root: Path, issue: str = "", hosts: tuple[str, ...] = ()) -> Starlette:
    """`issue` is one from elsewhere, shown as well; `hosts` are more names to answer to."""
    desk = PreviewDesk(root, issue)
    live = Live(desk.watched)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with live.watching():
            yield

    return Starlette(
        routes=_routes(desk, live),
        middleware=[
            Middleware(SecurityHeaders, policy=OWN_PAGES),
            Middleware(
                TrustedHostMiddleware, allowed_hosts=allowed_hosts(more=hosts), www_redirect=False
            ),
        ],
        exception_handlers=dict(for_editors()),
        lifespan=lifespan,
    )


def _routes(desk: PreviewDesk, live: Live) -> list[BaseRoute]:
    editing = EditingDesk(desk.publication.root, desk.path)
    files, frames, screens = Files(editing), Frames(desk), _Screens(desk, editing, live)
    file = "/studio/{slug}/files/{name:path}"
    own: list[BaseRoute] = [
        Route("/", screens.index),
        Route("/healthz", lambda request: PlainTextResponse("ok\n")),
        Route("/studio/{slug}", screens.show),
        Route("/studio/{slug}/frame/{view}", frames.show),
        Route(file, files.read, methods=["GET"]),
        Route(file, files.save, methods=["PUT"]),
        Route(file, files.submit, methods=["POST"]),
        Mount("/editor", StaticFiles(directory=LAID, check_dir=False)),
    ]
    taken = {getattr(route, "path", "") for route in own}
    beside = [*preview_routes(desk, live), *public_routes(lambda: desk.publication)]
    return [*own, *(route for route in beside if getattr(route, "path", "") not in taken)]


class _Screens:
    def __init__(self, desk: PreviewDesk, editing: EditingDesk, live: Live) -> None:
        self._desk = desk
        self._editing = editing
        self._live = live

    def index(self, request: Request) -> Response:
        issues = self._desk.listed()
        return page("index", publication=self._desk.publication, issues=issues, at="/studio")

    async def show(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        choice = choice_of(slug, request.query_params)
        editing = self._editing.issue(slug)
        state = self._desk.state(slug)
        response = await run_in_threadpool(screen, self._desk, editing, choice, state)
        if choice.view == "print":
            response.background = BackgroundTask(self._print_too, slug)
        return response

    async def _print_too(self, slug: str) -> None:
        """Lays out the pages once the screen is out, and tells the windows when they are new."""
        before = self._desk.known_pages(slug)
        now = await run_in_threadpool(self._desk.pages, slug)
        if before is not now:
            await self._live.tell()
