"""One open page of the studio: what it sees, what of that it has already, and what is sent to it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect

from newsletter.web.patches import difference
from newsletter.workflow.shown import OWN, PrintLook

PATIENCE = 1.5
"""Seconds for which a window waits for new printed pages before the rest of it follows."""


class Page:
    """One open page: what it sees, and what of that it has already."""

    def __init__(
        self,
        websocket: WebSocket,
        render: Callable[[str, str, str, str], str],
        *,
        people: bool,
    ) -> None:
        self._people = people
        self._websocket = websocket
        self._render = render
        self._seen: tuple[str, str, str, str] | None = None
        self._has: str | None = None
        self._waiting = asyncio.Event()
        self._changed = False
        self._pages: dict[str, Any] | None = None
        self._patience: asyncio.TimerHandle | None = None
        self.visible = True
        self.look = OWN
        self.slug = ""
        """The issue that is open in it."""
        self.prints = False
        """Whether it shows the printed pages."""
        self.drafts: set[tuple[str, str]] = set()

    def sees(self, slug: str) -> bool:
        return self._seen is not None and self._seen[0] == slug

    def see(self, slug: str, view: str, scheme: str, person: str, look: PrintLook = OWN) -> None:
        """What its frame shows; `look` is how printed pages are looked at, where it shows those."""
        person = person if self._people else ""
        self.look = look if view == "print" else OWN
        self.slug, self.prints = slug, view == "print"
        self._seen = (slug, view, scheme, person) if view in ("email", "web") else None
        self._has = None
        self._waiting.set()

    def show(self, on: bool) -> None:
        self.visible = on
        self._waiting.set()

    def mark(self, *, changed: bool) -> None:
        self._changed = self._changed or changed
        self._waiting.set()

    def expect_pages(self) -> None:
        """Files changed while printed pages are looked at: the pages come first, the rest of the window after them,
        or when they take long."""
        if self._patience is None:
            loop = asyncio.get_running_loop()
            self._patience = loop.call_later(PATIENCE, self.printed, "", 0)

    def printed(self, version: str, count: int) -> None:
        """The pages were laid out; without a version they are those of before."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
        if version:
            self._pages = {"version": version, "count": count}
        self.mark(changed=True)

    async def follow(self) -> None:
        """Sends what the page lacks, whenever there may be something, until it is gone."""
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await self._waiting.wait()
                if not self.visible:
                    self._waiting.clear()
                    continue
                self._waiting.clear()
                changed, self._changed = self._changed, False
                if self._pages is not None:
                    pages, self._pages = self._pages, None
                    await self._send({"kind": "pages", **pages})
                if self._seen is not None:
                    await self._send_rendering(self._seen)
                if changed:
                    await self._send({"kind": "changed"})

    async def _send_rendering(self, seen: tuple[str, str, str, str]) -> None:
        try:
            html = await run_in_threadpool(self._render, *seen)
        except Exception:  # what is wrong is told where the page itself is asked for
            return
        if seen != self._seen:
            return
        before, self._has = self._has, html
        if before is None:
            await self._send({"kind": "whole", "html": html})
        elif before == html:
            await self._send({"kind": "same"})
        else:
            await self._send({"kind": "patch", **difference(before, html)})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._websocket.send_text(json.dumps(message, ensure_ascii=False))
