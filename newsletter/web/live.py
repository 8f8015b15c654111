"""Live pages: what is typed or saved is in every open preview a moment later, over one WebSocket a page.

    page → server   {"kind": "since", "changes"}                  how much had changed when it was made
                    {"kind": "see", "slug", "view", "scheme", "person", "columns", "paper"}   what its frame shows
                    {"kind": "draft", "slug", "file", "text"}     what is being typed, not saved yet
                    {"kind": "draft", …, "text": null}            the file has another name: nothing is typed in this one
                    {"kind": "visible", "on"}                     nothing is made for a page nobody sees
    server → page   {"kind": "whole", "html"}                     what the frame is to show
                    {"kind": "patch", "at", "drop", "put"}        the one stretch that differs, in UTF-16 units
                    {"kind": "same"}                              a draft changed nothing that is shown
                    {"kind": "changed"}                           files changed: ask for the page anew
                    {"kind": "pages", "version", "count"}         the printed pages were laid out anew

What is looked at comes first: the frame's new rendering is on its way before pages are told to ask for the rest.
For each page at most one rendering is under way, and the latest wins. Printed pages are laid out beside it, for who
looks at them at once (`press.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Protocol

from starlette.websockets import WebSocket, WebSocketDisconnect
from watchfiles import DefaultFilter, awatch

from newsletter.web.live_page import Page
from newsletter.web.press import Press
from newsletter.web.security import same_host, sees_people
from newsletter.web.studio.choice import look_of
from newsletter.workflow.shown import OWN, PrintLook, ShownPages

_STEP, _DEBOUNCE = 5, 20
"""Milliseconds: how often changes are collected (it takes two steps to see that they are all there), and how long
one collection may last."""
_LARGEST = 2_000_000
"""Characters of a message: a text is at most a megabyte."""
PAGE_WIDTH = 640
"""Pixels of the pictures of printed pages that the screen shows first."""
_BESIDE = 6.0
"""Seconds without a change before pages are typeset that are only one click away: what is looked at waits for them."""
_BESIDE_SOON = 0.3
"""The same where the printed pages are looked at, and nobody writes."""
_SEEN = ("scheme", "person", "columns", "paper")
_POLLED = frozenset({"9p", "cifs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf", "fuse.sshfs"})
"""Filesystems that tell nobody of changes made elsewhere."""


class Printing(Protocol):
    """Where printed pages come from."""

    def known(self, slug: str, look: PrintLook = OWN) -> ShownPages | None: ...

    def ready(self, slug: str, width: int, look: PrintLook = OWN) -> ShownPages: ...


class Desk(Protocol):
    """Where renderings come from."""

    def watched(self) -> tuple[Path, ...]: ...

    def type(self, slug: str, file: str, text: str | None) -> None: ...

    @property
    def printing(self) -> Printing: ...


class Live:
    """The open pages, and the watch over the files behind them.

    `render(slug, view, scheme, person)` gives the html of a frame; it runs in a thread."""

    def __init__(self, desk: Desk, render: Callable[[str, str, str, str], str]) -> None:
        self._desk = desk
        self._render = render
        self._pages: set[Page] = set()
        self._press: Press[tuple[str, PrintLook]] = Press(
            lambda key: desk.printing.ready(key[0], PAGE_WIDTH, key[1]), self._printed
        )
        self._stop = asyncio.Event()
        self._touched = -_BESIDE
        self.changes = 0
        """How often files changed. A page is made, and only then hears of changes: by this it is told of what it missed."""

    async def socket(self, websocket: WebSocket) -> None:
        """The endpoint of a page. Pages of other sites are turned away."""
        if not same_host(websocket.headers.get("origin"), websocket.headers.get("host")):
            await websocket.close(1008)
            return
        await websocket.accept()
        page = Page(websocket, self._render, people=sees_people(websocket))
        self._pages.add(page)
        following = asyncio.create_task(page.follow())
        try:
            while True:
                await self._heard(page, await websocket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._pages.discard(page)
            following.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await following
            for slug, file in page.drafts:
                self._desk.type(slug, file, None)
                self._mark(slug)

    async def _heard(self, page: Page, message: str) -> None:
        told = _read(message)
        match told:
            case {"kind": "see", "slug": str(slug), "view": str(view)}:
                more = {key: str(told.get(key, "")) for key in _SEEN}
                page.see(slug, view, more["scheme"], more["person"], look_of(more))
                self._press.want((slug, page.look), now=page.prints)
                self._want_beside(slug, page.look, soon=page.prints)
            case {"kind": "since", "changes": int(changes)}:
                if changes != self.changes:
                    page.mark(changed=True)
            case {"kind": "visible", "on": bool(on)}:
                page.show(on)
            case {"kind": "draft", "slug": str(slug), "file": str(file), "text": str(text)}:
                page.drafts.add((slug, file))
                self._desk.type(slug, file, text)
                self._mark(slug)
            case {"kind": "draft", "slug": str(slug), "file": str(file), "text": None}:
                self._desk.type(slug, file, None)
                self._mark(slug)

    def _want_beside(self, slug: str, look: PrintLook, *, soon: bool = False) -> None:
        """Pages in the other number of columns are one click away; the first time they take long, so not at the click,
        and not while somebody writes."""
        calm = _BESIDE_SOON if soon and time.monotonic() - self._touched > _BESIDE else _BESIDE
        for columns in (1, 2):
            beside = PrintLook(columns, look.paper)
            if beside != look and self._desk.printing.known(slug, beside) is None:
                self._press.want((slug, beside), now=False, calm=calm)

    def saved(self, slug: str) -> None:
        """A file of an issue was just saved here: pages follow before the watch notices."""
        self._mark(slug, changed=True)

    def _mark(self, slug: str = "", *, changed: bool = False) -> None:
        self.changes += changed
        self._touched = time.monotonic()
        for page in self._pages:
            if changed or not slug or page.sees(slug):
                page.mark(changed=changed and not page.prints)
                if not changed:
                    continue
                if page.prints:
                    page.expect_pages()
                    self._want_beside(page.slug, page.look)
                if page.visible and page.slug:
                    self._press.want((page.slug, page.look), now=page.prints)

    def _printed(self, key: tuple[str, PrintLook], pages: ShownPages | None) -> None:
        """Who looks at the pages takes new ones over, and then the rest; what is wrong in them, every window learns."""
        for page in self._pages:
            if (page.slug, page.look) != key:
                continue
            if page.prints:
                page.printed(pages.version if pages else "", len(pages.sizes) if pages else 0)
            elif pages is not None:
                page.mark(changed=True)

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watches as long as the application runs."""
        task = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            self._stop.set()
            self._press.stop()
            await task

    async def _watch(self) -> None:
        while not self._stop.is_set():
            paths = self._desk.watched()
            changes = awatch(
                *paths,
                watch_filter=DefaultFilter(),
                step=_STEP,
                debounce=_DEBOUNCE,
                stop_event=self._stop,
                force_polling=any(_filesystem(path) in _POLLED for path in paths),
            )
            async for _ in changes:
                self.tell()
                if self._desk.watched() != paths:
                    break

    def tell(self) -> None:
        """Something changed: every page is brought up to date."""
        self._mark(changed=True)


def _read(message: str) -> Any:
    if len(message) > _LARGEST:
        return None
    try:
        return json.loads(message)
    except ValueError:
        return None


def _filesystem(path: Path) -> str:
    """The type of the filesystem that a path lies on, as Linux names it; empty elsewhere."""
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = path.resolve()
    best, kind = "", ""
    for line in mounts:
        fields = line.split()
        if len(fields) > 2 and real.is_relative_to(fields[1]) and len(fields[1]) >= len(best):
            best, kind = fields[1], fields[2]
    return kind
