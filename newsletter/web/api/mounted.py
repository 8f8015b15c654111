"""The API where the public application has it: made with the first request, and never with a reader's cookies."""

from __future__ import annotations

import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import URLPath
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import ASGIApp, Receive, Scope, Send

from newsletter.publication import Publication

PATH = "/api/v1"


class Api(BaseRoute):
    """Everything at and below `PATH`, whatever characters follow. FastAPI and pydantic are imported here and only
    when somebody asks."""

    def __init__(self, publication: Callable[[], Publication]) -> None:
        self._publication = publication
        self._app: ASGIApp | None = None
        self._lock = threading.Lock()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        path = str(scope.get("path", ""))
        if scope["type"] != "http" or not f"{path}/".startswith(f"{PATH}/"):
            return Match.NONE, {}
        root = str(scope.get("root_path", ""))
        return Match.FULL, {
            "app_root_path": scope.get("app_root_path", root),
            "root_path": root + PATH,
        }

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        raise NoMatchFound(name, path_params)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._app
        if app is None:
            app = await run_in_threadpool(self._made)
        headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        await app({**scope, "headers": headers}, receive, send)

    def _made(self) -> ASGIApp:
        with self._lock:
            if self._app is None:
                from newsletter.web.api.app import api_app

                self._app = api_app(self._publication)
            return self._app
