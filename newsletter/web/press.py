"""Pages are typeset before anybody asks: at once for who looks at them, in a quiet moment for who may do so next.

For each issue at most one typesetting is under way, in a thread; what changed meanwhile is typeset after it.
What cannot be typeset is told where the pages themselves are asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import anyio

from newsletter.workflow.shown import ShownPages

CALM = 1.5
"""Seconds without a change before the pages are typeset that nobody looks at."""


class Press:
    """`typeset(slug)` may take seconds; `told(slug, pages)` hears of pages that were not there before."""

    def __init__(
        self,
        typeset: Callable[[str], ShownPages],
        told: Callable[[str, ShownPages], None],
        calm: float = CALM,
    ) -> None:
        self._typeset = typeset
        self._told = told
        self._calm = calm
        self._due: dict[str, float] = {}
        self._earlier: dict[str, asyncio.Event] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._last: dict[str, ShownPages] = {}

    def want(self, slug: str, *, now: bool) -> None:
        """Has the pages typeset: now, or when the issue was left alone for a moment."""
        moment = asyncio.get_running_loop().time()
        self._due[slug] = moment if now else self._later(slug, moment)
        if slug not in self._tasks:
            self._earlier[slug] = asyncio.Event()
            self._tasks[slug] = asyncio.create_task(self._work(slug))
        elif now:
            self._earlier[slug].set()

    def stop(self) -> None:
        for task in tuple(self._tasks.values()):
            task.cancel()

    def _later(self, slug: str, moment: float) -> float:
        """A change puts off what nobody waits for, and nothing that somebody does."""
        due = self._due.get(slug)
        return due if due is not None and due <= moment else moment + self._calm

    async def _work(self, slug: str) -> None:
        try:
            while slug in self._due:
                wait = self._due[slug] - asyncio.get_running_loop().time()
                if wait > 0:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._earlier[slug].wait(), wait)
                    self._earlier[slug].clear()
                    continue
                del self._due[slug]
                await self._print(slug)
        finally:
            del self._tasks[slug]

    async def _print(self, slug: str) -> None:
        try:
            pages = await anyio.to_thread.run_sync(self._typeset, slug, abandon_on_cancel=True)
        except Exception:  # told where the page itself is asked for
            return
        before, self._last[slug] = self._last.get(slug), pages
        if before is not pages:
            self._told(slug, pages)
