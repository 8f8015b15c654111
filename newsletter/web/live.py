"""Live reload: a save on disk becomes a message to every open page, over one WebSocket each. Nothing is polled.

The message only says that something changed; the page then asks for itself anew and gets what the desk
renders, so a slow rendering can never be overtaken by an older one.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from starlette.websockets import WebSocket, WebSocketDisconnect
from watchfiles import DefaultFilter, awatch

from newsletter.web.security import same_host

_STEP, _DEBOUNCE = 20, 60
"""Milliseconds: how often changes are collected, and how long one collection may last."""


class Live:
    """The open pages, and the watch over the files behind them."""

    def __init__(self, watched: Callable[[], tuple[Path, ...]]) -> None:
        self._watched = watched
        self._pages: set[WebSocket] = set()
        self._stop = asyncio.Event()

    async def socket(self, websocket: WebSocket) -> None:
        """The endpoint of a page. Pages of other sites are turned away."""
        if not same_host(websocket.headers.get("origin"), websocket.headers.get("host")):
            await websocket.close(1008)
            return
        await websocket.accept()
        self._pages.add(websocket)
        try:
            while True:
                await websocket.receive_text()
        except WebSocketDisconnect:
            pass
        finally:
            self._pages.discard(websocket)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watches as long as the application runs."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._stop.set()
            await task

    async def _watch(self) -> None:
        while not self._stop.is_set():
            paths = self._watched()
            changes = awatch(
                *paths,
                watch_filter=DefaultFilter(),
                step=_STEP,
                debounce=_DEBOUNCE,
                stop_event=self._stop,
            )
            async for _ in changes:
                await self.tell()
                if self._watched() != paths:
                    break

    async def tell(self) -> None:
        for page in tuple(self._pages):
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await page.send_text("changed")
