"""The preview: the list of issues, and each issue's editions side by side with what is wrong with it.

Every address is read with GET and changes nothing. What the editor wrote is shown in frames that run no
script. Links of sent mails work here too: the public pages are served beside.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from newsletter.web.errors import for_editors
from newsletter.web.frame_html import framed
from newsletter.web.issue_page import VIEWS, issue_page
from newsletter.web.live import Live
from newsletter.web.public import public_routes
from newsletter.web.security import FRAMED, OWN_PAGES, SecurityHeaders, allowed_hosts
from newsletter.web.views import STATIC, page
from newsletter.workflow.preview import PreviewDesk

PAGE_WIDTHS = (320, 640, 1280)
_KEPT = {"cache-control": "private, max-age=86400, immutable"}
_FRESH = {"cache-control": "no-store"}


def preview_app(root: Path, issue: str = "", hosts: tuple[str, ...] = ()) -> Starlette:
    """The application behind `newsletter preview`. `issue` is one from elsewhere, shown as well."""
    desk = PreviewDesk(root, issue)
    live = Live(desk.watched)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with live.watching():
            yield

    readers = [route for route in public_routes(lambda: desk.publication) if _path(route) != "/"]
    return Starlette(
        routes=[*_Routes(desk, live).all(), *readers],
        middleware=[
            Middleware(SecurityHeaders, policy=OWN_PAGES),
            Middleware(
                TrustedHostMiddleware, allowed_hosts=allowed_hosts(more=hosts), www_redirect=False
            ),
        ],
        exception_handlers=dict(for_editors()),
        lifespan=lifespan,
    )


def preview_routes(desk: PreviewDesk, live: Live) -> list[Route | Mount | WebSocketRoute]:
    """The pages and files of the preview, for an application that has more."""
    return _Routes(desk, live).all()


class _Routes:
    def __init__(self, desk: PreviewDesk, live: Live) -> None:
        self._desk = desk
        self._live = live

    def all(self) -> list[Route | Mount | WebSocketRoute]:
        at = "/preview/{slug}"
        return [
            Route("/", self.index),
            Route("/preview", lambda request: RedirectResponse("/")),
            Route(at, self.issue),
            Route(f"{at}/mail/", self.mail),
            Route(f"{at}/mail/{{name:path}}", self.mail_picture),
            Route(f"{at}/web/{{name:path}}", self.web),
            Route(f"{at}/pages/{{number:int}}.png", self.page_image),
            Route(f"{at}/message.eml", self.message),
            WebSocketRoute("/live", self._live.socket),
            Mount("/static", StaticFiles(directory=STATIC)),
        ]

    def index(self, request: Request) -> Response:
        publication = self._desk.publication
        return page("index", publication=publication, issues=self._desk.listed(), at="/preview")

    async def issue(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        view = request.query_params.get("view", VIEWS[0])
        if view not in VIEWS:
            raise HTTPException(404, f"There is no view {view}.")
        response = await run_in_threadpool(issue_page, self._desk, slug, view, request.query_params)
        response.background = BackgroundTask(self._print_too, slug)
        return response

    async def _print_too(self, slug: str) -> None:
        """Makes the print edition once the page is out, and tells the pages when it found anything new."""
        before = self._desk.known_pages(slug)
        now = await run_in_threadpool(self._desk.pages, slug)
        if before is not now:
            await self._live.tell()

    def mail(self, request: Request) -> Response:
        shown = self._desk.shown(request.path_params["slug"])
        if shown.email is None:
            return page("frame-empty", 200)
        return _frame(shown.html, request)

    def mail_picture(self, request: Request) -> Response:
        file = self._desk.picture(request.path_params["slug"], request.path_params["name"])
        if file is None:
            raise HTTPException(404, "The mail has no such picture.")
        return Response(file.data, media_type=file.media_type, headers=_KEPT)

    def web(self, request: Request) -> Response:
        name = request.path_params["name"] or "index.html"
        file = self._desk.web_file(request.path_params["slug"], name)
        if file is None:
            raise HTTPException(404, "The web edition has no such file.")
        if file.media_type.startswith("text/html"):
            return _frame(file.data.decode("utf-8"), request)
        return Response(file.data, media_type=file.media_type, headers=_FRESH)

    def page_image(self, request: Request) -> Response:
        width = int(request.query_params.get("width", PAGE_WIDTHS[1]))
        if width not in PAGE_WIDTHS:
            raise HTTPException(
                404, f"Pages are shown {', '.join(map(str, PAGE_WIDTHS))} pixels wide."
            )
        number = request.path_params["number"]
        png = self._desk.page_image(request.path_params["slug"], number, width)
        if png is None:
            raise HTTPException(404, f"There is no page {number}.")
        return Response(png, media_type="image/png", headers=_KEPT)

    def message(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        message = self._desk.message(slug)
        if message is None:
            raise HTTPException(404, "The mail cannot be made at present.")
        disposition = "attachment; filename=message.eml"
        return PlainTextResponse(
            message,
            headers={**_FRESH, "content-disposition": disposition},
            media_type="message/rfc822",
        )


def _frame(html: str, request: Request) -> Response:
    """What the editor wrote, in the colours asked for, its links opening outside of the frame."""
    html = framed(html, request.query_params.get("scheme", ""), '<base target="_blank">')
    return HTMLResponse(html, headers={**_FRESH, "content-security-policy": FRAMED})


def _path(route: object) -> str:
    return str(getattr(route, "path", ""))
