"""Live pages: what is typed or saved is in every open preview a moment later, over one WebSocket a page.

    page → server   {"kind": "see", "slug", "view", "scheme", "person"}   what its frame shows
                    {"kind": "draft", "slug", "file", "text"}     what is being typed, not saved yet
                    {"kind": "visible", "on"}                     nothing is made for a page nobody sees
    server → page   {"kind": "whole", "html"}                     what the frame is to show
                    {"kind": "patch", "at", "drop", "put"}        the one stretch that differs, in UTF-16 units
                    {"kind": "same"}                              a draft changed nothing that is shown
                    {"kind": "changed"}                           files changed: ask for the page anew

What is looked at comes first: the frame's new rendering is on its way before pages are told to ask for the rest.
For each page at most one rendering is under way, and the latest wins.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Protocol

from starlette.concurrency import run_in_threadpool
from starlette.websockets import WebSocket, WebSocketDisconnect
from watchfiles import DefaultFilter, awatch

from newsletter.web.security import same_host, sees_people

_STEP, _DEBOUNCE = 10, 20
"""Milliseconds: how often changes are collected, and how long one collection may last."""
_LARGEST = 2_000_000
"""Characters of a message: a text is at most a megabyte."""
_POLLED = frozenset({"9p", "cifs", "nfs", "nfs4", "smb3", "smbfs", "vboxsf", "fuse.sshfs"})
"""Filesystems that tell nobody of changes made elsewhere."""


class Desk(Protocol):
    """Where renderings come from."""

    def watched(self) -> tuple[Path, ...]: ...

    def type(self, slug: str, file: str, text: str | None) -> None: ...


class Live:
    """The open pages, and the watch over the files behind them.

    `render(slug, view, scheme, person)` gives the html of a frame; it runs in a thread."""

    def __init__(self, desk: Desk, render: Callable[[str, str, str, str], str]) -> None:
        self._desk = desk
        self._render = render
        self._pages: set[_Page] = set()
        self._stop = asyncio.Event()

    async def socket(self, websocket: WebSocket) -> None:
        """The endpoint of a page. Pages of other sites are turned away."""
        if not same_host(websocket.headers.get("origin"), websocket.headers.get("host")):
            await websocket.close(1008)
            return
        await websocket.accept()
        page = _Page(websocket, self._render, people=sees_people(websocket))
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

    async def _heard(self, page: _Page, message: str) -> None:
        told = _read(message)
        match told:
            case {"kind": "see", "slug": str(slug), "view": str(view)}:
                page.see(slug, view, str(told.get("scheme", "")), str(told.get("person", "")))
            case {"kind": "visible", "on": bool(on)}:
                page.show(on)
            case {"kind": "draft", "slug": str(slug), "file": str(file), "text": str(text)}:
                page.drafts.add((slug, file))
                self._desk.type(slug, file, text)
                self._mark(slug)

    def saved(self, slug: str) -> None:
        """A file of an issue was just saved here: pages follow before the watch notices."""
        self._mark(slug, changed=True)

    def _mark(self, slug: str = "", *, changed: bool = False) -> None:
        for page in self._pages:
            if changed or not slug or page.sees(slug):
                page.mark(changed=changed)

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


class _Page:
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
        self._visible = True
        self.drafts: set[tuple[str, str]] = set()

    def sees(self, slug: str) -> bool:
        return self._seen is not None and self._seen[0] == slug

    def see(self, slug: str, view: str, scheme: str, person: str) -> None:
        person = person if self._people else ""
        self._seen = (slug, view, scheme, person) if view in ("email", "web") else None
        self._has = None
        self._waiting.set()

    def show(self, on: bool) -> None:
        self._visible = on
        self._waiting.set()

    def mark(self, *, changed: bool) -> None:
        self._changed = self._changed or changed
        self._waiting.set()

    async def follow(self) -> None:
        """Sends what the page lacks, whenever there may be something, until it is gone."""
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):
            while True:
                await self._waiting.wait()
                if not self._visible:
                    self._waiting.clear()
                    continue
                self._waiting.clear()
                changed, self._changed = self._changed, False
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


def difference(old: str, new: str) -> dict[str, Any]:
    """The one stretch in which two texts differ: `drop` units at `at` become `put` (units as JavaScript counts)."""
    most = min(len(old), len(new))
    head = _alike(most, lambda n: old[:n] == new[:n])
    tail = _alike(most - head, lambda n: old[len(old) - n :] == new[len(new) - n :])
    return {
        "at": _units(old[:head]),
        "drop": _units(old[head : len(old) - tail]),
        "put": new[head : len(new) - tail],
    }


def _alike(most: int, same: Callable[[int], bool]) -> int:
    """The largest number up to `most` for which `same` holds, which holds for all below it."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if same(middle):
            low = middle
        else:
            high = middle - 1
    return low


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


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
