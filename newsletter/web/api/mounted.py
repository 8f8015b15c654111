"""The API where the public application has it: made with the first request, and never with a reader's cookies."""

from __future__ import annotations

import threading
from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from newsletter.publication import Publication


class Api:
    """FastAPI and pydantic are imported here and only when somebody asks."""

    def __init__(self, publication: Callable[[], Publication]) -> None:
        self._publication = publication
        self._app: ASGIApp | None = None
        self._lock = threading.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
