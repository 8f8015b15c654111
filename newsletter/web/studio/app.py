"""The application behind `newsletter studio`: the screen, its files and frames, and the preview's pages beside.

Only PUT and POST change anything, and only when a page of ours sends them. Every text of an editor is
escaped in our pages and shown in frames that have no origin.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

from newsletter.web.errors import for_editors
from newsletter.web.laid import AT, LAID
from newsletter.web.live import Live
from newsletter.web.preview import Previewed
from newsletter.web.public import public_routes
from newsletter.web.security import (
    OWN_PAGES,
    Everybody,
    SecurityHeaders,
    account_of,
    allowed_hosts,
    sees_people,
)
from newsletter.web.studio.access import Access
from newsletter.web.studio.actions import Actions
from newsletter.web.studio.choice import choice_of
from newsletter.web.studio.files import ORDER, Files
from newsletter.web.studio.frames import Frames
from newsletter.web.studio.guard import AccessGuard
from newsletter.web.studio.login import login_routes
from newsletter.web.studio.people import People
from newsletter.web.studio.person_picker import PersonPicker
from newsletter.web.studio.phone import Phone, network_address
from newsletter.web.studio.screen import screen
from newsletter.web.studio.sending import HELD, Sending
from newsletter.web.studio.versions import Versions
from newsletter.web.views import STATIC, page
from newsletter.web.words import LanguageChooser
from newsletter.web.worker import worker_of, working
from newsletter.workflow import accounts, issue_folders
from newsletter.workflow.editing import EditingDesk
from newsletter.workflow.preview import PreviewDesk

SCRIPT = "x-live"
"""A header of the requests that the screen's script makes for itself."""


def studio_app(
    root: Path,
    issue: str = "",
    hosts: tuple[str, ...] = (),
    access: Access | None = None,
    *,
    held: float = HELD,
) -> Starlette:
    """`issue` is one from elsewhere, shown as well; `hosts` are more names to answer to; `held` the seconds in which a
    send can be taken back. Without `access`
    everybody who reaches the application may use it: for tests, never for a server."""
    desk = PreviewDesk(root, issue)
    key = access.frames if access is not None else "open"
    frames = Frames(desk, key)
    live = Live(desk, frames.rendered)
    worker = worker_of(lambda: desk.publication)
    readers = public_routes(lambda: desk.publication)

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with working(worker), live.watching():
            yield
        people.stop()

    lan = next(filter(None, map(network_address, hosts)), "")
    named = allowed_hosts(desk.publication.base_url, more=(*hosts, lan))
    middleware = [
        Middleware(LanguageChooser),
        Middleware(SecurityHeaders, policy=OWN_PAGES),
        Middleware(TrustedHostMiddleware, allowed_hosts=named, www_redirect=False),
    ]
    if access is not None:
        guard = Middleware(
            AccessGuard,
            access=access,
            readers=_paths(readers),
            session=lambda token: accounts.session(desk.publication, token),
            any_account=lambda: bool(accounts.all_accounts(desk.publication)),
        )
        middleware.append(guard)
    else:
        middleware.append(Middleware(Everybody))
    sending = Sending(desk, worker, held)
    people = People(desk)
    own = [
        *sending.routes(),
        *people.routes(),
        *PersonPicker(desk).routes(),
        *Phone(desk, access, lan).routes(),
        *login_routes(lambda: desk.publication),
    ]
    return Starlette(
        routes=[*own, *_routes(desk, live, frames, key, readers)],
        middleware=middleware,
        exception_handlers=dict(for_editors()),
        lifespan=lifespan,
    )


def _paths(readers: list[BaseRoute]) -> tuple[str, ...]:
    """Where the public pages are, which readers of the demonstration's mails come to without a token."""
    paths = (str(getattr(route, "path", "")).partition("{")[0] for route in readers)
    return tuple(
        path if path.endswith("/") else f"{path}/" for path in paths if path not in ("", "/")
    )


def _routes(
    desk: PreviewDesk, live: Live, frames: Frames, key: str, readers: list[BaseRoute]
) -> list[BaseRoute]:
    editing = EditingDesk(desk.publication.root, desk.path)
    files, screens = Files(editing, desk, live), _Screens(desk, editing, live, key)
    file = "/studio/{slug}/files/{name:path}"
    own: list[BaseRoute] = [
        Route("/", screens.index),
        Route("/healthz", lambda request: PlainTextResponse("ok\n")),
        Route("/studio/{slug}", screens.show),
        Route("/studio/{slug}/frame/{view}", frames.show),
        Route("/studio/{slug}/versions", Versions(desk).show),
        Route(file, files.read, methods=["GET"]),
        Route(file, files.save, methods=["PUT"]),
        Route(file, files.submit, methods=["POST"]),
        *Actions(desk, editing, live).routes(),
        *Previewed(desk).routes(),
        WebSocketRoute("/live", live.socket),
        Mount(AT.rstrip("/"), StaticFiles(directory=LAID, check_dir=False)),
        Mount("/static", StaticFiles(directory=STATIC)),
    ]
    taken = {getattr(route, "path", "") for route in own}
    return [*own, *(route for route in readers if getattr(route, "path", "") not in taken)]


class _Screens:
    def __init__(self, desk: PreviewDesk, editing: EditingDesk, live: Live, key: str) -> None:
        self._key = key
        self._desk = desk
        self._editing = editing
        self._live = live

    def index(self, request: Request) -> Response:
        publication, changes = self._desk.publication, self._live.changes
        return page(
            "index",
            changes=changes,
            publication=publication,
            issues=self._desk.listed(),
            trashed=issue_folders.trashed(publication),
            today=datetime.datetime.now().astimezone().date().isoformat(),
            sees_people=sees_people(request),
        )

    async def show(self, request: Request) -> Response:
        slug = request.path_params["slug"]
        choice, changes = choice_of(slug, request.query_params), self._live.changes
        people = sees_people(request)
        choice = choice if people else replace(choice, person="")
        if choice.person == "random":  # somebody is drawn once, then looked at as everybody else is
            drawn = await run_in_threadpool(self._desk.person, choice.person)
            there = choice.address(person=drawn.key if drawn else "")
            return RedirectResponse(there, 303, {"cache-control": "no-store"})
        editing = self._editing.issue(slug)
        await run_in_threadpool(editing.follow)
        asked = choice.file
        choice = replace(choice, file=editing.name_now(asked, request.headers.get(ORDER, "")))
        state = self._desk.state(slug)
        # A script is told when pages are laid out; who has none waits for them.
        wait = SCRIPT not in request.headers
        return await run_in_threadpool(
            screen,
            self._desk,
            editing,
            choice,
            state,
            self._key,
            account_of(request),
            changes,
            was=asked if asked != choice.file else "",
            wait=wait,
        )
